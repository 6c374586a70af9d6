"""What one worker process knows of its deployment: settings, city, topic names, readers.

Settings may arrive late: a worker that follows a replay takes the feed register from the
`settings/1` record, so whoever needs settings asks here at the moment of need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.kafka_clients import aiokafka_options
from stream.topics import Topic, plan
from stream.worker.reader import LogReader

if TYPE_CHECKING:
    from geo.city import City
    from stream.settings import Loaded
    from stream.topics import PlannedTopic

__all__ = ["INPUTS", "Deployment"]

INPUTS = (Topic.COUNTS, Topic.READINGS, Topic.DETECTIONS, Topic.ACKS)
"""Every worker reads all of them: with unequal subscriptions partitions would be left out."""


class Deployment:
    """One deployment as this process sees it.

    settings: replaced once, when a worker without a feed register adopts the announced ones.
    explicit: keys that somebody set, which an announcement does not replace.
    accept_duty: join also with other sites and authorities than the log was begun with.
    """

    def __init__(self, loaded: Loaded, city: City, *, accept_duty: bool = False) -> None:
        self.accept_duty = accept_duty
        self.settings = loaded.settings
        self.explicit = loaded.explicit
        self.city = city

    @property
    def worker(self) -> str:
        """Name of this worker, the same after a restart."""
        return self.settings.worker.id

    @property
    def group(self) -> str:
        """Consumer group of all workers of the deployment."""
        return f"{self.settings.topics.prefix}stages"

    @property
    def options(self) -> dict[str, Any]:
        """Connection options for aiokafka's clients."""
        return aiokafka_options(self.settings.kafka)

    def name(self, topic: Topic) -> str:
        """Return a topic's name on the broker."""
        return self.settings.topics.prefix + topic

    def planned(self) -> list[PlannedTopic]:
        """Return all topics as they must be on the broker."""
        topics = self.settings.topics
        return plan(
            topics.prefix,
            counts=topics.partitions.counts,
            blocks=topics.partitions.blocks,
            snapshots=topics.partitions.snapshots,
        )

    def reader(self) -> LogReader:
        """Return a new reader, to be opened with `async with`."""
        return LogReader(self.options)

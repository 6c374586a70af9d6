"""The partitions that a push writes to, as the broker has them; refused where they do not fit."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from replay.badrow import FeedError
from replay.log import sources
from stream.kafka_clients import ANSWER_MS, kafka_python_options
from stream.knock import knock
from stream.topics import Topic

if TYPE_CHECKING:
    from replay.feed import Feed
    from stream.settings import Settings

__all__ = ["Place", "Places", "find_places"]

"""How long a broker may take to answer at all."""

Place = tuple[str, int]
"""A topic, with its prefix, and a partition of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """counts, acks: what gets the log. detections: where the settings are announced."""

    counts: tuple[Place, ...]
    acks: tuple[Place, ...]
    detections: Place


def find_places(feed: Feed, settings: Settings, *, answer_ms: int = ANSWER_MS) -> Places:
    """Ask the broker.

    Raises FeedError for a missing topic, one with other partitions than the settings say, and a
    feed from more partitions than there are; BrokerError where nobody answers; and the client's
    errors.
    """
    from kafka import KafkaAdminClient

    prefix = settings.topics.prefix
    names = [prefix + topic for topic in (Topic.COUNTS, Topic.ACKS, Topic.DETECTIONS)]
    knock(settings.kafka, answer_ms=answer_ms)
    # A consumer of a fixed protocol version would ask a broker that is not there for ever.
    with closing(
        KafkaAdminClient(**kafka_python_options(settings.kafka), bootstrap_timeout_ms=answer_ms)
    ) as client:
        known = set(client.list_topics())
        for name in names:
            if name not in known:
                raise FeedError(
                    f"{name}: no such topic; make it with"
                    f" crowdtide topics ensure --set topics.prefix={prefix}"
                )
        held = {one["name"]: len(one["partitions"]) for one in client.describe_topics(names)}
    counts, acks, detections = (tuple((name, at) for at in range(held[name])) for name in names)
    _check(feed, settings, counts)
    return Places(counts=counts, acks=acks, detections=detections[0])


def _check(feed: Feed, settings: Settings, counts: tuple[Place, ...]) -> None:
    topic, wanted = counts[0][0], settings.topics.partitions.counts
    if len(counts) != wanted:
        raise FeedError(
            f"{topic}: has {len(counts)} partitions, the settings say {wanted}; set"
            " topics.partitions.counts"
        )
    if sources(feed) > wanted:
        raise FeedError(
            f"{feed.name}: comes from partitions 0 to {sources(feed) - 1}, but {topic} has"
            f" {wanted}; set topics.partitions.counts"
        )

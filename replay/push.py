"""Pushes a feed into Kafka as the log that the offline engine reads, at any pace, resumable.

Order is per partition that of the log: batches go round the partitions of cell-counts by their
number, every tick to every partition of cell-counts and to acks. Before anything else stands the
`settings/1` record in detections, so that workers know under which settings this log is meant.
A push that was ended, by hand or by a crash, goes on where it ended when it is called again.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from replay.badrow import FeedError
from replay.delivery import Delivery, end_process
from replay.log import BATCH_CELLS, input_log, log_digest, log_span
from replay.pace import Pace
from replay.places import find_places
from replay.position import NOTHING, Client, bounds, header, positions, records
from replay.register import registered
from stream.fitting import check_feeds
from stream.ground_identity import identity
from stream.kafka_clients import (
    ANSWER_MS,
    broker_errors,
    kafka_python_options,
    reading_options,
)
from stream.settings import adopt, announce

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from geo.city import City
    from replay.feed import Feed
    from replay.log import LogRecord
    from replay.places import Place, Places
    from replay.progress import Progress
    from stream.settings import Loaded, Settings

__all__ = ["LIVE_PREFIX", "Pushed", "push"]

LIVE_PREFIX: Final = "crowd."
"""The default prefix of live topics, which no replay may use."""

_LOOK_INTO: Final = 200  # records from the start of detections, as workers look for settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push did.

    records: sent now, a tick once for each partition. reached: records of the log, from its
    beginning, that are there now.
    resumed_at: place in the log from which it went on; 0 = the beginning. finished: False when
    ended by hand. notes: what a person should know.
    """

    records: int
    reached: int
    resumed_at: int
    finished: bool
    wall_s: float
    notes: tuple[str, ...]


def push(
    feed: Feed,
    loaded: Loaded,
    *,
    prefix: str,
    city: City | None = None,
    speed: float = 0.0,
    batch_cells: int = BATCH_CELLS,
    progress: Progress | None = None,
    give_up: Callable[[str], object] = end_process,
) -> Pushed:
    """Send the log of a feed to the topics under `prefix`; return when all is acknowledged.

    city: what the workers stand on, if that is known here; it is announced, too.
    speed: times the log's own clock; 0 = as fast as it goes. batch_cells: most cells in a
    record; another number is another log and cannot be resumed.

    Raises FeedError for a prefix or topics that cannot be used, ConfigError where the log was
    begun under other settings, BrokerError where there is no broker.
    """
    if prefix in {"", LIVE_PREFIX}:
        raise FeedError(
            f"--prefix {prefix!r}: a replay never goes into the live topics; take one of its own,"
            " such as replay."
        )
    feed, settings, notes = registered(feed, loaded)
    if city is not None:
        check_feeds(settings, city)
    settings = _under(settings, prefix)
    with broker_errors(settings.kafka):
        places = find_places(feed, settings, answer_ms=ANSWER_MS)
        with closing(_consumer(settings)) as consumer:
            run = _Push(feed, settings, consumer, places=places, pace=Pace(speed), city=city)
            return run.all(batch_cells, progress, (*feed.notes, *notes), give_up)


def _under(settings: Settings, prefix: str) -> Settings:
    topics = msgspec.structs.replace(settings.topics, prefix=prefix)
    return msgspec.structs.replace(settings, topics=topics)


class _Push:
    """One push: where it goes, how far it is."""

    def __init__(
        self,
        feed: Feed,
        settings: Settings,
        consumer: Client,
        *,
        places: Places,
        pace: Pace,
        city: City | None,
    ) -> None:
        """Send nothing yet."""
        self._feed = feed
        self._settings = settings
        self._consumer = consumer
        self._ground = None if city is None else identity(city)
        self._places = places
        self._pace = pace
        self._span = log_span(feed, **self._grid)

    def all(
        self,
        batch_cells: int,
        progress: Progress | None,
        notes: tuple[str, ...],
        give_up: Callable[[str], object],
    ) -> Pushed:
        """Find out how far the log is, announce the settings, send the rest."""
        begun = time.monotonic()
        run = self._run(batch_cells)
        announced = self._is_announced()
        last = positions(self._consumer, run, self._places.counts, self._places.acks)
        with closing(self._producer(give_up)) as delivery:
            if not announced:
                delivery.send(
                    self._places.detections, announce(self._settings, ground=self._ground), []
                )
                delivery.land()
            sent, reached, finished = 0, NOTHING, False
            log = input_log(self._feed, batch_cells=batch_cells, **self._grid)
            try:
                for number, record, place in self._addressed(log):
                    reached = number
                    if number > last[place]:
                        self._wait(record, progress)
                        delivery.send(place, record.value, header(run, number))
                        sent += 1
                finished = True
            except KeyboardInterrupt:
                pass  # what is under way still lands, and the next push goes on behind it
            delivery.land()
        if progress is not None:
            progress.done()
        return Pushed(
            records=sent,
            reached=reached + 1,
            resumed_at=min(last.values()) + 1,
            finished=finished,
            wall_s=time.monotonic() - begun,
            notes=notes,
        )

    @property
    def _grid(self) -> dict[str, int]:
        return {"hop_ms": self._settings.hop_ms, "lateness_ms": self._settings.lateness_ms}

    def _run(self, batch_cells: int) -> str:
        """Return the name of this very log on this number of partitions."""
        digest = log_digest(self._feed, batch_cells=batch_cells, **self._grid)
        return f"{digest}-{len(self._places.counts)}"

    def _producer(self, give_up: Callable[[str], object]) -> Delivery:
        options = kafka_python_options(self._settings.kafka)
        options["bootstrap_timeout_ms"] = ANSWER_MS
        return Delivery(self._settings, options, hurry=self._pace.hurry, give_up=give_up)

    def _wait(self, record: LogRecord, progress: Progress | None) -> None:
        if progress is None:
            self._pace.wait(record.at_ms)
            return
        first_ms, last_ms = self._span
        share = (record.at_ms - first_ms) / max(last_ms - first_ms, 1)
        self._pace.wait(record.at_ms, lambda: progress.at(share))
        progress.at(share)

    def _addressed(self, log: Iterator[LogRecord]) -> Iterator[tuple[int, LogRecord, Place]]:
        """Yield each record's number and every partition it goes to, the same in every run."""
        turn = 0
        for number, record in enumerate(log):
            own = record.partition
            if record.is_tick:
                for place in self._places.counts if own is None else [self._places.counts[own]]:
                    yield number, record, place
                for place in self._places.acks if record.acks else []:
                    yield number, record, place
            elif own is not None:
                yield number, record, self._places.counts[own]
            else:
                yield number, record, self._places.counts[turn % len(self._places.counts)]
                turn += 1

    def _is_announced(self) -> bool:
        """Tell whether detections already say our settings; ConfigError if they say others."""
        place = self._places.detections
        first, end = bounds(self._consumer, place)
        for record in records(self._consumer, place, first, min(end, first + _LOOK_INTO)):
            value: bytes = record.value or b""
            if value.startswith(b"{") and b'"settings/1"' in value[:100]:
                adopt(self._settings, value)
                return True
        return False


def _consumer(settings: Settings) -> Client:
    from kafka import KafkaConsumer

    return KafkaConsumer(**reading_options(settings.kafka))

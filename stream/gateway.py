"""The gateway stage: decode, validate against feeds and cell register, split by block partition.

Stateless: it judges only what bytes, settings and city decide (PROTOCOL 8), so it may start
anywhere and repeat itself. Whatever needs a clock (`late`, `from_future`, `conflict`) is judged
by the block stage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stream.cell_keys import KEEPS_ACCOUNT, keys_of
from stream.cell_lists import CellLists
from stream.deadletter import dead_letter
from stream.layout import routes
from stream.machine import Outgoing, Step
from stream.records import Counts, Reason, Rejected, Tick, decode
from stream.topics import Topic
from stream.wire import Batch, Clock, Origin, encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.city import City
    from stream.machine import Delivered
    from stream.settings import Settings

__all__ = ["NO_FEED", "TICK_IGNORED", "Gateway", "is_off_its_stamp"]

TICK_SKEW_MS_MAX: Final = 5_000  # PROTOCOL 5: a tick farther off its record's stamp is ignored
TICK_IGNORED: Final = "tick_ignored"
NO_FEED: Final = -1
PART_CELLS_MAX: Final = 20_000  # 12 bytes a cell: under the 256 KB of PROTOCOL 7


def is_off_its_stamp(tick: Tick, record: Delivered) -> bool:
    """Tell a tick too far off the broker's time; it is ignored where workers write the ticks."""
    return abs(tick.now_ms - record.timestamp_ms) > TICK_SKEW_MS_MAX


class Gateway:
    """The gateway of one cell-counts partition; `step` has no state and no side effect."""

    def __init__(self, settings: Settings, city: City, partition: int) -> None:
        self._feeds = {name: i for i, name in enumerate(sorted(settings.feeds))}
        self._specs = settings.feeds
        self._partitions = settings.topics.partitions.blocks
        self._routes = routes(city, partitions=self._partitions)
        self._keys = keys_of(city).keys
        self._epoch = settings.kafka.log_epoch
        self._ticks_are_checked = settings.time.ticks == "worker"
        self._account = partition % self._partitions
        self._barred = [_barred(city, name) for name in sorted(settings.feeds)]
        self._lists = CellLists(city)  # changes what a step costs, never what it returns

    def step(self, record: Delivered) -> Step:
        """Return the records for the block partitions and at most one dead letter."""
        seen = decode(record.value, known=self._lists.names)
        if isinstance(seen, Tick):
            return Step(out=self._tick(record, seen))
        if isinstance(seen, Rejected):
            return Step(out=self._refused(record, NO_FEED, [seen]))
        return Step(out=self._counts(record, seen))

    def _tick(self, record: Delivered, tick: Tick) -> tuple[Outgoing, ...]:
        if self._ticks_are_checked and is_off_its_stamp(tick, record):
            return (self._batch(record, rejects={TICK_IGNORED: 1}),)
        clock = encode(Clock(self._origin(record), tick.now_ms))
        return tuple(
            Outgoing(topic=Topic.READINGS, partition=p, key=None, value=clock)
            for p in range(self._partitions)
        )

    def _counts(self, record: Delivered, counts: Counts) -> tuple[Outgoing, ...]:
        feed = self._feeds.get(counts.feed)
        if feed is None:
            known = ", ".join(self._feeds)
            what = f"feed {counts.feed!r} is not registered; known: {known}"[:300]
            return self._refused(record, NO_FEED, _whole(counts, Reason.UNKNOWN_FEED, what))
        wrong = self._wrong_interval(counts)
        if wrong:
            return self._refused(record, feed, _whole(counts, Reason.BAD_INTERVAL, wrong))
        cells = self._lists.places(counts.cells_json, counts.cells)
        values, rejects = counts.values, list(counts.rejects)
        known_cells = cells >= 0
        barred = self._barred[feed]
        if barred is not None:
            known_cells &= ~barred[cells]
        if not known_cells.all():
            strangers = np.flatnonzero(~known_cells)
            cell = counts.cells[strangers[0]]
            what = f"cell {cell!r} is not in the register of feed {counts.feed!r}"[:300]
            rejects.append(Rejected(reason=Reason.UNKNOWN_CELL, what=what, count=len(strangers)))
            cells, values = cells[known_cells], values[known_cells]
        end_ms = counts.start_ms + counts.period_s * 1000
        out = self._split(record, (feed, end_ms, counts.seq), cells, values, _tally(rejects))
        return (*out, dead_letter(record, rejects)) if rejects else out

    def _wrong_interval(self, counts: Counts) -> str | None:
        spec = self._specs[counts.feed]
        if counts.period_s != spec.period_s:
            return f"period_s is {counts.period_s}; the feed's is {spec.period_s}"
        if (counts.start_ms - spec.phase_s * 1000) % (spec.period_s * 1000):
            return f"start is off the feed's {spec.period_s} s period"
        return None

    def _split(
        self,
        record: Delivered,
        interval: tuple[int, int, int],
        cells: NDArray[np.int32],
        values: NDArray[np.float32],
        rejects: dict[str, int],
    ) -> tuple[Outgoing, ...]:
        """Return one record (in parts) for each block partition that the cells touch."""
        out: list[Outgoing] = []
        for partition in range(self._partitions):
            mine = self._mine(cells, partition)
            theirs = rejects if partition == self._account else {}
            my_cells, my_values = (cells, values) if mine is None else (cells[mine], values[mine])
            if not len(my_cells) and not theirs:
                continue
            named = self._named(my_cells, partition)
            for part, start in enumerate(range(0, max(len(named), 1), PART_CELLS_MAX)):
                stop = start + PART_CELLS_MAX
                out.append(
                    self._batch(
                        record,
                        partition=partition,
                        part=part,
                        interval=interval,
                        columns=(named[start:stop], my_values[start:stop]),
                        rejects=theirs if part == 0 else {},
                    )
                )
        return tuple(out)

    def _mine(self, cells: NDArray[np.int32], partition: int) -> NDArray[np.bool_] | None:
        """Return which cells go to a partition; None = all of them."""
        if self._partitions == 1:
            return None
        mine: NDArray[np.bool_] = self._routes.to[partition, cells]
        return mine

    def _named(self, cells: NDArray[np.int32], partition: int) -> NDArray[np.uint64]:
        """Return what cells are called on the wire to a partition."""
        keeps = self._routes.keeper[cells] == partition
        return self._keys[cells] | np.where(keeps, KEEPS_ACCOUNT, np.uint64(0))

    def _refused(
        self, record: Delivered, feed: int, rejects: list[Rejected]
    ) -> tuple[Outgoing, ...]:
        batch = self._batch(record, interval=(feed, 0, 0), rejects=_tally(rejects))
        return (batch, dead_letter(record, rejects))

    def _batch(
        self,
        record: Delivered,
        *,
        rejects: dict[str, int],
        partition: int | None = None,
        part: int = 0,
        interval: tuple[int, int, int] = (NO_FEED, 0, 0),
        columns: tuple[NDArray[np.uint64], NDArray[np.float32]] | None = None,
    ) -> Outgoing:
        feed, end_ms, seq = interval
        batch = Batch(
            self._origin(record, part),
            feed,
            end_ms,
            seq,
            columns[0].tobytes() if columns else b"",
            columns[1].tobytes() if columns else b"",
            rejects,
        )
        return Outgoing(
            topic=Topic.READINGS,
            partition=self._account if partition is None else partition,
            key=None,
            value=encode(batch),
        )

    def _origin(self, record: Delivered, part: int = 0) -> Origin:
        return Origin(self._epoch, record.partition, record.offset, part)


def _barred(city: City, feed: str) -> NDArray[np.bool_] | None:
    """Return the cells that no version registers for a feed; None if it may count all of them."""
    known = np.zeros(len(city.cells), np.bool_)
    for version in city.versions:
        cover = version.of(feed)
        if cover is not None:
            known |= cover.registered
    return None if known.all() else ~known


def _whole(counts: Counts, reason: Reason, what: str) -> list[Rejected]:
    """Refuse a whole batch; what was refused of it before keeps its own reason."""
    return [Rejected(reason=reason, what=what, count=len(counts.cells)), *counts.rejects]


def _tally(rejects: list[Rejected]) -> dict[str, int]:
    tally: dict[str, int] = {}
    for reject in rejects:
        tally[reject.reason] = tally.get(reject.reason, 0) + reject.count
    return dict(sorted(tally.items()))

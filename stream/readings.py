"""Readings by identity: which value of (feed, cell, interval) counts, from which hop on.

Theory of operation. A reading waits in `pending` until the hop it acts from closes. All readings
that act from one hop are then merged as a set: per (entry, interval) the highest `seq` wins, of
equal `seq` the larger count, a number beats withheld. So arrival order cannot change anything
(PROTOCOL 2, 6). Per entry a short ring keeps the value of every interval young enough to be
corrected or repeated; the newest of them is what frames use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "ACCEPTED",
    "CONFLICT",
    "DUPLICATE",
    "FATES",
    "FROM_FUTURE",
    "LATE",
    "OUTAGE_INTERVALS",
    "Arrived",
    "FeedTimes",
    "Readings",
]

NEVER: Final = -1
# How far ahead of a clock that stands still readings may wait for its next tick: a day at five
# minutes. Counted in intervals, since each of them takes room in the saved state.
OUTAGE_INTERVALS: Final = 288
ACCEPTED, DUPLICATE, CONFLICT, LATE, FROM_FUTURE = range(5)
FATES: Final = ("accepted", "duplicate", "conflict", "late", "from_future")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Readings of one interval that wait for their hop; value -1 is withheld.

    doubted_by: the source whose next tick tells whether they come from the future; -1: they do
    not.
    """

    feed: int
    end_ms: int
    seq: int
    entry: NDArray[np.int32]
    value: NDArray[np.float32]
    doubted_by: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTimes:
    """period_ms: interval length. max_age_ms: how old an interval's end may be at a hop."""

    period_ms: int
    max_age_ms: int

    @property
    def ring(self) -> int:
        """Intervals that can still be corrected at any one time."""
        return self.max_age_ms // self.period_ms + 1


class Readings:
    """Current and pending readings of all entries of one block partition.

    end_ms, seq, value: shape (feeds, ring, entries). newest_ms, newest: shape (feeds, entries).
    fates: int64, shape (feeds, blocks, 5), home entries only.
    """

    def __init__(
        self,
        feeds: tuple[FeedTimes, ...],
        *,
        home: NDArray[np.bool_],
        block: NDArray[np.int64],
        blocks: int,
    ) -> None:
        ring, entries = max(f.ring for f in feeds), len(home)
        self._feeds, self._home, self._block = feeds, home, block
        self.end_ms = np.full((len(feeds), ring, entries), NEVER, np.int64)
        self.seq = np.full((len(feeds), ring, entries), NEVER, np.int32)
        self.value = np.zeros((len(feeds), ring, entries), np.float32)
        self.newest_ms = np.full((len(feeds), entries), NEVER, np.int64)
        self.newest = np.zeros((len(feeds), entries), np.float32)
        self.fresh = np.zeros((len(feeds), entries), np.bool_)
        self.fates = np.zeros((len(feeds), blocks, len(FATES)), np.int64)
        self.pending: dict[int, list[Arrived]] = {}
        self._doubted: set[int] = set()  # keys of `pending` with items that a tick must judge

    @property
    def waiting(self) -> int:
        """Readings that wait for the hop they act from."""
        return sum(len(item.entry) for items in self.pending.values() for item in items)

    def arrive(self, arrived: Arrived, *, from_hop_ms: int) -> None:
        """Keep readings until the hop they act from, or count them as late."""
        if from_hop_ms > arrived.end_ms + self._feeds[arrived.feed].max_age_ms:
            self._count(arrived.feed, arrived.entry, LATE)
        elif len(arrived.entry):
            self.wait(arrived, from_hop_ms=from_hop_ms)

    def wait(self, arrived: Arrived, *, from_hop_ms: int) -> None:
        """Put readings to those that wait."""
        self.pending.setdefault(from_hop_ms, []).append(arrived)
        if arrived.doubted_by >= 0:
            self._doubted.add(from_hop_ms)

    def judge(self, source: int, *, limit_ms: int) -> None:
        """Decide about readings of a source that ran ahead of its clock, now that it has ticked.

        Intervals that end after limit_ms are from the future. The clock before the readings
        would not do: while nobody ticked, an hour long say, it stood still and they came in.
        """
        for hop_ms in sorted(self._doubted):
            kept: list[Arrived] = []
            for item in self.pending[hop_ms]:
                if item.doubted_by != source:
                    kept.append(item)
                elif item.end_ms > limit_ms:
                    self._count(item.feed, item.entry, FROM_FUTURE)
                else:
                    kept.append(replace(item, doubted_by=-1))
            self.pending[hop_ms] = kept
            if all(item.doubted_by < 0 for item in kept):
                self._doubted.discard(hop_ms)
            if not kept:
                del self.pending[hop_ms]

    def refuse(self, feed: int, entry: NDArray[np.int32], fate: int) -> None:
        """Count readings that cannot be placed in time at all."""
        self._count(feed, entry, fate)

    def close(self, hop_ms: int) -> None:
        """Merge everything that acts from this hop (or, at the first one, from before it)."""
        self.fresh[:] = False
        due = [hop for hop in self.pending if hop <= hop_ms]
        arrived = [item for hop in sorted(due) for item in self.pending.pop(hop)]
        for feed, times in enumerate(self._feeds):
            items = [item for item in arrived if item.feed == feed]
            old = [item for item in items if item.end_ms < hop_ms - times.max_age_ms]
            for item in old:
                self._count(feed, item.entry, LATE)
            items = [item for item in items if item.end_ms >= hop_ms - times.max_age_ms]
            if items:
                self._merge(feed, items)

    def present(self, feed: int, hop_ms: int) -> NDArray[np.bool_]:
        """Return which entries have a reading that is young enough for this hop."""
        young: NDArray[np.bool_] = self.newest_ms[feed] >= hop_ms - self._feeds[feed].max_age_ms
        return young

    def _merge(self, feed: int, items: list[Arrived]) -> None:
        if all(item.end_ms == items[0].end_ms for item in items):
            seq, value = self._laid_out(items)
            here = ~np.isnan(value)
            if np.count_nonzero(here) == sum(len(item.entry) for item in items):
                self._place(feed, items[0].end_ms, here, seq, value)
                return
        self._merge_many(feed, items)

    def _laid_out(
        self, items: list[Arrived]
    ) -> tuple[NDArray[np.int32] | np.int32, NDArray[np.float32]]:
        """Return seq (one number if all have the same) and value by entry, NaN where none is."""
        value = np.full(len(self._home), np.nan, np.float32)
        for item in items:
            value[item.entry] = item.value
        if all(item.seq == items[0].seq for item in items):
            return np.int32(items[0].seq), value
        seq = np.zeros(len(self._home), np.int32)
        for item in items:
            seq[item.entry] = item.seq
        return seq, value

    def _merge_many(self, feed: int, items: list[Arrived]) -> None:
        """Merge readings of several intervals or with repeats: best of each, then one by one."""
        entry = np.concatenate([item.entry for item in items])
        end = np.concatenate([np.full(len(i.entry), i.end_ms, np.int64) for i in items])
        seq = np.concatenate([np.full(len(i.entry), i.seq, np.int32) for i in items])
        value = np.concatenate([item.value for item in items])
        order = np.lexsort((value, seq, entry, end))
        entry, end, seq, value = entry[order], end[order], seq[order], value[order]
        same_key = (entry[1:] == entry[:-1]) & (end[1:] == end[:-1])
        best = np.append(~same_key, True)
        repeats = same_key & (seq[1:] == seq[:-1]) & (value[1:] == value[:-1])
        repeated = np.append(repeats, False)
        ring = self._row(feed, end)
        kept = (
            (self.end_ms[feed, ring, entry] == end)
            & (self.seq[feed, ring, entry] == seq)
            & (self.value[feed, ring, entry] == value)
        )
        duplicate = ~best & (repeated | kept)
        self._count(feed, entry[duplicate], DUPLICATE)
        self._count(feed, entry[~best & ~duplicate], CONFLICT)
        for moment in np.unique(end[best]):
            at = best & (end == moment)
            here = np.zeros(len(self._home), np.bool_)
            seqs, values = np.zeros(len(here), np.int32), np.zeros(len(here), np.float32)
            here[entry[at]], seqs[entry[at]], values[entry[at]] = True, seq[at], value[at]
            self._place(feed, int(moment), here, seqs, values)

    def _place(
        self,
        feed: int,
        end_ms: int,
        here: NDArray[np.bool_],
        seq: NDArray[np.int32] | np.int32,
        value: NDArray[np.float32],
    ) -> None:
        """Place unique readings of one interval in the ring, where they win.

        All arrays are laid out by entry, shape (entries,): a hop mostly brings a reading of
        nearly every cell, and passing over all entries in order is faster than looking up each.
        """
        row = int(self._row(feed, np.int64(end_ms)))
        ends, seqs, values = self.end_ms[feed, row], self.seq[feed, row], self.value[feed, row]
        wins = here & (ends != end_ms)
        if np.count_nonzero(wins) != np.count_nonzero(here):
            again = here & ~wins
            equal = again & (seq == seqs) & (value == values)
            better = again & ((seq > seqs) | ((seq == seqs) & (value > values)))
            self._count(feed, equal, DUPLICATE)
            self._count(feed, again & ~better & ~equal, CONFLICT)
            wins |= better
        self._count(feed, wins, ACCEPTED)
        ends[wins] = end_ms
        np.copyto(seqs, seq, where=wins)
        np.copyto(values, value, where=wins)
        newest_ms = self.newest_ms[feed]
        newer = wins & (newest_ms < end_ms)
        self.fresh[feed] |= newer
        newer |= wins & (newest_ms == end_ms)
        newest_ms[newer] = end_ms
        np.copyto(self.newest[feed], value, where=newer)

    def _row(self, feed: int, end_ms: NDArray[np.int64] | np.int64) -> NDArray[np.int64]:
        times = self._feeds[feed]
        return np.asarray(end_ms // times.period_ms % times.ring)

    def _count(self, feed: int, entry: NDArray[np.int32] | NDArray[np.bool_], fate: int) -> None:
        """Count readings at their home entries, per block. entry: indexes, or a mask over all."""
        if entry.dtype == np.bool_:
            block = self._block[entry & self._home]
        else:
            block = self._block[entry[self._home[entry]]]
        if len(block):
            blocks = self.fates.shape[1]
            self.fates[feed, :, fate] += np.bincount(block, minlength=blocks)

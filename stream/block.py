"""The block stage: readings and ticks of one block partition in; hops, density and state out.

Theory of operation of recovery. Hot records are written block by block, so a crash (or a zombie)
can leave blocks of one partition at different offsets. After `load` the machine therefore holds
one `BlockState` per distinct offset. Each ignores records up to its own; when the last of them
has caught up with the first, they are joined into one again. The run with the panel takes each
record first, or has it already: so the others find what the panel says of their hop. In the usual
case there is just one run from the start, and nothing in the hot path knows of masks. Outputs of
records up to the highest offset found are not sent again: they were delivered before any hot
record of that batch was written (PROTOCOL 10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.block_spec import block_spec
from stream.block_state import BlockState
from stream.density import DensityWriter
from stream.hop_record import closed_records
from stream.layout import layout, only_blocks
from stream.machine import Outgoing, Snapshot, Step
from stream.readings import FATES
from stream.snapshot import (
    block_key,
    hot_entry,
    slot_entry,
    slot_key,
    waiting_of,
)
from stream.snapshot_load import check_count, check_coverage, decode_hot, load_block
from stream.topics import Topic
from stream.wire import Batch, Origin, Passed, decode_readings, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from geo.city import City
    from stream.block_state import HopSeen
    from stream.layout import Layout
    from stream.machine import Delivered, Entry
    from stream.settings import Settings
    from stream.snapshot import Hot

__all__ = ["BlockMachine"]

# In the hot record of one block; a quarter of the largest record, for a host looks once a second.
WAITING_BYTES_MAX: Final = 512 * 1024
WAITING_BYTES: Final = 8  # of a waiting reading in a hot record
INTERVAL_BYTES: Final = 64  # what an interval takes besides
WAITING_MAX: Final = 20_000_000  # readings; 240 MB in memory
VISITS_KEPT: Final = 2  # a zombie's hot record may still name the visit before this one


class BlockMachine:
    """The block stage bound to one partition of the readings topic.

    density: False leaves the density topic out (a backtest that nobody reads it from).
    on_hop: called with every hop that closed, for scores and reports; must not change anything.
    """

    def __init__(
        self,
        settings: Settings,
        city: City,
        partition: int,
        *,
        density: bool = True,
        on_hop: Callable[[BlockState, HopSeen], None] | None = None,
    ) -> None:
        self._spec = block_spec(settings, city)
        self._layout = layout(
            city, partition=partition, partitions=settings.topics.partitions.blocks
        )
        self._partition, self._density, self._on_hop = partition, density, on_hop
        self._states = [self._fresh(self._layout)]
        self._finished: dict[str, dict[tuple[int, int], list[int]]] = {}
        self._saved = False
        self._writer: tuple[BlockState, DensityWriter] | None = None
        self._quiet_up_to = -1

    @property
    def applied(self) -> int:
        """Lowest offset that every block has applied; -1 at first."""
        return min(state.applied for state in self._states)

    @property
    def states(self) -> tuple[BlockState, ...]:
        """The runs of blocks, for metrics and reports; one unless recovering."""
        return tuple(self._states)

    @property
    def waiting(self) -> int:
        """Readings that wait for a hop that some source has not passed yet."""
        return sum(state.readings.waiting for state in self._states)

    @property
    def waiting_max(self) -> int:
        """How many may wait: then the largest block's hot record still fits into a record."""
        widest: int = max(at.stop - at.start for at in self._layout.entry_slices)
        intervals = WAITING_BYTES_MAX // (widest * WAITING_BYTES + INTERVAL_BYTES)
        return min(self._layout.entries * intervals, WAITING_MAX)

    def sources_ahead(self) -> frozenset[int]:
        """Return the partitions of cell-counts more than a hop ahead of the slowest one."""
        slowest = min(self._states, key=lambda state: state.applied)
        return slowest.clocks.ahead()

    def origins(self) -> Mapping[tuple[Topic, int], int]:
        """Return the newest offset seen of every cell-counts partition in this epoch."""
        lowest = min(self._states, key=lambda state: state.applied)
        seen = lowest.clocks.origins(self._spec.log_epoch)
        return {(Topic.COUNTS, source): offset for source, offset in enumerate(seen)}

    def account(self) -> Mapping[tuple[str, str], int]:
        """Return what became of the readings so far, by (feed, fate), since the first ever."""
        total = sum(state.readings.fates.sum(axis=1) for state in self._states)
        return {
            (feed.name, fate): int(total[number, kind])
            for number, feed in enumerate(self._spec.feeds)
            for kind, fate in enumerate(FATES)
        }

    def step(self, record: Delivered) -> Step:
        """Apply one record of the readings topic."""
        if self._saved:
            self._finished.clear()
            self._saved = False
        if record.offset <= self.applied:
            return Step()
        news = decode_readings(record.value or b"")
        out: list[Outgoing] = []
        closes = False
        for state in self._states:
            if state.applied >= record.offset:
                continue
            if isinstance(news, Batch):
                state.batch(news)
            else:
                before = state.clocks.state.next_hop_ms
                out += self._publish(state, state.tick(news), record.offset)
                closes = closes or state.clocks.state.next_hop_ms > before > 0
            state.applied = record.offset
        if len(self._states) > 1 and self.applied >= self._quiet_up_to:
            self._join()
        quiet = record.offset <= self._quiet_up_to
        return Step(out=() if quiet else tuple(out), closes=closes)

    def _publish(self, state: BlockState, hops: Iterator[HopSeen], offset: int) -> list[Outgoing]:
        """Turn closed hops, and the beat that passed, into records."""
        part = 0
        out: list[Outgoing] = []
        for seen in hops:
            self._note_finished(state, seen)
            if self._on_hop:
                self._on_hop(state, seen)
            for closed in closed_records(state, seen, self._origin(offset, part)):
                out.append(_detection(encode(closed)))
                part += 1
            if self._density:
                out += [
                    Outgoing(
                        topic=Topic.DENSITY,
                        partition=self._partition,
                        key=block.encode(),
                        value=value,
                    )
                    for block, value in self._density_of(state).records(seen)
                ]
        beat = state.clocks.pass_beats()
        if beat is not None:
            first_hop_ms = state.clocks.state.first_hop_ms
            passed = Passed(self._origin(offset, part), beat, first_hop_ms)
            out.append(_detection(encode(passed)))
        return out

    def _density_of(self, state: BlockState) -> DensityWriter:
        """Return the writer of a run of blocks; kept, for there is mostly one for ever."""
        if self._writer is None or self._writer[0] is not state:
            self._writer = state, DensityWriter(state)
        return self._writer[1]

    def _origin(self, offset: int, part: int) -> Origin:
        return Origin(self._spec.log_epoch, self._partition, offset, part)

    def _note_finished(self, state: BlockState, seen: HopSeen) -> None:
        if seen.finished:
            now = state.visits[:, *seen.finished].tolist()
            for block, visit in zip(state.layout.blocks, now, strict=True):
                slots = self._finished.setdefault(block, {})
                slots.setdefault(seen.finished, []).append(visit)

    def snapshot(self) -> Snapshot:
        """Return finished slots since the last one, every block's hot record, and tombstones."""
        self._saved = True
        slots: list[Entry] = []
        hot: list[Entry] = []
        gone: list[str] = []
        for state in self._states:
            waiting = waiting_of(state)
            for number, block in enumerate(state.layout.blocks):
                hot.append(hot_entry(state, number, waiting[number]))
                for (kind, slot), visits in self._finished.get(block, {}).items():
                    slots.append(slot_entry(state, number, kind, slot))
                    gone += [slot_key(block, kind, slot, v - 2) for v in visits if v > VISITS_KEPT]
        return Snapshot(slots=tuple(slots), hot=tuple(hot), gone=tuple(gone))

    def load(self, entries: Mapping[str, bytes]) -> None:
        """Restore from the snapshot topic's newest values; blocks may be at several offsets.

        A block without a hot record is at the very beginning: a crash in the middle of the first
        snapshot leaves such blocks. If its record was lost later, then `applied` is -1 and the
        host finds that the log begins above what is needed (PROTOCOL 15).
        """
        hots = {
            block: self._decode(block, entries[block_key(block)])
            for block in self._layout.blocks
            if block_key(block) in entries
        }
        if not hots:
            return
        at = [hots[b].applied if b in hots else -1 for b in self._layout.blocks]
        offsets = sorted(set(at))
        states = [
            self._state_of([i for i, one in enumerate(at) if one == offset], hots, entries)
            for offset in offsets
        ]
        first = next(state for state in states if state.city)
        self._states = [first, *(state for state in states if state is not first)]
        for state in states:
            state.said = first.said
        self._quiet_up_to = offsets[-1]
        self._finished.clear()

    def _fresh(self, part: Layout) -> BlockState:
        return BlockState(self._spec, part, density=self._density)

    def _decode(self, block: str, value: bytes) -> Hot:
        spec = self._spec
        hot = decode_hot(
            block_key(block),
            value,
            settings_hash=spec.settings_hash,
            city_digest=spec.city_digest,
        )
        check_count("topics.partitions.counts", block, len(hot.clocks.now_ms), spec.sources)
        check_coverage(block, hot, self._layout.city.versions, hop_ms=spec.hop_ms)
        return hot

    def _state_of(
        self, mine: list[int], hots: Mapping[str, Hot], entries: Mapping[str, bytes]
    ) -> BlockState:
        """Return a state of some blocks, by ascending number, that are at one offset."""
        everyone = len(mine) == len(self._layout.blocks)
        part = self._layout if everyone else only_blocks(self._layout, mine)
        state = self._fresh(part)
        for number, block in enumerate(part.blocks):
            if block in hots:
                hot = hots[block]
                load_block(state, number, hot, entries)
                # The same in every block at this offset.
                state.applied, state.refused = hot.applied, dict(hot.refused)
                state.clocks.state = hot.clocks
        return state

    def _join(self) -> None:
        """Make one state of all runs of blocks, now that they are at one offset."""
        entries = {}
        for state in self._states:
            waiting = waiting_of(state)
            for number in range(len(state.layout.blocks)):
                hot = hot_entry(state, number, waiting[number])
                entries[hot.key] = hot.value
                for kind, slot in zip(*state.visits[number].nonzero(), strict=True):
                    one = slot_entry(state, number, int(kind), int(slot))
                    entries[one.key] = one.value
        finished = dict(self._finished)
        self.load(entries)
        self._finished.update(finished)


def _detection(value: bytes) -> Outgoing:
    return Outgoing(topic=Topic.DETECTIONS, partition=0, key=None, value=value)

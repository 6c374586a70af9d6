"""What a run of blocks keeps, and how it lives through one hop: frame, score, candidates, learn.

All blocks of one `BlockState` are at the same offset; `block.py` sees to that, also after a
crash that left some of them ahead. Score comes before learning, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.baseline import Baseline
from detectors.ceiling import rungs
from stream.around import neighbours_of
from stream.block_spec import no_readings
from stream.cell_keys import KEEPS_ACCOUNT, keys_of
from stream.city_panel import CityPanel
from stream.city_ring import CityRing
from stream.clock import Clocks, HopTimes
from stream.disclosure import Disclosure
from stream.echo import echo_of
from stream.feed_sums import feed_sums
from stream.frame import Frames
from stream.outlook import Outlook
from stream.readings import (
    ACCEPTED,
    FROM_FUTURE,
    LATE,
    OUTAGE_INTERVALS,
    Arrived,
)
from stream.seen import COVERAGE_MIN, observation, states
from stream.support import support_of
from stream.unusual import gates
from stream.wire import column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from detectors.contract import CityNow, Ended, Moment, Verdict
    from detectors.forecast import Ahead
    from stream.block_spec import BlockSpec
    from stream.common_mode import Jump
    from stream.disclosure import Shown
    from stream.frame import Frame
    from stream.layout import Layout
    from stream.links import Pairs
    from stream.wire import Batch, Clock, FeedSum

__all__ = ["BlockState", "HopSeen"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HopSeen:
    """What this run of blocks saw at one hop; arrays over its local tiles.

    state: int8 index into STATES. candidate, dim: bool; dim = blind or under 80 % of usual.
    ended: local tiles whose run of high score ended, in any layer, and its peak.
    scored: tiles that could have alarmed.
    ahead: forecasts of the candidates, shape (3, candidates).
    finished: (kind, slot) of the baseline slot that ended with this hop.
    shown: what of it the density topic may tell.
    """

    hop_ms: int
    decided_ms: int
    frame: Frame
    verdict: Verdict
    state: NDArray[np.int8]
    candidate: NDArray[np.bool_]
    dim: NDArray[np.bool_]
    ended: Ended
    scored: int
    ahead: Ahead
    feeds: list[FeedSum]
    finished: tuple[int, int] | None
    shown: Shown


class BlockState:
    """State of a run of blocks at one offset.

    city: the panel, where the partition's own block is in this run. said: what the panel said of
    the newest hops; where it is in another run, that run's.
    density: False where nobody reads the density topic; then nothing is judged for it.
    """

    _pairs: Pairs | None = None  # of the coverage that the neighbour layer was last told of

    def __init__(self, spec: BlockSpec, layout: Layout, *, density: bool = True) -> None:
        self.spec, self.layout = spec, layout
        self.applied = -1
        self.refused: dict[str, int] = {}
        times = HopTimes(hop_ms=spec.hop_ms, lateness_ms=spec.lateness_ms)
        self.clocks = Clocks(times, spec.sources)
        self.readings = no_readings(spec, layout)
        self.frames = Frames(
            layout,
            tuple(feed.scale for feed in spec.feeds),
            walkable_m2=spec.walkable_m2[layout.tile].astype(np.float32),
            hop_ms=spec.hop_ms,
            window_hops=spec.window_hops,
            privacy_floor=spec.privacy_floor,
        )
        self.disclosure = Disclosure(
            layout,
            spec.feeds,
            privacy_floor=spec.privacy_floor,
            hop_ms=spec.hop_ms,
            window_hops=spec.window_hops,
            used=density and spec.protects_tiles,
        )
        self._around = neighbours_of(layout)
        self.baseline = Baseline(
            spec.baseline,
            tiles=layout.tiles,
            hop_min=spec.hop_ms / 60_000,
            slot_min=spec.slot_min,
            neighbours=self._around,
        )
        self.support = support_of(spec, layout)
        self.outlook = Outlook(spec, self.baseline)
        self.city = CityPanel(spec, layout) if layout.keeps_account else None
        self.said = self.city.said if self.city else CityRing()
        self.watch_until_ms = np.full(layout.tiles, -1, np.int64)
        self.visits = np.zeros((len(layout.blocks), 3, 1440 // spec.slot_min), np.uint32)
        here = layout.tile
        self._rungs, self._watched = spec.rungs_per_m2[here], spec.always_watched[here]
        self._unsure = np.full(layout.tiles, np.nan, np.float32)

    def batch(self, batch: Batch) -> None:
        """Take readings in; they wait for the hop they act from."""
        source = batch.origin.partition
        if not self.clocks.is_news(source, batch.origin.order):
            return
        for reason, count in batch.rejects.items():
            self.refused[reason] = self.refused.get(reason, 0) + count
        if batch.cells:
            self._readings(batch, source)

    def _readings(self, batch: Batch, source: int) -> None:
        cells, value = self._known(batch)
        # Known cells that touch no tile: their readings are good, there is just no ground here.
        outside = int(np.count_nonzero(self.layout.off_grid[cells]))
        self.readings.fates[batch.feed, -1, ACCEPTED] += outside
        entry, value = self._entries(cells, value)
        clock_ms = self.clocks.now(source)
        if clock_ms < 0:
            # Before the first tick of its source the deployment has not begun (PROTOCOL 3).
            self.readings.refuse(batch.feed, entry, LATE)
            return
        times, limit_ms = self.clocks.times, self._limit_ms(clock_ms)
        if batch.end_ms > limit_ms + OUTAGE_INTERVALS * self.spec.feeds[batch.feed].period_ms:
            self.readings.refuse(batch.feed, entry, FROM_FUTURE)
            return
        arrived = Arrived(
            feed=batch.feed,
            end_ms=batch.end_ms,
            seq=batch.seq,
            entry=entry,
            value=value,
            doubted_by=source if batch.end_ms > limit_ms else -1,
        )
        from_hop_ms = max(times.after(clock_ms), times.at_or_after(batch.end_ms))
        self.readings.arrive(arrived, from_hop_ms=from_hop_ms)

    def _known(self, batch: Batch) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return register cells and values of a batch; what is of no cell of ours comes too late.

        It was written under another pack, which had further cells, and waited until now.
        """
        value = column(batch.counts, np.float32)
        cells = keys_of(self.layout.city).places(batch.cells)
        gone = cells < 0
        if not gone.any():
            return cells, value
        if self.layout.keeps_account:
            ours = np.count_nonzero(gone & (column(batch.cells, np.uint64) >= KEEPS_ACCOUNT))
            self.readings.fates[batch.feed, -1, LATE] += ours
        return cells[~gone], value[~gone]

    def _limit_ms(self, clock_ms: int) -> int:
        """Return the end of the last interval that is not from the future, at a clock."""
        return clock_ms + self.spec.hop_ms + self.spec.future_ms

    def _entries(
        self, cells: NDArray[np.int32], value: NDArray[np.float32]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Map register cells to entries here; a cell in several blocks appears several times."""
        lay = self.layout
        first = lay.first[cells]
        width = lay.first[cells + 1] - first
        if (width == 1).all():
            return lay.entries_of[first].astype(np.int32), value
        spread = np.repeat(np.arange(len(cells)), width)
        begin = np.repeat(np.cumsum(width) - width, width)
        within = np.arange(len(spread)) - begin
        return lay.entries_of[first[spread] + within].astype(np.int32), value[spread]

    def tick(self, clock: Clock) -> Iterator[HopSeen]:
        """Advance a source's clock; yield every hop that closes by it, one after the other.

        After a long outage one tick closes hundreds of hops: take each before the next.
        """
        source = clock.origin.partition
        if self.clocks.is_news(source, clock.origin.order):
            if self.clocks.tick(source, clock.now_ms):
                self.readings.judge(source, limit_ms=self._limit_ms(clock.now_ms))
            while (hop := self.clocks.close_next()) is not None:
                yield self._close(*hop)

    def _close(self, hop_ms: int, decided_ms: int) -> HopSeen:
        spec = self.spec
        self.readings.close(hop_ms)
        frame = self.frames.close(self.readings, hop_ms)
        now = frame.now
        moment = spec.calendar.moment(hop_ms, hop_ms=spec.hop_ms, slot_min=spec.slot_min)
        self._listen()
        city = self._city(hop_ms, moment)
        before_z = self.baseline.last_z
        alone = self.baseline.score(observation(frame), moment, city)
        verdict = self._supported(alone, hop_ms, moment, city)
        gated = gates(spec, now, verdict)
        ended = self.baseline.ended(*gated, score=verdict.score)
        candidate = self._candidates(hop_ms, frame, gated.beyond(verdict))
        ahead = self.outlook.close(frame, verdict, hop_ms, said=city, at=candidate)
        finished = self.baseline.learn()
        if finished:
            self.visits[:, finished[0], finished[1]] += 1
        dim = ~(now.present_ratio >= COVERAGE_MIN) | verdict.blind
        return HopSeen(
            hop_ms=hop_ms,
            decided_ms=decided_ms,
            frame=frame,
            verdict=verdict,
            state=states(frame, verdict),
            candidate=candidate,
            dim=dim,
            ended=ended,
            ahead=ahead,
            scored=int(np.count_nonzero(verdict.known & np.isfinite(now.point))),
            feeds=self._feed_sums(hop_ms, (now.point, before_z, alone)),
            finished=finished,
            shown=self.disclosure.close(self.readings, frame, self.frames.counts, hop_ms),
        )

    def _feed_sums(self, hop_ms: int, jump: Jump) -> list[FeedSum]:
        parts = self.layout, self.frames, self.readings
        return feed_sums(*parts, hop_ms, jump=jump, scales=[feed.scale for feed in self.spec.feeds])

    def _listen(self) -> None:
        """Tell the neighbour layer how tiles echo one another, where another coverage acts."""
        pairs = self.frames.pairs
        if self._around is not None and pairs is not None and pairs is not self._pairs:
            self._pairs = pairs
            self.baseline.echo(echo_of(pairs, self._around))

    def _supported(self, verdict: Verdict, hop_ms: int, moment: Moment, city: CityNow) -> Verdict:
        """Return the verdict with what a supporting feed says, where there is one."""
        if self.support is None:
            return verdict
        self.support.close(self.readings, self.frames, hop_ms, moment=moment, city=city)
        return self.support.joined(verdict)

    def _city(self, hop_ms: int, moment: Moment) -> CityNow:
        """Return what the panel says of this hop, or said of it where it is ahead of this run."""
        if self.city is None:
            return self.said.at(hop_ms)
        return self.city.close(self.readings, self.frames, hop_ms, moment)

    def _candidates(
        self, hop_ms: int, frame: Frame, raised: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return the tiles whose numbers the incident stage needs at this hop.

        raised: those that are unusual, alone, with the tiles around, or for too few people.
        """
        spec = self.spec
        if spec.has_ladder:
            ladder = rungs(
                frame.density,
                frame.rolling,
                self._unsure,
                rungs_per_m2=self._rungs,
                occupancy_rungs=spec.occupancy_rungs,
                scale=spec.lower_ratio,
            )
            raised |= ladder > 0
        self.watch_until_ms[raised] = hop_ms + spec.watch_ms
        return raised | (self.watch_until_ms >= hop_ms) | self._watched

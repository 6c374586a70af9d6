"""Looks into the stages at a few tiles while the engine runs, hop by hop, and keeps what it sees.

What it keeps is what the stages themselves hand on: the row of a tile that the incident stage
would get (whether or not the tile was a candidate), the threshold it is judged by, and the rules
of the levels for it. It changes nothing, so the run is the run that a backtest makes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from alerts.incident import unpack_tiles
from alerts.shortfall import level_of
from detectors.budget import BudgetState
from replay.explain_feeds import feeds_of_tile
from replay.explain_rules import Bench, row_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from alerts.candidate import Candidates
    from alerts.hold import ActiveTiles
    from alerts.incident import Incident
    from alerts.levels import Limits
    from alerts.shortfall import Rule
    from geo.city import City
    from replay.explain_feeds import FeedOfTile
    from replay.explain_rules import HopBench
    from stream.block_state import BlockState, HopSeen
    from stream.incident import IncidentMachine
    from stream.incident_state import HopJoined
    from stream.settings import Settings

__all__ = ["Held", "TileHop", "TileWatch"]

# Of a verdict: what is no score of a detector.
_NO_SCORE: Final = {"expected", "spread", "known", "sightings", "blind", "sure"}
# Of a detector's memory: the statistics that the score is the larger of.
_PARTS: Final = ("buildup", "surge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How a tile stands in the memory of the levels: level, and the hold that would lower it.

    below_ms, below_hops: how long it has stayed under the lower thresholds. why: bits of reasons.
    """

    level: int = 0
    why: int = 0
    below_ms: int = 0
    below_hops: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TileHop:
    """One tile at one hop. seen: its one row, as the incident stage would get it.

    state: index into `stream.states.STATES`. withheld_ratio: part of its people that is a guess
    about withheld cells. dim: blind, or under 80 % of its usual coverage. scores: every channel of
    the detectors by name. occupancy: of its site, NaN = none is known. limits: of the budget.
    keeps: level that the lower thresholds keep. budget, near_budget, drop_budget: what was known of
    past runs before this hop; owed: of the promised incidents. feeds: only at the hop asked for.
    incidents: open ones that stand on it.
    """

    hop_ms: int
    decided_ms: int
    seen: Candidates
    state: int
    withheld_ratio: float
    dim: bool
    scores: dict[str, float]
    occupancy: float
    limits: Limits
    rules: tuple[Rule, ...]
    keeps: int
    held: Held
    budget: BudgetState
    near_budget: BudgetState
    drop_budget: BudgetState
    owed: float
    feeds: tuple[FeedOfTile, ...]
    incidents: tuple[Incident, ...]

    @property
    def asks(self) -> int:
        """The level that the rules ask for at this hop, with no memory."""
        return level_of(self.rules)

    def figure(self, name: str) -> float:
        """Return one column of its row; NaN = unknown."""
        return float(getattr(self.seen, name)[0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """What the block stage said of the watched tiles at a hop, in order of `tiles`."""

    rows: Candidates
    state: NDArray[np.int8]
    withheld_ratio: NDArray[np.float32]
    dim: NDArray[np.bool_]
    scores: dict[str, NDArray[np.float32]]
    feeds: tuple[tuple[FeedOfTile, ...], ...]


class TileWatch:
    """Keeps the hops of some tiles between two moments; see `replay.engine.Watch`.

    tiles: city-wide indexes, ascending. from_ms, to_ms: ends of the first and last hop kept.
    detail_ms: end of the hop whose feeds are kept, too. hops: per tile, in order of time.
    """

    def __init__(
        self,
        settings: Settings,
        city: City,
        tiles: NDArray[np.int32],
        *,
        from_ms: int,
        to_ms: int,
        detail_ms: int,
    ) -> None:
        self.tiles = tiles
        self.hops: dict[int, list[TileHop]] = {tile: [] for tile in tiles.tolist()}
        self.last_ms = -1
        self._from_ms, self._to_ms, self._detail_ms = from_ms, to_ms, detail_ms
        self._hop_ms = settings.hop_ms
        self._bench = Bench(settings, city)
        # Before the first hop nothing was spent.
        self._budgets, self._owed = (BudgetState(), BudgetState(), BudgetState()), 0.0
        self._saw: dict[int, _Seen] = {}

    @property
    def done(self) -> bool:
        """Whether the last hop wanted has been decided."""
        return self.last_ms >= self._to_ms

    def saw(self, state: BlockState, seen: HopSeen) -> None:
        """Keep the rows of the tiles, as they would go to the incident stage."""
        if not self._from_ms <= seen.hop_ms <= self._to_ms:
            return
        local = np.searchsorted(state.layout.tile, self.tiles)
        feeds: tuple[tuple[FeedOfTile, ...], ...] = ((),) * len(local)
        if seen.hop_ms == self._detail_ms:
            feeds = tuple(feeds_of_tile(state, seen.hop_ms, int(at)) for at in local)
        self._saw[seen.hop_ms] = _Seen(
            rows=rows_of(state, seen, self.tiles),
            state=seen.state[local],
            withheld_ratio=seen.frame.now.withheld_ratio[local],
            dim=seen.dim[local],
            scores={name: column[local] for name, column in _channels(state, seen).items()},
            feeds=feeds,
        )

    def decided(self, hop: HopJoined, machine: IncidentMachine) -> None:
        """Judge the rows as the incident stage judged its candidates, and keep them."""
        self.last_ms = hop.hop_ms
        if hop.hop_ms < self._from_ms - self._hop_ms or hop.hop_ms > self._to_ms:
            return
        bench = self._bench.sit(hop, machine)
        seen = self._saw.pop(hop.hop_ms, None)
        if seen is not None:
            for at, tile in enumerate(self.tiles.tolist()):
                self.hops[tile].append(self._one(hop, bench, seen, at))
        stage = machine.state
        own, near, drop = (
            msgspec.structs.replace(one, bins=list(one.bins))
            for one in (stage.budget, stage.near_budget, stage.drop_budget)
        )
        self._budgets, self._owed = (own, near, drop), stage.owed

    def _one(self, hop: HopJoined, bench: HopBench, seen: _Seen, at: int) -> TileHop:
        """Return what one tile showed, and what the rules make of it."""
        row = row_of(seen.rows, at)
        tile = int(row.tile[0])
        return TileHop(
            hop_ms=hop.hop_ms,
            decided_ms=hop.decided_ms,
            seen=row,
            state=int(seen.state[at]),
            withheld_ratio=float(seen.withheld_ratio[at]),
            dim=bool(seen.dim[at]),
            scores={name: float(column[at]) for name, column in seen.scores.items()},
            occupancy=bench.occupancy(tile),
            limits=bench.limits,
            rules=bench.rules(row),
            keeps=level_of(bench.rules(row, lower=True)),
            held=_higher(_held(self._bench.active, tile), _held(self._bench.left, tile)),
            budget=self._budgets[0],
            near_budget=self._budgets[1],
            drop_budget=self._budgets[2],
            owed=self._owed,
            feeds=seen.feeds[at],
            incidents=_standing_on(bench.table.incidents, tile),
        )


def _channels(state: BlockState, seen: HopSeen) -> dict[str, NDArray[np.float32]]:
    """Return all scores by name: what the verdict has, and the statistics behind its score.

    A channel that a detector gains is a field of its verdict, and so appears here by itself.
    Where a feed supports, what it says comes too.
    """
    verdict, memory = seen.verdict, state.baseline.state.rows()
    names = [field.name for field in fields(verdict) if field.name not in _NO_SCORE]
    parts = {name: getattr(memory, name) for name in _PARTS}
    channels = {"z": verdict.z, **parts}
    if state.support:
        channels |= {"support_z": state.support.z, "support": state.support.added}
    return channels | {name: getattr(verdict, name) for name in names}


def _held(active: ActiveTiles, tile: int) -> Held:
    """Return how a tile stands in the memory of the levels; level 0 where it has none."""
    at = int(np.searchsorted(active.tile, tile))
    if at == len(active) or active.tile[at] != tile:
        return Held()
    return Held(
        level=int(active.level[at]),
        why=int(active.why[at]),
        below_ms=int(active.below_ms[at]),
        below_hops=int(active.below_hops[at]),
    )


def _higher(rise: Held, drop: Held) -> Held:
    """Return how a tile stands on the track where its level is higher, for the reasons of both."""
    first = drop if drop.level > rise.level else rise
    return replace(first, why=rise.why | drop.why)


def _standing_on(incidents: Iterable[Incident], tile: int) -> tuple[Incident, ...]:
    """Return the open incidents that stand on a tile."""
    return tuple(one for one in incidents if one.end is None and tile in unpack_tiles(one.tiles))

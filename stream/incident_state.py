"""What the incident stage keeps beside its table: sources, hops not yet complete, budget, feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
import numpy as np

from alerts.candidate import Candidates
from detectors.budget import BudgetState, Runs
from stream.common_mode import Movement, added
from stream.hop_record import CANDIDATE_COLUMNS
from stream.wire import Closed, column

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HopJoined", "IncidentState", "WaitingAction", "join", "lost"]

NEVER: Final = -1
T = TypeVar("T", bound=np.generic)
# Most hops of a calm city bring nothing; empty columns need not be made anew.
_NOTHING: Final[dict[type, NDArray[Any]]] = {
    kind: np.zeros(0, kind) for kind in (np.int32, np.float32)
}
_NOBODY: Final = Candidates.empty()
_NO_RUNS: Final = Runs((), ())


class WaitingAction(msgspec.Struct, array_like=True, frozen=True, order=True):
    """A desk action and the beat it takes effect at; ordered by beat, then by its own log."""

    beat_ms: int
    offset: int
    action: bytes


class IncidentState(msgspec.Struct, kw_only=True):
    """All that the stage keeps but the incident table, in the form it is saved in.

    Per block partition, then the acks partition last: newest origin and clock (for a block
    partition the newest beat it passed). hops: closed hops by end, parts in order of arrival.
    silent: per feed, hop since which no cell of it is present; -1 = it is heard.
    budget, near_budget: of tiles alone, and of tiles with those around them.
    drop_budget: of too few people.
    suspect: per feed, hop since which its tiles jump together; -1 = it is trusted. sunk: likewise
    since which they sink together; told apart only where drops alarm.
    spent_ms: hops at which incidents were opened for being unusual only, of the last week.
    owed: incidents that the desk was promised and not told of. overspent_ms: when those of the week
    were last said to be too many; -1 = never.
    dark, tiles: tiles blind or badly seen at the newest closed hop, of how many.
    """

    epoch: list[int]
    offset: list[int]
    part: list[int]
    clock_ms: list[int]
    hops: dict[int, list[Closed]]
    actions: list[WaitingAction]
    budget: BudgetState
    near_budget: BudgetState
    drop_budget: BudgetState = msgspec.field(default_factory=BudgetState)
    silent: list[int]
    suspect: list[int]
    sunk: list[int] = msgspec.field(default_factory=list)
    spent_ms: list[int]
    owed: float = 0.0
    overspent_ms: int = NEVER
    next_hop_ms: int = NEVER
    closed_hop_ms: int = NEVER
    dark: int = 0
    tiles: int = 0

    @classmethod
    def empty(cls, *, sources: int, feeds: int) -> IncidentState:
        """Return the state before the first record."""
        return cls(
            epoch=[NEVER] * sources,
            offset=[NEVER] * sources,
            part=[NEVER] * sources,
            clock_ms=[NEVER] * sources,
            hops={},
            actions=[],
            budget=BudgetState(),
            near_budget=BudgetState(),
            drop_budget=BudgetState(),
            silent=[NEVER] * feeds,
            suspect=[NEVER] * feeds,
            sunk=[NEVER] * feeds,
            spent_ms=[],
        )

    def is_news(self, source: int, origin: tuple[int, int, int]) -> bool:
        """Note an origin (epoch, offset, part); False for what was seen before (PROTOCOL 7, 15)."""
        if origin <= (self.epoch[source], self.offset[source], self.part[source]):
            return False
        self.epoch[source], self.offset[source], self.part[source] = origin
        return True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HopJoined:
    """One hop of the whole city, whatever the partitions were.

    blind: int32 tiles, ascending. ended, near_ended, drop_ended: runs by layer, by tile. tiles:
    all there are. scored: those that could have alarmed. present, known: cells per feed.
    moved: how the tiles of each feed moved.
    """

    hop_ms: int
    decided_ms: int
    candidates: Candidates
    blind: NDArray[np.int32]
    ended: Runs
    near_ended: Runs
    drop_ended: Runs
    tiles: int
    scored: int
    present: list[int]
    known: list[int]
    moved: list[Movement]


def join(parts: list[Closed], *, feeds: int) -> HopJoined:
    """Join what the block partitions saw at one hop; the order of parts does not matter."""
    present, known = [0] * feeds, [0] * feeds
    moved: list[list[Movement]] = [[Movement()] for _ in range(feeds)]
    for part in parts:
        for one in part.feeds:
            present[one.feed] += one.cells_present
            known[one.feed] += one.cells_known
            moved[one.feed].append(one.moved)
    return HopJoined(
        hop_ms=parts[0].hop_ms,
        decided_ms=max(part.decided_ms for part in parts),
        candidates=_candidates([part.columns for part in parts if part.columns]),
        blind=np.sort(_laid(parts, "blind", np.int32)),
        ended=_runs(parts, "peak_tiles", "peaks"),
        near_ended=_runs(parts, "near_peak_tiles", "near_peaks"),
        drop_ended=_runs(parts, "drop_peak_tiles", "drop_peaks"),
        tiles=sum(part.tiles for part in parts),
        scored=sum(part.scored for part in parts),
        present=present,
        known=known,
        moved=[added(one) for one in moved],
    )


def lost(hop_ms: int, *, decided_ms: int, feeds: int) -> HopJoined:
    """Return a hop of which nothing came; that its tiles are dark is for the caller to say."""
    return HopJoined(
        hop_ms=hop_ms,
        decided_ms=decided_ms,
        candidates=_NOBODY,
        blind=_NOTHING[np.int32],
        ended=_NO_RUNS,
        near_ended=_NO_RUNS,
        drop_ended=_NO_RUNS,
        tiles=0,
        scored=0,
        present=[0] * feeds,
        known=[0] * feeds,
        moved=[Movement()] * feeds,
    )


def _laid(parts: list[Closed], field: str, kind: type[T]) -> NDArray[T]:
    """Lay one field of all parts end to end."""
    data = b"".join([getattr(part, field) for part in parts])
    return column(data, kind) if data else _NOTHING[kind]


def _runs(parts: list[Closed], tiles: str, peaks: str) -> Runs:
    """Lay the ended runs of all parts end to end, in the order of their tiles."""
    tile = _laid(parts, tiles, np.int32)
    if not len(tile):
        return _NO_RUNS
    order = np.argsort(tile, kind="stable")
    return Runs(tile[order].tolist(), _laid(parts, peaks, np.float32)[order].tolist())


def _candidates(parts: list[dict[str, bytes]]) -> Candidates:
    """Lay the candidates of all parts end to end, by tile."""
    if not parts:
        return _NOBODY
    tile = column(b"".join([part["tile"] for part in parts]), np.int32)
    order = np.argsort(tile, kind="stable")
    figures: dict[str, NDArray[np.generic]] = {
        name: column(b"".join([part[name] for part in parts]), _kind(name))[order]
        for name in CANDIDATE_COLUMNS
        if name != "tile"
    }
    return Candidates.of(tile=tile[order], **figures)


def _kind(name: str) -> type[np.int32 | np.float32]:
    return np.int32 if name == "sightings" else np.float32

"""Levels with memory: rise at once, fall only after a hold time below the lower thresholds.

Theory of operation. State exists for active tiles only. Each hop an active tile is asked two
questions: which level do the thresholds ask for (`asked`), and which would the lower thresholds
still keep (`kept`, never below `asked`)? It rises where more is asked than it has. While its own
level is kept, nothing is counted. Else the hold runs, and when it is over the tile falls to the
highest level that was kept meanwhile. On a hop where the tile is dark (blind, or under 80 % of
its usual coverage) it may rise, but nothing falls and no hold time runs. A tile that is neither
a candidate nor dark is calm: it asks for nothing and keeps nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.candidate import FIGURES, Candidates
from alerts.levels import BLIND, HOLD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.levels import Judged
    from alerts.spec import AlertSpec

__all__ = ["ActiveTiles", "Hop", "advance", "alive"]

_STATUS: Final = np.uint16(HOLD | BLIND)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveTiles:
    """Tiles that have a level (or are about to), ascending; shape (tiles,).

    level: 0 to 4. below_ms, below_hops: hold time so far, and the hops of it. below_peak: the
    highest level kept meanwhile. asked_1, asked_2: levels asked for one and two hops ago.
    why: bits of reasons. seen_ms: end of the last hop at which the tile could be seen.
    sightings: days behind its baseline. figures: float32, shape (tiles, len(FIGURES)).
    """

    tile: NDArray[np.int32]
    level: NDArray[np.int8]
    below_ms: NDArray[np.int64]
    below_hops: NDArray[np.int32]
    below_peak: NDArray[np.int8]
    asked_1: NDArray[np.int8]
    asked_2: NDArray[np.int8]
    why: NDArray[np.uint16]
    seen_ms: NDArray[np.int64]
    sightings: NDArray[np.int32]
    figures: NDArray[np.float32]

    @classmethod
    def empty(cls) -> ActiveTiles:
        """Return no active tile at all."""
        return cls(
            tile=np.zeros(0, np.int32),
            level=np.zeros(0, np.int8),
            below_ms=np.zeros(0, np.int64),
            below_hops=np.zeros(0, np.int32),
            below_peak=np.zeros(0, np.int8),
            asked_1=np.zeros(0, np.int8),
            asked_2=np.zeros(0, np.int8),
            why=np.zeros(0, np.uint16),
            seen_ms=np.zeros(0, np.int64),
            sightings=np.zeros(0, np.int32),
            figures=np.zeros((0, len(FIGURES)), np.float32),
        )

    def __len__(self) -> int:
        """Return the number of active tiles."""
        return int(self.tile.size)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> ActiveTiles:
        """Return a copy of some rows."""
        return ActiveTiles(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    def figure(self, name: str) -> NDArray[np.float64]:
        """Return one remembered column, NaN = unknown."""
        return self.figures[:, FIGURES.index(name)].astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One hop as the hold sees it. dark: bool over all tiles, True = cannot be seen, or None."""

    hop_ms: int
    hop_s: int
    dark: NDArray[np.bool_] | None


def advance(
    spec: AlertSpec,
    before: ActiveTiles,
    seen: Candidates,
    *,
    asked: Judged,
    kept: Judged,
    hop: Hop,
) -> ActiveTiles:
    """Return the active tiles after this hop; raises nothing, whatever is unknown.

    Tiles that lost their level at this hop are still among them, with level 0 and their newest
    figures: the last message of their incident tells those.
    """
    now = _gather(before, seen, asked, hop)
    dark = np.zeros(len(now), np.bool_) if hop.dark is None else hop.dark[now.tile]
    at = np.searchsorted(now.tile, seen.tile)
    at, part = _matching(now.tile, seen.tile, at)
    up, keep = np.zeros(len(now), np.int8), np.zeros(len(now), np.int8)
    up[at], keep[at] = asked.level[part], kept.level[part]
    target = up
    if spec.rise_hops > 1:  # the middle one of three is what at least two of them ask for
        low, high = np.minimum(up, now.asked_1), np.maximum(up, now.asked_1)
        target = np.maximum(low, np.minimum(high, now.asked_2))
    _settle(spec, now, target=target, keep=keep, dark=dark, hop=hop)
    shifts = ~dark | (up > 0)
    now.asked_2[shifts] = now.asked_1[shifts]
    now.asked_1[shifts] = up[shifts]
    reasons = np.zeros(len(now), np.uint16)
    reasons[at] = asked.why[part]
    _explain(now, asked=up, reasons=reasons, dark=dark)
    _remember(now, seen, at=at, part=part, dark=dark, hop=hop)
    return now


def alive(spec: AlertSpec, now: ActiveTiles) -> NDArray[np.bool_]:
    """Return which rows have to be remembered for the next hop."""
    keeps = now.level > 0
    if spec.rise_hops > 1:
        keeps |= (now.asked_1 > 0) | (now.asked_2 > 0)
    return keeps


def _gather(before: ActiveTiles, seen: Candidates, asked: Judged, hop: Hop) -> ActiveTiles:
    """Return a working copy: the rows of before, and fresh ones for tiles that ask for a level."""
    tile = np.union1d(before.tile, seen.tile[asked.level > 0])
    old = np.searchsorted(tile, before.tile)
    rows: dict[str, NDArray[np.generic]] = {"tile": tile}
    for field in fields(ActiveTiles)[1:]:
        part: NDArray[np.generic] = getattr(before, field.name)
        column = np.zeros((tile.size, *part.shape[1:]), part.dtype)
        if field.name == "seen_ms":
            column += np.int64(hop.hop_ms)
        if field.name == "figures":
            column += np.float32(np.nan)
        column[old] = part
        rows[field.name] = column
    return ActiveTiles(**rows)  # type: ignore[arg-type]  # the columns keep the dtypes of before


def _matching(
    tile: NDArray[np.int32], wanted: NDArray[np.int32], at: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return positions in tile, and in wanted, of the tiles that are in both."""
    if tile.size == 0:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    part = np.flatnonzero(tile[np.minimum(at, tile.size - 1)] == wanted)
    return at[part], part


def _settle(
    spec: AlertSpec,
    now: ActiveTiles,
    *,
    target: NDArray[np.int8],
    keep: NDArray[np.int8],
    dark: NDArray[np.bool_],
    hop: Hop,
) -> None:
    """Move levels and hold times of the working copy."""
    rises = target > now.level
    holds = ~rises & (keep < now.level)
    runs = holds & ~dark
    now.below_ms[runs] += hop.hop_s * 1000
    now.below_hops[runs] += 1
    now.below_peak[runs] = np.maximum(now.below_peak[runs], keep[runs])
    over = (now.below_ms >= spec.hold_s * 1000) & (now.below_hops >= spec.hold_hops)
    falls = runs & over
    now.level[rises] = target[rises]
    now.level[falls] = now.below_peak[falls]
    fresh = ~holds | falls
    now.below_ms[fresh], now.below_hops[fresh], now.below_peak[fresh] = 0, 0, 0


def _explain(
    now: ActiveTiles,
    *,
    asked: NDArray[np.int8],
    reasons: NDArray[np.uint16],
    dark: NDArray[np.bool_],
) -> None:
    """Keep why each level stands: asked for now, or asked for once and held, or not seen."""
    held = asked < now.level
    status = np.where(dark, np.uint16(BLIND), np.uint16(HOLD)).astype(np.uint16)
    now.why[:] = np.where(held, (now.why & ~_STATUS) | status, reasons)


def _remember(
    now: ActiveTiles,
    seen: Candidates,
    *,
    at: NDArray[np.intp],
    part: NDArray[np.intp],
    dark: NDArray[np.bool_],
    hop: Hop,
) -> None:
    """Keep the newest figures; a dark tile keeps its last known ones, a calm one has none."""
    now.figures[~dark] = np.nan
    for column, name in enumerate(FIGURES):
        fresh = getattr(seen, name)[part]
        now.figures[at, column] = np.where(np.isnan(fresh), now.figures[at, column], fresh)
    now.sightings[at] = seen.sightings[part]
    visible = ~dark
    visible[at] |= ~np.isnan(seen.people[part])
    now.seen_ms[visible] = hop.hop_ms

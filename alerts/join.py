"""Which incident goes on in which group of tiles: merge, split, reopen, or a new one.

Theory of operation. An incident claims every group that holds one of its tiles. Split: its home
is the claimed group with the most people (ties: the one with the smallest tile). Merge: of the
incidents whose home is one group, the earliest opened survives (ties: the smallest id), the
others end there. A group that is nobody's home but was claimed is a split; one that nobody
claims may be the return of an incident that ended shortly before on overlapping tiles, found by
the same two rules. Everything else is new.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from alerts.incident import unpack_tiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from alerts.incident import Incident

__all__ = ["Fate", "assign"]


@dataclass(slots=True, kw_only=True)
class Fate:
    """What becomes of one group of tiles.

    goes_on: the open incident that lives here; returns: or the ended one that is raised again;
    neither: a new one. merged: open incidents that end here. split_from: where a new one comes
    from, if it was part of another.
    """

    goes_on: Incident | None = None
    returns: Incident | None = None
    merged: list[Incident] = field(default_factory=list)
    split_from: Incident | None = None


def assign(
    tiles: NDArray[np.int32],
    group: NDArray[np.int64],
    people: Sequence[float],
    *,
    open_now: Iterable[Incident],
    ended: Iterable[Incident],
) -> list[Fate]:
    """Return the fate of each group, in group order.

    tiles: raised tiles, ascending. group: of each. people: of each group. ended: incidents that
    may still be reopened. Open incidents that are in no fate have no raised tile left.
    """
    fates = [Fate() for _ in people]
    claims = _claims(tiles, group, open_now)
    for at, heirs in _homes(claims, people).items():
        fates[at].goes_on, fates[at].merged = heirs[0], heirs[1:]
    for at, claimant in _unhoused(claims, fates):
        fates[at].split_from = claimant
    free = [fate.goes_on is None and fate.split_from is None for fate in fates]
    if any(free):
        claims = [
            (incident, [at for at in places if free[at]])
            for incident, places in _claims(tiles, group, ended)
        ]
        for at, heirs in _homes(claims, people).items():
            fates[at].returns = heirs[0]
        for at, claimant in _unhoused(claims, fates):
            # One that lost its home to a senior may return in another part of its ground.
            if any(fate.returns is claimant for fate in fates):
                fates[at].split_from = claimant
            else:
                fates[at].returns = claimant
    return fates


Claims = list[tuple["Incident", list[int]]]


def _claims(
    tiles: NDArray[np.int32], group: NDArray[np.int64], incidents: Iterable[Incident]
) -> Claims:
    """Return the groups that each incident has a tile in, senior incidents first."""
    claims: Claims = []
    for incident in sorted(incidents, key=lambda one: one.seniority):
        own = unpack_tiles(incident.tiles)
        at = np.minimum(np.searchsorted(tiles, own), tiles.size - 1)
        here = group[at[tiles[at] == own]] if tiles.size else group
        claims.append((incident, np.unique(here).tolist()))
    return claims


def _homes(claims: Claims, people: Sequence[float]) -> dict[int, list[Incident]]:
    """Return, for each group that is a home, those who live there, senior first."""
    homes: dict[int, list[Incident]] = {}
    for incident, places in claims:
        if places:
            home = min(places, key=lambda at: (-people[at], at))
            homes.setdefault(home, []).append(incident)
    return homes


def _unhoused(claims: Claims, fates: list[Fate]) -> list[tuple[int, Incident]]:
    """Return claimed groups that are nobody's home, each with its senior claimant."""
    found: dict[int, Incident] = {}
    for incident, places in claims:
        for at in places:
            if fates[at].goes_on is None and fates[at].returns is None:
                found.setdefault(at, incident)
    return sorted(found.items(), key=lambda pair: pair[0])

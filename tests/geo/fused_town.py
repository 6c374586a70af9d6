"""A made-up place where several feeds count the same people, and what the definition says of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from geo.density import TilePeople, people
from geo.spread import Spread, prepare

FLOOR = 20


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell at one hop. count: -1 = withheld, None = no reading. shares: by tile."""

    feed: int
    count: float | None
    shares: dict[int, float]
    fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class Town:
    """Cells of several feeds over a few tiles. parts: what each feed counts; None = not fused."""

    tiles: int
    cells: tuple[Cell, ...]
    parts: tuple[float, ...] | None
    expansion: float = 1.0

    def pairs(self) -> list[tuple[int, int, float]]:
        """Return (tile, number of the cell, share) in the order of tiles, then feeds and cells."""
        pairs = [
            (tile, number, share)
            for number, cell in enumerate(self.cells)
            for tile, share in cell.shares.items()
        ]
        return sorted(pairs, key=lambda pair: (pair[0], self.cells[pair[1]].feed, pair[1]))

    def worth(self, tile: int, number: int) -> float:
        """Return which part of the people of a tile a cell counts."""
        assert self.parts is not None
        feed = self.cells[number].feed
        whole = sum(c.shares.get(tile, 0.0) for c in self.cells if c.feed == feed)
        return self.parts[feed] * (self.cells[number].shares[tile] / whole)

    def plan(self) -> Spread:
        tile, entry, share = (np.array(one) for one in zip(*self.pairs(), strict=True))
        worth = None
        if self.parts is not None:
            worth = np.array([self.worth(t, c) for t, c, _ in self.pairs()])
        return prepare(entry, tile, share, self.tiles, worth=worth)

    def ends(self, cell: Cell) -> tuple[float, float, float]:
        """Return low, point and high end of a cell's count."""
        if cell.count is None:
            return 0.0, 0.0, 0.0
        top = (FLOOR - 1) * self.expansion
        known = cell.count * self.expansion
        return (0.0, top / 2, top) if cell.count < 0 else (known, known, known)

    def people(self, plan: Spread | None = None) -> TilePeople:
        low, point, high = np.array([self.ends(c) for c in self.cells], np.float32).T.copy()
        return people(
            plan or self.plan(),
            low=low,
            point=point,
            high=high,
            present=np.array([c.count is not None for c in self.cells]),
            fresh=np.array([c.fresh for c in self.cells]),
            withheld=np.array([c.count is not None and c.count < 0 for c in self.cells]),
        )


def oracle(town: Town, tile: int) -> dict[str, float]:
    """Spell out the definition for one tile, pair by pair."""
    mine = [(n, s) for t, n, s in town.pairs() if t == tile]
    there = [(n, s) for n, s in mine if town.cells[n].count is not None]
    usual = sum(town.worth(tile, n) for n, _ in mine)
    counted = sum(town.worth(tile, n) for n, _ in there)
    ratio = counted / usual if usual else 0.0
    sums = [sum(s * town.ends(town.cells[n])[end] for n, s in there) for end in range(3)]
    hidden = [(n, s) for n, s in there if (town.cells[n].count or 0) < 0]
    part = sum(s * town.ends(town.cells[n])[1] for n, s in hidden)
    scaled = [one / counted if ratio >= 0.5 - 1e-9 else nan for one in sums]
    return {
        "low": scaled[0],
        "point": scaled[1],
        "high": scaled[2],
        "present_ratio": ratio,
        "fresh": any(town.cells[n].fresh for n, _ in there),
        "withheld_ratio": (part / sums[1] if sums[1] else 1.0) if hidden else 0.0,
        "withheld": bool(hidden),
    }

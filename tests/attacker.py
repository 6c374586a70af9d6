"""An attacker: knows the pack and every factor, reads all that is published, and solves for counts.

He is told more than he could know: which cells had a reading at which hop, which of them the
operator withheld, and by which rule tiles are told. Every number in `density/1` and in alerts is
an interval (it was rounded) around a sum over unknown counts; linear programming then gives the
least and the most that any other sum of them can be. If that is narrower than [0, floor - 1] for
a count that was withheld, he has won.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from tests.laws.private_city import EXPANSION, FLOOR, hop_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.density import Density
    from tests.laws.private_city import Case

Unknown = tuple[object, ...]
Sum = dict[Unknown, float]
Win = tuple[str, float, float]
"""What he narrowed, and how many it is at the least and at the most."""

NOISE = 1e-6
"""Relative: published numbers went through float32."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a published number says: low <= sum of coefficients times unknowns <= high."""

    parts: Sum
    low: float
    high: float


@dataclass
class Attacker:
    """Collects what published numbers say, then bounds sums of counts."""

    case: Case
    rows: list[Row] = field(default_factory=list)

    # -- what he makes of what is published ----------------------------------------------------

    def unknown(self, feed: str, cell: int, hop: int) -> Unknown | None:
        """Return the name of a count; None where nothing stands for the cell.

        A reading of a feed with long intervals is the same at all hops of its interval. Where a
        newer one should have come, nobody outside knows whether it came.
        """
        reading = self.case.standing(feed, cell, hop)
        if reading is None:
            return None
        return (*reading.place, hop) if reading.late else reading.place

    def people(self, tile: int, hop: int, *, scaled: bool = True) -> Sum | None:
        """Return a tile's people as a sum over counts; None where it is blind."""
        case = self.case
        parts: Sum = {}
        usual = present = 0.0
        for feed in case.feeds():
            for cell, share in case.shares[tile]:
                usual += share if case.heard(feed, cell, hop) else 0.0
                name = self.unknown(feed, cell, hop)
                if name is not None:
                    present += share
                    parts[name] = parts.get(name, 0.0) + share * EXPANSION[feed]
        if present == 0.0 or present / usual < 0.5:
            return None
        scale = usual / present if scaled else 1.0
        return {name: part * scale for name, part in parts.items()}

    def read_density(self, records: list[Density], *, by_rule: bool = True) -> None:
        """Take in density records: people, density, and the mean over the window.

        by_rule: he also draws conclusions from the rule by which tiles are told.
        """
        index = {name: number for number, name in enumerate(self.case.city.grid.tile_ids)}
        area_m2 = self.case.city.grid.walkable_m2.tolist()
        for record in records:
            hop = hop_of(record.hop_ms)
            for at, name in enumerate(record.tiles):
                tile = index[name]
                people = self.people(tile, hop)
                mean = self._mean(tile, hop)
                for told, parts, area, step in (
                    (record.people[at], people, 1.0, 0.05),
                    (record.density_per_m2[at], people, area_m2[tile], 5e-5),
                    (record.rolling_per_m2[at], mean, area_m2[tile], 5e-5),
                ):
                    if told is not None:
                        assert parts is not None, "told of a tile that he knows to be blind"
                        self._know(parts, told * area, step * area)
                if by_rule and record.people[at] is not None:
                    self._know_rule(tile, hop)

    def _know_rule(self, tile: int, hop: int) -> None:
        """Conclude from a told tile that each tile of its cells holds the floor, feed by feed."""
        cells = {cell for cell, _ in self.case.shares[tile]}
        for parts in self.case.shares:
            shared = cells.intersection(cell for cell, _ in parts)
            for feed in self.case.feeds():
                own = {
                    name: share * EXPANSION[feed]
                    for cell, share in parts
                    if (name := self.unknown(feed, cell, hop)) is not None
                    and self.count(name) is not None
                }
                if own and any(self.unknown(feed, cell, hop) for cell in shared):
                    self.rows.append(Row(parts=own, low=FLOOR - NOISE, high=np.inf))

    def read_alerts(self, alerts: list[dict[str, Any]], *, censored: bool = True) -> None:
        """Take in the people of alerts.

        censored: he knows that counts below the floor stand in them as withheld ones do, and is
        even told which cells those are.
        """
        index = {name: number for number, name in enumerate(self.case.city.grid.tile_ids)}
        for alert in alerts:
            best, hop = alert["people"]["best"], hop_of(alert["hop_ms"])
            tiles = [index[name] for name in alert["area"]["tiles"]]
            old = alert["data_quality"]["age_s"] > 0  # the last message may repeat old figures
            if best is None or old or alert["area"]["tiles_total"] != len(tiles):
                continue
            total: Sum = {}
            for tile in tiles:
                for name, part in (self.people(tile, hop) or {}).items():
                    total[name] = total.get(name, 0.0) + part
            self._know(total, best, 0.5, below=FLOOR if censored else 0)

    def _mean(self, tile: int, hop: int) -> Sum | None:
        """Return the mean over the window of a tile's people."""
        window = self.case.settings.window_hops
        hops = [self.people(tile, one) for one in range(max(hop - window + 1, 1), hop + 1)]
        known = [one for one in hops if one is not None]
        if len(known) * 2 < window:
            return None
        total: Sum = {}
        for one in known:
            for name, part in one.items():
                total[name] = total.get(name, 0.0) + part / len(known)
        return total

    def _know(self, parts: Sum, told: float, step: float, *, below: float = 0) -> None:
        """Take in a number: a sum over counts, in which those below a limit are the middle."""
        counted: Sum = {}
        for name, part in parts.items():
            value = self.count(name)
            if value is None or value < below:
                told -= part * (FLOOR - 1) / 2
            else:
                counted[name] = part
        slack = step + NOISE * max(abs(told), 1.0)
        self.rows.append(Row(parts=counted, low=told - slack, high=told + slack))

    def count(self, name: Unknown) -> float | None:
        """Return what really was counted (which he is after); None = withheld by the operator."""
        feed, end, cell = name[:3]
        return self.case.counts[feed, end, cell]  # type: ignore[index]  # a name begins with a place

    # -- what he gets out of it ------------------------------------------------------------------

    def errors(self) -> list[Row]:
        """Return rows that the truth does not fulfil: there he is wrong about the product."""
        wrong = []
        for row in self.rows:
            total = sum(part * (self.count(name) or 0.0) for name, part in row.parts.items())
            if not row.low <= total <= row.high:
                wrong.append(row)
        return wrong

    def bounds(self, wanted: Sum) -> tuple[float, float]:
        """Return the least and the most that a sum can be, for all he knows."""
        names = sorted({*wanted, *(name for row in self.rows for name in row.parts)}, key=repr)
        place = {name: number for number, name in enumerate(names)}
        goal = np.zeros(len(names))
        size = max(wanted.values())  # a solver takes what is very small for nothing
        for name, part in wanted.items():
            goal[place[name]] = part / size
        matrix, limit = self._matrix(place)
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(sign * goal, A_ub=matrix, b_ub=limit, bounds=(0, None))
            assert found.status in {0, 3}, found.message
            ends.append(float(sign * found.fun) * size if found.status == 0 else -sign * np.inf)
        return ends[0], ends[1]

    def _matrix(self, place: dict[Unknown, int]) -> tuple[csr_array | None, Any]:
        if not self.rows:
            return None, None
        cells = [
            (number, place[name], part)
            for number, row in enumerate(self.rows)
            for name, part in row.parts.items()
        ]
        at, column, part = (np.array(one) for one in zip(*cells, strict=True))
        upper = csr_array((part, (at, column)), shape=(len(self.rows), len(place)))
        limit = np.array(
            [min(row.high, 1e12) for row in self.rows] + [-row.low for row in self.rows]
        )
        return csr_array(np.vstack([upper.toarray(), -upper.toarray()])), limit

    def wins(self, *, tiles: bool = True) -> Iterator[Win]:
        """Yield every withheld cell and tile whose interval he got narrower than the floor's."""
        for what, wanted in (*self._cells(), *(self._tiles() if tiles else ())):
            least, most = self.bounds(wanted)
            if least > LEAST or most < FLOOR - 1 - LEAST:
                yield what, least, most

    def _cells(self) -> list[tuple[str, Sum]]:
        return [
            (f"cell {place}", {place: 1.0})
            for place, value in self.case.counts.items()
            if value is not None and value < FLOOR
        ]

    def _tiles(self) -> list[tuple[str, Sum]]:
        found: list[tuple[str, Sum]] = []
        for hop in range(1, self.case.hops + 1):
            for tile, name in enumerate(self.case.city.grid.tile_ids):
                parts = self.people(tile, hop, scaled=False)
                if parts and self.case.known(tile, hop) < FLOOR:
                    known = {
                        one: part for one, part in parts.items() if self.count(one) is not None
                    }
                    if known:
                        found.append((f"tile {name} at hop {hop}", known))
        return found


LEAST = 1e-3
"""People; less than this is the solver's own tolerance."""


def attacked(case: Case, *, by_rule: bool = True) -> Win | None:
    """Return the first thing that an attacker of the density topic narrows, if any."""
    records, _, _ = case.run()
    attacker = Attacker(case=case)
    attacker.read_density(records, by_rule=by_rule)
    assert not attacker.errors(), "he must know how the numbers are made"
    return next(attacker.wins(), None)

"""One hop of the whole city in one piece, for the oracle: frame, score, candidates, incidents.

Written from DESIGN 7, not from the block stage, with the pure rooms that both of them trust:
`geo.density`, `detectors`, `alerts`. There is one array of tiles and one of cells, and no state
but what those rooms keep.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.candidate import Candidates
from alerts.table import HopView, IncidentTable
from detectors.baseline import Baseline
from detectors.budget import BudgetState, per_tile_week, spend, threshold
from detectors.ceiling import rungs
from detectors.contract import Observation
from geo.density import people, rolling
from geo.spread import prepare
from stream.calendar import Calendar
from stream.ground import alert_spec, build_ground, min_excess
from stream.settings import settings_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from alerts.table import Alert
    from detectors.contract import Verdict
    from geo.city import City
    from geo.density import TilePeople
    from stream.settings import Settings

__all__ = ["CityHop", "Current"]

WEEK_MS: Final = 7 * 86_400_000
COVERAGE_MIN: Final = 0.8
WITHHELD_LEARN_MAX: Final = 0.2
SCORE_MIN: Final = 1.5


@dataclass(slots=True, kw_only=True)
class Current:
    """What counts now: the best offer (seq, value) of each (feed, cell, interval end).

    newest: of each (feed, cell) the newest interval. fresh: those that got a newer one just now.
    """

    feeds: int
    cells: int
    best: dict[tuple[int, int, int], tuple[int, float]] = field(default_factory=dict)
    newest: dict[tuple[int, int], int] = field(default_factory=dict)
    fresh: set[tuple[int, int]] = field(default_factory=set)

    def renew(self, places: Iterable[tuple[int, int, int]]) -> None:
        """Note which intervals were heard of in this hop."""
        self.fresh.clear()
        for feed, cell, end_ms in places:
            if end_ms > self.newest.get((feed, cell), -1):
                self.newest[feed, cell] = end_ms
                self.fresh.add((feed, cell))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counts:
    """Columns over (feed, cell), feed after feed."""

    low: NDArray[np.float32]
    point: NDArray[np.float32]
    high: NDArray[np.float32]
    present: NDArray[np.bool_]
    fresh: NDArray[np.bool_]
    withheld: NDArray[np.bool_]
    usual: NDArray[np.bool_]
    known: NDArray[np.bool_]


class CityHop:
    """Closes hops one after the other."""

    def __init__(self, settings: Settings, city: City) -> None:
        self._settings, self._city = settings, city
        self._ground, self._spec = build_ground(settings, city), alert_spec(settings)
        self._names = sorted(settings.feeds)
        tiles = len(city.grid.tile_ids)
        self._calendar = Calendar(tz=settings.calendar.tz, country=settings.calendar.country)
        self.baseline = Baseline(
            settings.detectors.baseline,
            tiles=tiles,
            hop_min=settings.hop_ms / 60_000,
            slot_min=settings.slot_min,
        )
        self.table = IncidentTable(self._spec, self._ground)
        self._people: dict[int, NDArray[np.float32]] = {}
        self._unknown = np.full(tiles, np.nan, np.float32)
        self._watched_until_ms = np.full(tiles, -1, np.int64)
        self._budget = BudgetState()
        self._silent_since = [-1] * len(self._names)

    def close(
        self,
        current: Current,
        hop_ms: int,
        decided_ms: int,
        system: list[tuple[str, bool, int, int]],
    ) -> list[Alert]:
        """Return the alerts of one hop; feeds that fell silent or returned go to `system`."""
        counts = self._counts(current, hop_ms)
        now = self._frame(counts)
        self._people[hop_ms] = now.point
        columns, verdict, big = self._judged(now, hop_ms)
        tiles, peaks = self.baseline.ended(big)
        self.baseline.learn()
        candidates = self._candidates(columns, hop_ms, verdict=verdict, big=big)
        dim = ~(now.present_ratio >= COVERAGE_MIN) | verdict.blind
        self._hear(counts, hop_ms, system)
        settings = self._settings
        share = per_tile_week(settings.alerts.false_alarms_per_day, len(dim))
        view = HopView(
            hop_ms=hop_ms,
            decided_ms=decided_ms,
            hop_s=settings.hop_s_resolved,
            candidates=candidates,
            blind=np.flatnonzero(dim).astype(np.int32),
            threshold=threshold(self._budget, share),
            settings_hash=settings_hash(settings),
            feeds=tuple(
                (name, "blind" if since >= 0 else "ok")
                for name, since in zip(self._names, self._silent_since, strict=True)
            ),
        )
        alerts = self.table.hop(view)
        spend(self._budget, peaks[np.argsort(tiles)], len(dim), settings.hop_ms)
        return alerts

    def _counts(self, current: Current, hop_ms: int) -> _Counts:
        """Return what every cell of every feed says at this hop."""
        rows: list[tuple[float, float, float, bool, bool, bool, bool, bool]] = []
        for feed, name in enumerate(self._names):
            spec = self._settings.feeds[name]
            oldest_ms = hop_ms - self._settings.max_age_ms(name)
            factor = np.float32(spec.expansion)
            top = np.float32(max(spec.floor - 1, 0) * spec.expansion)
            for cell in range(current.cells):
                end_ms = current.newest.get((feed, cell), -1)
                known = end_ms >= 0
                present = known and end_ms >= oldest_ms
                value = current.best[feed, cell, end_ms][1] if present else 0.0
                hidden = present and value < 0
                low = np.float32(0 if hidden else value) * factor
                point = top / np.float32(2) if hidden else low
                high = top if hidden else low
                fresh = (feed, cell) in current.fresh
                usual = known and end_ms > hop_ms - WEEK_MS
                rows.append(
                    (float(low), float(point), float(high), present, fresh, hidden, usual, known)
                )
        low_, point_, high_, *flags = zip(*rows, strict=True)
        kinds = [np.array(flag, np.bool_) for flag in flags]
        return _Counts(
            low=np.array(low_, np.float32),
            point=np.array(point_, np.float32),
            high=np.array(high_, np.float32),
            present=kinds[0],
            fresh=kinds[1],
            withheld=kinds[2],
            usual=kinds[3],
            known=kinds[4],
        )

    def _frame(self, counts: _Counts) -> TilePeople:
        """Lay the counts on the tiles; only cells heard of within a week cover any."""
        cover, cells = self._city.coverage, len(self._city.cells)
        links = [
            (tile, feed * cells + cell, share)
            for feed in range(len(self._names))
            for tile, cell, share in zip(
                cover.tile.tolist(), cover.cell.tolist(), cover.share.tolist(), strict=True
            )
            if counts.usual[feed * cells + cell]
        ]
        links.sort(key=lambda link: link[:2])
        spread = prepare(
            np.array([entry for _, entry, _ in links], np.int32),
            np.array([tile for tile, _, _ in links], np.int32),
            np.array([share for _, _, share in links], np.float64),
            len(self._unknown),
        )
        return people(
            spread,
            low=counts.low,
            point=counts.point,
            high=counts.high,
            present=counts.present,
            fresh=counts.fresh,
            withheld=counts.withheld,
        )

    def _judged(
        self, now: TilePeople, hop_ms: int
    ) -> tuple[dict[str, NDArray[np.generic]], Verdict, NDArray[np.bool_]]:
        """Return all columns of candidates, the verdict, and where the excess is large enough."""
        settings = self._settings
        step_ms, window = settings.hop_ms, settings.window_hops
        area = self._city.grid.walkable_m2.astype(np.float32)
        # Rows in the order of hop numbers modulo the window: float sums need a fixed order.
        ends = [hop_ms - back * step_ms for back in range(window)]
        ends.sort(key=lambda end_ms: end_ms // step_ms % window)
        mean = rolling(np.stack([self._people.get(end_ms, self._unknown) for end_ms in ends]))
        back = max(window - 1, 1)
        before = self._people.get(hop_ms - back * step_ms, self._unknown)
        slope = (now.point - before) / np.float32(back * step_ms / 60_000)
        density, rolled = now.point / area, mean / area
        seen = Observation(
            low=now.low,
            point=now.point,
            high=now.high,
            withheld=now.withheld,
            learnable=(now.withheld_ratio <= WITHHELD_LEARN_MAX)
            & (now.present_ratio >= COVERAGE_MIN),
            fresh=now.fresh,
            density=density,
            rolling=rolled,
        )
        moment = self._calendar.moment(hop_ms, hop_ms=step_ms, slot_min=settings.slot_min)
        verdict = self.baseline.score(seen, moment)
        columns: dict[str, NDArray[np.generic]] = {
            "people": now.point,
            "low": now.low,
            "high": now.high,
            "density": density,
            "rolling": rolled,
            # Where this hour was never seen, there is nothing usual: unknown, not a guess.
            "expected": np.where(verdict.known, verdict.expected, self._unknown),
            "spread": np.where(verdict.known, verdict.spread, self._unknown),
            "score": verdict.score,
            "slope_per_min": slope,
            "present_ratio": now.present_ratio,
            "sightings": verdict.sightings,
        }
        return columns, verdict, now.low - verdict.expected >= min_excess(settings)

    def _candidates(
        self,
        columns: dict[str, NDArray[np.generic]],
        hop_ms: int,
        *,
        verdict: Verdict,
        big: NDArray[np.bool_],
    ) -> Candidates:
        """Return the tiles that the incident table is told of."""
        settings, ground = self._settings, self._ground
        raised = (verdict.score >= SCORE_MIN) & big
        marks = np.tile(np.array(settings.alerts.rungs_per_m2), (len(raised), 1))
        watched = np.zeros(len(raised), np.bool_)
        for number, site in enumerate(ground.sites):
            if site.rungs is not None:
                marks[ground.site == number] = site.rungs
            if site.capacity is not None:
                watched |= ground.site == number
        alerts = settings.alerts
        raised |= (
            rungs(
                columns["density"].astype(np.float32),
                columns["rolling"].astype(np.float32),
                self._unknown,
                rungs_per_m2=marks,
                occupancy_rungs=(alerts.occupancy_yellow_ratio, alerts.occupancy_red_ratio),
                scale=alerts.lower_ratio,
            )
            > 0
        )
        self._watched_until_ms[raised] = hop_ms + alerts.watch_s * 1000
        tile = np.flatnonzero(raised | (self._watched_until_ms >= hop_ms) | watched)
        return Candidates.of(
            tile=tile.astype(np.int32),
            **{name: column[tile] for name, column in columns.items()},
        )

    def _hear(self, counts: _Counts, hop_ms: int, system: list[tuple[str, bool, int, int]]) -> None:
        """Note feeds of which no known cell is present any more, or is again."""
        cells = len(self._city.cells)
        for feed, name in enumerate(self._names):
            mine = slice(feed * cells, (feed + 1) * cells)
            known, present = counts.known[mine], counts.present[mine]
            silent = bool(known.any() and not (known & present).any())
            since_ms = self._silent_since[feed]
            if silent != (since_ms >= 0):
                system.append((name, silent, hop_ms if silent else since_ms, hop_ms))
                self._silent_since[feed] = hop_ms if silent else -1

"""One hop of the whole city in one piece, for the oracle: frame, score, candidates, incidents.

Written from DESIGN 7, not from the block stage, with the pure rooms that both of them trust:
`geo.density`, `detectors`, `alerts`. There is one array of tiles and one of cells, and no state
but what those rooms keep.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from alerts.candidate import Candidates
from alerts.table import HopView, IncidentTable
from detectors.baseline import Baseline
from detectors.ceiling import rungs
from detectors.contract import quantised
from geo.rolling import rolling
from replay.sim_oracle_ahead import AheadHop
from replay.sim_oracle_around import around, echoes
from replay.sim_oracle_budget import TwoBudgets
from replay.sim_oracle_counts import counts_of
from replay.sim_oracle_cover import acting_covers
from replay.sim_oracle_feeds import FeedsHop
from replay.sim_oracle_frame import laid, of_feeds, seen_by_detectors
from replay.sim_oracle_panel import PanelHop
from replay.sim_oracle_second import SecondHop
from stream.calendar import Calendar
from stream.ground import alert_spec, build_ground, min_excess
from stream.seen import COVERAGE_MIN
from stream.settings import settings_hash
from stream.unusual import SCORE_MIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.system import SystemAlert
    from alerts.table import Alert
    from detectors.contract import CityNow, Ended, Moment, Verdict
    from geo.city import City
    from geo.coverage import Coverage
    from geo.density import TilePeople
    from replay.sim_oracle_counts import Current
    from stream.settings import Settings

__all__ = ["CityHop"]


class CityHop:
    """Closes hops one after the other."""

    def __init__(self, settings: Settings, city: City) -> None:
        self._settings, self._city = settings, city
        self._ground, self._spec = build_ground(settings, city), alert_spec(settings, city)
        self._names, self._hash = sorted(settings.feeds), settings_hash(settings)
        tiles = len(city.grid.tile_ids)
        self._near = near = around(city)
        self._heard: list[Coverage | None] = []
        days = settings.calendar.days
        self._calendar = Calendar(
            tz=settings.calendar.tz, country=settings.calendar.country, days=days
        )
        self.baseline = Baseline(
            settings.detectors.baseline,
            tiles=tiles,
            hop_min=settings.hop_ms / 60_000,
            slot_min=settings.slot_min,
            neighbours=near,
        )
        self._ahead = AheadHop(settings, self._calendar, self.baseline)
        self._panel = PanelHop(settings, city)
        self._budgets = TwoBudgets(settings, city, layered=near is not None)
        self.table = IncidentTable(self._spec, self._ground)
        self._area_m2: NDArray[np.float32] = city.grid.walkable_m2.astype(np.float32)
        self._people: dict[int, NDArray[np.float32]] = {}
        self._told: dict[int, NDArray[np.float32]] = {}
        self._unknown = np.full(tiles, np.nan, np.float32)
        self._watched_until_ms = np.full(tiles, -1, np.int64)
        self._feeds = FeedsHop(settings, cells=len(city.cells))
        self._second = SecondHop(settings, city)
        self._has_drops = "drop" in settings.detectors.directions

    def close(
        self,
        current: Current,
        hop_ms: int,
        decided_ms: int,
        system: list[SystemAlert],
    ) -> list[Alert]:
        """Return the alerts of one hop; news of the system go to `system`."""
        settings = self._settings
        counts = counts_of(settings, current, hop_ms)
        covers = acting_covers(settings, self._city, hop_ms)
        own = of_feeds(settings, covers, supporting=False)
        now = laid(settings, self._city, counts, own)
        small = counts_of(settings, current, hop_ms, floor=self._ground.floor)
        told = laid(settings, self._city, small, own)
        self._people[hop_ms], self._told[hop_ms] = now.point, told.point
        self._listen(own)
        moment = self._calendar.moment(hop_ms, hop_ms=settings.hop_ms, slot_min=settings.slot_min)
        before_z = self.baseline.last_z
        said = self._panel.close(counts, own, moment)
        support = self._second.close(counts, covers, moment, said)
        columns, alone = self._judged(now, hop_ms, moment, said)
        verdict = _supported(alone, support)
        columns["score"] = verdict.score
        columns |= self._as_told(told, hop_ms)
        unusual, ended = self._learnt(now, verdict)
        candidates = self._candidates(columns, hop_ms, unusual=unusual)
        dim = ~(now.present_ratio >= COVERAGE_MIN) | verdict.blind
        self._feeds.hear(counts, covers, hop_ms, system)
        self._feeds.doubt((now.point, before_z, alone), own, hop_ms, system)
        alerts = self.table.hop(self._view(candidates, dim, hop_ms, decided_ms))
        self._feeds.spend(alerts, hop_ms, system)
        self._budgets.told(self._feeds.opened(hop_ms))
        if not self._feeds.held:
            scored = int(np.count_nonzero(verdict.known & np.isfinite(now.point)))
            held = self._feeds.drops_held
            self._budgets.spend(ended, scored, hop_ms, drops=not held)
        return alerts

    def _view(
        self, candidates: Candidates, dim: NDArray[np.bool_], hop_ms: int, decided_ms: int
    ) -> HopView:
        own, near, drop = self._budgets.thresholds()
        return HopView(
            hop_ms=hop_ms,
            decided_ms=decided_ms,
            hop_s=self._settings.hop_s_resolved,
            candidates=candidates,
            blind=np.flatnonzero(dim).astype(np.int32),
            threshold=own,
            near_threshold=near,
            drop_threshold=drop,
            settings_hash=self._hash,
            feeds=self._feeds.states,
            anomaly_held=self._feeds.held,
            drop_held=self._feeds.drops_held,
        )

    def _listen(self, covers: list[Coverage | None]) -> None:
        """Tell the neighbour layer how tiles echo one another, where other coverage acts."""
        if self._near is not None and covers != self._heard:
            self._heard = covers
            self.baseline.echo(echoes(self._near, covers))

    def _learnt(self, now: TilePeople, verdict: Verdict) -> tuple[NDArray[np.bool_], Ended]:
        """Return where it is unusual, in any layer, and the runs that ended; then learn."""
        least = min_excess(self._settings)
        big, more = now.low - verdict.expected >= least, now.low > verdict.expected
        near_big = (verdict.near_excess >= least) & more
        unusual = (verdict.score >= SCORE_MIN) & big | (verdict.near >= SCORE_MIN) & near_big
        left = None
        if self._has_drops:
            left = verdict.sure & (verdict.expected - now.high >= least)
            unusual |= (verdict.drop >= SCORE_MIN) & left
        ended = self.baseline.ended(big, near_big, left, score=verdict.score)
        self.baseline.learn()
        return unusual, ended

    def _judged(
        self, now: TilePeople, hop_ms: int, moment: Moment, said: CityNow
    ) -> tuple[dict[str, NDArray[np.generic]], Verdict]:
        """Return all columns of candidates, and the verdict; as if no feed supported."""
        rolled, slope = self._over_window(self._people, hop_ms)
        density = now.point / self._area_m2
        seen = seen_by_detectors(now, density, rolled)
        verdict = self.baseline.score(seen, moment, said)
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
            "near": verdict.near,
            "near_excess": verdict.near_excess,
            "drop": verdict.drop,
            "fewer": np.where(verdict.sure, verdict.expected - now.high, self._unknown),
            "standing_min": verdict.standing_min,
            "sightings": verdict.sightings,
        }
        return columns | self._ahead.close(seen, verdict, hop_ms, said), verdict

    def _as_told(self, told: TilePeople, hop_ms: int) -> dict[str, NDArray[np.generic]]:
        """Return the columns that desks are told: small counts as if they had been withheld."""
        mean, slope = self._over_window(self._told, hop_ms)
        return {
            "told_people": told.point,
            "told_low": told.low,
            "told_high": told.high,
            "told_rolling": mean,
            "told_slope_per_min": slope,
        }

    def _over_window(
        self, people: dict[int, NDArray[np.float32]], hop_ms: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the mean density over the window, and the people gained a minute in it."""
        step_ms, window = self._settings.hop_ms, self._settings.window_hops
        # Rows in the order of hop numbers modulo the window: float sums need a fixed order.
        ends = [hop_ms - back * step_ms for back in range(window)]
        ends.sort(key=lambda end_ms: end_ms // step_ms % window)
        mean = rolling(np.stack([people.get(end_ms, self._unknown) for end_ms in ends]))
        back = max(window - 1, 1)
        before = people.get(hop_ms - back * step_ms, self._unknown)
        slope = (people[hop_ms] - before) / np.float32(back * step_ms / 60_000)
        return mean / self._area_m2, slope

    def _candidates(
        self,
        columns: dict[str, NDArray[np.generic]],
        hop_ms: int,
        *,
        unusual: NDArray[np.bool_],
    ) -> Candidates:
        """Return the tiles that the incident table is told of."""
        settings, ground = self._settings, self._ground
        raised = unusual.copy()
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


def _supported(verdict: Verdict, added: NDArray[np.float32] | None) -> Verdict:
    """Return the verdict with what a supporting feed adds: at most as much again."""
    if added is None:
        return verdict
    score = [min(2 * own, own + more) for own, more in zip(verdict.score, added, strict=True)]
    return replace(verdict, score=quantised(np.array(score, np.float32)))

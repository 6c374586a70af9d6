"""From the hops that a watch kept of one tile to the answer `explain/1`; arithmetic only."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from alerts.levels import REASONS
from detectors.budget import DEFAULT, per_tile_week, rates, relaxed
from replay.explain_day import day_of
from replay.explain_remedy import remedy
from replay.explain_report import (
    BudgetRow,
    Curve,
    DayRow,
    Explanation,
    FeedRow,
    IncidentRow,
    LabelRow,
    LevelRow,
    RuleRow,
    SeenRow,
)
from replay.explain_rows import number, rule_row
from replay.explain_rules import best_rule
from stream.around import has_neighbours
from stream.calendar import Calendar
from stream.ground import alert_spec, build_ground
from stream.settings import settings_hash
from stream.states import STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alerts.ground import Ground
    from alerts.incident import Incident
    from detectors.budget import BudgetState
    from geo.city import City
    from replay.explain_feeds import FeedOfTile
    from replay.explain_place import Place
    from replay.explain_watch import TileHop
    from replay.labels import Label
    from stream.settings import Settings

__all__ = ["Asked", "answer"]

_WEEK_MS: Final = 7 * 86_400_000
_DAY_MIN: Final = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question. hop_ms: end of the hop that the time lies in. labels: known events."""

    word: str
    at: str
    place: Place
    hop_ms: int
    labels: tuple[Label, ...]


def answer(
    asked: Asked,
    hops: Sequence[TileHop],
    *,
    settings: Settings,
    city: City,
    notes: Sequence[str],
) -> Explanation:
    """Return the answer; hops: of one tile, in order of time, that of the question among them."""
    ground = build_ground(settings, city)
    local = Calendar(tz=settings.calendar.tz, country="none").local_iso
    at = next(place for place, one in enumerate(hops) if one.hop_ms == asked.hop_ms)
    one, before = hops[at], hops[at - 1] if at else None
    tile = int(one.seen.tile[0])
    budgets, raised = _budgets(one, settings, city), _raised(hops, at)
    return Explanation(
        asked=(asked.word, asked.at),
        tz=settings.calendar.tz,
        place=ground.place(tile)[0],
        tile=ground.tile_ids[tile],
        tiles=[ground.tile_ids[other] for other in asked.place.tiles.tolist()],
        hop=(local(one.hop_ms - settings.hop_ms), local(one.hop_ms)),
        decided=local(one.decided_ms),
        unit=ground.unit,
        seen=_seen(one, ground),
        day=_day(one, settings),
        channels={name: number(value) or 0.0 for name, value in one.scores.items()},
        budget=budgets["score"],
        near_budget=budgets.get("near"),
        drop_budget=budgets.get("drop", msgspec.UNSET),
        feeds=[_feed(feed, one.decided_ms, local) for feed in one.feeds],
        level=_level(one, before, settings),
        incidents=[_incident(incident, local) for incident in one.incidents],
        rules=[rule_row(rule, remedy(rule, budgets, settings)) for rule in one.rules],
        raised=None if raised is None else _turn(raised, local),
        nearest=None if raised is not None else _nearest(hops, local),
        labels=_labels(asked.labels, hops, tile=tile, city=city, local=local),
        curve=_curve(hops, local),
        notes=list(notes),
        settings_hash=settings_hash(settings),
    )


_PEOPLE: Final = (("low", "low"), ("best", "people"), ("high", "high"))


def _seen(one: TileHop, ground: Ground) -> SeenRow:
    return SeenRow(
        state=STATES[one.state],
        people={key: number(one.figure(name)) for key, name in _PEOPLE},
        density=_density(one, ground),
        occupancy=number(one.occupancy),
        expected=number(one.figure("expected")),
        spread=number(one.figure("spread")),
        excess=number(one.figure("low") - one.figure("expected")),
        slope_per_min=number(one.figure("slope_per_min")),
        sightings=int(one.seen.sightings[0]),
        present_ratio=number(one.figure("present_ratio")) or 0.0,
        withheld_ratio=number(one.withheld_ratio) or 0.0,
    )


def _density(one: TileHop, ground: Ground) -> dict[str, float | None] | None:
    """Return people per m2; None for activity, which is no density."""
    if ground.unit != "people":
        return None
    return {
        "newest": number(one.figure("density")),
        "rolling": number(one.figure("rolling")),
        "walkable_m2": number(float(ground.walkable_m2[int(one.seen.tile[0])])),
    }


def _day(one: TileHop, settings: Settings) -> DayRow:
    hop_ms, slot_min = settings.hop_ms, settings.slot_min
    day = day_of(settings, one.hop_ms - hop_ms)
    calendar = Calendar(tz=settings.calendar.tz, country=settings.calendar.country)
    moment = calendar.moment(one.hop_ms, hop_ms=hop_ms, slot_min=slot_min)
    begin = int(moment.minute // slot_min) * slot_min
    return DayRow(
        date=day.date.isoformat(),
        weekday=day.weekday,
        kind=day.kind,
        why=day.why,
        holiday=day.name,
        slot=(_clock(begin), _clock((begin + slot_min) % _DAY_MIN)),
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _budget(
    state: BudgetState, limit: float, daily: float, *, share: float, more: float, tiles: int
) -> BudgetRow:
    return BudgetRow(
        threshold=limit,
        mark=DEFAULT.mark,
        rates=[round(rate, 6) for rate in rates(state, tiles=tiles).tolist()],
        per_tile_week=per_tile_week(daily * share, tiles) * more,
        false_alarms_per_day=daily,
        share=share,
        relaxed=more,
        tiles=tiles,
        runs=state.n,
        tile_weeks=state.tile_ms / _WEEK_MS,
    )


def _budgets(one: TileHop, settings: Settings, city: City) -> dict[str, BudgetRow]:
    """Return how the threshold of each layer that is looked at came about."""
    tiles, alerts = len(city.grid.tile_ids), settings.alerts
    drop = alerts.drop_budget_ratio if settings.detectors.has_drops else 0.0
    near = alerts.near_budget_ratio if has_neighbours(city.grid) else 0.0
    more = relaxed(one.owed, per_day=alerts.false_alarms_per_day) if near else 1.0
    layers = {
        "score": (one.budget, one.limits.own, (1.0 - drop) * (1.0 - near)),
        "near": (one.near_budget, one.limits.near, (1.0 - drop) * near),
        "drop": (one.drop_budget, one.limits.drop, drop),
    }
    return {
        name: _budget(
            state, limit, alerts.false_alarms_per_day, share=share, more=more, tiles=tiles
        )
        for name, (state, limit, share) in layers.items()
        if share
    }


def _feed(feed: FeedOfTile, decided_ms: int, local: Callable[[int], str]) -> FeedRow:
    heard = feed.newest_ms >= 0
    return FeedRow(
        feed=feed.feed,
        cells=feed.cells,
        usual=feed.usual,
        present=feed.present,
        withheld=feed.withheld,
        blind=feed.blind,
        newest=local(feed.newest_ms) if heard else None,
        age_s=(decided_ms - feed.newest_ms) // 1000 if heard else None,
        supports=feed.supports,
    )


def _level(one: TileHop, before: TileHop | None, settings: Settings) -> LevelRow:
    spec, held = alert_spec(settings), one.held
    return LevelRow(
        now=held.level,
        before=before.held.level if before else 0,
        asked=one.asks,
        kept=max(one.keeps, one.asks),
        below_s=held.below_ms // 1000,
        below_hops=held.below_hops,
        hold_s=spec.hold_s,
        hold_hops=spec.hold_hops,
        rise_hops=spec.rise_hops,
        dim=one.dim,
        reasons=[code for bit, code in REASONS if held.level and held.why & bit],
    )


def _incident(one: Incident, local: Callable[[int], str]) -> IncidentRow:
    return IncidentRow(
        incident=one.id,
        place=one.place,
        opened=local(one.opened_ms),
        level=one.level,
        level_max=one.peak_level,
        reasons=[code for bit, code in REASONS if one.picture.why & bit],
        tiles=one.picture.tiles,
        told={desk: book.told_level if book.revision else 0 for desk, book in one.books.items()},
    )


def _raised(hops: Sequence[TileHop], at: int) -> TileHop | None:
    """Return the hop at which the level that stands rose, or the next one at which one rises."""
    if hops[at].held.level:
        begin = next((i for i in range(at, 0, -1) if not hops[i - 1].held.level), None)
        return None if begin is None else hops[begin]
    return next((one for one in hops[at:] if one.held.level), None)


def _nearest(hops: Sequence[TileHop], local: Callable[[int], str]) -> tuple[str, RuleRow] | None:
    """Return when some rule came nearest; None where nothing was near at all."""
    best = max(hops, key=lambda one: (best_rule(one.rules).share, -one.hop_ms))
    return _turn(best, local) if best_rule(best.rules).share > 0 else None


def _turn(one: TileHop, local: Callable[[int], str]) -> tuple[str, RuleRow]:
    return local(one.hop_ms), rule_row(best_rule(one.rules))


def _labels(
    labels: Sequence[Label],
    hops: Sequence[TileHop],
    *,
    tile: int,
    city: City,
    local: Callable[[int], str],
) -> list[LabelRow]:
    """Return the events of these hours that lie on the tile, or anywhere."""
    begin_ms, end_ms = hops[0].hop_ms, hops[-1].hop_ms
    return [
        LabelRow(name=one.name, start=local(one.start_ms), end=local(one.end_ms))
        for one in labels
        if one.start_ms <= end_ms and one.end_ms >= begin_ms and _lies_on(one, tile, city)
    ]


def _lies_on(label: Label, tile: int, city: City) -> bool:
    if label.cell is None:
        return True
    cell = city.cell_index.get(label.cell)
    return cell is not None and tile in city.tiles_of(np.array([cell]))


def _curve(hops: Sequence[TileHop], local: Callable[[int], str]) -> Curve:
    def column(name: str) -> list[float | None]:
        return [number(one.figure(name)) for one in hops]

    return Curve(
        end=[local(one.hop_ms) for one in hops],
        people=column("people"),
        expected=column("expected"),
        spread=column("spread"),
        rolling=column("rolling"),
        score=[number(one.scores["score"]) or 0.0 for one in hops],
        threshold=[number(one.limits.own) for one in hops],
        near=[number(one.figure("near")) if isfinite(one.limits.near) else None for one in hops],
        near_threshold=[number(one.limits.near) for one in hops],
        level=[one.held.level for one in hops],
        share=[best_rule(one.rules).share for one in hops],
    )

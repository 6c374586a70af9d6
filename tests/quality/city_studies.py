"""What is asked of simulated cities: share found, fast crowds, and what a desk then hears a day.

Seeds from 101 on are of this page alone; the detector was designed on others.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

from tests.quality.curve import pooled, scored, sweep
from tests.quality.figure import OURS, Curve, Figure, Measured
from tests.quality.labelled import Ask, course_of, taped
from tests.quality.measure import measure, pooled_figure
from tests.quality.promise import at_default
from tests.quality.simulated import CityOrder, city_set, fast_spec, hard_spec, laboratory_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.labels import Span
    from tests.quality.curve import Point
    from tests.quality.labelled import LabelledSet
    from tests.quality.scoring import Course, Event

__all__ = ["fast_crowds", "hard_city", "laboratory_cities", "laboratory_city", "quiet_city"]

_RATES: Final = tuple(round(0.03 * 1.3**step, 4) for step in range(16))
# Of a city with nearly one crowd a tile-week: the budget pays for those, too. Close together where
# the curve is steep, for it is read at the last point within the rate asked.
_FINE_RATES: Final = (0.03, 0.1, 0.3, 0.45, *(round(0.6 * 1.05**step, 4) for step in range(18)))
_NOTHING_TOO_SMALL: Final = ("alerts.min_people=0",)
_FAST_RATE: Final = 0.25
_FAST_WITHIN_MIN: Final = 20.0
_FAST_ASKED: Final = 0.8
_FALSE_A_DAY_MAX: Final = 1.5


def laboratory_city(seed: int, *, tiles: int, asked: bool = True) -> Measured:
    """Return the trade-off on a city of the laboratory's kind; asked: it must reach something."""
    return measure(_laboratory(seed, tiles=tiles, asked=asked))


def laboratory_cities(seeds: Sequence[int], *, tiles: int) -> Measured:
    """Return the trade-off on several of them together, under one budget for all."""
    lines = []
    for seed in seeds:
        one = _laboratory(seed, tiles=tiles, asked=True)
        tape = taped(one)
        incidents, _ = sweep(tape, one.rates)
        lines.append(scored(incidents, one.events, course_of(one, tape)))
    name = f"Simulated cities, {tiles} tiles, seeds {min(seeds)} to {max(seeds)}, one budget"
    points = pooled(lines)
    figures = tuple(pooled_figure(name, ask, points) for ask in _asks(asked=True))
    events = points[0].score.events
    curve = Curve(name=name, events=events, weekly=False, rate_max=1.0, lines={OURS: points})
    return Measured(figures=figures, curve=curve)


def _laboratory(seed: int, *, tiles: int, asked: bool) -> LabelledSet:
    return city_set(
        CityOrder(
            name=f"Simulated city, {tiles} tiles, seed {seed}",
            spec=laboratory_spec(seed, tiles=tiles),
            asks=_asks(asked=asked),
            rates=_FINE_RATES,
            sets=_NOTHING_TOO_SMALL,
            peers=True,
        )
    )


def _asks(*, asked: bool) -> tuple[Ask, ...]:
    return (
        Ask(rate=0.1, least=0.92 if asked else None, lab="89 %", share=True),
        Ask(rate=0.25, least=0.95 if asked else None, lab="92 %", share=True),
    )


def hard_city(seed: int, *, tiles: int) -> Measured:
    """Return the trade-off on a city with weather, clumped counts and four kinds of crowd."""
    order = CityOrder(
        name=f"Simulated hard city, {tiles} tiles, seed {seed}",
        spec=hard_spec(seed, tiles=tiles),
        asks=tuple(Ask(rate=rate, least=None, share=True) for rate in (0.1, 0.25)),
        rates=_RATES,
        sets=_NOTHING_TOO_SMALL,
        peers=True,
    )
    return measure(city_set(order))


def fast_crowds(seed: int) -> Measured:
    """Return how many crowds that double a busy tile in 15 minutes are raised within 20.

    From the crowd's first hop to the end of the hop that raises its own tile: the lateness of the
    hop, one minute by default, comes on top, and the feed has no delay. Counted tile by tile.
    """
    one = city_set(
        CityOrder(
            name=f"Simulated fast crowds, seed {seed}",
            spec=fast_spec(seed),
            sets=_NOTHING_TOO_SMALL,
        )
    )
    tape = taped(one)
    course = course_of(one, tape)
    _, swept = sweep(tape, _RATES)
    points = scored(swept, one.events, course)
    within = [
        (_in_time(spans, one.events, course), point)
        for (_, spans), point in zip(swept, points, strict=True)
        if point.score.rate <= _FAST_RATE
    ]
    got, best = max(within, key=itemgetter(0), default=(0.0, None))
    figure = Figure(
        set=one.name,
        what=f"raised within {_FAST_WITHIN_MIN:g} min at {_FAST_RATE:g} a tile-week",
        got=round(got, 4),
        shown=f"{got:.1%}",
        asked=_FAST_ASKED,
        loss=0.02,
        lab="33 % in 30 min",
        note="no budget is within" if best is None else _found(best),
    )
    return Measured(figures=(figure,))


def quiet_city(seed: int, *, tiles: int, days: int, hop_s: int) -> Measured:
    """Return false alerts a day of a city of any size at the default settings."""
    order = CityOrder(
        name=f"Simulated hard city, {tiles:,} tiles, hop {hop_s // 60} min, seed {seed}",
        spec=hard_spec(seed, tiles=tiles, days=days, hop_s=hop_s),
    )
    return at_default(city_set(order), asked=_FALSE_A_DAY_MAX, spans_days=(14.0, 0.0))


def _in_time(spans: Sequence[Span], events: Sequence[Event], course: Course) -> float:
    """Return the part of the counted events whose own tile was raised within 20 minutes."""
    raised: dict[int, list[int]] = {}
    for span in spans:
        for tile in span.tiles:
            raised.setdefault(tile, []).append(span.opened_ms)
    counted = [one for one in events if one.label.start_ms >= course.warm_ms]
    within_ms = _FAST_WITHIN_MIN * 60_000
    caught = sum(
        any(
            0 < opened_ms - one.begin_ms <= within_ms
            for tile in course.tiles_of[one.label.cell or ""]
            for opened_ms in raised.get(tile, ())
        )
        for one in counted
    )
    return caught / max(len(counted), 1)


def _found(point: Point) -> str:
    score = point.score
    return (
        f"budget {point.setting:.3g} a day, {score.rate:.2f} off-list, {score.found} of"
        f" {score.events} found at some time"
    )

"""The figures of one labelled set: the product's trade-off beside that of its peers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.quality.curve import at_rate, auc, scored, sweep
from tests.quality.figure import BY_TILE, OURS, Curve, Figure, Measured
from tests.quality.labelled import course_of, taped
from tests.quality.peers import poisson_scores, robust_scores, sweep_scores
from tests.quality.promise import heard, kept
from tests.quality.river_peers import gaussian_scores, predictive_scores, tree_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tests.quality.curve import Point, Swept
    from tests.quality.labelled import Ask, Counts, LabelledSet
    from tests.quality.scoring import Course

    Scorer = Callable[[Counts], NDArray[np.float64]]

__all__ = ["measure", "pooled_figure"]

_MANY: Final[dict[str, Scorer]] = {"Poisson": poisson_scores, "robust z": robust_scores}
_SINGLE: Final[dict[str, Scorer]] = {
    **_MANY,
    "Gaussian (river)": gaussian_scores,
    "trees (river)": tree_scores,
    "Holt-Winters (river)": predictive_scores,
}
_PROMISED_WEEKLY: Final = (1.0, 2.0)
_CURVE_RATE: Final = {True: 3.0, False: 1.0}
"""Off-list rate a tile-week up to which the mean share is taken: one tile, or several."""


_FEW: Final = 50  # events of a set; one more or less is noise there, two elsewhere


def measure(one: LabelledSet) -> Measured:
    """Run a set under every budget, and the peers under all their thresholds."""
    tape = taped(one)
    course = course_of(one, tape)
    incidents, tiles = sweep(tape, one.rates)
    swept = {OURS: incidents, **_peers(one, course)}
    if tape.tiles > 1:
        swept[BY_TILE] = tiles
    lines = {name: scored(each, one.events, course) for name, each in swept.items()}
    rate_max = _CURVE_RATE[tape.tiles == 1]
    figures = [
        _asked(one, ask, swept, course_of(one, tape, warm_days=_warm(one, ask))) for ask in one.asks
    ]
    figures.append(_mean(one.name, lines, rate_max))
    if tape.tiles == 1:
        figures += [
            kept(
                one.name,
                heard(one, tape, course, per_day=weekly / 7.0),
                course,
                per_day=weekly / 7.0,
                asked=None,
                unit="week",
            )
            for weekly in _PROMISED_WEEKLY
        ]
    events = lines[OURS][0].score.events
    curve = Curve(
        name=one.name, events=events, weekly=tape.tiles == 1, rate_max=rate_max, lines=lines
    )
    return Measured(figures=tuple(figures), curve=curve)


def _peers(one: LabelledSet, course: Course) -> dict[str, Swept]:
    counts = one.counts
    if counts is None:
        return {}
    scorers = _SINGLE if counts.count.shape[1] == 1 else _MANY
    return {
        name: sweep_scores(one, counts, scorer(counts), warm_ms=course.warm_ms)
        for name, scorer in scorers.items()
    }


def _warm(one: LabelledSet, ask: Ask) -> float:
    return one.warm_days if ask.warm_days is None else ask.warm_days


def _asked(one: LabelledSet, ask: Ask, swept: Mapping[str, Swept], course: Course) -> Figure:
    """Read every trade-off at the off-list rate that was asked."""
    best = {
        name: at_rate(scored(each, one.events, course), ask.rate) for name, each in swept.items()
    }
    per = "week" if course.tiles == 1 else "tile-week"
    after = f", after {ask.warm_days:g} day" if ask.warm_days is not None else ""
    loss = 0.01 if ask.share else 1.0 if len(one.events) < _FEW else 2.0
    return _found(one.name, f"found at {ask.rate:g} a {per}{after}", ask, best, loss=loss)


def pooled_figure(name: str, ask: Ask, points: Sequence[Point]) -> Figure:
    """Read one trade-off, of several sets together, at the off-list rate that was asked."""
    best = {OURS: at_rate(points, ask.rate)}
    return _found(name, f"found at {ask.rate:g} a tile-week", ask, best, loss=0.01)


def _found(name: str, what: str, ask: Ask, best: dict[str, Point | None], *, loss: float) -> Figure:
    ours = best.pop(OURS)
    got = 0.0
    if ours is not None:
        got = ours.score.share if ask.share else float(ours.score.found)
    return Figure(
        set=name,
        what=what,
        got=round(got, 4),
        shown=_shown(ours, share=ask.share),
        asked=ask.least,
        loss=loss,
        lab=ask.lab,
        note="no budget is within" if ours is None else _note(ours),
        peers={peer: _shown(point, share=ask.share) for peer, point in best.items()},
    )


def _shown(point: Point | None, *, share: bool) -> str:
    if point is None:
        return "0"
    score = point.score
    return f"{score.share:.1%}" if share else f"{score.found}/{score.events}"


def _note(point: Point) -> str:
    score = point.score
    delay = "" if score.delay_min is None else f", told {score.delay_min:+.0f} min"
    return f"budget {point.setting:.3g} a day, {score.off} off-list = {score.rate:.2f}{delay}"


def _mean(name: str, lines: Mapping[str, tuple[Point, ...]], rate_max: float) -> Figure:
    means = {peer: auc(points, rate_max=rate_max) for peer, points in lines.items()}
    got = means.pop(OURS)
    return Figure(
        set=name,
        what=f"mean share found up to {rate_max:g}",
        got=round(got, 4),
        shown=f"{got:.3f}",
        loss=0.01,
        peers={peer: f"{mean:.3f}" for peer, mean in means.items()},
    )

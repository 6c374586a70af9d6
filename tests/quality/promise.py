"""What a budget promises and what it then spends: by real noise, and by simulated cities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from tests.quality.crowded import milan, milan_set
from tests.quality.figure import Figure, Measured
from tests.quality.labelled import course_of, taped
from tests.quality.scoring import score
from tests.quality.tape import hear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.sweep import Tape
    from tests.quality.labelled import LabelledSet
    from tests.quality.scoring import Course, Score

__all__ = ["at_default", "heard", "kept", "quiet_squares"]

_DEFAULT_PER_DAY: Final = 1.0
_PER_DAY: Final = (0.5, 1.0, 2.0, 3.0)
_SQUARES: Final = 25
_FACTOR_MAX: Final = 1.5
_CITY_FACTOR_MAX: Final = 2.0
_LAB: Final = ("-", "1.2", "-", "-")


def quiet_squares() -> Measured:
    """Return promised and got on 25 squares of Milan, of which no event is known, after 14 days."""
    counts = milan()
    part = replace(counts, cells=counts.cells[:_SQUARES], count=counts.count[:, :_SQUARES])
    one = milan_set("Milan, 25 squares", part)
    tape = taped(one)
    course = course_of(one, tape)
    return Measured(
        figures=tuple(
            kept(
                one.name,
                heard(one, tape, course, per_day=per_day),
                course,
                per_day=per_day,
                lab=lab,
                asked=_FACTOR_MAX,
            )
            for per_day, lab in zip(_PER_DAY, _LAB, strict=True)
        )
    )


def heard(one: LabelledSet, tape: Tape, course: Course, *, per_day: float) -> Score:
    """Return what a budget makes of a tape, held against the events of its set."""
    return score(hear(tape, per_day=per_day).incidents, one.events, course)


def kept(
    name: str,
    seen: Score,
    course: Course,
    *,
    per_day: float,
    lab: str = "-",
    asked: float | None,
    unit: str = "day",
) -> Figure:
    """Return the factor by which a budget was missed, above or below: 1 is as promised.

    seen: what the budget of `per_day` made. Counted are all incidents after the warm-up, true ones
    among them, for the desk pays for each of them and none can be told from another beforehand.
    unit: day or week, to say it in.
    """
    days = course.days
    least = max(seen.runs, 0.5)  # none at all is no endless factor
    factor = max(seen.runs / (per_day * days), per_day * days / least)
    times = 7.0 if unit == "week" else 1.0
    return Figure(
        set=name,
        what=f"promised {per_day * times:g} a {unit}, missed by the factor",
        got=round(factor, 3),
        shown=f"{factor:.2f}",
        asked=asked,
        more=False,
        loss=0.1,
        lab=lab,
        note=(
            f"got {seen.runs / days * times:.2f} a {unit}: {seen.runs} incidents,"
            f" {seen.off} of them off the list"
        ),
    )


def at_default(
    one: LabelledSet, *, asked: float | None, spans_days: Sequence[float], lab: str = "-"
) -> Measured:
    """Return false desk alerts a day at the default budget, counted from each day given."""
    tape = taped(one)
    spans = hear(tape, per_day=_DEFAULT_PER_DAY).incidents
    figures: list[Figure] = []
    for days in spans_days:
        course = course_of(one, tape, warm_days=days)
        seen = score(spans, one.events, course)
        since = f"after {days:g} days" if days else "from the first hour"
        first = days == spans_days[0]
        figures.append(_false(one.name, seen, course, since, asked=asked if first else None))
        if seen.events:
            figures.append(_found(one.name, seen, since))
        if first:
            figures.append(
                kept(one.name, seen, course, per_day=_DEFAULT_PER_DAY, asked=_CITY_FACTOR_MAX)
            )
    figures[0] = msgspec.structs.replace(figures[0], lab=lab)
    return Measured(figures=tuple(figures))


def _false(name: str, seen: Score, course: Course, since: str, *, asked: float | None) -> Figure:
    got = seen.off / course.days
    silent = ", and no crowd found" if seen.events and not seen.found else ""
    return Figure(
        set=name,
        what=f"false alerts a day at the default of 1, {since}",
        got=round(got, 3),
        shown=f"{got:.2f}{silent}",
        asked=asked,
        more=False,
        loss=0.1,
        note=f"{seen.off} in {course.days:.0f} days on {course.tiles:,} tiles",
    )


def _found(name: str, seen: Score, since: str) -> Figure:
    """Return what the same budget found: silence, too, keeps a promise of few false alerts."""
    return Figure(
        set=name,
        what=f"crowds found at the default of 1, {since}",
        got=round(seen.share, 4),
        shown=f"{seen.share:.1%}",
        loss=0.02,
        note=f"{seen.found} of {seen.events}",
    )

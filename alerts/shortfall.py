"""What each rule of the levels needs at one tile and hop, and how much of it is missing.

`levels` decides over whole columns; this file says the same of one candidate in words that can be
laid before a person: every rule, every need of it, have against want. It uses the numbers of
`levels` (thresholds, minutes to a rung, score by far), and a law holds the two together: the
level that the met rules ask for is the level that `levels.judge` gives, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.leaving import missing
from alerts.levels import (
    BASELINE,
    BEYOND,
    BEYOND_LEVEL_MAX,
    DENSITY,
    DROP,
    FILLING,
    FORECAST,
    LEVEL_MAX,
    NEAR,
    OCCUPANCY,
    REASONS,
    Limits,
    score_by_far,
)
from alerts.next_rung import NEVER, likely, minutes_to_rung, people_at_rung

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.candidate import Candidates
    from alerts.ground import Ground
    from alerts.spec import AlertSpec

__all__ = ["Need", "Rule", "Standing", "level_of", "rules"]

_CODES: Final = dict(REASONS)
_YELLOW: Final = 2
_WITHIN: Final = 1
_BEYOND: Final = 2
_ALMOST: Final = float(np.nextafter(1.0, 0.0))  # what is not met is never wholly there


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One condition of a rule. have: NaN = unknown, which meets nothing. want: its threshold.

    what: `rolling`, `density` (people per m2), `occupancy` (share), `score`, `excess` (the feed's
    unit), `level`, `minutes`, `likely` (share); of a tile with those around it `near`,
    `near_excess`, and `over`: its own excess, met above its want only; of people who left `drop`
    (score), `fewer` (people missing) and `sure` (1 = the count is believed, 0 = it is not).
    under: met where have lies under want; else where it reaches it.
    """

    what: str
    have: float
    want: float
    met: bool
    under: bool = False

    @property
    def short(self) -> float:
        """How much is missing, in the unit of the need; 0 where it is met, NaN where unknown."""
        if self.met:
            return 0.0
        return self.have - self.want if self.under else self.want - self.have

    @property
    def share(self) -> float:
        """How near it is, 0 to 1; 1 = met. Unknown is not near at all.

        >>> Need(what="score", have=2.1, want=3.0, met=False).share
        0.7
        """
        if self.met:
            return 1.0
        part, whole = (self.want, self.have) if self.under else (self.have, self.want)
        if not (np.isfinite(part) and np.isfinite(whole) and whole > 0.0):
            return 0.0
        return min(max(part / whole, 0.0), _ALMOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A way to a level: all needs must be met. code: the reason that desks would read."""

    code: str
    level: int
    needs: tuple[Need, ...]

    @property
    def met(self) -> bool:
        """Whether it asks for its level."""
        return all(need.met for need in self.needs)

    @property
    def share(self) -> float:
        """How near it is, 0 to 1: that of its worst need."""
        return min(need.share for need in self.needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a candidate is judged by besides its own figures.

    ladder: rungs of its place, shape (4,). occupancy: of its site, NaN = none is known.
    limits: scores of the budget. scale: 1, or the lower ratio by which a level is kept. keeps: it
    is asked what keeps a level. drop_held: some feed is in doubt, no drop raises one. plan: 1 =
    within the plan of a licensed event, 2 = beyond it, 0 = there is none.
    """

    ladder: NDArray[np.float64]
    occupancy: float
    limits: Limits
    scale: float = 1.0
    keeps: bool = False
    drop_held: bool = False
    plan: int = 0


def rules(spec: AlertSpec, ground: Ground, seen: Candidates, at: Standing) -> tuple[Rule, ...]:
    """Return the rules of `levels.judge` for one candidate, the weaker ones of a kind first.

    Last comes the rule of `leaving`, where drops alarm: it stands on a track of its own, and
    filling fast has no part in it.
    """
    found = (*_unusual(spec, seen, at), *_unusual_near(spec, seen, at))
    if at.plan == _WITHIN:
        found = tuple(replace(rule, level=1) for rule in found)
    if ground.unit == "people":
        on_ladder = (*_packed(seen, at), *_occupied(spec, at))
        base = level_of((*found, *on_ladder))
        stands = base > 0 and not (at.plan == _WITHIN and level_of(on_ladder) == 0)
        found += on_ladder
        found += _lifted(spec, ground, seen, at, base=base, stands=stands)
    if at.plan == _BEYOND:
        found += (_overrun(level_of(found)),)
    return (*found, *_left(spec, seen, at))


def _overrun(base: int) -> Rule:
    """Return the rule that raises by one what is raised where a plan is overrun, up to orange."""
    need = Need(what="level", have=float(base), want=1.0, met=base > 0)
    level = max(base, min(base + 1, BEYOND_LEVEL_MAX))
    return Rule(code=_CODES[BEYOND], level=level, needs=(need,))


def level_of(found: tuple[Rule, ...]) -> int:
    """Return the level that the met rules ask for.

    >>> yes = Need(what="score", have=3.0, want=2.0, met=True)
    >>> level_of((Rule(code="baseline_ratio", level=1, needs=(yes,)),))
    1
    """
    return max((rule.level for rule in found if rule.met), default=0)


def _reaches(what: str, have: np.floating, want: float | np.floating) -> Need:
    """Return a need that is met from a threshold on, compared in the precision of `levels`."""
    return Need(what=what, have=float(have), want=float(want), met=bool(have >= want))


def _unusual(spec: AlertSpec, seen: Candidates, at: Standing) -> tuple[Rule, ...]:
    score, expected = seen.score[0], np.float64(seen.expected[0])
    excess, scale = np.float64(seen.low[0]) - expected, at.scale
    large = float(expected) * (spec.large_expected_ratio * scale)
    if spec.min_people > 0:
        large = min(large, spec.min_people * spec.large_people_ratio * scale)
    far = score_by_far(spec, at.limits.own) * scale
    odd = (
        _reaches("score", score, at.limits.own * scale),
        _reaches("excess", excess, spec.min_people * scale),
    )
    by_far = (
        _larger(odd[0], _reaches("score", score, far)),
        _larger(odd[1], _reaches("excess", excess, large)),
    )
    code = _CODES[BASELINE]
    return (
        Rule(code=code, level=1, needs=odd),
        Rule(code=code, level=_YELLOW, needs=by_far),
    )


def _unusual_near(spec: AlertSpec, seen: Candidates, at: Standing) -> tuple[Rule, ...]:
    """Return the rules of a tile with those around it; none where nobody looks at it so."""
    if np.isinf(at.limits.near):
        return ()
    near, excess, scale = seen.near[0], seen.near_excess[0], at.scale
    least = spec.min_people * scale
    own = float(np.float64(seen.low[0]) - np.float64(seen.expected[0]))
    over = Need(what="over", have=own, want=0.0, met=bool(seen.low[0] > seen.expected[0]))
    odd = (_reaches("near", near, at.limits.near * scale), _reaches("near_excess", excess, least))
    code = _CODES[NEAR]
    first = Rule(code=code, level=1, needs=(*odd, over))
    if spec.min_people <= 0:
        return (first,)
    far = score_by_far(spec, at.limits.near) * scale
    by_far = (
        _larger(odd[0], _reaches("near", near, far)),
        _larger(odd[1], _reaches("near_excess", excess, least * spec.large_people_ratio)),
    )
    return (first, Rule(code=code, level=_YELLOW, needs=(*by_far, over)))


def _left(spec: AlertSpec, seen: Candidates, at: Standing) -> tuple[Rule, ...]:
    """Return the rule of people who left; none where nobody looks at it so."""
    if np.isinf(at.limits.drop):
        return ()
    least, gap = spec.min_people * at.scale, missing(seen)[0]
    sure = bool(np.isfinite(seen.fewer[0]))
    fewer = np.float64(seen.fewer[0]) if sure else gap
    if at.keeps:
        fewer = np.fmax(fewer, gap)
    needs = [
        _reaches("drop", seen.drop[0], at.limits.drop * at.scale),
        _reaches("fewer", fewer, least),
    ]
    if not at.keeps:
        sure = sure and not at.drop_held
        needs.append(Need(what="sure", have=float(sure), want=1.0, met=sure))
    return (Rule(code=_CODES[DROP], level=1, needs=tuple(needs)),)


def _larger(one: Need, other: Need) -> Need:
    """Return the harder of two needs of the same thing, met where both are."""
    harder = other if not other.want < one.want else one
    return replace(harder, met=one.met and other.met)


def _packed(seen: Candidates, at: Standing) -> tuple[Rule, ...]:
    marks = at.ladder * at.scale
    code = _CODES[DENSITY]
    lower = [
        Rule(code=code, level=level, needs=(_reaches("rolling", seen.rolling[0], mark),))
        for level, mark in enumerate(marks[:-1], 1)
    ]
    red = _reaches("density", seen.density[0], marks[-1])
    return (*lower, Rule(code=code, level=LEVEL_MAX, needs=(red,)))


def _occupied(spec: AlertSpec, at: Standing) -> tuple[Rule, ...]:
    """Return no rule where no capacity is known: there is nothing that could be met."""
    if np.isnan(at.occupancy):
        return ()
    have, code = np.float32(at.occupancy), _CODES[OCCUPANCY]
    marks = ((_YELLOW, spec.occupancy_yellow_ratio), (LEVEL_MAX, spec.occupancy_red_ratio))
    return tuple(
        Rule(code=code, level=level, needs=(_reaches("occupancy", have, mark * at.scale),))
        for level, mark in marks
    )


def _lifted(
    spec: AlertSpec,
    ground: Ground,
    seen: Candidates,
    at: Standing,
    *,
    base: int,
    stands: bool,
) -> tuple[Rule, ...]:
    """Return the rules that raise by one: on a level anyway, and at the rung above it soon.

    stands: whether that level counts; what a plan explains does not.
    """
    ladder, level = at.ladder[None, :] * at.scale, min(base + 1, LEVEL_MAX)
    stood, walkable_m2 = np.array([base], np.int8), ground.walkable_m2[seen.tile]
    minutes = minutes_to_rung(
        ladder,
        stood,
        density=seen.density,
        slope_per_min=seen.slope_per_min,
        walkable_m2=walkable_m2,
    )[0]
    soon = spec.fast_min / at.scale
    on = Need(what="level", have=float(base if stands else 0), want=1.0, met=stands)
    fast = Need(
        what="minutes", have=float(minutes), want=soon, met=bool(minutes < soon), under=True
    )
    found = (Rule(code=_CODES[FILLING], level=level, needs=(on, fast)),)
    if spec.forecast_ratio >= NEVER or base >= LEVEL_MAX:
        return found
    likelihood = likely(seen.figure, people_at_rung(ladder, stood, walkable_m2))[0]
    will = _reaches("likely", likelihood, np.float32(spec.forecast_ratio))
    return (*found, Rule(code=_CODES[FORECAST], level=level, needs=(on, will)))

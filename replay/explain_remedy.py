"""What would have to change for a rule to be met at a hop: settings, all else as it was.

A remedy meets its rule at this one hop; what else it would have raised over weeks is for
`crowdtide whatif` to say. A rule that misses something no setting moves has no remedy.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from detectors.budget import rate_at
from stream.ground import unit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alerts.shortfall import Need, Rule
    from replay.explain_report import BudgetRow
    from stream.settings import Settings

__all__ = ["daily_for", "remedy"]

_DAYS: Final = 7
_DIGITS: Final = 3
_RED: Final = 4
_NEAR: Final = 0.25  # a rule further off than this is no matter of settings


def remedy(rule: Rule, budgets: Mapping[str, BudgetRow], settings: Settings) -> list[str]:
    """Return settings as `--set` takes them that would have met the rule; none where none would.

    budgets: by the score that they bound. Only the first level of a kind has a remedy, and a ladder
    that is the city's: what comes above follows from it.
    """
    if rule.met or rule.share < _NEAR:
        return []
    found = [
        _of(need, rule, budgets.get(need.what), settings) for need in rule.needs if not need.met
    ]
    whole = [one for one in found if one is not None]
    return whole if len(whole) == len(found) else []


def _of(need: Need, rule: Rule, budget: BudgetRow | None, settings: Settings) -> str | None:
    first = rule.level == 1
    if budget is not None and first:
        daily = daily_for(need.have, budget)
        return None if daily is None else f"alerts.false_alarms_per_day={daily:g}"
    if need.what in {"excess", "near_excess", "fewer"} and first and unit_of(settings) == "people":
        return f"alerts.min_people={_down(need.have):g}"
    if need.what == "occupancy" and rule.level < _RED:
        return f"alerts.occupancy_yellow_ratio={_down(need.have):g}"
    ladder = list(settings.alerts.rungs_per_m2)
    if need.what == "rolling" and first and need.want == ladder[0]:
        ladder[0] = _down(need.have)
        return f"alerts.rungs_per_m2={ladder}".replace(" ", "")
    return None


def daily_for(score: float, budget: BudgetRow) -> float | None:
    """Return the false alarms a day at which the threshold would just have been this score.

    None where no budget has it: no threshold lies below the mark.

    >>> from replay.explain_report import BudgetRow
    >>> one = BudgetRow(threshold=1.25, mark=1.0, rates=[4.0, 2.0, 0.5], per_tile_week=0.54,
    ...     false_alarms_per_day=1.0, share=1.0, relaxed=1.0, tiles=13, runs=0, tile_weeks=0.0)
    >>> daily_for(1.2, one), daily_for(0.9, one)
    (1.71, None)
    """
    if score < budget.mark:
        return None
    rate = rate_at(budget.rates, score, mark=budget.mark)
    # That a larger budget would be exceeded by less is left out: the answer is never too small.
    return _up(rate * budget.tiles / _DAYS / budget.share)


def _up(value: float) -> float:
    return _rounded(value, math.ceil)


def _down(value: float) -> float:
    return _rounded(value, math.floor)


def _rounded(value: float, way: Callable[[float], int]) -> float:
    """Round a positive number to three digits, one way."""
    step = 10.0 ** (math.floor(math.log10(value)) - _DIGITS + 1)
    return float(f"{way(value / step) * step:.6g}")

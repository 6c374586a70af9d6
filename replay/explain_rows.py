"""Numbers and rules as the answers of `explain` and `whatif` have them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from replay.explain_report import NeedRow, RuleRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.shortfall import Rule

__all__ = ["number", "rule_row"]


def number(value: float) -> float | None:
    """Return a number to 7 digits, all that a float32 holds; None where unknown or without end.

    >>> number(1 / 3), number(float("nan"))
    (0.3333333, None)
    """
    return float(f"{value:.7g}") if math.isfinite(value) else None


def rule_row(rule: Rule, settings: Sequence[str] = ()) -> RuleRow:
    """Return a rule as answers have it; settings: what would have met it."""
    needs = [
        NeedRow(
            what=need.what,
            have=number(need.have),
            want=number(need.want),
            met=need.met,
            under=need.under,
        )
        for need in rule.needs
    ]
    return RuleRow(
        code=rule.code,
        level=rule.level,
        met=rule.met,
        share=rule.share,
        needs=needs,
        remedy=list(settings),
    )

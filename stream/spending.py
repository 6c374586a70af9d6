"""What a desk was told of the unusual against what it was promised, and when that is too much.

The threshold follows from the past; a new kind of disturbance may still overrun it. Counted are
incidents that were opened because a place was unusual and for no other reason: those of the
ladder are not what the budget is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.levels import ON_LADDER
from alerts.system import BudgetOverspent
from detectors.budget import owing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.table import Alert
    from stream.incident_state import IncidentState

__all__ = ["DAY_MS", "account", "spent_since"]

DAY_MS: Final = 86_400_000
WINDOW_DAYS: Final = 7
WINDOW_MS: Final = WINDOW_DAYS * DAY_MS
OVER_RATIO: Final = 2.0
OVER_MIN: Final = 5  # a handful more than promised happens by chance
DESK: Final = "police"  # hears of everything; no desk hears of more


def account(
    state: IncidentState, told: Iterable[Alert], *, hop_ms: int, promised_per_day: float
) -> BudgetOverspent | None:
    """Note what was told at a hop; return the news where a week's promise is broken by far.

    It is said again after a day at the soonest.
    """
    opened = [one for one in told if one.desk == DESK and one.kind == "raised"]
    unusual = [one for one in opened if ON_LADDER.isdisjoint(one.data.reasons)]
    kept = [at for at in state.spent_ms if at > hop_ms - WINDOW_MS]
    state.spent_ms = [*kept, *([hop_ms] * len(unusual))]
    state.owed = owing(state.owed, due=0.0, told=len(unusual))
    allowed = promised_per_day * WINDOW_DAYS
    over = len(state.spent_ms) >= OVER_MIN and len(state.spent_ms) > OVER_RATIO * allowed
    is_new = state.overspent_ms < 0 or hop_ms - state.overspent_ms >= DAY_MS
    if not (unusual and over and is_new):
        return None
    state.overspent_ms = hop_ms
    return BudgetOverspent(
        desk=DESK,
        spent=len(state.spent_ms),
        allowed=round(allowed, 2),
        window_s=WINDOW_MS // 1000,
        hop_ms=hop_ms,
    )


def spent_since(state: IncidentState, since_ms: int) -> int:
    """Return how many unusual incidents were opened after a moment within the last week."""
    return sum(at > since_ms for at in state.spent_ms)

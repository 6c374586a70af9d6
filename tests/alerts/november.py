"""November 2026 in the ledger's eyes: its days, the figures of its records, and one evening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.action import Action
from alerts.ledger.month import Month, month
from alerts.ledger.month_desk import DaySpan
from tests.alerts.bookkeeping import Evening
from tests.alerts.scenario import MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.action import Outcome
    from alerts.ledger.entry import Entry
    from alerts.ledger.month_desk import DeskMonth
    from tests.alerts.booked import Records

__all__ = ["DAY_MS", "SINCE_MS", "counted", "crowded", "day", "judged", "of"]

DAY_MS = 86_400_000
SINCE_MS = 1_793_491_200_000  # 2026-11-01T00:00:00Z
NOON = 12 * 60 * MINUTE_MS
DAYS = [
    DaySpan(
        date=f"2026-11-{number + 1:02}",
        since_ms=SINCE_MS + number * DAY_MS,
        until_ms=SINCE_MS + (number + 1) * DAY_MS,
    )
    for number in range(30)
]


def day(number: int, minutes: float = 0.0) -> int:
    """Return the noon of a day of the month, and minutes after it."""
    return SINCE_MS + (number - 1) * DAY_MS + NOON + int(minutes * MINUTE_MS)


def counted(
    book: Records,
    *,
    status: str = "Actual",
    desks: Sequence[str] = ("police", "fire"),
    known: tuple[int, int] = (0, SINCE_MS + 31 * DAY_MS),
    more: Sequence[Entry] = (),
) -> Month:
    entries = iter([*book.entries(), *more])
    return month(entries, days=DAYS, known=known, desks=desks, per_day=1, status=status)


def of(desk: str, figures: Month) -> DeskMonth:
    return next(one for one in figures.desks if one.desk == desk)


def crowded(book: Records, at_ms: int, dense: float = 2.3) -> tuple[Evening, str]:
    evening = Evening(book, at_ms)
    return evening, evening.see({0: dense})[0].incident


def judged(book: Records, at_ms: int, outcome: Outcome | None, dense: float = 2.3) -> Evening:
    evening, incident = crowded(book, at_ms, dense)
    level = evening.sent[0].data.level
    if outcome is not None:
        evening.do(Action.CLOSE, incident, level=level, outcome=outcome)
    evening.see(*[None] * 12)
    return evening

"""Until when a worker's calendar is known: a metric, and a line in the log when the end is near."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from stream.calendar import Calendar
from stream.worker.journal import note

if TYPE_CHECKING:
    from stream.metrics import Metrics
    from stream.settings import Settings

__all__ = ["tell_until"]

# A country announces next year's make-up workdays about two months before it begins.
NEAR_MS: Final = 45 * 86_400_000


def tell_until(settings: Settings, metrics: Metrics) -> None:
    """Say until when holidays and make-up workdays are known; asked once, at the start.

    Only a new release or another days file changes the answer, and both need a start.
    """
    where = settings.calendar
    now_ms = time.time_ns() // 1_000_000
    calendar = Calendar(tz=where.tz, country=where.country, days=where.days)
    until_ms = calendar.known_until_ms(now_ms)
    metrics.calendar_until.set(until_ms / 1000)
    if until_ms - now_ms < NEAR_MS:
        until = datetime.fromtimestamp(until_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        note(
            "calendar.ends",
            level="warning",
            until=until,
            why="make-up workdays after it are not known and will be judged as weekends; name them"
            " in calendar.days or its file, or install a newer release",
        )

"""What somebody at a desk does, from words on the command line: `desk-action/1`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from alerts.action import Action, DeskAction, Outcome
from alerts.desk import Desk

if TYPE_CHECKING:
    from alerts.heard import Heard

__all__ = ["Moments", "deed"]

SPAN: Final = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?:in)?)?")
CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Reads moments as people at a desk say them. tz: of the city. now_ms: wall clock."""

    tz: str
    now_ms: int

    def ahead(self, text: str, *, option: str) -> int:
        """Return a moment to come, epoch ms: `30m`, `1h30m`, the next `02:30`, or ISO 8601.

        >>> Moments(tz="UTC", now_ms=0).ahead("1h30m", option="--until")
        5400000
        """
        if (found := SPAN.fullmatch(text)) and text:
            hours, minutes = (int(part or 0) for part in found.groups())
            return self.now_ms + (hours * 60 + minutes) * 60_000
        return self._moment(text, option=option, day=1)

    def past(self, text: str, *, option: str) -> int:
        """Return a moment that is over, epoch ms: the last `02:10`, or ISO 8601."""
        return self._moment(text, option=option, day=-1)

    def _moment(self, text: str, *, option: str, day: int) -> int:
        zone = ZoneInfo(self.tz)
        now = datetime.fromtimestamp(self.now_ms / 1000, tz=zone)
        if found := CLOCK.fullmatch(text):
            hour, minute = map(int, found.groups())
            moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
            # Of yesterday, today and tomorrow the nearest one on the right side of now.
            if (moment - now) * day < timedelta():
                moment += timedelta(days=day)
        else:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                message = f"{text!r} is no moment; write 30m, 02:30, or 2026-10-01T20:30"
                raise click.BadParameter(message, param_hint=option) from None
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
        return round(moment.timestamp() * 1000)


def deed(
    seen: Heard,
    *,
    action: Action | None,
    by: str,
    deed_id: str,
    outcome: Outcome | None = None,
    text: str | None = None,
    until_ms: int | None = None,
    arrived_ms: int | None = None,
    left_ms: int | None = None,
) -> DeskAction:
    """Return the action of a desk that has this newest revision before it.

    action: None = close where there is an outcome, else acknowledge.
    """
    return DeskAction(
        incident=seen.incident,
        desk=Desk(seen.desk),
        action=action or (Action.CLOSE if outcome is not None else Action.ACK),
        revision_seen=seen.revision,
        level_seen=seen.level,
        by=by,
        outcome=outcome,
        until=until_ms,
        text=text,
        id=deed_id,
        arrived=arrived_ms,
        left=left_ms,
    )

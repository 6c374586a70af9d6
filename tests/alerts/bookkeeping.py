"""Evenings whose alerts, actions and answers go down among the records that a ledger reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from alerts.action import DeskAction
from alerts.desk import Desk
from tests.alerts.scenario import MINUTE_MS, START_MS, Scenario, grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.action import Action, Reply
    from alerts.candidate import Candidates
    from alerts.ground import Ground
    from alerts.message import Alert
    from tests.alerts.booked import Records

__all__ = ["Evening"]

HOP_MIN: Final = 5


class Evening(Scenario):
    """A scenario that begins at a moment of its own; what it brings is appended to the records."""

    def __init__(self, book: Records, begin_ms: int, *, ground: Ground | None = None) -> None:
        super().__init__(ground or grid(1, 6), rings=True)
        # On the grid of hops, as everything is that is decided.
        hop_ms = HOP_MIN * MINUTE_MS
        self.minute = (begin_ms // hop_ms * hop_ms - START_MS) // MINUTE_MS
        self.book = book
        self._written = 0

    def see(self, *hops: Mapping[int, float] | Candidates | None) -> list[Alert]:
        """Close hops, and return what they bring (but for what nobody answered)."""
        alerts = [alert for seen in hops for alert in self.hop(seen)]
        self._write()
        return alerts

    def do(self, action: Action, incident: str, *, level: int, **more: Any) -> Reply:  # noqa: ANN401 - fields of the action
        """Let a desk act `after_min` after the newest hop was decided, half a minute by default."""
        after_min = more.pop("after_min", 0.5)
        plain: dict[str, Any] = {"desk": Desk.POLICE, "revision_seen": 1, "by": "officer 7"}
        deed = DeskAction(incident=incident, action=action, level_seen=level, **(plain | more))
        moment_ms = START_MS + self.minute * MINUTE_MS + 90_000 + int(after_min * MINUTE_MS)
        alerts, reply = self.table.act(deed, moment_ms=moment_ms)
        self.sent += alerts
        self._write()
        self.book.acted(deed, reply, at_ms=moment_ms)
        return reply

    def _write(self) -> None:
        self.book.alerts(self.sent[self._written :])
        self._written = len(self.sent)

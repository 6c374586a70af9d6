"""A book of made-up evenings: what an incident table says and is asked, as entries of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from alerts.action import Action, DeskAction
from alerts.desk import Desk
from alerts.ledger.entry import Entry, Origin, entry_of
from alerts.ledger.note import LedgerNote, note_of
from alerts.message import envelope
from alerts.selftest import self_test, self_test_envelope
from tests.alerts.scenario import MINUTE_MS, START_MS, Scenario, grid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.action import Reply
    from alerts.candidate import Candidates
    from alerts.envelope import Status
    from alerts.ledger.entry import Source
    from alerts.message import Alert
    from alerts.spec import AlertSpec

__all__ = ["Book", "Evening"]

HOP_MIN: Final = 5


class Book:
    """Entries in the order in which they were written."""

    def __init__(self, *, status: Status = "Actual") -> None:
        self.status: Status = status
        self.entries: list[Entry] = []

    def take(self, source: Source, value: bytes, *, at_ms: int) -> None:
        origin = Origin(
            topic=f"crowd.{source}", partition=0, offset=len(self.entries), stamp_ms=at_ms
        )
        entry = entry_of(source, origin, value)
        assert entry is not None
        self.entries.append(entry)

    def tell(self, alerts: Iterable[Alert], *, status: Status | None = None) -> None:
        for alert in alerts:
            value = envelope(alert, source="/test", status=status or self.status)
            source: Source = "police" if alert.desk is Desk.POLICE else "fire"
            self.take(source, value, at_ms=alert.data.decided_ms)

    def do(self, deed: DeskAction, reply: Reply, *, at_ms: int) -> None:
        self.take("acks", msgspec.json.encode(deed), at_ms=at_ms)
        self.take("replies", msgspec.json.encode(reply), at_ms=at_ms)

    def test(self, desk: Desk, *, at_ms: int, comes_back: bool = True) -> None:
        """Write down a self-test, and its way back."""
        deed = DeskAction(
            incident="self-test",
            desk=desk,
            action=Action.TEST,
            revision_seen=0,
            level_seen=0,
            by="notify",
            id=str(at_ms),
        )
        self.take("acks", msgspec.json.encode(deed), at_ms=at_ms)
        if comes_back:
            test = self_test(deed, moment_ms=at_ms + 1000)
            source: Source = "police" if desk is Desk.POLICE else "fire"
            self.take(source, self_test_envelope(test, source="/test"), at_ms=at_ms + 1000)

    def silence(self, since_ms: int, minutes: float) -> None:
        until_ms = since_ms + int(minutes * MINUTE_MS)
        note = LedgerNote(what="silence", at_ms=until_ms, since_ms=since_ms, until_ms=until_ms)
        self.entries.append(note_of(note))


class Evening(Scenario):
    """A scenario that begins at a moment of its own, and is written down in a book."""

    def __init__(
        self,
        book: Book,
        begin_ms: int,
        *,
        status: Status | None = None,
        spec: AlertSpec | None = None,
        tiles: int = 6,
        place: Any = None,  # noqa: ANN401 - a site's keyword arguments of the grid, or nothing
    ) -> None:
        super().__init__(grid(1, tiles, **(place or {})), spec, rings=True)
        # On the grid of hops, or nothing would be decided there.
        hop_ms = HOP_MIN * MINUTE_MS
        self.minute = (begin_ms // hop_ms * hop_ms - START_MS) // MINUTE_MS
        self.book, self._status = book, status
        self._told = 0

    def see(self, *hops: Mapping[int, float] | Candidates | None) -> list[Alert]:
        """Close hops; what they bring is written down."""
        alerts = [alert for seen in hops for alert in self.hop(seen)]
        self._write()
        return alerts

    def do(self, action: Action, incident: str, *, level: int, **more: Any) -> Reply:  # noqa: ANN401 - fields of the action
        """Let a desk act, `after_min` after the newest hop was decided (half a minute)."""
        after_min = more.pop("after_min", 0.5)
        deed = DeskAction(
            **{
                "incident": incident,
                "desk": Desk.POLICE,
                "action": action,
                "revision_seen": 1,
                "level_seen": level,
                "by": "officer 7",
                **more,
            }
        )
        moment_ms = START_MS + self.minute * MINUTE_MS + 90_000 + int(after_min * MINUTE_MS)
        alerts, reply = self.table.act(deed, moment_ms=moment_ms)
        self.sent += alerts
        self._write()
        self.book.do(deed, reply, at_ms=moment_ms)
        return reply

    def _write(self) -> None:
        self.book.tell(self.sent[self._told :], status=self._status)
        self._told = len(self.sent)

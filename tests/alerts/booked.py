"""What the topics carry of a scene, as the ledger reads it: records, their places, their stamps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import msgspec

from alerts.action import Action, DeskAction
from alerts.desk import Desk
from alerts.ledger.entry import Origin, entry_of
from alerts.ledger.handover import handover
from alerts.message import envelope
from alerts.selftest import self_test, self_test_envelope
from alerts.system import Heartbeat, system_envelope
from tests.alerts.scenario import MINUTE_MS, Scenario, crowd, grid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.action import Reply
    from alerts.envelope import Status
    from alerts.ledger.entry import Entry, Source
    from alerts.ledger.handover import Handover
    from alerts.message import Alert
    from alerts.system import HeldNow, SystemAlert

__all__ = ["HOUR_MS", "Evening", "Records", "beat"]

HOUR_MS: Final = 60 * MINUTE_MS

OF: Final[dict[Desk, Source]] = {Desk.POLICE: "police", Desk.FIRE: "fire"}


class Records:
    """Appends records to five topics and remembers them as (source, origin, value)."""

    def __init__(self, *, status: Status = "Actual") -> None:
        self.all: list[tuple[Source, Origin, bytes]] = []
        self._status: Status = status
        self._ends: dict[str, int] = {}

    @classmethod
    def of_bytes(cls, source: Source, value: bytes, *, count: int) -> Self:
        """Return the same bytes again and again."""
        made = cls()
        for _ in range(count):
            made.put(source, value, 0)
        return made

    def alerts(self, sent: Iterable[Alert]) -> None:
        """Append alerts, stamped a second after they were decided."""
        for alert in sent:
            value = envelope(alert, source="/test", status=self._status)
            self.put(OF[alert.desk], value, alert.data.decided_ms + 1000)

    def system(self, news: SystemAlert, *, stamp_ms: int) -> None:
        self.put("system", system_envelope(news, source="/test", status=self._status), stamp_ms)

    def acted(self, action: DeskAction, reply: Reply, *, at_ms: int) -> None:
        """Append an action and its reply."""
        self.put("acks", msgspec.json.encode(action), at_ms)
        self.put("replies", msgspec.json.encode(reply), at_ms + 500)

    def tested(self, action: DeskAction, *, at_ms: int) -> None:
        """Append a self-test that came back."""
        value = self_test_envelope(self_test(action, moment_ms=at_ms), source="/test")
        self.put(OF[action.desk], value, at_ms + 500)

    def put(self, source: Source, value: bytes, stamp_ms: int) -> Origin:
        topic = f"crowd.{source}"
        offset = self._ends.get(topic, 0)
        self._ends[topic] = offset + 1
        origin = Origin(topic=topic, partition=0, offset=offset, stamp_ms=stamp_ms)
        self.all.append((source, origin, value))
        return origin

    def entries(self) -> list[Entry]:
        """Return what the ledger makes of them."""
        made = (entry_of(*record) for record in self.all)
        return [entry for entry in made if entry is not None]


def beat(at_ms: int, *held: HeldNow) -> Heartbeat:
    """Return a heartbeat of a worker."""
    return Heartbeat(
        worker="w0",
        at_ms=at_ms,
        hop_ms=at_ms,
        open_by_level=(0, 0, 0, 0),
        unacknowledged=0,
        feeds=["cmcc"],
        blind_ratio=0.0,
        last_ids={},
        held=list(held),
        held_total=len(held),
        unusual_last_day=3,
        promised_per_day=1.0,
    )


class Evening:
    """A scene whose records are kept: crowds by tile, and what desks do about them."""

    def __init__(self) -> None:
        self.scene = Scenario(grid(1, 12), rings=True)
        self.records = Records()

    def hops(self, count: int, density: dict[int, float]) -> None:
        for _ in range(count):
            self.records.alerts(self.scene.hop(crowd(density)))

    def act(
        self,
        action: Action,
        incident: str,
        *,
        desk: Desk = Desk.POLICE,
        level: int | None = None,
        **more: str,
    ) -> Reply:
        seen = [one for one in self.scene.sent if one.incident == incident and one.desk == desk]
        level = seen[-1].data.level if level is None else level
        facts = {
            "incident": incident,
            "desk": desk,
            "action": action,
            "revision_seen": seen[-1].revision,
            "level_seen": level,
            "by": "officer 7",
        }
        deed = msgspec.convert({"schema": "desk-action/1", **facts, **more}, DeskAction)
        alerts, reply = self.scene.table.act(deed, moment_ms=self.scene.now_ms)
        self.scene.sent += alerts
        self.records.acted(deed, reply, at_ms=self.scene.now_ms)
        self.records.alerts(alerts)
        return reply

    @property
    def incidents(self) -> list[str]:
        return sorted({one.incident for one in self.scene.sent})

    def handed(
        self, *desks: str, at_ms: int | None = None, heartbeat: tuple[int, bytes] | None = None
    ) -> Handover:
        """Return what a shift of twelve hours hands over, now unless said."""
        at_ms = self.scene.now_ms if at_ms is None else at_ms
        return handover(
            self.records.entries(),
            heartbeat or (at_ms, b"{}"),
            desks=desks or ("police", "fire"),
            since_ms=at_ms - 12 * HOUR_MS,
            at_ms=at_ms,
        )

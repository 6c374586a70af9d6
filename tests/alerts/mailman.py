"""One target of notify on a clock of the test's own: at second 10 push, by second 70 want."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.heard import hear
from alerts.message import envelope
from alerts.notify.decide import key_of, note_of
from alerts.notify.outbox import Outbox, Slot
from alerts.notify.target import Target
from alerts.notify.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from alerts.heard import HeardEvent
    from alerts.message import Alert
    from alerts.notify.wording import Note

__all__ = ["BASE_MS", "Mailman", "police"]

BASE_MS: Final = 1_790_000_000_000  # 2026-09-21T14:13:20Z

Seen = tuple[int, str, tuple[str, ...]]
"""Second, id, ids of the steps that it carries."""


def police(**changes: object) -> Target:
    target = Target(name="duty", desks=frozenset({"police"}), lang="en")
    return replace(target, **changes)  # type: ignore[arg-type]


@dataclass(slots=True)
class Mailman:
    """takes: whether an attempt arrives, by second and note."""

    target: Target = field(default_factory=police)
    takes: Callable[[int, Note], bool] = lambda _second, _note: True
    second: int = 0
    sent: list[Seen] = field(default_factory=list)
    attempts: list[tuple[int, str]] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)
    outbox: Outbox = field(init=False)
    wording: Wording = field(init=False)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.target)
        self.outbox.caught_up()
        self.wording = Wording(lang=self.target.lang, zone=UTC)

    @property
    def now_ms(self) -> int:
        return BASE_MS + self.second * 1000

    def push(self, second: int, *alerts: Alert, late_s: int = 0, status: str = "Actual") -> None:
        """Let alerts be read at a second; late_s: seconds after they were published."""
        self.until(second)
        for alert in alerts:
            event = hear(envelope(alert, source="/", status=status))  # type: ignore[arg-type]
            assert event is not None
            self.offer(event, late_s=late_s)

    def offer(self, event: HeardEvent, *, late_s: int = 0) -> None:
        slot = self.outbox.slots.get(key_of(event))
        note = note_of(
            event,
            self.target,
            slot,
            wording=self.wording,
            at_ms=self.now_ms - late_s * 1000,
            stale=late_s > 3600,
        )
        if note is not None:
            self.give(note)

    def give(self, note: Note) -> None:
        self._keep(self.outbox.offer(note, now_ms=self.now_ms))

    def until(self, second: int) -> list[Seen]:
        """Deliver what is due up to a second, each note at its moment; return all that was sent."""
        while True:
            due_ms = self.outbox.next_ms(now_ms=self.now_ms)
            if due_ms is None or due_ms > BASE_MS + second * 1000:
                break
            self.second = -(-(due_ms - BASE_MS) // 1000)
            self._deliver()
        self.second = second
        return self.sent

    def _deliver(self) -> None:
        note = self.outbox.take(now_ms=self.now_ms)
        assert note is not None
        arrived = self.takes(self.second, note)
        self.attempts.append((self.second, note.id))
        slot, lost = self.outbox.done(note.key, arrived=arrived, now_ms=self.now_ms)
        self._keep(slot)
        if arrived:
            steps = tuple(step.id for step in note.carried)
            self.sent.append((self.second, note.id, steps))
        if lost is not None:
            self.given_up += [lost.id, *(step.id for step in lost.carried)]

    def crash(self) -> None:
        """Lose all but what was kept, and start anew."""
        slots = [msgspec.json.decode(body, type=Slot) for body in self.kept.values()]
        self.outbox = Outbox(self.target, slots)
        self.outbox.caught_up()

    def _keep(self, slot: Slot | None) -> None:
        if slot is not None:
            self.kept[slot.key] = msgspec.json.encode(slot)

"""The notes of one target: at most one a minute for an incident, the newest wins, no step is lost.

Theory of operation. For each incident there is one waiting note at most. A later revision takes
its place; if the one replaced *must* be told (first, rise, end), the later one carries it along
as a line with its id. So a minute's worth of events is one message, none waits longer than that
minute, and nothing that must be told is dropped. A note that is being sent stands beside the
waiting one until it is known whether it arrived; if it did not, it is joined with what waits.

What is stale (read long after it was published) is held until all is read, so that of a night's
backlog only what is still so is told. All state is in `Slot` values: a host that keeps the last
one of each key, and hands them back after a crash, loses nothing; what was being sent is then
sent again, under the same id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from alerts.notify.wording import Note, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alerts.notify.target import Target

__all__ = ["CARRIED_MAX", "KEPT_MS", "MINUTE_MS", "Outbox", "Slot"]

MINUTE_MS: Final = 60_000
KEPT_MS: Final = 7 * 86_400_000
"""A slot that nothing was heard of for so long is forgotten; open incidents repeat in 12 h."""
CARRIED_MAX: Final = 50
BACKOFF_MS: Final = 2_000
BACKOFF_MS_MAX: Final = 300_000


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """Where one target stands with one incident.

    revision: newest one taken in. was_told: something of it arrived. sent_ms: when it last did.
    tries: failed attempts since. due_ms: not before, after a failure. touched_ms: last change.
    """

    key: str
    incident: str
    revision: int = 0
    was_told: bool = False
    sent_ms: int = 0
    waiting: Note | None = None
    flying: Note | None = None
    tries: int = 0
    due_ms: int = 0
    touched_ms: int = 0

    @property
    def is_known(self) -> bool:
        """The target was told of it, or is about to be."""
        return self.was_told or self.waiting is not None or self.flying is not None


class Outbox:
    """Paces the notes of one target. Every change returns the slot as it is to be kept."""

    def __init__(self, target: Target, kept: Iterable[Slot] = ()) -> None:
        """Go on from what was kept; what was being sent then is to be sent again."""
        self.target = target
        self.slots: dict[str, Slot] = {slot.key: _recovered(slot) for slot in kept}
        self.holds = True

    def offer(self, note: Note, *, now_ms: int) -> Slot | None:
        """Take in a note; return its slot, or None if it is no news."""
        slot = self.slots.get(note.key) or Slot(key=note.key, incident=note.incident)
        if note.revision <= slot.revision:
            return None
        waiting: Note | None = _joined(slot.waiting, note)
        if note.ends and not (slot.was_told or slot.flying or _carries(waiting)):
            waiting = None  # the end of what was never told
        return self._keep(slot, waiting=waiting, revision=note.revision, touched_ms=now_ms)

    def take(self, *, now_ms: int) -> Note | None:
        """Return the note to send now, the urgent ones first; it counts as flying until `done`."""
        ready = [slot for slot in self.slots.values() if self._ready_ms(slot, now_ms) == now_ms]
        if not ready:
            return None
        slot = min(ready, key=_rank)
        self._keep(slot, waiting=None, flying=slot.waiting)
        return slot.waiting

    def next_ms(self, *, now_ms: int) -> int | None:
        """Return when the next note is due, now or later; None while nothing waits."""
        moments = [self._ready_ms(slot, now_ms) for slot in self.slots.values()]
        return min((at_ms for at_ms in moments if at_ms is not None), default=None)

    def done(self, key: str, *, arrived: bool, now_ms: int) -> tuple[Slot, Note | None]:
        """Note what became of a flying note; return its slot, and the note if it is given up."""
        slot = self.slots[key]
        if arrived:
            return self._keep(
                slot, flying=None, was_told=True, sent_ms=now_ms, tries=0, due_ms=0
            ), None
        assert slot.flying is not None
        waiting = slot.flying if slot.waiting is None else _joined(slot.flying, slot.waiting)
        if slot.tries >= self.target.retries:
            return self._keep(slot, flying=None, waiting=None, tries=0, due_ms=0), waiting
        wait_ms = min(BACKOFF_MS << min(slot.tries, 20), BACKOFF_MS_MAX)
        return self._keep(
            slot, flying=None, waiting=waiting, tries=slot.tries + 1, due_ms=now_ms + wait_ms
        ), None

    def behind(self) -> None:
        """Hold what is stale: there is more to be read."""
        self.holds = True

    def caught_up(self) -> list[Slot]:
        """Let go what was held as stale; return the slots that changed."""
        self.holds = False
        held = [slot for slot in self.slots.values() if slot.waiting and slot.waiting.stale]
        return [
            self._keep(slot, waiting=msgspec.structs.replace(slot.waiting, stale=False))
            for slot in held
            if slot.waiting
        ]

    def forget(self, *, now_ms: int) -> list[str]:
        """Forget what nothing was heard of for a week; return the keys."""
        old = [
            key
            for key, slot in self.slots.items()
            if now_ms - slot.touched_ms > KEPT_MS and not (slot.waiting or slot.flying)
        ]
        for key in old:
            del self.slots[key]
        return old

    def waiting(self) -> Iterator[Note]:
        """Yield what is not known to have arrived."""
        for slot in self.slots.values():
            yield from (note for note in (slot.flying, slot.waiting) if note is not None)

    def _keep(self, slot: Slot, **changes: object) -> Slot:
        kept = msgspec.structs.replace(slot, **changes)
        self.slots[slot.key] = kept
        return kept

    def _ready_ms(self, slot: Slot, now_ms: int) -> int | None:
        """Return when a slot's note may be sent, now at the earliest; None without one."""
        note = slot.waiting
        if note is None or slot.flying is not None or (note.stale and self.holds):
            return None
        ready_ms = max(slot.due_ms, self._paced_ms(slot.incident, now_ms), now_ms)
        if note.urgent or self.target.quiet is None:
            return ready_ms
        return self.target.quiet.until_ms(ready_ms) or ready_ms

    def _paced_ms(self, incident: str, now_ms: int) -> int:
        """Return when this incident may be told of again, through whichever desk."""
        sent_ms = max(
            (slot.sent_ms for slot in self.slots.values() if slot.incident == incident), default=0
        )
        # A clock that was set back must not hold anything for longer than a minute.
        return sent_ms + MINUTE_MS if 0 < sent_ms <= now_ms else 0


def _rank(slot: Slot) -> tuple[bool, int, str]:
    return not (slot.waiting and slot.waiting.urgent), slot.touched_ms, slot.key


def _joined(before: Note | None, note: Note) -> Note:
    """Return the later note with what the earlier one must not take along into oblivion."""
    if before is None:
        return note
    steps = before.carried
    if before.must:
        steps = (*steps, Step(id=before.id, line=before.line))
    steps = (*steps, *note.carried)[-CARRIED_MAX:]
    return msgspec.structs.replace(note, carried=steps, stale=note.stale)


def _carries(note: Note | None) -> bool:
    return note is not None and bool(note.carried)


def _recovered(slot: Slot) -> Slot:
    """Return a slot after a crash: nobody knows whether the flying note arrived."""
    if slot.flying is None:
        return slot
    waiting = slot.flying if slot.waiting is None else _joined(slot.flying, slot.waiting)
    return msgspec.structs.replace(slot, flying=None, waiting=waiting)

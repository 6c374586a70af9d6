"""Whether a target is told of a message at all, and whether that may be dropped for a later one.

Once told of an incident, a target is told every later change to its end, whatever its level; the
end of what it was never told is not told. First messages, rises, ends and what asks anew for an
answer must be told; other changes may be overtaken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.lifecycle import Kind
from alerts.notify.target import SYSTEM
from alerts.system import FAMILIES, HEARTBEAT, is_system, kind_of

if TYPE_CHECKING:
    from alerts.heard import Heard, HeardEvent
    from alerts.notify.outbox import Slot
    from alerts.notify.target import Target
    from alerts.notify.wording import Note, Wording

__all__ = ["key_of", "note_of"]

_RISES: Final = {str(kind) for kind in (Kind.RAISED, Kind.ESCALATED, Kind.REOPENED)}
_ASKS: Final = {"level_up", "overdue", "ack_expired", "handed_up", "hold_ended"}


def key_of(event: HeardEvent) -> str:
    """Return what this event is about: desk and incident, or a matter of the system.

    Two desks count their revisions by themselves.
    """
    if event.alert is not None:
        return f"{event.alert.desk}/{event.alert.incident}"
    kind = kind_of(event.type)
    family, _ = FAMILIES.get(kind, (kind, False))
    return f"{SYSTEM}/{family}/{event.subject}"


def note_of(
    event: HeardEvent,
    target: Target,
    slot: Slot | None,
    *,
    wording: Wording,
    at_ms: int,
    stale: bool,
) -> Note | None:
    """Return what this target is to be told of an event; None = nothing.

    slot: what it was told of the same thing, None = nothing ever. at_ms: when it was published.
    stale: it was read so late that it may be over.
    """
    if event.alert is not None:
        must = _must(event.alert, target, slot)
        if must is None:
            return None
        return wording.alert(event, event.alert, must=must and not stale, stale=stale)
    is_matter = is_system(event.type) and event.type != HEARTBEAT
    if not is_matter or SYSTEM not in target.desks:
        return None
    key = key_of(event)
    kind = kind_of(event.type)
    _, ends = FAMILIES.get(kind, (kind, False))
    if slot is not None and at_ms <= slot.revision:
        return None
    if ends and (slot is None or not slot.is_known):
        return None
    return wording.system(event, key=key, ends=ends, at_ms=at_ms)


def _must(alert: Heard, target: Target, slot: Slot | None) -> bool | None:
    """Return whether this has to be told; None = it is not told at all."""
    if alert.desk not in target.desks:
        return None
    if slot is not None and alert.revision <= slot.revision:
        return None
    if slot is None or not slot.is_known:
        return True if target.begins(alert) and not alert.is_over else None
    if alert.is_over:
        return True
    if not target.hears(alert.kind):
        return None
    return alert.kind in _RISES or not _ASKS.isdisjoint(alert.changed)

"""What the ledger writes down: one record of a topic as it came, with the few names to find it by.

An entry is found by who published it, not by where it lay: a worker that restarts publishes an
alert again at another offset (PROTOCOL 14), and it is the same entry. An action is another matter:
a desk that asks twice has asked twice.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from alerts.deed import YEARS_MS
from alerts.heard import hear
from alerts.system import HEARTBEAT

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Entry", "EntryKind", "Origin", "Source", "data_of", "entry_of"]

Source = Literal["police", "fire", "system", "acks", "replies"]
"""The topics that are written down, by their short names."""

ID_BYTES: Final = 16
NAME_MAX: Final = 300
"""Longest name that is kept to find an entry by, as in `desk-action/1`; the record has it whole."""


class EntryKind(StrEnum):
    """What an entry is.

    alert: to a desk, of an incident. test: a self-test on its way back. system: of the system
    topic, but for heartbeats. action, reply: what a desk did, and was answered. unread: bytes that
    are none of these. conflict: an id that came before with other contents. note: of the ledger's
    own.
    """

    ALERT = "alert"
    TEST = "test"
    SYSTEM = "system"
    ACTION = "action"
    REPLY = "reply"
    UNREAD = "unread"
    CONFLICT = "conflict"
    NOTE = "note"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a record lay. stamp_ms: the broker's."""

    topic: str
    partition: int
    offset: int
    stamp_ms: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. id: the same within its kind only for what is the same; value: as it came.

    at_ms: the moment it is of, on the clock of the log where it names one, else the broker's
    stamp. Of a replay the two are years apart.
    """

    kind: EntryKind
    id: str
    at_ms: int
    stamp_ms: int
    value: bytes
    topic: str = ""
    partition: int = -1
    offset: int = -1
    desk: str = ""
    incident: str = ""
    revision: int = 0


Revision = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class _Action(msgspec.Struct, frozen=True):
    """What is read of a desk action, whoever wrote it."""

    schema: str
    incident: str = ""
    desk: str = ""


class _Reply(msgspec.Struct, frozen=True):
    """What is read of a reply."""

    schema: str
    incident: str = ""
    desk: str = ""
    revision: Revision = 0
    at_ms: int = 0


class _Names(msgspec.Struct, frozen=True, kw_only=True):
    """By what a record is found."""

    kind: EntryKind
    id: str
    at_ms: int = 0
    desk: str = ""
    incident: str = ""
    revision: int = 0


class _Envelope(msgspec.Struct, frozen=True):
    data: msgspec.Raw


_action: Final = msgspec.json.Decoder(_Action)
_reply: Final = msgspec.json.Decoder(_Reply)
_envelope: Final = msgspec.json.Decoder(_Envelope)


def entry_of(source: Source, origin: Origin, value: bytes | None) -> Entry | None:
    """Return the entry that a record makes; None for heartbeats and ticks, which only pass.

    Bytes that are no record of ours are an entry, too: the ledger has no hole where they lay.
    """
    value = value or b""
    try:
        names = _READERS[source](origin, value)
    except (msgspec.MsgspecError, UnicodeError):
        names = _Names(kind=EntryKind.UNREAD, id=_place(origin))
    if names is None:
        return None
    known = 0 < names.at_ms <= YEARS_MS
    return Entry(
        kind=names.kind,
        id=_short(names.id),
        at_ms=names.at_ms if known else origin.stamp_ms,
        stamp_ms=origin.stamp_ms,
        value=value,
        topic=origin.topic,
        partition=origin.partition,
        offset=origin.offset,
        desk=_clean(names.desk),
        incident=_clean(names.incident),
        revision=names.revision,
    )


def data_of(entry: Entry) -> bytes:
    """Return what must be the same where the id is: of a message its data, else all of it."""
    if entry.kind in {EntryKind.ALERT, EntryKind.TEST, EntryKind.SYSTEM}:
        return bytes(_envelope.decode(entry.value).data)
    return entry.value


def _of_event(_: Origin, value: bytes) -> _Names | None:
    event = hear(value)
    if event is None:
        raise msgspec.DecodeError
    if event.type == HEARTBEAT:
        return None
    if event.alert is None:
        at_ms = event.raw.get("at_ms") or event.raw.get("hop_ms")
        return _Names(
            kind=EntryKind.TEST if event.is_test else EntryKind.SYSTEM,
            id=event.id,
            at_ms=at_ms if isinstance(at_ms, int) else 0,
            desk=str(event.raw.get("desk", "")) if event.is_test else "",
        )
    alert = event.alert
    return _Names(
        kind=EntryKind.ALERT,
        id=event.id,
        at_ms=alert.decided_ms or alert.hop_ms,
        desk=alert.desk,
        incident=alert.incident,
        revision=msgspec.convert(alert.revision, Revision),
    )


def _of_action(origin: Origin, value: bytes) -> _Names | None:
    """Return the names of an action; a desk that asks twice has asked twice."""
    action = _action.decode(value)
    if action.schema.startswith("tick/"):
        return None
    kind = EntryKind.ACTION
    return _Names(kind=kind, id=_place(origin), desk=action.desk, incident=action.incident)


def _of_reply(_: Origin, value: bytes) -> _Names:
    """Return the names of a reply; one that is sent again says the same of the same moment."""
    reply = _reply.decode(value)
    return _Names(
        kind=EntryKind.REPLY,
        id=hashlib.sha256(value).hexdigest()[: 2 * ID_BYTES],
        at_ms=reply.at_ms,
        desk=reply.desk,
        incident=reply.incident,
        revision=reply.revision,
    )


_READERS: Final[dict[Source, Callable[[Origin, bytes], _Names | None]]] = {
    "police": _of_event,
    "fire": _of_event,
    "system": _of_event,
    "acks": _of_action,
    "replies": _of_reply,
}


def _place(origin: Origin) -> str:
    """Return where a record lay, as an id; the stamp tells a topic that was made anew."""
    return f"{origin.topic}/{origin.partition}/{origin.offset}@{origin.stamp_ms}"


def _clean(name: str) -> str:
    r"""Return a name that any database takes: not endless, and without the letter of code 0.

    >>> _clean("a\0b")
    'a�b'
    """
    return name[:NAME_MAX].replace("\0", "\ufffd")


def _short(name: str) -> str:
    """Return an id that any database takes; two that differ stay different."""
    if len(name) <= NAME_MAX and "\0" not in name:
        return name
    return hashlib.sha256(name.encode()).hexdigest()

"""What the ledger itself has to say: what it could not read, and when the system was silent."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from alerts.ledger.entry import Entry, EntryKind

__all__ = ["LedgerNote", "note_of", "read_note"]


class LedgerNote(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="ledger-note/1"
):
    """One note.

    what: silence = no heartbeat of the system from since_ms to until_ms. lost = records of a topic
    that were gone before they were read, as retention took them (from offset first to last).
    anew = a topic was made anew and begins again at offset last, where first was expected.
    """

    what: Literal["silence", "lost", "anew"]
    at_ms: int
    topic: str = ""
    partition: int = -1
    first: int = -1
    last: int = -1
    since_ms: int = 0
    until_ms: int = 0


_decoder: Final = msgspec.json.Decoder(LedgerNote)
_encoder: Final = msgspec.json.Encoder()


def note_of(note: LedgerNote) -> Entry:
    """Return the entry of a note; the same note is the same entry."""
    place = f"{note.topic}/{note.partition}/{note.first}-{note.last}"
    span = f"{note.since_ms}-{note.until_ms}"
    return Entry(
        kind=EntryKind.NOTE,
        id=f"{note.what}/{span if note.what == 'silence' else place}@{note.at_ms}",
        at_ms=note.at_ms,
        stamp_ms=note.at_ms,
        value=_encoder.encode(note),
        topic=note.topic,
        partition=note.partition,
    )


def read_note(value: bytes) -> LedgerNote:
    """Return the note of an entry."""
    return _decoder.decode(value)

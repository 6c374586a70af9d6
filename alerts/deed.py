"""A desk action as a deed: the times it names, and the mark by which one sent twice is known."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from alerts.action import DeskAction
    from alerts.book import Book

__all__ = ["YEARS_MS", "is_done", "note_done", "when_ms"]

DEEDS_MAX: Final = 32
"""Newest deeds remembered for each desk and incident: retries come within seconds, not weeks."""
MARK_BYTES: Final = 12
YEARS_MS: Final = 253_402_300_799_000
"""The last second of the year 9999; later ones are typing errors."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_encoder: Final = msgspec.json.Encoder()


def when_ms(value: int | str | None) -> int | None:
    """Return a time that a desk named, as epoch ms; None where it is none.

    A text without an offset is no time: nobody could say which hour it means.

    >>> when_ms("2013-11-23T20:00:00+01:00"), when_ms(5), when_ms("2013-11-23T20:00")
    (1385233200000, 5, None)
    """
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        if moment.tzinfo is None:
            return None
        value = (moment - _EPOCH) // timedelta(milliseconds=1)
    return value if value is not None and 0 <= value <= YEARS_MS else None


def _mark(action: DeskAction) -> bytes:
    """Return what tells this deed from others: its id, or all it says."""
    told = _encoder.encode(action) if action.id is None else b"id:" + action.id.encode()
    return hashlib.sha256(told).digest()[:MARK_BYTES]


def is_done(book: Book, action: DeskAction) -> bool:
    """Return whether this very deed was carried out before."""
    return _mark(action) in book.deeds


def note_done(book: Book, action: DeskAction) -> None:
    """Remember that this deed was carried out."""
    book.deeds = [*book.deeds, _mark(action)][-DEEDS_MAX:]

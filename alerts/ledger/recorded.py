"""What the ledger reads of alerts, actions and replies when it tells of them.

As tolerant as the desks' own reader (`alerts.heard`): a book kept for years holds records of
workers that are older, and newer, than whoever reads it.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from alerts.heard import Heard

__all__ = ["DeedRecord", "Recorded", "ReplyRecord", "read_alert", "read_deed", "read_reply"]

T = TypeVar("T")


class _People(msgspec.Struct, frozen=True, kw_only=True):
    low: float | None = None
    best: float | None = None
    high: float | None = None
    unit: str = "people"


class _Area(msgspec.Struct, frozen=True, kw_only=True):
    worst_tile: str = ""
    tiles: list[str] = msgspec.field(default_factory=list)


class _Hold(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    by: str
    text: str
    until_ms: int


class _Comment(msgspec.Struct, frozen=True, kw_only=True):
    by: str
    at_ms: int
    text: str


class _Outcome(msgspec.Struct, frozen=True, kw_only=True):
    outcome: str
    by: str = ""
    at_ms: int = 0
    text: str | None = None
    arrived_ms: int | None = None
    left_ms: int | None = None


class Recorded(Heard, frozen=True, kw_only=True):
    """An alert with what a handover and a report need beyond what a desk's tool reads."""

    direction: str = "rise"
    reasons: list[str] = msgspec.field(default_factory=list)
    people: _People = _People()
    area: _Area = _Area()
    district: str | None = None
    hold: _Hold | None = None
    comments: list[_Comment] = msgspec.field(default_factory=list)
    outcome: _Outcome | None = None
    merged_into: str | None = None

    @property
    def moment_ms(self) -> int:
        """When it was decided, on the clock of the log."""
        return self.decided_ms or self.hop_ms

    @property
    def count(self) -> float | None:
        """How many are there: the best figure, else the low one; None where nobody can say."""
        return self.people.low if self.people.best is None else self.people.best


class DeedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A desk action as it was sent."""

    incident: str
    desk: str = ""
    action: str = ""
    by: str = ""
    text: str | None = None
    outcome: str | None = None
    id: str | None = None


class ReplyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A reply as it was sent."""

    incident: str
    desk: str = ""
    action: str = ""
    accepted: bool = False
    why: str = ""
    by: str | None = None
    id: str | None = None
    at_ms: int = 0


class _Event(msgspec.Struct, frozen=True):
    data: Recorded
    status: str = "Actual"


_event: Final = msgspec.json.Decoder(_Event)
_deed: Final = msgspec.json.Decoder(DeedRecord)
_reply: Final = msgspec.json.Decoder(ReplyRecord)


def read_alert(value: bytes) -> tuple[str, Recorded] | None:
    """Return status and alert of a message; None where it is of a kind nobody knows any more."""
    event = _read(_event, value)
    return None if event is None else (event.status, event.data)


def read_deed(value: bytes) -> DeedRecord | None:
    """Return what a desk did; None where its record says nothing that is known."""
    return _read(_deed, value)


def read_reply(value: bytes) -> ReplyRecord | None:
    """Return what a desk was answered; None where its record says nothing that is known."""
    return _read(_reply, value)


def _read(decoder: msgspec.json.Decoder[T], value: bytes) -> T | None:
    try:
        return decoder.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None

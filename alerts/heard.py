"""What a reader of ours takes from a desk's topic: the few fields it acts on, no more.

`alert/1` grows. A reader that insists on every field, or on every word of today, falls silent the
day a worker is newer than it is; this one takes what it knows and leaves the rest.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from alerts.lifecycle import End

__all__ = ["Heard", "HeardEvent", "hear"]

_ALERT: Final = "crowd.alert."
_TEST: Final = "crowd.alert.test.v1"
_ENDS: Final = {str(end) for end in End}
CLOSED: Final = "closed"


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it, and when."""

    by: str = ""
    at_ms: int = 0


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of an alert that say what it is, whom it concerns and what it asks."""

    incident: str
    desk: str
    revision: int
    level: int
    kind: str = ""
    lifecycle: str = ""
    grade: str = ""
    place: str = ""
    colour: dict[str, str] = {}
    headline: dict[str, str] = {}
    spoken: dict[str, str] | None = None
    recommended_response: dict[str, str] | None = None
    changed: list[str] = []
    needs_ack: bool = False
    previous_level: int = 0
    hop_ms: int = 0
    decided_ms: int = 0
    opened_ms: int = 0
    duty_post: str | None = None
    ack_by_ms: int | None = None
    acknowledged: Deed | None = None
    confirmed: Deed | None = None

    @property
    def is_over(self) -> bool:
        """The incident itself has ended."""
        return self.lifecycle in _ENDS

    @property
    def is_open(self) -> bool:
        """It goes on, and this desk has not closed it."""
        return not self.is_over and self.lifecycle != CLOSED


class HeardEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An envelope. alert: None where it carries something else; raw: its data as they are."""

    id: str
    type: str
    subject: str
    status: str
    alert: Heard | None
    raw: dict[str, Any]

    @property
    def is_test(self) -> bool:
        """The answer to a self-test, about no incident."""
        return self.type == _TEST


class _Envelope(msgspec.Struct, frozen=True):
    id: str
    type: str
    data: msgspec.Raw
    subject: str = ""
    status: str = "Actual"


_envelope: Final = msgspec.json.Decoder(_Envelope)
_heard: Final = msgspec.json.Decoder(Heard)
_plain: Final = msgspec.json.Decoder(dict[str, Any])


def hear(value: bytes | None) -> HeardEvent | None:
    """Return what a record says; None for bytes that are no envelope of ours.

    >>> hear(b"junk") is None
    True
    """
    try:
        event = _envelope.decode(value or b"")
        is_alert = event.type.startswith(_ALERT) and event.type != _TEST
        return HeardEvent(
            id=event.id,
            type=event.type,
            subject=event.subject,
            status=event.status,
            alert=_heard.decode(event.data) if is_alert else None,
            raw={} if is_alert else _plain.decode(event.data),
        )
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None

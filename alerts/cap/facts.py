"""What both dialects of CAP tell of an event: who sends it, what went before, which words.

CAP names earlier messages by the time they were sent, which a message of ours does not carry of
others. A `Chain` remembers them while messages are read in order; what it did not see it does not
name, for a reference that is wrong is worse than one that is missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LANGUAGES", "CapError", "CapEvent", "CapSender", "Chain", "clean", "event_of"]

LANGUAGES: Final = ("zh-CN", "en")
CODE_LENGTH: Final = 14
Status = Literal["Actual", "Exercise", "Test", "System"]

_REPLACED: Final = "\ufffd"
_NO_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (section 2.2)."""


class CapError(ValueError):
    """Bytes that are no alert of ours, or a sender that no dialect can name; says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapSender:
    """Who sends the messages, and what only the receiving platform's registrars can say.

    sender: id of the sender, no spaces, commas, `<` or `&`. name: full name, by language.
    code: the Chinese platform's code of the sender, 14 characters. event_type: its code of the
    event. geocode: administrative code of the city. restriction: who may read it.
    local: epoch ms to ISO 8601 with the city's offset, to the second.
    """

    sender: str
    name: dict[str, str]
    code: str
    event_type: str
    geocode: str
    restriction: str
    local: Callable[[int], str]
    web: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no receiver could take, all of it at once."""
        faults = [
            text
            for wrong, text in (
                (any(one in " ,<&" for one in self.sender) or not self.sender, "sender"),
                (len(self.code) != CODE_LENGTH, f"code: wanted {CODE_LENGTH} characters"),
                (set(self.name) != set(LANGUAGES), "name: wanted zh-CN and en"),
            )
            if wrong
        ]
        if faults:
            raise CapError("; ".join(faults))


class CapEvent(msgspec.Struct, frozen=True):
    """What is read of an envelope; data as it came, for other versions know more or less."""

    id: str
    type: str
    data: dict[str, Any]
    status: Status = "Actual"
    time: str = ""


@dataclass(slots=True, kw_only=True)
class Chain:
    """When messages were sent, by alert id, and how they were named; a reader keeps one."""

    sent: dict[str, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, int] = field(default_factory=dict)


def event_of(value: bytes, *, status: Status | None = None) -> CapEvent:
    """Return the event in an envelope, or in a line of `tail --json`.

    status: what a file's messages are, whatever their envelopes say: what was Actual once is not
    when it is read from a file. None = that of the envelope, as of a topic. Raises CapError.
    """
    try:
        tree = msgspec.json.decode(value, type=dict[str, Any])
        if status is not None:
            tree["status"] = status
        elif "specversion" not in tree:
            raise CapError("no status: a line without its envelope needs --status")
        event = msgspec.convert(tree, CapEvent)
    except msgspec.MsgspecError as fault:
        raise CapError(f"no alert: {fault}") from fault
    if event.data.get("schema") != "alert/1":
        raise CapError(f"{event.id}: schema is {event.data.get('schema')!r}, wanted 'alert/1'")
    return event


def clean(text: object) -> str:
    """Return a text without characters that XML cannot hold.

    >>> clean("a" + chr(0) + "b") == "a" + _REPLACED + "b", clean(7)
    (True, '7')
    """
    return _NO_XML.sub(_REPLACED, str(text))


def identifier(alert_id: str) -> str:
    """Return an alert id as a CAP identifier: no spaces, commas, `<`, `&`, nothing but ASCII.

    >>> identifier("20131123T1840Z-r0c1/police/1"), identifier("a, b")
    ('20131123T1840Z-r0c1/police/1', 'a%2C%20b')
    """
    return quote(alert_id, safe="/:-_.~+")

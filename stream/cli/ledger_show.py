"""An incident's entries, one after the other, as lines for a person and for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from alerts.ledger.entry import EntryKind
from alerts.ledger.recorded import read_alert, read_deed, read_reply
from alerts.phrases import STATUS
from stream.cli.paint import Line, Span, paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alerts.ledger.entry import Entry
    from stream.cli.ledger_text import LedgerText

__all__ = ["as_line", "lines"]


def as_line(entry: Entry) -> str:
    """Return an entry as one line of JSON, its record as it came (as text where it is no JSON)."""
    record: object
    try:
        msgspec.json.decode(entry.value)
        record = msgspec.Raw(entry.value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        record = entry.value.decode(errors="replace")
    facts: dict[str, Any] = {
        "kind": str(entry.kind),
        "at_ms": entry.at_ms,
        "stamp_ms": entry.stamp_ms,
        "topic": entry.topic,
        "partition": entry.partition,
        "offset": entry.offset,
        "record": record,
    }
    return msgspec.json.encode(facts).decode()


def lines(text: LedgerText, entries: Iterable[Entry]) -> str:
    """Return the entries in the order in which things happened, each a line."""
    ordered = sorted(entries, key=lambda one: one.at_ms)
    return paint([line for one in ordered for line in _told(text, one)], text.width)


def _told(text: LedgerText, entry: Entry) -> Iterator[Line]:
    spans = list(_spans(text, entry))
    if spans:
        yield Line((Span(f"{text.clock(entry.at_ms)}  ", dim=True), *spans), 13)


def _spans(text: LedgerText, entry: Entry) -> Iterator[Span]:
    desk = text.desk(entry.desk)
    if entry.kind is EntryKind.ALERT and (read := read_alert(entry.value)) is not None:
        status, alert = read
        before = STATUS[text.lang].get(status, "")
        headline = alert.headline.get(text.lang, alert.place)
        yield Span(f"{desk} {text.say('show.told')} {alert.revision} ", bold=True)
        yield Span(f"{before}{headline}")
    elif entry.kind is EntryKind.ACTION and (deed := read_deed(entry.value)) is not None:
        what = " ".join(filter(None, (deed.action, deed.outcome, deed.text)))
        yield Span(f"{desk} {text.say('show.asked')} {deed.by}: {what}")
    elif entry.kind is EntryKind.REPLY and (reply := read_reply(entry.value)) is not None:
        verdict = text.say("show.yes" if reply.accepted else "show.no")
        tint = "green" if reply.accepted else "red"
        told = f"{desk} {text.say('show.answered')} {reply.action}: {verdict}"
        yield Span(f"{told}, {text.why(reply.why)}", fg=tint)
    else:
        yield Span(f"{entry.kind} {entry.id}", dim=True)

"""An alert as a person at a terminal reads it: colour and grade, place, who answers, now and usual.

What must be done stands before what is known: whoever is woken reads the first three lines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from alerts.phrases import STATUS
from alerts.system import is_system, kind_of
from stream.calendar import Calendar
from stream.cli.alert_handling import Handling
from stream.cli.alert_words import TEXTS
from stream.cli.paint import BETWEEN, Line, Span, paint
from stream.wall import wall_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["PAINT", "TEXTS", "Speaker"]

# The level's colour, and a text colour that can be read on it.
ORANGE: Final = 208  # of the 256 colours; the 16 named ones have no orange
PAINT: Final[dict[int, tuple[int | str, str]]] = {
    1: ("blue", "white"),
    2: ("yellow", "black"),
    3: (ORANGE, "black"),
    4: ("red", "white"),
}
GOOD: Final = {"heartbeat", "feed_back", "feed_trusted", "feed_up"}
ENDED: Final = {"resolved", "merged", "expired", "withdrawn"}
HANG: Final = 17  # columns of a local date and time


class _Event(msgspec.Struct, frozen=True):
    """What is read of an envelope; other versions may have more in it, or less."""

    id: str
    type: str
    subject: str = ""
    time: str = ""
    status: str = "Actual"
    data: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Says records to a person.

    lang: a key of TEXTS. tz: zone in which times are shown. width: columns of the terminal, None
    = no wrapping. now: wall clock, epoch ms, by which a deadline is near or over.
    """

    lang: str
    tz: str
    width: int | None = None
    now: Callable[[], int] = wall_ms

    def say(self, value: bytes | None) -> str:
        """Return a record as text of some lines; bytes that are no alert are named as such."""
        return paint(list(self._lines(value)), self.width)

    def _lines(self, value: bytes | None) -> Iterator[Line]:
        try:
            event = msgspec.json.decode(value or b"", type=_Event)
        except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
            yield Line((Span(f"no alert: {fault}", fg="red"),))
            return
        if is_system(event.type):
            yield self._system(event)
            return
        try:
            # As a list: half an alert before a fault would read like a whole one.
            yield from list(self._alert(event))
        except (AttributeError, KeyError, TypeError, ValueError) as fault:
            yield Line((Span(f"{event.id}: not understood: {fault!r}", fg="red"),))

    def _system(self, event: _Event) -> Line:
        kind = kind_of(event.type)
        facts = " ".join(
            f"{name}={msgspec.json.encode(fact).decode()}"
            for name, fact in event.data.items()
            if name != "schema"
        )
        head = Span(f"{event.time}  {kind}  {event.subject}", fg=None if kind in GOOD else "yellow")
        return Line((head, Span(f"  {facts}")), hang=2)

    def _alert(self, event: _Event) -> Iterator[Line]:
        """Yield the headline behind its colour, who answers, the figures, and what was done."""
        data = event.data
        if str(data.get("schema", "")).startswith("self-test/"):
            yield Line((Span(f"{event.time}  self-test  {data.get('by', '')}", dim=True),))
            return
        back, front = PAINT[int(data["level"])]
        badge = f" {data['colour'][self.lang]} {data['grade']} "
        local = self._local(data["hop_ms"])
        ended = data["lifecycle"] in ENDED
        tint = Span(badge, dim=True) if ended else Span(badge, fg=front, bg=back)
        painted = replace(tint, whole=True)
        status = STATUS[self.lang].get(event.status, "")
        headline = Span(f" {status}{data['headline'][self.lang]}", bold=not ended)
        yield Line((Span(f"{local} "), painted, headline), HANG)
        handling = Handling(self.lang, self._clock, self.now)
        yield from self._set_in(handling.urgent(data))
        for advice in handling.advice(data):
            yield from self._set_in([advice])
        yield from self._set_in(map(Span, self._figures(data)))
        yield from self._set_in(map(Span, self._answers(data)))
        for spans in handling.history(data):
            yield from self._set_in(spans)
        yield from self._set_in([Span(data["alert_id"], dim=True)])

    def _set_in(self, spans: Iterable[Span]) -> Iterator[Line]:
        """Yield facts as one line under the headline; none as no line."""
        facts = [replace(span, whole=True) for span in spans]
        told = [part for fact in facts for part in (Span(BETWEEN), fact)][1:]
        if told:
            yield Line((Span(" " * HANG), *told), HANG)

    def _figures(self, data: dict[str, Any]) -> Iterator[str]:
        texts, people, usual = TEXTS[self.lang], data["people"], data["baseline"]
        form = "activity" if people["unit"] == "activity" else "now"
        if any(people[end] is not None for end in ("low", "best", "high")):
            figures = {"now": people["best"], "low": people["low"], "high": people["high"]}
            yield texts[form].format(**{key: self._number(n) for key, n in figures.items()})
        elif data["lifecycle"] not in ENDED:
            yield texts["unseen"]
        if usual["expected"] is not None:
            yield texts["usual"].format(
                usual=self._number(usual["expected"]), spread=self._number(usual["spread"])
            )
        if usual["score"] is not None and usual["threshold"] is not None:
            yield texts["score"].format(score=usual["score"], threshold=usual["threshold"])
        yield from self._room(data)
        yield from self._next(data)
        if data["area"]["tiles_total"] > 1:
            yield texts["tiles"].format(tiles=data["area"]["tiles_total"])
        if data["merged_into"]:
            yield texts["merged"].format(incident=data["merged_into"])

    def _room(self, data: dict[str, Any]) -> Iterator[str]:
        """Yield how dense and how full it is."""
        texts = TEXTS[self.lang]
        newest = (data["density"] or {}).get("newest_per_m2")
        if newest is not None and data["people"]["unit"] == "people":
            yield texts["density"].format(density=self._number(newest))
        if data["occupancy"] and data["occupancy"]["ratio"] is not None:
            full = f"{data['occupancy']['ratio']:.0%}"
            yield texts["occupancy"].format(site=data["occupancy"]["site"], ratio=full)

    def _next(self, data: dict[str, Any]) -> Iterator[str]:
        """Yield when the next level is reached, and how likely."""
        texts, minutes = TEXTS[self.lang], data["trend"]["next_level_min"]
        if minutes is not None:
            yield texts["next"].format(minutes=minutes)
        if data.get("probability"):
            likely = f"{data['probability']:.0%}"
            yield texts["likely"].format(likely=likely, minutes=data["horizon_min"])

    def _answers(self, data: dict[str, Any]) -> Iterator[str]:
        """Yield where that is for the authorities, who answers first, and what stands in the way.

        The desk's own area comes first in a message; one without areas or posts says nothing.
        """
        texts = TEXTS[self.lang]
        if data.get("jurisdiction"):
            yield str(data["jurisdiction"][0]["name"])
        if data.get("responsible"):
            yield texts["answers"].format(**data["responsible"][0])
            if data["responsible_total"] > 1:
                yield texts["more"].format(total=data["responsible_total"])
        if data.get("fire") and data["fire"].get("hazards"):
            kinds = ", ".join(texts.get(kind, kind) for kind in data["fire"]["hazards"])
            yield texts["risk"].format(kinds=kinds)

    def _local(self, at_ms: int) -> str:
        """Return local date and time, to the minute."""
        calendar = Calendar(tz=self.tz, country="none")
        return calendar.local_iso(at_ms)[:16].replace("T", " ")

    def _clock(self, at_ms: int) -> str:
        """Return local time of day, with the date where it is another day than now."""
        local = self._local(at_ms)
        return local[11:] if local[:10] == self._local(self.now())[:10] else local[5:]

    def _number(self, value: float | None) -> str:
        """Return a figure as published, grouped; None is unknown, never 0."""
        return TEXTS[self.lang]["unknown"] if value is None else f"{value:,}"

"""How an alert is handled, as lines for a person: who answers by when, what is held, what was said.

Every part may be missing: older messages have none of it, newer ones may have more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alerts.catalogue import CATALOGUES
from alerts.text import post_name
from stream.cli.alert_words import TEXTS
from stream.cli.paint import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Handling"]

MINUTE_MS = 60_000
HOUR_MIN = 60
OUTCOMES = {"real": "real", "unfounded": "unfounded", "exercise": "exercise"}
CHANGES = ("overdue", "unanswered", "ack_expired", "handed_up", "hold_ended")


class Handling:
    """Says it in one language. clock: a moment (epoch ms) in the city's time; now: epoch ms."""

    def __init__(self, lang: str, clock: Callable[[int], str], now: Callable[[], int]) -> None:
        self._texts = TEXTS[lang]
        self._lang = lang
        self._clock = clock
        self._now = now

    def urgent(self, data: dict[str, Any]) -> Iterator[Span]:
        """Yield who is to answer, and by when; nothing where nobody has to."""
        changed = data.get("changed") or ()
        for change in CHANGES:
            if change in changed:
                yield Span(self._texts[f"changed.{change}"], fg="red", bold=True)
        if not data["needs_ack"]:
            return
        if data.get("duty_post"):
            yield Span(self._say("duty", post=self._post(data["duty_post"])), bold=True)
        if data.get("ack_by_ms"):
            by_ms = int(data["ack_by_ms"])
            late = by_ms < self._now()
            told = self._say("ack_by", time=self._clock(by_ms), relative=self.relative(by_ms))
            yield Span(told, fg="red" if late else None, bold=True)
        else:
            yield Span(self._texts["ack"], bold=True)
        if data.get("escalates_to"):
            posts = " > ".join(map(self._post, data["escalates_to"]))
            yield Span(self._say("then", posts=posts))

    def advice(self, data: dict[str, Any]) -> Iterator[Span]:
        """Yield the sentence to read aloud and what to do, each a line of its own."""
        if data.get("spoken"):
            yield Span(self._say("spoken", text=data["spoken"][self._lang]))
        if data.get("recommended_response"):
            text = data["recommended_response"][self._lang]
            yield Span(self._say("response", text=text), fg="cyan")

    def history(self, data: dict[str, Any]) -> Iterator[list[Span]]:
        """Yield what has been done and said, line by line."""
        yield [Span(text) for text in self._deeds(data)]
        if data.get("hold"):
            yield [Span(text, fg="magenta") for text in self._hold(data["hold"])]
        if data.get("planned_event"):
            yield [Span(text) for text in self._planned(data["planned_event"])]
        for one in data.get("comments") or ():
            told = self._say("comment", **one | {"time": self._clock(one["at_ms"])})
            yield [Span(told, dim=True)]

    def relative(self, at_ms: int) -> str:
        """Return how far away a moment is, in minutes or hours."""
        away_min = round((at_ms - self._now()) / MINUTE_MS)
        size = abs(away_min)
        if size < 2 * HOUR_MIN:
            span = self._say("minutes", n=size)
        else:
            span = self._say("hours", n=f"{size / HOUR_MIN:.0f}")
        return self._say("in" if away_min >= 0 else "ago", span=span)

    def _deeds(self, data: dict[str, Any]) -> Iterator[str]:
        for name in ("acknowledged", "confirmed"):
            if data.get(name):
                deed = data[name]
                yield self._say(name, by=deed["by"], time=self._clock(deed["at_ms"]))
        if result := data.get("outcome"):
            what = self._texts[OUTCOMES.get(result["outcome"], "nothing")]
            when = self._clock(result["at_ms"])
            yield self._say("outcome", what=what, by=result["by"], time=when)
            for name in ("arrived", "left"):
                if result.get(f"{name}_ms") is not None:
                    yield self._say(name, time=self._clock(result[f"{name}_ms"]))
            if result.get("text"):
                yield str(result["text"])

    def _hold(self, hold: dict[str, Any]) -> Iterator[str]:
        form = "silenced" if hold["kind"] == "silenced" else "shelved"
        until, relative = self._clock(hold["until_ms"]), self.relative(hold["until_ms"])
        yield self._say(form, until=until, relative=relative, by=hold["by"], text=hold["text"])
        if hold.get("alerts"):
            yield self._say("held", n=hold["alerts"])

    def _planned(self, event: dict[str, Any]) -> Iterator[str]:
        start, end = self._clock(event["start_ms"]), self._clock(event["end_ms"])
        attendance = f"{event['attendance']:,}"
        yield self._say("planned", name=event["name"], attendance=attendance, start=start, end=end)
        if event["verdict"] == "beyond" and event.get("excess") is not None:
            yield self._say("beyond", excess=f"{event['excess']:,}")
        elif event["verdict"] == "within":
            yield self._texts["within"]
        who = " ".join(str(event[key]) for key in ("organiser", "contact") if event.get(key))
        if who:
            yield self._say("organiser", organiser=who)

    def _post(self, post: str) -> str:
        return post_name(post, CATALOGUES[self._lang])

    def _say(self, form: str, /, **values: object) -> str:
        return self._texts[form].format(**values)

"""The demo's screen: published alerts and facts in, lines for a person out; no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from alerts.text import CATALOGUES
from stream.calendar import Calendar
from stream.cli.alert_text import PAINT
from stream.cli.demo_text import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replay.attendance import Line, Match

__all__ = ["Heard", "Screen", "heard"]

MINUTE_MS: Final = 60_000
# Desks side by side must be told apart at a glance, also by somebody who sees no colours.
DESK_PAINT: Final = {"police": ("bright_white", "blue"), "fire": ("bright_white", "red")}
ENDED: Final = {"resolved", "merged", "expired", "withdrawn"}
PLAIN_UPDATE: Final = "updated"
LABEL_WIDTH: Final = 10
INDENT: Final = " " * 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One alert as a desk received it. value: its bytes; data: `alert/1` inside."""

    desk: str
    value: bytes
    data: dict[str, Any] = field(repr=False)

    @property
    def order(self) -> tuple[int, bool, int]:
        """Key by which alerts are shown: time of the log, police first, revision."""
        return self.data["hop_ms"], self.desk != "police", self.data["revision"]


def heard(desk: str, value: bytes | None) -> Heard:
    """Read an envelope. Raises msgspec errors for bytes that are none."""
    event = msgspec.json.decode(value or b"", type=dict[str, Any])
    return Heard(desk=desk, value=value or b"", data=event["data"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Says things in one language.

    tz: zone in which times are shown. stadium: the cell whose peak the line is for.
    match: tonight's. line: for the attendance estimate.
    """

    lang: str
    tz: str
    stadium: str
    match: Match
    line: Line

    def say(self, key: str, **facts: object) -> str:
        """Return a text of the catalogue."""
        return TEXTS[self.lang][key].format(**facts)

    def fact(self, label: str, text: str) -> str:
        """Return a line of the header or the summary: what it is about, then what."""
        name = self.say(label)
        gap = " " * max(1, LABEL_WIDTH - _width(name))
        return f"{click.style(name, dim=True)}{gap}{text}"

    def header(self, *, squares: int, budget: float, attributions: Sequence[str]) -> str:
        """Return what this is, and whose data it shows."""
        kickoff, whistle = self.match.kickoff_ms, self.match.whistle_ms
        lines = [
            click.style(self.say("title", day=self._local(kickoff)[:10]), bold=True),
            self.say(
                "match",
                name=self.match.name,
                kickoff=self.clock(kickoff),
                whistle=self.clock(whistle),
            ),
            self.say("what"),
            self.say("units", squares=squares, budget=budget),
            *(self.fact("data", text) for text in attributions),
        ]
        return "\n".join(lines) + "\n"

    def alert(self, one: Heard) -> str:
        """Return an alert as one block of lines; a mere update is shorter."""
        return "\n".join(self._alert(one))

    def clock(self, at_ms: int) -> str:
        """Return the local hour and minute of a time of the log."""
        return self._local(at_ms)[11:16]

    def day(self, at_ms: int) -> str:
        """Return the local day and time of a time of the log."""
        return self._local(at_ms)[:16].replace("T", " ")

    def moment(self, at_ms: int) -> str:
        """Return how a time lies to kick-off and final whistle."""
        kickoff, whistle = self.match.kickoff_ms, self.match.whistle_ms
        if at_ms < kickoff:
            return self.say("before", minutes=(kickoff - at_ms) // MINUTE_MS)
        if at_ms < whistle:
            since, left = at_ms - kickoff, whistle - at_ms
            return self.say("during", since=since // MINUTE_MS, minutes=left // MINUTE_MS)
        return self.say("after", minutes=(at_ms - whistle) // MINUTE_MS)

    def desk(self, desk: str) -> str:
        """Return a desk's name on its colour, of equal width for all desks."""
        names = [self.say(f"desk.{one}") for one in DESK_PAINT]
        name = self.say(f"desk.{desk}")
        gap = " " * (max(map(_width, names)) - _width(name))
        front, back = DESK_PAINT[desk]
        return click.style(f" {name}{gap} ", fg=front, bg=back, bold=True)

    def _local(self, at_ms: int) -> str:
        return Calendar(tz=self.tz, country="none").local_iso(at_ms)

    def _alert(self, one: Heard) -> Iterator[str]:
        data, texts = one.data, CATALOGUES[self.lang]
        back, front = PAINT[data["level"]]
        over = data["kind"] in ENDED
        badge = f" {data['colour'][self.lang]} {data['grade']} "
        painted = click.style(badge, dim=True) if over else click.style(badge, bg=back, fg=front)
        kind = texts[f"kind.{data['kind']}"]
        brief = data["kind"] == PLAIN_UPDATE
        title = kind if brief else click.style(kind, bold=True)
        yield f"{self.desk(one.desk)} {self.clock(data['hop_ms'])}  {painted} {data['place']}: {title}"
        stop = self.say("stop")
        yield INDENT + stop.join((self._now(data), self._trend(data), self._why(data)))
        if not brief:
            yield INDENT + stop.join(self._more(one))
        if estimate := self._attendance(data):
            yield INDENT + click.style(estimate, fg="cyan")

    def _more(self, one: Heard) -> Iterator[str]:
        data = one.data
        usual = data["baseline"]
        if usual["score"] is not None and usual["threshold"] is not None:
            yield self.say("score", score=usual["score"], threshold=usual["threshold"])
        if data["fire"] and data["fire"]["access_risk"]:
            yield self.say("access")
        yield click.style(self.moment(data["hop_ms"]), bold=True)

    def _now(self, data: dict[str, Any]) -> str:
        now, usual = data["people"]["best"], data["baseline"]["expected"]
        if now is None:
            return self.say("now.unknown")
        unknown = CATALOGUES[self.lang]["usual.unknown"]
        text = self.say("now", now=_figure(now), usual=unknown if usual is None else _figure(usual))
        if usual and now >= 2 * usual:
            text += self.say("times", times=round(now / usual))
        return text

    def _trend(self, data: dict[str, Any]) -> str:
        return self.say(f"trend.{data['trend']['direction']}")

    def _why(self, data: dict[str, Any]) -> str:
        texts = CATALOGUES[self.lang]
        reasons = [texts[f"reason.{reason}"] for reason in data["reasons"]]
        return texts["stop"].join(reasons) or texts[f"kind.{data['kind']}"]

    def _attendance(self, data: dict[str, Any]) -> str | None:
        """Return the estimate from tonight's peak so far; None where the line says nothing."""
        peak = data["peak"]["people"]
        here = data["area"]["worst_tile"] == self.stadium
        people = self.line.estimate(peak) if here else None
        if people is None:
            return None
        return self.say("attendance", people=people, peak=_figure(peak), points=self.line.points)


def _figure(value: float) -> str:
    """Return activity with what digits it deserves.

    >>> _figure(53.639), _figure(2.872), _figure(1284.0)
    ('53.6', '2.9', '1,284')
    """
    return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"  # noqa: PLR2004 - four digits


def _width(text: str) -> int:
    """Return how many columns a text takes: Chinese characters take two.

    >>> _width("fire"), _width("消防")
    (4, 4)
    """
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)  # noqa: PLR2004 - first CJK block

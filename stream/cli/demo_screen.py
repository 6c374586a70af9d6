"""The demo's screen: published alerts and facts in, lines for a person out; no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from alerts.catalogue import CATALOGUES
from alerts.text import GRADES, colours
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
INDENT: Final = " " * 8
OFTEN: Final = 2  # from twice the usual on it is said how many times


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

    @property
    def sameness(self) -> tuple[int, str, str]:
        """Key of what may be shown as one: hop, incident and kind of message."""
        return self.data["hop_ms"], self.data["incident"], self.data["kind"]


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

    def alert(self, same: Sequence[Heard], *, estimate: bool) -> str:
        """Return one block of lines for what several desks heard at once of one incident.

        same: alerts with equal `sameness`, at least one. estimate: whether the attendance
        estimate has changed since it was shown.
        """
        return "\n".join(self._alert(same, estimate=estimate))

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

    def estimate(self, data: dict[str, Any]) -> int | None:
        """Return the match attendance estimate; None where the line says nothing.

        From the peak of the evening so far, as the line goes through peaks.
        """
        here = data["area"]["worst_tile"] == self.stadium
        return self.line.estimate(data["peak"]["people"]) if here else None

    def _local(self, at_ms: int) -> str:
        return Calendar(tz=self.tz, country="none").local_iso(at_ms)

    def _alert(self, same: Sequence[Heard], *, estimate: bool) -> Iterator[str]:
        data = same[0].data
        kind = CATALOGUES[self.lang][f"kind.{data['kind']}"]
        title = self.say("title.alert", place=data["place"], kind=kind)
        brief = data["kind"] == PLAIN_UPDATE
        desks = self._desks({one.desk for one in same})
        shown = title if brief else click.style(title, bold=True)
        yield f"{desks} {self.clock(data['hop_ms'])} {self._badge(data)} {shown}"
        semicolon = self.say("semicolon")
        yield INDENT + semicolon.join(self._figures(same, brief=brief))
        yield INDENT + self.moment(data["hop_ms"])
        people = self.estimate(data)
        if estimate and people is not None:
            peak = _figure(data["peak"]["people"])
            text = click.style(self.say("attendance", people=people), fg="cyan", bold=True)
            yield INDENT + text + self.say("attendance.how", peak=peak, points=self.line.points)

    def _desks(self, told: set[str]) -> str:
        """Return the desks' names on their colours, each in a column of its own."""
        columns = []
        for desk, (front, back) in DESK_PAINT.items():
            name = f" {self.say(f'desk.{desk}')} "
            painted = click.style(name, fg=front, bg=back, bold=True)
            columns.append(painted if desk in told else " " * _width(name))
        return "".join(columns)

    def _badge(self, data: dict[str, Any]) -> str:
        """Return colour and grade on the colour, dim once it is over."""
        names = [
            f" {self.say('badge', colour=colours(level)[self.lang], grade=grade)} "
            for level, grade in GRADES.items()
        ]
        name = names[data["level"] - 1]
        gap = " " * (max(map(_width, names)) - _width(name))
        back, front = PAINT[data["level"]]
        over = data["kind"] in ENDED
        return (click.style(name, dim=True) if over else click.style(name, bg=back, fg=front)) + gap

    def _figures(self, same: Sequence[Heard], *, brief: bool) -> Iterator[str]:
        data, texts = same[0].data, CATALOGUES[self.lang]
        yield self._now(data)
        if data["reasons"]:
            yield texts["stop"].join(texts[f"reason.{reason}"] for reason in data["reasons"])
        usual = data["baseline"]
        if not brief and usual["score"] is not None and usual["threshold"] is not None:
            yield self.say("score", score=usual["score"], threshold=usual["threshold"])
        over = data["kind"] in ENDED
        if (
            not brief
            and not over
            and any(one.data["fire"] and one.data["fire"]["access_risk"] for one in same)
        ):
            yield click.style(self.say("access"), bold=True)

    def _now(self, data: dict[str, Any]) -> str:
        now, usual = data["people"]["best"], data["baseline"]["expected"]
        if now is None:
            return self.say("now.unknown")
        unknown = CATALOGUES[self.lang]["usual.unknown"]
        often = usual and now >= OFTEN * usual
        return self.say(
            "now",
            now=_figure(now),
            usual=unknown if usual is None else _figure(usual),
            times=self.say("times", times=round(now / usual)) if often else "",
            trend=self.say(f"trend.{data['trend']['direction']}"),
        )


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

"""What the desks of the demo have received so far, and the lines that sum it up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from stream.cli.demo_history import DESKS, STADIUM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.cli.demo_history import Evening, History
    from stream.cli.demo_screen import Heard, Screen

__all__ = ["Received", "summary"]

NEXT = ("next.keep", "next.budget", "next.backtest", "next.docs")


@dataclass(slots=True, kw_only=True)
class Received:
    """What came, by desk.

    first, first_s: a desk's first alert, and seconds from the start to it. incidents: by id,
    whether at the stadium. estimate: the attendance as last shown. peak: activity there.
    """

    values: dict[str, list[bytes]] = field(default_factory=lambda: {desk: [] for desk in DESKS})
    first: dict[str, Heard] = field(default_factory=dict)
    first_s: dict[str, float] = field(default_factory=dict)
    incidents: dict[str, bool] = field(default_factory=dict)
    estimate: int | None = None
    peak: float | None = None

    def take(self, one: Heard, at_s: float) -> None:
        """Note an alert. at_s: seconds from the start."""
        self.values[one.desk].append(one.value)
        self.first.setdefault(one.desk, one)
        self.first_s.setdefault(one.desk, at_s)
        here = one.data["area"]["worst_tile"] == STADIUM
        self.incidents[one.data["incident"]] = here
        people = one.data["peak"]["people"]
        if here and people is not None:
            self.peak = max(self.peak or 0.0, people)

    @property
    def both(self) -> bool:
        """Tell whether each desk has heard."""
        return self.first.keys() == DESKS.keys()

    def is_all(self, history: History) -> bool:
        """Tell whether as much came as the offline engine says."""
        return all(len(self.values[desk]) >= len(history.expected[desk]) for desk in DESKS)


def summary(
    screen: Screen, received: Received, evening: Evening, history: History, *, whole: bool
) -> Iterator[str]:
    """Yield the lines. whole: the evening was sent to its end."""
    for desk in DESKS:
        yield screen.fact("summary", _first(screen, received.first.get(desk), desk))
    if whole:
        yield screen.fact("summary", _tally(screen, received))
        yield screen.fact("summary", _attended(screen, received, evening))
        yield screen.fact("summary", _compared(screen, received, history))
    took = {
        desk: f"{received.first_s[desk]:.1f}" if desk in received.first_s else "-" for desk in DESKS
    }
    yield screen.fact("summary", screen.say("took", **took))
    for key in NEXT:
        yield screen.fact("next", screen.say(key))


def _first(screen: Screen, one: Heard | None, desk: str) -> str:
    name = screen.say(f"desk.{desk}")
    if one is None:
        return screen.say("first.none", desk=name)
    at_ms = one.data["hop_ms"]
    return screen.say("first", desk=name, clock=screen.clock(at_ms), moment=screen.moment(at_ms))


def _tally(screen: Screen, received: Received) -> str:
    return screen.say(
        "count",
        police=len(received.values["police"]),
        fire=len(received.values["fire"]),
        incidents=len(received.incidents),
        here=sum(received.incidents.values()),
    )


def _attended(screen: Screen, received: Received, evening: Evening) -> str:
    text = screen.say("attended", people=evening.match.attendance)
    estimate = evening.line.estimate(received.peak)
    if received.peak is not None and estimate is not None:
        text += screen.say("attended.line", estimate=estimate, peak=f"{received.peak:.1f}")
    return text


def _compared(screen: Screen, received: Received, history: History) -> str:
    live = sum(map(len, received.values.values()))
    if received.values == history.expected:
        return screen.say("equal", count=live)
    offline = sum(map(len, history.expected.values()))
    return click.style(screen.say("differs", live=live, offline=offline), fg="red")

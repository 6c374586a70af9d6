"""The life of an incident as a page for people, drawn from the table that decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.lifecycle import TRANSITIONS, DeskState, Event, Kind, Silence

if TYPE_CHECKING:
    from alerts.lifecycle import Outcome

__all__ = ["life_page"]

_STATES: Final = {
    DeskState.PENDING: "the desk was not told yet",
    DeskState.OPEN: "told, and somebody has to acknowledge: it rings",
    DeskState.ESCALATED: "it rose, or was handed up: it rings",
    DeskState.ACKNOWLEDGED: "somebody saw it",
    DeskState.SHELVED: "put off by the desk, for a while",
    DeskState.CLOSED: "closed by the desk while it is still raised",
    DeskState.ENDED: "over",
}
_EVENTS: Final = {
    Event.HEARD: "it reaches the level from which this desk hears",
    Event.HEARD_COVERED: "likewise, and the desk acknowledged what it came from",
    Event.ROSE: "level up, above what the desk acknowledged",
    Event.REGAINED: "level up, not above that",
    Event.FELL: "level down, still above that",
    Event.SETTLED: "level down, to that or below",
    Event.CHANGED: "people or ground changed enough",
    Event.REPEATED: "nothing was told for 12 h",
    Event.ACKED: "the desk acknowledges (`ack`)",
    Event.CONFIRMED: "the desk acts on it (`confirm`)",
    Event.LAPSED: "acknowledged an hour ago, still open",
    Event.OVERDUE: "not acknowledged in time",
    Event.UNANSWERED: "nor by the last post for a while, or people grew by half: it rings again",
    Event.HANDED_UP: "passed to the next post (`escalate`)",
    Event.COMMENTED: "the desk writes something (`comment`)",
    Event.SHELVED: "put off (`shelve`)",
    Event.UNSHELVED: "that time is over",
    Event.SILENCED: "its ground is silenced, or no longer (`silence`)",
    Event.REVIVED: "the desk takes back its close (`reopen`)",
    Event.CLOSED: "the desk closes it (`close`)",
    Event.JUDGED: "an outcome after the end (`close`)",
    Event.CLEARED: "no tile is raised any more",
    Event.EXPIRED: "every tile blind for 24 h",
    Event.WITHDRAWN: "a correction removed every reason (reserved: nobody sends it yet)",
    Event.MERGED: "it goes on in another incident",
    Event.RETURNED: "raised again soon after its end",
}

_HEAD: Final = """# The life of an incident, as one desk sees it

Drawn from `alerts/lifecycle.py` by `make docs`; a test holds the two equal. Each desk has a state
of its own for each incident. A cell says which state follows, and in **bold** the kind of message
that the desk is sent; *held* = it is not sent but listed with who held it, why and until when; a
state alone = no message; an empty cell cannot happen.
"""


def life_page() -> str:
    """Return the page, in Markdown: states, events, the table of both, and a drawing."""
    parts = [_HEAD, _list("state", _STATES), _list("event", _EVENTS), _table(), _drawing()]
    return "\n".join(parts)


def _list(head: str, entries: dict[DeskState, str] | dict[Event, str]) -> str:
    rows = [f"| `{one}` | {text} |" for one, text in entries.items()]
    return "\n".join([f"| {head} | means |", "|---|---|", *rows, ""])


def _table() -> str:
    states = list(DeskState)
    head = "| event | " + " | ".join(f"`{one}`" for one in states) + " |"
    rows = [
        f"| `{event}` | " + " | ".join(_cell(TRANSITIONS[one].get(event)) for one in states) + " |"
        for event in Event
    ]
    return "\n".join(["## Which event leads where", "", head, "|---" * 8 + "|", *rows, ""])


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    state, kind = outcome
    if isinstance(kind, Silence):
        return f"{state}, *held*"
    return f"{state}, **{kind}**" if isinstance(kind, Kind) else str(state)


def _drawing() -> str:
    ways: dict[tuple[DeskState, DeskState], list[str]] = {}
    for state, row in TRANSITIONS.items():
        for event, (after, _) in row.items():
            if after is not state:
                ways.setdefault((state, after), []).append(event)
    arrows = [
        f"  {before} --> {after}: {', '.join(events)}" for (before, after), events in ways.items()
    ]
    lines = ["## Drawn", "", "```mermaid", "stateDiagram-v2", f"  [*] --> {DeskState.PENDING}"]
    return "\n".join([*lines, *arrows, f"  {DeskState.ENDED} --> [*]", "```", ""])

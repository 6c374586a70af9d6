"""What one desk was told of one incident, what it did, and what was held from it."""

from __future__ import annotations

from typing import Final

import msgspec

from alerts.lifecycle import DeskState

__all__ = ["Book", "Held", "Mark", "Note", "Shelf"]

HELD_MAX: Final = 10
"""Held alerts listed for each desk and incident; more are only counted."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person at a desk did: at which level, who, when, and what came of it.

    arrived_ms, left_ms: when people were there, as the desk says; None = not said.
    """

    level: int
    by: str
    at_ms: int
    outcome: str | None = None
    text: str | None = None
    arrived_ms: int | None = None
    left_ms: int | None = None


class Note(msgspec.Struct, frozen=True, array_like=True):
    """What somebody wrote beside an incident."""

    by: str
    at_ms: int
    text: str


class Shelf(msgspec.Struct, frozen=True, array_like=True):
    """How long a desk put an incident off, who did, and why."""

    by: str
    text: str
    since_ms: int
    until_ms: int


class Held(msgspec.Struct, frozen=True, array_like=True):
    """An alert that was not sent: what it would have been, why it was held, by whom, how long.

    by, text: None and until_ms 0 where the hold has no end of its own.
    """

    event: str
    hop_ms: int
    level: int
    reason: str
    by: str | None = None
    text: str | None = None
    until_ms: int = 0


class Book(msgspec.Struct, kw_only=True):
    """One desk and one incident: what the desk was told and what it did.

    follows: hears of it whatever the level, since it was told of what became of it.
    revision: of the last message, 0 = never told. told_*: what the desk knows (or would know,
    were it not held). cover: highest level it acknowledged or closed; above it rings.
    covered_ms: when it last did. ack: somebody saw it; confirm: somebody acts on it. post: which
    of the desk's chain is to answer; ring_ms: since when it is. asked_ms: since when
    nobody answered any post; rung: how often it rang since then; rung_people: how many were there
    when it last did. shelf: while it is put off.
    first_people, first_ms: in its first message (of this life of the incident), and when that was.
    said_people, before_people: in the last message that was sent, and in the one before.
    deeds: marks of the newest actions that were carried out, so that none is done twice.
    """

    state: DeskState = DeskState.PENDING
    follows: bool = False
    revision: int = 0
    told_level: int = 0
    told_people: float | None = None
    told_tiles: bytes = b""
    told_ms: int = 0
    told_unseen: bool = False
    cover: int = 0
    covered_ms: int = 0
    ack: Mark | None = None
    confirm: Mark | None = None
    close: Mark | None = None
    post: int = 0
    ring_ms: int = 0
    asked_ms: int = 0
    rung: int = 0
    rung_people: float | None = None
    shelf: Shelf | None = None
    first_people: float | None = None
    first_ms: int = 0
    said_people: float | None = None
    before_people: float | None = None
    notes: list[Note] = []
    deeds: list[bytes] = []
    held: list[Held] = []
    held_total: int = 0

    def say(self, *, people: float | None, now_ms: int, anew: bool) -> None:
        """Note that one more message is sent; anew: the incident came back after its end."""
        self.revision += 1
        self.before_people, self.said_people = self.said_people, people
        if self.revision == 1 or anew:
            self.first_people, self.first_ms, self.before_people = people, now_ms, None

    def hold(self, held: Held) -> None:
        """List an alert that was not sent; the oldest leave the list, the count stays."""
        self.held = [*self.held, held][-HELD_MAX:]
        self.held_total += 1

"""Fold alerts into the picture a desk holds: newest revision of each incident, whatever repeats.

A worker that restarts may send old revisions again (PROTOCOL 14). A reader that folds by
revision never goes back and never counts twice.
"""

from __future__ import annotations

from typing import Generic, Protocol

from typing_extensions import TypeVar

from alerts.lifecycle import End
from alerts.message import AlertData

__all__ = ["Board"]


class _Message(Protocol):
    """What folding needs of a message, whole or as a tolerant reader has it."""

    @property
    def incident(self) -> str: ...
    @property
    def revision(self) -> int: ...
    @property
    def level(self) -> int: ...
    @property
    def lifecycle(self) -> str: ...
    @property
    def opened_ms(self) -> int: ...


M = TypeVar("M", bound=_Message, default=AlertData)


class Board(Generic[M]):
    """What one desk sees: incidents by id, each at its newest revision."""

    def __init__(self) -> None:
        """Start with an empty board."""
        self.incidents: dict[str, M] = {}

    def take(self, data: M) -> bool:
        """Take in one message of this desk; return False if it is no news."""
        held = self.incidents.get(data.incident)
        if held is not None and data.revision <= held.revision:
            return False
        self.incidents[data.incident] = data
        return True

    def open_incidents(self) -> tuple[M, ...]:
        """Return incidents that are not over, the highest level first, then the oldest."""
        over = set(End)
        alive = (data for data in self.incidents.values() if data.lifecycle not in over)
        return tuple(sorted(alive, key=lambda data: (-data.level, data.opened_ms, data.incident)))

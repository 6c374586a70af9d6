"""Rings the terminal's bell at alerts that somebody has to acknowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
import msgspec

from stream.wall import wall_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.topic_reader import Received

__all__ = ["Bell"]

FRESH_MS: Final = 600_000  # what is older was rung for when it came, or it is too late
KNOWN_MAX: Final = 10_000


class _Data(msgspec.Struct, frozen=True):
    incident: str
    revision: int
    needs_ack: bool = False


class _Event(msgspec.Struct, frozen=True):
    data: _Data


_event: Final = msgspec.json.Decoder(_Event)


class Bell:
    """Rings once for each revision that rings at its desk. now: wall clock, epoch ms."""

    def __init__(self, *, now: Callable[[], int] = wall_ms) -> None:
        """Start with nothing heard."""
        self._now = now
        self._known: dict[tuple[str, str], int] = {}

    def hear(self, record: Received) -> bool:
        """Ring if this record asks for it; return whether it did. On stderr: stdout is for data."""
        try:
            data = _event.decode(record.value or b"").data
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return False
        place = (record.topic, data.incident)
        held = self._known.pop(place, 0)
        self._known[place] = max(data.revision, held)
        if len(self._known) > KNOWN_MAX:
            del self._known[next(iter(self._known))]
        is_fresh = self._now() - record.timestamp_ms < FRESH_MS
        if data.revision > held and is_fresh and data.needs_ack:
            click.echo("\a", nl=False, err=True)
            return True
        return False

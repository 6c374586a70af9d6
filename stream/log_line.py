"""One line of JSON on stderr for each thing that was done; never where a note went to."""

from __future__ import annotations

import sys

import msgspec

from stream.wall import wall_ms

__all__ = ["line"]


def line(event: str, **facts: object) -> None:
    """Write a line, with the wall clock."""
    told = {"at_ms": wall_ms(), "event": event, **facts}
    sys.stderr.write(msgspec.json.encode(told).decode() + "\n")
    sys.stderr.flush()

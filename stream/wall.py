"""The wall clock, for hosts and tools; what decides anything reads the clock of the log."""

from __future__ import annotations

import time

__all__ = ["wall_ms"]


def wall_ms() -> int:
    """Return the wall clock, epoch ms."""
    return time.time_ns() // 1_000_000

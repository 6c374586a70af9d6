"""How a process of ours is asked to end: SIGTERM, or Ctrl-C."""

from __future__ import annotations

import signal
import threading

__all__ = ["asked_to_stop"]


def asked_to_stop() -> threading.Event:
    """Return an event that is set once somebody asks this process to end."""
    over = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: over.set())
    return over

"""Tells on stderr how far a long run is: one line that changes, or now and then a line of a log."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Progress"]

_TTY_EVERY_S: Final = 0.2
_LOG_EVERY_S: Final = 10.0
TIMES: Final = "{spent} s, about {left} s to go"


class Progress:
    """Shows how much of a run is done.

    file: where to, usually stderr; None: nowhere. what: the work, a word or two. times: words
    about seconds `spent` and `left`. clock: seconds that never fall.
    """

    def __init__(
        self,
        file: IO[str] | None,
        what: str,
        *,
        times: str = TIMES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Show nothing yet: a short run says nothing at all."""
        self._file = file
        self._what, self._times = what, times
        self._clock = clock
        self._tty = file is not None and file.isatty()
        self._every_s = _TTY_EVERY_S if self._tty else _LOG_EVERY_S
        self._begun = clock()
        self._next = self._begun + self._every_s
        self._shown = False

    def at(self, share: float, note: str = "") -> None:
        """Say that a share of 0 to 1 is done, if it is time to say something."""
        now = self._clock()
        if self._file is None or now < self._next:
            return
        self._next = now + self._every_s
        spent_s = now - self._begun
        left_s = spent_s / share - spent_s if share > 0 else 0.0
        times = self._times.format(spent=round(spent_s), left=round(left_s))
        line = f"{self._what} {share:4.0%}, {times}  {note}"
        self._shown = True
        self._file.write(f"\r\x1b[K{line}" if self._tty else f"{line}\n")
        self._file.flush()

    def done(self) -> None:
        """Clear the changing line."""
        if self._file is not None and self._shown and self._tty:
            self._file.write("\r\x1b[K")
            self._file.flush()

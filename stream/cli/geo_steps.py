"""Tells at a terminal which step of a build runs, how far it is, and how long it took."""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Final

from stream.cli.geo_text import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Steps"]

EVERY_S: Final = 0.1  # A step of a million parts must not spend its time on telling.
CLEAR: Final = "\r\x1b[K"


class Steps:
    """One line a step on a terminal; nothing at all into a file or a pipe.

    file: usually stderr. lang: a key of TEXTS. clock: seconds that never go back.
    """

    def __init__(
        self, file: IO[str], *, lang: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._file = file if file.isatty() else None
        self._texts = TEXTS[lang]
        self._clock = clock
        self._begun_s = self._told_s = clock()
        self._step = ""

    def at(self, step: str, done: int, total: int) -> None:
        """Say how much of a step is done; another step than before has just begun."""
        if self._file is None:
            return
        now_s = self._clock()
        if step != self._step:
            self.end()
            self._step = step
        elif now_s - self._told_s < EVERY_S and done < total:
            return
        self._told_s = now_s
        count = f" {done:,}/{total:,}" if total > 1 else ""
        self._file.write(f"{CLEAR}  {self._texts[f'step.{step}']}{count}")
        self._file.flush()

    def end(self) -> None:
        """End the step that runs, and say how long it took."""
        now_s = self._clock()
        if self._file is not None and self._step:
            self._file.write(f"  {now_s - self._begun_s:.1f} s\n")
            self._file.flush()
        self._step, self._begun_s = "", now_s

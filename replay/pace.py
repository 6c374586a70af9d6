"""Keeps the pace of a log: each record at its own absolute time, so that no delay adds up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pace"]

_NAP_S: Final = 0.5  # at most, so that progress is shown while nothing is due


class Pace:
    """Waits until a time of the log has come.

    speed: how many times faster than the log's own clock; 0 = as fast as it goes. clock, sleep:
    seconds that never fall, and how to let them pass.

    >>> slept = []
    >>> pace = Pace(60, clock=lambda: sum(slept), sleep=slept.append)
    >>> pace.wait(0), pace.wait(60_000), sum(slept)
    (None, None, 1.0)
    """

    def __init__(
        self,
        speed: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Let the log begin with the first record that is waited for."""
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._begun: tuple[float, int] | None = None

    @property
    def hurry(self) -> bool:
        """Whether there is no pace to keep."""
        return self._speed == 0

    def wait(self, at_ms: int, while_waiting: Callable[[], object] | None = None) -> None:
        """Return when the log's time `at_ms` has come; call `while_waiting` now and then."""
        if self.hurry:
            return
        if self._begun is None:
            self._begun = self._clock(), at_ms
        begun_s, first_ms = self._begun
        due_s = begun_s + (at_ms - first_ms) / 1000 / self._speed
        while (left_s := due_s - self._clock()) > 0:
            self._sleep(min(left_s, _NAP_S))
            if while_waiting is not None:
                while_waiting()

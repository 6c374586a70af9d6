"""The replay of a feed into Kafka as a process of its own, started again wherever it ends early."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from replay.feed import FeedOptions, read_feed
from replay.log import log_span
from tests.kafka.broker import tied_to_parent
from tests.kafka.crew import COMMAND

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.kafka.trial import Trial

__all__ = ["Feeder"]

PAUSE_S: Final = 1.0


@dataclass(slots=True, kw_only=True)
class Feeder:
    """Pushes one feed file. options: of `crowdtide replay`. log: where it writes.

    starts: how often it was started; it goes on where it was each time.
    """

    feed: Path
    options: Sequence[str]
    log: Path
    is_done: bool = False
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _due: float = 0.0

    @classmethod
    def paced(cls, feed: Path, trial: Trial, *, lasts_s: float, folder: Path) -> Self:
        """Return one that takes about so long for the whole feed."""
        settings = trial.settings
        history = read_feed(feed, FeedOptions())
        span = log_span(history, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms)
        speed = (span[1] - span[0]) / 1000 / lasts_s
        return cls(
            feed=feed,
            options=[*trial.options, "--to-kafka", "--speed", f"{speed:.1f}"],
            log=folder / "feeder.log",
        )

    def __enter__(self) -> Self:
        """Start it."""
        self.look()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def look(self) -> None:
        """Start it again if it ended before all was delivered."""
        if self._process is not None and (code := self._process.poll()) is not None:
            self._process = None
            self.is_done = code == 0
            self._due = time.monotonic() + PAUSE_S
        if self._process is None and not self.is_done and time.monotonic() >= self._due:
            self.starts += 1
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [*tied_to_parent(), COMMAND, "replay", str(self.feed), *self.options],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )

    def kill(self) -> bool:
        """Kill it at once; False: it was not running."""
        if self._process is None:
            return False
        self._process.kill()
        return True

    def hold(self) -> None:
        """Stop it where it is; `go_on` lets it go on."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on after `hold`; what it is behind by then it sends at once."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "it has not ended yet"
        self._process.send_signal(number)

"""A process of the product that runs beside the workers, on a test's broker."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final, Self

from tests.arch.house import ROOT
from tests.kafka.broker import tied_to_parent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.kafka.broker import Broker

__all__ = ["CLI", "Beside", "deploy"]

CLI: Final = (sys.executable, "-m", "stream.cli")
END_S: Final = 60.0


def deploy(broker: Broker, prefix: str) -> list[str]:
    """Make the topics of a deployment; return what every command takes to work on it."""
    mine = (f"kafka.bootstrap={broker.bootstrap}", f"topics.prefix={prefix}")
    options = [part for one in mine for part in ("--set", one)]
    made = [*CLI, "topics", "ensure", *options]
    subprocess.run(made, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return options


class Beside:
    """One process with a state of its own, started again by whoever ends it.

    command: `notify`, `ledger`. options: of the deployment; sets: settings of its own. log: what
    it says, of all its lives.
    """

    def __init__(self, command: str, folder: Path, options: Sequence[str], *sets: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.options = [*options, *(part for one in sets for part in ("--set", one))]
        self.log = folder / f"{command}.log"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [*tied_to_parent(), *CLI, self._command, *self.options]
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """End it as a power cut would. Raises AssertionError if it had ended by itself."""
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(END_S)

    def restart(self, *sets: str) -> None:
        """Ask it to end, and start it again with some settings more."""
        code = self.stop()
        # One that has barely begun knows of no signals yet.
        assert code in {0, -signal.SIGTERM}, self.log.read_text()
        self.options += [part for one in sets for part in ("--set", one)]
        self.start()

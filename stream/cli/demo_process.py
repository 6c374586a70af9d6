"""The demo's worker as a process of its own: begun, watched, ended in order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

import msgspec

from stream.cli.demo_history import CELLS, CONFIG

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from stream.cli.demo_broker import Ground

__all__ = ["DeadWorkerError", "Worker"]

LOOK_S: Final = 0.05
ANSWER_S: Final = 2.0
STOP_S: Final = 5.0
TAIL_LINES: Final = 8
TAIL_BYTES: Final = 20_000
LINE_MAX: Final = 300  # a trace is one line, too


class DeadWorkerError(RuntimeError):
    """The worker ended, or never got ready. code: how it ended, None = it did not."""

    def __init__(self, code: int | None, why: str = "") -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class Worker:
    """A worker process on the demo's broker, for the length of a `with` block.

    folder: where its log goes. It begins to load its modules at once, and works from `begin` on.
    """

    def __init__(self, folder: Path) -> None:
        """Choose a free port; nothing runs yet."""
        self.port = _free_port()
        self._log = folder / "worker.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Return its process id; 0 before the block."""
        return 0 if self._process is None else self._process.pid

    def __enter__(self) -> Self:
        """Start it, in a session of its own: Ctrl-C is for us, and we end it in order."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "stream.cli.demo_worker"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        return self

    def begin(self, ground: Ground) -> None:
        """Let it work; the state must be in the snapshot topic. Raises DeadWorkerError.

        Whoever closes the broker must `stop` it first: it leaves its group in order.
        """
        assert self._process is not None, "begin before the block"
        assert self._process.stdin is not None, "its input is a pipe"
        arguments = ["--config", str(CONFIG), "--cells", str(CELLS)]
        for one in (*ground.sets, f"worker.web_port={self.port}", 'worker.web_bind="127.0.0.1"'):
            arguments += ["--set", one]
        try:
            self._process.stdin.write(msgspec.json.encode(arguments) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise DeadWorkerError(self._process.wait()) from None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it, if it has not ended with the broker it worked on."""
        self.stop()

    def stop(self) -> None:
        """Ask it to leave; if it does not, end it."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()

    def check(self) -> None:
        """Raise DeadWorkerError if it has ended."""
        code = None if self._process is None else self._process.poll()
        if code is not None:
            raise DeadWorkerError(code)

    def wait_ready(self, limit_s: float) -> None:
        """Return when it answers that it is ready. Raises DeadWorkerError."""
        until_s = time.monotonic() + limit_s
        why = ""
        while time.monotonic() < until_s:
            self.check()
            why = self._not_ready()
            if not why:
                return
            time.sleep(LOOK_S)
        raise DeadWorkerError(None, why)

    def log_tail(self) -> list[str]:
        """Return the last lines of its log, each cut to what can be read."""
        text = self._log.read_bytes()[-TAIL_BYTES:].decode(errors="replace")
        return [line[:LINE_MAX] for line in text.splitlines()[-TAIL_LINES:]]

    def _not_ready(self) -> str:
        page = f"http://127.0.0.1:{self.port}/readyz"
        try:
            with urllib.request.urlopen(page, timeout=ANSWER_S):
                return ""
        except urllib.error.HTTPError as answer:
            return answer.read().decode(errors="replace").strip()
        except OSError as fault:
            return str(fault)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

"""The processes and threads of the demo: the worker, two subscribers, the one who sends."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

import msgspec
from typing_extensions import override

from replay.progress import Progress
from replay.push import push
from stream.cli.demo_history import CELLS, CONFIG, DESKS
from stream.cli.demo_screen import Heard, heard
from stream.cli.topic_reader import read_topics

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from replay.feed import Feed
    from stream.cli.demo_broker import Ground

__all__ = ["DeadWorkerError", "Sender", "Subscribers", "Worker"]

LOOK_S: Final = 0.05
ANSWER_S: Final = 2.0
STOP_S: Final = 5.0
JOIN_S: Final = 3.0
TAIL_LINES: Final = 8
TAIL_BYTES: Final = 4000
GROUPED_S: Final = 0.15  # alerts of one hop reach both desks within this time


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
        """Return the last lines of its log."""
        text = self._log.read_bytes()[-TAIL_BYTES:].decode(errors="replace")
        return text.splitlines()[-TAIL_LINES:]

    def _not_ready(self) -> str:
        page = f"http://127.0.0.1:{self.port}/readyz"
        try:
            with urllib.request.urlopen(page, timeout=ANSWER_S):
                return ""
        except urllib.error.HTTPError as answer:
            return answer.read().decode(errors="replace").strip()
        except OSError as fault:
            return str(fault)


class Subscribers:
    """A police and a fire subscriber, each a Kafka client of its own in a thread of its own."""

    def __init__(self, ground: Ground) -> None:
        """Make the threads; `with` starts them."""
        self._ground = ground
        self._inbox: queue.SimpleQueue[Heard | Exception] = queue.SimpleQueue()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._listen, args=(desk,), name=f"{desk} desk", daemon=True)
            for desk in DESKS
        ]

    def __enter__(self) -> Self:
        """Begin to listen."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening; a client looks up at least twice a second."""
        self._over.set()
        for thread in self._threads:
            thread.join(JOIN_S)

    def received(self, wait_s: float) -> list[Heard]:
        """Return what came, in the order of the log; none if nothing came for `wait_s`.

        Raises what ended a subscriber.
        """
        came: list[Heard] = []
        left_s = wait_s
        while True:
            try:
                one = self._inbox.get(timeout=left_s)
            except queue.Empty:
                return sorted(came, key=lambda alert: alert.order)
            if isinstance(one, Exception):
                raise one
            came.append(one)
            left_s = GROUPED_S  # a little longer: the other desk's is on its way

    def _listen(self, desk: str) -> None:
        settings = self._ground.loaded.settings
        topic = settings.topics.prefix + DESKS[desk]
        try:
            for record in read_topics(settings, {topic: "earliest"}, until_end=False):
                if record is not None:
                    self._inbox.put(heard(desk, record.value))
                if self._over.is_set():
                    return
        except Exception as fault:  # noqa: BLE001 - the main thread tells whose fault it is
            if not self._over.is_set():
                self._inbox.put(fault)


class _Reins(Progress):
    """Knows where a push is, and stops it as Ctrl-C would, at the next record or nap."""

    def __init__(self) -> None:
        super().__init__(None, "")
        self.share = 0.0
        self.stop = False

    @override
    def at(self, share: float, note: str = "") -> None:
        self.share = share
        if self.stop:
            raise KeyboardInterrupt


class Sender:
    """Sends the evening through the topics at a pace, in a thread, for a `with` block."""

    def __init__(self, ground: Ground, evening: Feed, *, speed: float) -> None:
        """Make the thread; `with` starts it."""
        self._reins = _Reins()
        self._fault: Exception | None = None
        self._done = threading.Event()
        settings = ground.loaded.settings
        self._thread = threading.Thread(
            target=self._send,
            args=(
                lambda: push(
                    evening,
                    ground.loaded,
                    prefix=settings.topics.prefix,
                    speed=speed,
                    progress=self._reins,
                    give_up=self._lost,
                ),
            ),
            daemon=True,
        )

    def __enter__(self) -> Self:
        """Begin to send."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; what is under way still lands."""
        self._reins.stop = True
        self._thread.join(JOIN_S)

    @property
    def share(self) -> float:
        """Return how much of the evening's log was sent, 0 to 1."""
        return self._reins.share

    def finished(self) -> bool:
        """Tell whether all was sent. Raises what went wrong."""
        if self._fault is not None:
            raise self._fault
        return self._done.is_set()

    def _send(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as fault:  # noqa: BLE001 - the main thread tells whose fault it is
            self._fault = self._fault or fault
        self._done.set()

    def _lost(self, line: str) -> None:
        from stream.kafka_clients import BrokerError

        self._fault = BrokerError(line)
        self._reins.stop = True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

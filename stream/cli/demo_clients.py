"""The Kafka clients of the demo: a police and a fire subscriber, and the one who sends."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Final, Self

from typing_extensions import override

from replay.progress import Progress
from replay.push import push
from stream.cli.demo_history import DESKS
from stream.cli.demo_screen import Heard, heard
from stream.kafka_clients import BrokerError
from stream.topic_reader import read_topics

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from replay.feed import Feed
    from stream.cli.demo_broker import Ground

__all__ = ["Sender", "Subscribers"]

JOIN_S: Final = 3.0
GROUPED_S: Final = 0.15  # alerts of one hop reach both desks within this time


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
        self._fault = BrokerError(line)
        self._reins.stop = True

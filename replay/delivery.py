"""Sends records in order and makes sure that nothing lands behind one that was lost.

Theory of operation. The producer is idempotent, so a partition's records land in order or not
at all; it may retry for ever, and a deadline of our own ends that. When a record fails for good,
the client would go on with the next one and leave a gap that no resume could see. So the process
ends at once, from within the very callback (PROTOCOL 9): what did land is then a clean beginning
of the log, and the next run goes on behind it.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.settings import Settings

__all__ = ["Delivery", "end_process"]

_FLYING_MAX: Final = 5_000  # records that may wait for their acknowledgement
_FLYING_BYTES_MAX: Final = 32 * 1024 * 1024
_NEVER_MS: Final = 2**31 - 1
_REQUEST_BYTES_MAX: Final = 2 * 1024 * 1024
_BATCH_BYTES: Final = 256 * 1024


def end_process(message: str) -> NoReturn:
    """Say why and leave without another byte sent."""
    sys.stderr.write(f"\n{message}\n")
    sys.stderr.flush()
    os._exit(1)


class Delivery:
    """An idempotent kafka-python producer with every acknowledgement checked.

    settings: where the brokers are and how long a record may wait. hurry: group records as
    there is no pace to keep. give_up: called with one line when a record is lost; must not
    return to the producer (tests may raise).
    """

    def __init__(
        self,
        settings: Settings,
        options: dict[str, Any],
        *,
        hurry: bool,
        give_up: Callable[[str], object] = end_process,
    ) -> None:
        """Connect; raises kafka-python's errors."""
        from kafka import KafkaProducer

        self._timeout_s = settings.kafka.send_timeout_s
        self._give_up = give_up
        self._flying: deque[tuple[float, int, Any]] = deque()
        self._bytes = 0
        self._producer = KafkaProducer(
            **options,
            acks="all",
            enable_idempotence=True,
            delivery_timeout_ms=_NEVER_MS,
            max_request_size=_REQUEST_BYTES_MAX,
            batch_size=_BATCH_BYTES,
            linger_ms=20 if hurry else settings.kafka.linger_ms,
            allow_auto_create_topics=False,
        )

    def send(self, place: tuple[str, int], value: bytes, headers: list[tuple[str, bytes]]) -> None:
        """Send one record behind all earlier ones; waits while too many are under way."""
        topic, partition = place
        future = self._producer.send(topic, value=value, partition=partition, headers=headers)
        future.add_errback(self._lost, topic)
        self._flying.append((time.monotonic(), len(value), future))
        self._bytes += len(value)
        while len(self._flying) > _FLYING_MAX or self._bytes > _FLYING_BYTES_MAX:
            self._land_oldest()
        while self._flying and self._flying[0][2].is_done:
            self._land_oldest()

    def land(self) -> None:
        """Wait until every record is acknowledged."""
        while self._flying:
            self._land_oldest()

    def close(self) -> None:
        """Let go of the broker; call `land` first."""
        self._producer.close(timeout=2)

    def _land_oldest(self) -> None:
        sent_s, size, future = self._flying.popleft()
        self._bytes -= size
        try:
            future.get(timeout=max(0.0, sent_s + self._timeout_s - time.monotonic()))
        except Exception as fault:  # noqa: BLE001  whatever it is, the record is not there
            self._lost("the broker", fault)

    def _lost(self, topic: str, fault: BaseException) -> None:
        shown = " ".join(str(fault).split())[:200] or type(fault).__name__
        self._give_up(
            f"stopped: {topic} did not take a record ({shown}); the same command goes on from there"
        )

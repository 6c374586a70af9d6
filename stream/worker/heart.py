"""The heartbeat: once a minute the incident stage's owner says what it knows, or all are blind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from stream.incident import IncidentMachine

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from stream.machine import Machine
    from stream.metrics import Metrics
    from stream.worker.deployment import Deployment
    from stream.worker.producer import OutputProducer

__all__ = ["Heart"]

EVERY_MS: Final = 60_000


class Heart:
    """Sends heartbeats of whichever incident machine this worker hosts; none if it hosts none.

    clock_ms: wall clock, epoch ms. The first beat comes as soon as a hop has closed.
    """

    def __init__(
        self,
        deployment: Deployment,
        producer: OutputProducer,
        metrics: Metrics,
        *,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._deployment = deployment
        self._producer = producer
        self._metrics = metrics
        self._clock_ms = clock_ms
        self._last_ms: int | None = None

    async def beat(self, machine: Machine | None) -> None:
        """Send the heartbeat of this minute, if it is due and there is something to say."""
        now_ms = self._clock_ms()
        # A clock that was set back must not silence us: a beat too many harms nobody.
        due = self._last_ms is None or not 0 <= now_ms - self._last_ms < EVERY_MS
        if not due or not isinstance(machine, IncidentMachine):
            return
        out = machine.heartbeat(worker=self._deployment.worker, at_ms=now_ms)
        if out is None:
            return
        self._last_ms = now_ms
        sent = await self._producer.send(
            self._deployment.name(out.topic), out.value, key=out.key, partition=out.partition
        )
        sent.add_done_callback(self._count)

    def _count(self, sent: asyncio.Future[object]) -> None:
        if not sent.cancelled() and sent.exception() is None:
            self._metrics.alerts.labels("system").inc()

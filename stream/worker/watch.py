"""Is this worker alive, is it ready, and why not: what `/livez` and `/readyz` answer.

Live: the event loop turns, partitions that are dealt out come to run, and work that waits becomes
durable. A batch ends once a hop, so commits come once a hop; input that waits for three hops
without one means that the worker is stuck and must be started again. So does an assignment that
comes to no end, unless a replay's settings are awaited. Ready: an assignment is held and loaded,
polling goes on, and no partition is parked.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec

from stream.gateway import is_off_its_stamp
from stream.records import Tick, decode
from stream.settings import ConfigError
from stream.topics import Topic
from stream.worker.accounts import Accounts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from stream.machine import Delivered
    from stream.metrics import Metrics
    from stream.worker.fleet import Fleet, Place
    from stream.worker.producer import OutputProducer

__all__ = ["Watch"]

BEAT_S_MAX: Final = 5.0
POLL_S_MAX: Final = 5.0
STUCK_S_MIN: Final = 60.0
STUCK_HOPS: Final = 3
# Above the send timeout, which a rebalance may wait for: longer than any loading of state, and
# Faust itself gives up within 30 s.
IDLE_S: Final = 60.0
TICK_BYTES_MAX: Final = 200
_tick: Final = msgspec.json.Decoder(Tick)


class Watch:
    """Watches one worker.

    lag: records appended to a partition and not yet read. unready: why the group is not at
    work, or None. rebalancing: whether partitions are being dealt out. held: partitions paused
    on purpose. clock: seconds that never go back.
    """

    def __init__(
        self,
        fleet: Fleet,
        producer: OutputProducer,
        metrics: Metrics,
        *,
        lag: Callable[[Place], int],
        unready: Callable[[], str | None],
        rebalancing: Callable[[], bool],
        held: Callable[[], Collection[Place]] = tuple,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fleet = fleet
        self._producer = producer
        self._metrics = metrics
        self._lag = lag
        self._unready = unready
        self._rebalancing = rebalancing
        self._held = held
        self._clock = clock
        self._beat_at = self._polled_at = clock()
        self._waiting_since: dict[Place, float] = {}
        self._idle_since: float | None = None
        self._idle_epoch = 0
        self._clocks_ms: dict[Place, int] = {}
        self._accounts = Accounts(metrics)

    def polled(self) -> None:
        """Note that the consumer asked for records."""
        self._polled_at = self._clock()

    def read(self, topic: Topic, record: Delivered) -> None:
        """Note the time that a tick of an input partition says, if the stages follow it."""
        value = record.value
        if topic not in (Topic.COUNTS, Topic.ACKS) or not value or len(value) > TICK_BYTES_MAX:
            return
        try:
            _tick.decode(value)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return  # not worth a whole decoding: the stages do that
        tick, place = decode(value), (topic, record.partition)
        if not isinstance(tick, Tick):
            return
        checked = self._fleet.deployment.settings.time.ticks == "worker"
        if checked and is_off_its_stamp(tick, record):
            self._metrics.ticks_ignored.labels(*place).inc()
        else:
            self._clocks_ms[place] = max(tick.now_ms, self._clocks_ms.get(place, 0))

    def beat(self) -> None:
        """Look around once; called every second from the event loop."""
        now = self._beat_at = self._clock()
        metrics, hosts = self._metrics, self._fleet.hosts
        self._note_idleness(now)
        metrics.undelivered.set(self._producer.undelivered)
        metrics.send_age.set(self._producer.oldest_s)
        metrics.ready.set(0 if self.not_ready() else 1)
        for gone in set(self._clocks_ms) - set(hosts):
            del self._clocks_ms[gone]
        for gone in set(self._waiting_since) - set(hosts):
            del self._waiting_since[gone]
        self._accounts.look({place: host.machine for place, host in hosts.items()})
        for place, host in hosts.items():
            lag, ports = self._lag(place), self._fleet.ports[place]
            metrics.lag.labels(*place).set(lag)
            if host.machine is not None:
                metrics.snapshot_age.labels(*place).set(now - ports.saved_at)
            if place in self._clocks_ms:
                age_s = time.time() - self._clocks_ms[place] / 1000
                metrics.clock_age.labels(*place).set(age_s)
            if lag == 0 or host.parked or place in self._held():
                self._waiting_since.pop(place, None)
            else:
                since = self._waiting_since.get(place, now)
                self._waiting_since[place] = max(since, ports.durable_at)

    def not_live(self) -> str | None:
        """Return why the worker should be killed, or None."""
        now = self._clock()
        if now - self._beat_at > BEAT_S_MAX:
            return f"the event loop stood still for {now - self._beat_at:.0f} s"
        idle_s_max = IDLE_S + self._fleet.deployment.settings.kafka.send_timeout_s
        if self._idle_since is not None and now - self._idle_since > idle_s_max:
            idle_s = now - self._idle_since
            return f"partitions are being dealt out for {idle_s:.0f} s, and none is at work"
        limit_s = max(STUCK_S_MIN, STUCK_HOPS * self._hop_s())
        for (topic, partition), since in sorted(self._waiting_since.items()):
            if now - since > limit_s:
                return f"{topic}/{partition}: input waits, nothing durable for {now - since:.0f} s"
        return None

    def not_ready(self) -> str | None:
        """Return why the worker does no work now, or None."""
        if self._fleet.awaits_settings:
            return "waiting for the settings/1 record of a replay"
        if why := self._unready():
            return why
        parked = [f"{t}/{p}" for (t, p), host in self._fleet.hosts.items() if host.parked]
        if parked:
            return f"parked, because a record crashes the worker: {', '.join(sorted(parked))}"
        if self._clock() - self._polled_at > POLL_S_MAX:
            return "the consumer has stopped asking for records"
        return None

    def _note_idleness(self, now: float) -> None:
        """Note since when an assignment has not come to run; having none at all is no fault."""
        fleet = self._fleet
        begun = all(host.start is not None for host in fleet.hosts.values())
        if fleet.awaits_settings or (begun and not self._rebalancing()):
            self._idle_since = None
        elif self._idle_since is None or self._idle_epoch != fleet.epoch:
            self._idle_since, self._idle_epoch = now, fleet.epoch

    def _hop_s(self) -> float:
        try:
            return self._fleet.deployment.settings.hop_ms / 1000
        except ConfigError:  # no feed register yet
            return 0.0

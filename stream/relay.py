"""The relay: desk actions and ticks of the acks topic, handed on into the incident stage's log.

Stateless like the gateway, and for the same reason: the incident stage then reads one log only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from alerts.action import DeskAction
from stream.deadletter import dead_letter
from stream.gateway import TICK_SKEW_MS_MAX
from stream.machine import Outgoing, Step
from stream.records import Reason, Rejected, Tick, decode
from stream.topics import Topic
from stream.wire import AckClock, Desk, Origin, encode

if TYPE_CHECKING:
    from stream.machine import Delivered
    from stream.settings import Settings

__all__ = ["Relay"]


class Relay:
    """The relay of the acks partition."""

    def __init__(self, settings: Settings) -> None:
        self._epoch = settings.kafka.log_epoch
        self._ticks_are_checked = settings.time.ticks == "worker"
        self._actions = msgspec.json.Decoder(DeskAction)

    def step(self, record: Delivered) -> Step:
        """Return the record for the detections topic, or a dead letter."""
        origin = Origin(self._epoch, record.partition, record.offset, 0)
        tick = decode(record.value)
        if isinstance(tick, Tick):  # by far the most frequent record here
            return self._tick(record, tick, origin)
        value = record.value or b""
        try:
            self._actions.decode(value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            return self._not_an_action(record, str(fault))
        return Step(out=(_on(encode(Desk(origin, value))),))

    def _tick(self, record: Delivered, tick: Tick, origin: Origin) -> Step:
        skew_ms = abs(tick.now_ms - record.timestamp_ms)
        if self._ticks_are_checked and skew_ms > TICK_SKEW_MS_MAX:
            return Step()
        return Step(out=(_on(encode(AckClock(origin, tick.now_ms))),))

    def _not_an_action(self, record: Delivered, fault: str) -> Step:
        refused = Rejected(reason=Reason.MALFORMED, what=f"no desk-action/1: {fault}"[:300])
        letter = dead_letter(record, [refused], source=Topic.ACKS, to=Topic.ACKS_DLQ)
        return Step(out=(letter,))


def _on(value: bytes) -> Outgoing:
    return Outgoing(topic=Topic.DETECTIONS, partition=0, key=None, value=value)

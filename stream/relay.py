"""The relay: desk actions and ticks of the acks topic, handed on into the incident stage's log.

Stateless like the gateway, and for the same reason: the incident stage then reads one log only.
What is not handed on is one dead letter with its reason; only a tick far off the broker's time,
which comes again each second, is ignored (and counted by the host).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from alerts.action import DeskAction
from stream.deadletter import dead_letter
from stream.gateway import is_off_its_stamp
from stream.machine import Outgoing, Step
from stream.records import Counts, Reason, Rejected, Tick, decode
from stream.topics import Topic
from stream.wire import AckClock, Desk, Origin, encode

if TYPE_CHECKING:
    from stream.machine import Delivered
    from stream.settings import Settings

__all__ = ["Relay"]

KNOWN: Final = ("desk-action/1", "tick/1")


class Relay:
    """The relay of the acks partition."""

    def __init__(self, settings: Settings) -> None:
        self._epoch = settings.kafka.log_epoch
        self._ticks_are_checked = settings.time.ticks == "worker"
        self._actions = msgspec.json.Decoder(DeskAction)

    def step(self, record: Delivered) -> Step:
        """Return the record for the detections topic, or a dead letter."""
        origin = Origin(self._epoch, record.partition, record.offset, 0)
        seen = decode(record.value)
        if isinstance(seen, Tick):  # by far the most frequent record here
            return self._tick(record, seen, origin)
        if isinstance(seen, Rejected) and seen.reason is Reason.TOO_LARGE:
            # Unknown fields are let pass, so it might be an action, and then no topic took it.
            return _refused(record, seen)
        value = record.value or b""
        try:
            self._actions.decode(value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            return _refused(record, _not_an_action(value, seen, fault))
        return Step(out=(_on(encode(Desk(origin, value))),))

    def _tick(self, record: Delivered, tick: Tick, origin: Origin) -> Step:
        if self._ticks_are_checked and is_off_its_stamp(tick, record):
            return Step()
        return Step(out=(_on(encode(AckClock(origin, tick.now_ms))),))


def _refused(record: Delivered, refused: Rejected) -> Step:
    letter = dead_letter(record, [refused], source=Topic.ACKS, to=Topic.ACKS_DLQ)
    return Step(out=(letter,))


def _not_an_action(value: bytes, seen: Counts | Rejected, fault: Exception) -> Rejected:
    """Tell bytes that are no JSON, another schema, and an action or tick with something wrong."""
    try:
        head = msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Rejected(reason=Reason.MALFORMED, what=f"not JSON: {fault}"[:300])
    schema = head.get("schema") if isinstance(head, dict) else None
    if schema not in KNOWN:  # a tuple: what stands there may not be hashable
        known = " and ".join(map(repr, KNOWN))
        what = f"schema is {schema!r}; known here are {known}"[:300]
        return Rejected(reason=Reason.SCHEMA, what=what)
    if schema == "tick/1" and isinstance(seen, Rejected):
        return seen
    return Rejected(reason=Reason.MALFORMED, what=f"no desk-action/1: {fault}"[:300])


def _on(value: bytes) -> Outgoing:
    return Outgoing(topic=Topic.DETECTIONS, partition=0, key=None, value=value)

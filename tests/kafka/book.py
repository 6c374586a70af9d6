"""What a ledger must hold of recorded topics, worked out record by record, and whether it does."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stream.ledger.verify import verified
from stream.settings_fault import ConfigError
from stream.topics import Topic
from tests.kafka.tail_of import TailOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from stream.ledger.store import Store
    from tests.kafka.keeping import Keeping
    from tests.kafka.tail_of import Received

__all__ = ["BOOKED", "booked_records", "differences", "owed", "until_caught_up"]

BOOKED: Final = (Topic.POLICE, Topic.FIRE, Topic.SYSTEM, Topic.ACKS, Topic.REPLIES)
WAIT_S: Final = 240.0  # a bound for machines that are busy, not a figure of the product
LOOK_S: Final = 0.3

Told = tuple[str, bytes]
"""Kind and value of an entry."""


class _Envelope(msgspec.Struct, frozen=True):
    id: str
    type: str
    data: msgspec.Raw


_envelope: Final = msgspec.json.Decoder(_Envelope)


def booked_records(bootstrap: str, prefix: str) -> dict[Topic, list[Received]]:
    """Read all that a ledger of this deployment has to read."""
    found: dict[Topic, list[Received]] = {}
    for topic in BOOKED:
        with TailOf(bootstrap, prefix + topic) as tail:
            found[topic] = list(tail.catch_up())
    return found


def owed(topic: Topic, values: Iterable[bytes | None]) -> Iterator[Told]:
    """Yield what must be written of a topic, in its order: the same thing once, whoever says it.

    The same id with other data is a conflict, once for each thing that is said; bytes that are
    nothing are written each time that they come, and so is an action.
    """
    said: dict[str, bytes] = {}
    conflicts: set[bytes] = set()
    for value in values:
        read = _read(topic, value or b"")
        if read is None:
            continue
        kind, name, data = read
        if name is None:
            yield kind, value or b""
        elif name not in said:
            said[name] = data
            yield kind, value or b""
        elif said[name] != data and value not in conflicts:
            conflicts.add(value or b"")
            yield "conflict", value or b""


def _read(topic: Topic, value: bytes) -> tuple[str, str | None, bytes] | None:
    """Return kind, id (None: each one counts) and data of a record; None: it only passes."""
    try:
        if topic in {Topic.ACKS, Topic.REPLIES}:
            told: Any = msgspec.json.decode(value)
            if str(told["schema"]).startswith("tick/"):
                return None
            acts = topic is Topic.ACKS
            return ("action", None, b"") if acts else ("reply", repr(value), value)
        event = _envelope.decode(value)
    except (msgspec.MsgspecError, UnicodeError, KeyError, TypeError):
        return "unread", None, b""
    if event.type == "crowd.system.heartbeat.v1":
        return None
    kind = "alert" if event.type.startswith("crowd.alert.") else "system"
    kind = "test" if event.type == "crowd.alert.test.v1" else kind
    return kind, f"{kind} {event.id}", bytes(event.data)


def differences(store: Store, topics: Mapping[Topic, list[Received]], prefix: str) -> list[str]:
    """Return in words what is not as the topics are; nothing = all is as it must be."""
    held: dict[str, list[Told]] = defaultdict(list)
    for one in store.every():
        held[one.entry.topic].append((str(one.entry.kind), one.entry.value))
    wrong = [] if verified(store).is_whole else ["the ledger is not whole"]
    for topic, records in topics.items():
        wanted = list(owed(topic, (record.value for record in records)))
        got = held.pop(prefix + topic, [])
        if got != wanted:
            wrong.append(_told(topic, wanted, got))
    return [*wrong, *(f"{len(more)} entries of {topic!r}" for topic, more in held.items())]


def _told(topic: Topic, wanted: list[Told], got: list[Told]) -> str:
    lost, more = sorted(set(wanted) - set(got)), sorted(set(got) - set(wanted))
    at = next(
        (n for n, pair in enumerate(zip(wanted, got, strict=False)) if pair[0] != pair[1]), -1
    )
    return (
        f"{topic}: {len(wanted)} owed, {len(got)} written; lost {lost[:2]}, more {more[:2]},"
        f" first difference at {at}"
    )


def until_caught_up(
    keeping: Keeping, ends: Mapping[str, int], look: Callable[[], None] = lambda: None
) -> None:
    """Wait until all is written; ends: offset after the last record, by full topic name."""
    limit_s = time.monotonic() + WAIT_S
    at: dict[str, int] = {}
    while any(at.get(topic, 0) < end for topic, end in ends.items()):
        assert time.monotonic() < limit_s, (at, ends, keeping.log.read_text()[-3000:])
        look()
        time.sleep(LOOK_S)
        try:
            with keeping.book() as store:
                at = {topic: following for (topic, _), following in store.places().items()}
        except ConfigError:
            continue  # it has not begun

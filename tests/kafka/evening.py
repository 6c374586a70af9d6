"""An evening as its topics hold it, written by the test: what desks hear, do, and are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from alerts.action import Action, DeskAction, Reply, Why
from alerts.message import envelope
from alerts.spec import AlertSpec
from alerts.system import FeedBlind, HostTrouble, system_envelope
from stream.topics import Topic
from tests.alerts.scenario import START_MS, Scenario, crowd, grid
from tests.kafka.book import BOOKED
from tests.kafka.notifying import OF

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from alerts.message import Alert
    from alerts.system import SystemAlert

__all__ = ["Record", "evening", "mixed"]

JUNK: Final = (b"", b"{}", b"\xff\x00", b"[1]", b'{"schema":7}', b'{"id":"a","type":"b"}', None)

Record = tuple[Topic, bytes | None]


def evening(places: int) -> list[Alert]:
    """Return what both desks hear of some crowds that come, rise and go."""
    one_by_one = AlertSpec(flood_messages=1000)  # as many messages as possible
    scene = Scenario(grid(1, 3 * places), one_by_one)
    for dense in (2.3, 3.3, 4.3):
        scene.hop(crowd({3 * place: dense for place in range(places)}))
    scene.until(120)
    return scene.sent


def _around(alert: Alert, at_ms: int) -> Iterator[Record]:
    """Yield an alert, what its desk does, and what it is answered."""
    yield OF[alert.desk], envelope(alert, source="/test", status="Test")
    deed = DeskAction(
        incident=alert.incident,
        desk=alert.desk,
        action=Action.ACK,
        revision_seen=alert.revision,
        level_seen=1,
        by="officer",
    )
    yield Topic.ACKS, msgspec.json.encode(deed)
    yield Topic.ACKS, b'{"schema":"tick/1","now_ms":%d}' % at_ms
    reply = Reply(
        incident=alert.incident,
        desk=alert.desk,
        action=Action.ACK,
        accepted=True,
        why=Why.ACKNOWLEDGED,
        revision=alert.revision,
        at_ms=at_ms,
    )
    yield Topic.REPLIES, msgspec.json.encode(reply)


def _troubles(at_ms: int) -> Iterator[Record]:
    """Yield what the system says of itself."""
    told: list[SystemAlert] = [
        FeedBlind(feed="cmcc", blind=blind, since_ms=at_ms, hop_ms=at_ms) for blind in (True, False)
    ]
    told.append(HostTrouble(worker="w0", at_ms=at_ms, hop_ms=at_ms, trouble="lag", what="behind"))
    for news in told:
        yield Topic.SYSTEM, system_envelope(news, source="/test", status="Test")


def mixed(chance: random.Random, *, places: int) -> list[Record]:
    """Return records of all topics: with repeats, contradictions, and bytes that are nothing."""
    told: list[Record] = []
    for number, alert in enumerate(evening(places)):
        told += _around(alert, START_MS + 1000 * number)
        if number % 10 == 0:
            told += _troubles(START_MS + 1000 * number)
        topic, value = chance.choice(told)
        if chance.random() < 0.3:
            told.append((topic, value))  # a worker that was killed says it again
        if chance.random() < 0.1 and value is not None:
            told.append((topic, value.replace(b'"data":{', b'"data":{"more":1,')))
        if chance.random() < 0.1:
            told.append((chance.choice(BOOKED), chance.choice((*JUNK, chance.randbytes(30)))))
    return told

"""Posts a desk action and waits for the reply that carries its id."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from kafka import KafkaConsumer, KafkaProducer

from stream.kafka_clients import ANSWER_MS, broker_errors, posting_options, reading_options
from stream.knock import knock
from stream.topic_reader import seek
from stream.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.action import DeskAction
    from stream.settings import Settings

__all__ = ["Answer", "post"]

POLL_MS: Final = 200


class Answer(msgspec.Struct, frozen=True):
    """What became of an action; read tolerantly: a newer worker may know more reasons."""

    id: str | None = None
    accepted: bool = False
    why: str = ""
    revision: int = 0
    level: int = 0
    lifecycle: str | None = None
    needs_ack: bool = False
    by: str | None = None


_answer: Final = msgspec.json.Decoder(Answer)
_encoder: Final = msgspec.json.Encoder()


def post(settings: Settings, action: DeskAction, *, wait_s: float) -> Answer | None:
    """Append the action to the acks log; return its reply, or None if none came in time.

    Raises BrokerError if it could not be appended: then nothing was done.
    """
    with broker_errors(settings.kafka):
        knock(settings.kafka, answer_ms=ANSWER_MS)
        consumer = KafkaConsumer(**reading_options(settings.kafka))
        try:
            # The end is looked up first: a reply can only come after it.
            seek(consumer, {settings.topics.prefix + Topic.REPLIES: "latest"})
            _append(settings, action)
            return next((one for one in _replies(consumer, wait_s) if one.id == action.id), None)
        finally:
            consumer.close()


def _append(settings: Settings, action: DeskAction) -> None:
    producer: Any = KafkaProducer(**posting_options(settings.kafka))
    try:
        # Keyed by incident: one incident, one order.
        sent = producer.send(
            settings.topics.prefix + Topic.ACKS,
            value=_encoder.encode(action),
            key=action.incident.encode(),
        )
        sent.get(timeout=settings.kafka.send_timeout_s)
    finally:
        producer.close(timeout=ANSWER_MS / 1000)


def _replies(consumer: KafkaConsumer, wait_s: float) -> Iterator[Answer]:
    until_s = time.monotonic() + wait_s
    while time.monotonic() < until_s:
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            for record in records:
                try:
                    yield _answer.decode(record.value or b"")
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    continue

"""One tick more into every input partition, so that everything that came before it is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafka import KafkaProducer

from stream.clock import HopTimes
from stream.topics import Topic
from tests.kafka.verdict import last_tick_ms
from tests.kafka.witness import read_logs

if TYPE_CHECKING:
    from stream.settings import Settings

__all__ = ["draw_curtain"]


def draw_curtain(bootstrap: str, settings: Settings) -> int:
    """Append the tick of the hop after the last one; return that hop, epoch ms."""
    now_ms = last_tick_ms(read_logs(bootstrap, settings)) + settings.hop_ms
    value = b'{"schema":"tick/1","now_ms":%d}' % now_ms
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    prefix = settings.topics.prefix
    places = [(prefix + Topic.COUNTS, p) for p in range(settings.topics.partitions.counts)]
    for topic, partition in (*places, (prefix + Topic.ACKS, 0)):
        producer.send(topic, value, partition=partition).get(timeout=60)
    producer.close()
    times = HopTimes(hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms)
    return times.after(now_ms) - settings.hop_ms

"""`crowdtide quarantine`: order that a record which crashes workers is passed over."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from stream.cli.options import examples, settings_file, settings_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["quarantine"]

PARTS = 3


@click.command()
@click.argument("place", metavar="TOPIC/PARTITION/OFFSET")
@click.option("--why", required=True, help="For whoever reads the log later.")
@click.option("--by", default=None, help="Who orders it; default: the user of this machine.")
@settings_file
@examples(
    "crowdtide quarantine readings.v1/2/4711 --why 'crashes 0.1.0, see ticket 12'",
)
def quarantine(
    *, place: str, why: str, by: str | None, config: Path | None, sets: tuple[str, ...]
) -> None:
    """Write the order to skip one record into the quarantine log, which live workers read.

    TOPIC is the name without the deployment's prefix, as the worker's log gives it. Workers
    honour the order when they next load their state: restart the one that holds the partition.
    Replays and backtests do not read this log: they take the record in.

    Exit codes: 0 written, 1 no broker or topic, 2 usage or settings.
    """
    topic, partition, offset = _parsed(place)
    settings = settings_of(config, sets).settings
    import msgspec
    from kafka import KafkaProducer

    from stream.kafka_clients import ANSWER_MS, broker_errors, kafka_python_options
    from stream.knock import knock
    from stream.topics import Topic
    from stream.worker.quarantine import Skip, key_of

    skip = Skip(
        topic=topic, partition=partition, offset=offset, by=by or getpass.getuser(), why=why
    )
    with broker_errors(settings.kafka):
        knock(settings.kafka, answer_ms=ANSWER_MS)
        producer = KafkaProducer(
            **kafka_python_options(settings.kafka), acks="all", bootstrap_timeout_ms=ANSWER_MS
        )
        sent = producer.send(
            settings.topics.prefix + Topic.QUARANTINE,
            value=msgspec.json.encode(skip),
            key=key_of(topic, partition, offset),
            partition=0,
        )
        sent.get(timeout=settings.kafka.send_timeout_s)
        producer.close()
    click.echo(f"{place} will be skipped once its worker has been restarted")


def _parsed(place: str) -> tuple[str, int, int]:
    """Return topic, partition and offset, or end with what is wrong with them."""
    from stream.topics import Topic

    parts = place.split("/")
    inputs = [Topic.COUNTS, Topic.READINGS, Topic.DETECTIONS, Topic.ACKS]
    if len(parts) != PARTS or not (parts[1].isdigit() and parts[2].isdigit()):
        message = f"{place!r} is not TOPIC/PARTITION/OFFSET, such as readings.v1/2/4711"
        raise click.BadParameter(message)
    if parts[0] not in inputs:
        message = f"{parts[0]!r} is no input of a worker; one of {', '.join(inputs)}"
        raise click.BadParameter(message)
    return parts[0], int(parts[1]), int(parts[2])

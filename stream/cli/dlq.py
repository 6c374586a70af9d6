"""`crowdtide dlq`: records that could not be used, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from stream.cli.options import as_json, examples, settings_file, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from stream.topic_reader import Received

__all__ = ["dlq"]

REASON: Final = "__streams.errors.exception"
MESSAGE: Final = "__streams.errors.message"
SHOWN_BYTES: Final = 200


@click.group()
def dlq() -> None:
    """Look at dead letters: records that could not be used."""


@dlq.command("list")
@click.option(
    "--topic",
    "which",
    type=click.Choice(["cell-counts", "acks"]),
    default="cell-counts",
    show_default=True,
    help="Whose dead letters.",
)
@click.option(
    "--last",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="N",
    help="Show the newest N of them.",
)
@settings_file
@as_json
@examples(
    "crowdtide dlq list --last 5 --set kafka.bootstrap=k1:9092",
)
def list_letters(
    *, which: str, last: int, config: Path | None, sets: tuple[str, ...], json: bool
) -> None:
    """List the newest dead letters with reason, origin and the first bytes.

    Exit codes: 0 done (also if there are none), 1 no broker or topic, 2 usage or settings.
    """
    from collections import deque

    from stream.topic_reader import read_topics
    from stream.topics import Topic

    settings = settings_of(config, sets).settings
    source = Topic.COUNTS_DLQ if which == "cell-counts" else Topic.ACKS_DLQ
    topic = settings.topics.prefix + source
    letters: deque[Received] = deque(maxlen=last)
    total = 0
    for record in read_topics(settings, {topic: "earliest"}, until_end=True):
        if record is not None:
            letters.append(record)
            total += 1
    for letter in letters:
        click.echo(_json(letter) if json else _line(letter))
    if not json:
        click.echo(f"{len(letters)} of {total} dead letters in {topic}")


def _told(letter: Received) -> dict[str, str]:
    return {name: value.decode(errors="replace") for name, value in letter.headers}


def _line(letter: Received) -> str:
    told = _told(letter)
    origin = "/".join(told.get(f"__streams.errors.{part}", "?") for part in ("partition", "offset"))
    head = (letter.value or b"")[:SHOWN_BYTES]
    return (
        f"{letter.offset:>8}  from {origin}  {told.get(REASON, '?')}: {told.get(MESSAGE, '?')}\n"
        f"{'':>10}{head!r}"
    )


def _json(letter: Received) -> str:
    import msgspec

    line = {
        "offset": letter.offset,
        "timestamp_ms": letter.timestamp_ms,
        "headers": _told(letter),
        "bytes": len(letter.value or b""),
        "head": (letter.value or b"")[:SHOWN_BYTES].decode(errors="replace"),
    }
    return msgspec.json.encode(line).decode()

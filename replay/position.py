"""How far an earlier push got: read back from the topics themselves, nothing else is kept.

Every record of a push carries a header `crowd-replay: RUN/NUMBER`: the run is a digest of all
that makes the log, the number its place in it. A partition gets its records in the log's order
and without a gap, so its last number says what is still to be sent there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from replay.badrow import FeedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replay.places import Place

__all__ = ["HEADER", "NOTHING", "Client", "bounds", "header", "positions", "records"]

HEADER: Final = "crowd-replay"
NOTHING: Final = -1

_POLL_MS: Final = 500
_POLLS_MAX: Final = 60  # empty answers in a row: half a minute without the records that are there
_LOOK_BACK: Final = 64

Client = Any  # a kafka-python consumer without a group; the package ships no types
Received = Any  # one of its records


def header(run: str, number: int) -> list[tuple[str, bytes]]:
    """Return the headers of record `number` of a run."""
    return [(HEADER, f"{run}/{number}".encode())]


def positions(
    consumer: Client, run: str, counts: Sequence[Place], acks: Sequence[Place]
) -> dict[Place, int]:
    """Return the last number in each partition, NOTHING (-1) where none was sent yet.

    consumer: a kafka-python consumer without a group. acks: partitions that desks write to, too.

    Raises FeedError where a partition holds another run, or records of no replay at all: two
    logs in one topic would be neither.
    """
    found = {}
    for place in (*counts, *acks):
        first, end = bounds(consumer, place)
        number = _last(consumer, place, first, end, run, others_write=place in acks)
        found[place] = number
    return found


def _last(
    consumer: Client,
    place: Place,
    first: int,
    end: int,
    run: str,
    *,
    others_write: bool,
) -> int:
    """Return the number of the last record of a replay, looking further and further back."""
    if first == end:
        if end:
            raise FeedError(
                f"{place[0]}: its records have expired, so nobody can tell how far the replay"
                " got; take another --prefix"
            )
        return NOTHING
    span = _LOOK_BACK if others_write else 1
    while True:
        start = max(first, end - span)
        numbers = [_number(record, place, run) for record in records(consumer, place, start, end)]
        ours = [number for number in numbers if number is not None]
        if ours:
            return ours[-1]
        if not others_write:
            raise FeedError(
                f"{place[0]}: holds records that are no replay; take another --prefix, so that"
                " replay and live never mix"
            )
        if start == first:
            return NOTHING
        span *= 8


def _number(record: Received, place: Place, run: str) -> int | None:
    for name, value in record.headers:
        if name == HEADER:
            theirs, _, number = bytes(value).decode().partition("/")
            if theirs != run:
                raise FeedError(
                    f"{place[0]}: holds the replay of another file, or with other settings or"
                    " partitions; take another --prefix"
                )
            return int(number)
    return None


def bounds(consumer: Client, place: Place) -> tuple[int, int]:
    """Return the first offset that is there and the one after the last."""
    from kafka import TopicPartition

    partition = TopicPartition(*place)
    first = consumer.beginning_offsets([partition])[partition]
    end = consumer.end_offsets([partition])[partition]
    return first, end


def records(consumer: Client, place: Place, start: int, end: int) -> Iterator[Received]:
    """Yield the records of a partition from offset `start` to before `end`.

    Raises FeedError where the broker has them but does not give them.
    """
    from kafka import TopicPartition

    partition = TopicPartition(*place)
    consumer.assign([partition])
    consumer.seek(partition, start)
    silent = 0
    while consumer.position(partition) < end:
        batch = consumer.poll(timeout_ms=_POLL_MS).get(partition, [])
        silent = 0 if batch else silent + 1
        if silent > _POLLS_MAX:
            raise FeedError(f"{place[0]}: the broker does not answer for partition {place[1]}")
        yield from (record for record in batch if record.offset < end)

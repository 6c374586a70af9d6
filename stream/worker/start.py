"""Where to start reading a partition, and when to refuse (PROTOCOL 13, 15).

The start is the lowest offset that anything still needs: the one after the lowest in the
snapshots, or the committed one if that is lower. Never a jump forward: Faust's commits would
stall behind it. What comes again is skipped and acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.machine import SnapshotError

if TYPE_CHECKING:
    from stream.machine import Machine
    from stream.topics import Topic
    from stream.worker.deployment import Deployment
    from stream.worker.reader import LogReader

__all__ = ["Held", "check_origins", "start_offset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is known of one partition.

    log: offsets it holds now. applied: highest offset in the whole state, -1 for a new one,
    None for a stage without state. committed: the group's offset; None if there is none.
    """

    log: range
    applied: int | None
    committed: int | None


def start_offset(
    place: tuple[Topic, int], held: Held, *, accept_gap: bool = False
) -> tuple[int, int]:
    """Return the start, and how many needed offsets are gone and were accepted as lost.

    Raises SnapshotError if the log begins above what is needed (unless accepted), or ends below
    what was already read: then its offsets started again.

    >>> start_offset(("readings.v1", 0), Held(log=range(0, 90), applied=59, committed=70))
    (60, 0)
    >>> start_offset(("readings.v1", 0), Held(log=range(0, 90), applied=59, committed=40))
    (40, 0)
    """
    committed = held.committed if held.committed is not None and held.committed >= 0 else None
    next_needed = None if held.applied is None else held.applied + 1
    known = [offset for offset in (committed, next_needed) if offset is not None]
    read_up_to = max(known, default=0)
    where = f"{place[0]}/{place[1]}"
    if held.log.stop < read_up_to:
        raise SnapshotError(
            f"{where} ends at offset {held.log.stop}, but {read_up_to} were read before: the"
            " topic was made anew or restored. Use a new topics.prefix, or raise kafka.log_epoch"
            " and clear the snapshot topic and the consumer group"
        )
    start = min(known, default=0)
    if start >= held.log.start:
        return start, 0
    is_new = not committed and not next_needed
    if is_new:
        return held.log.start, 0
    missing = held.log.start - start
    if accept_gap:
        return held.log.start, missing
    raise SnapshotError(
        f"{where} begins at offset {held.log.start}, but {start} is needed: retention took"
        f" {missing} records that were not worked off. Restore them, or go on without them with"
        " --accept-gap"
    )


async def check_origins(
    deployment: Deployment, reader: LogReader, place: tuple[Topic, int], machine: Machine | None
) -> None:
    """Refuse state whose sources end below what the state has seen of them.

    A stage without state has seen nothing that it would remember.
    """
    if machine is None:
        return
    seen = machine.origins()
    held = await reader.bounds([(deployment.name(topic), p) for topic, p in seen])
    for (topic, partition), offset in seen.items():
        stop = held[deployment.name(topic), partition].stop
        if offset >= stop:
            raise SnapshotError(
                f"{place[0]}/{place[1]}: its state has seen offset {offset} of"
                f" {topic}/{partition}, which ends at {stop}: that topic was made anew. Use a"
                " new topics.prefix, or raise kafka.log_epoch and clear the snapshot topic"
            )

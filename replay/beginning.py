"""What a run begins with: nothing known, or a memory, and what then must be said of its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from replay.log import first_hop_ms
from replay.memory import check_memory, read_memory
from replay.times import iso
from replay.warm_start import entries_of, start

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from replay.feed import Feed
    from replay.memory import Memory
    from stream.settings import Settings

__all__ = ["COLD", "Beginning", "begin_with"]

DAY_MS: Final = 86_400_000
OLD_DAYS: Final = 28
"""A profile follows the season within its 20 own days, so after four weeks it is another one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The beginning of a run.

    seal: of the memory's file, "" without one. start: what each machine loads, block partitions
    first. notes: for the report.
    """

    memory: Memory | None = None
    seal: str = ""
    start: list[dict[str, bytes]] | None = None
    notes: tuple[str, ...] = ()


COLD: Final = Beginning()


def begin_with(path: Path | None, settings: Settings, city: City, *, feed: Feed) -> Beginning:
    """Return the beginning that a memory's file gives; without a file, that nothing is known.

    feed: of the run that is to begin so. Raises FeedError where the file does not fit.
    """
    if path is None:
        return COLD
    memory, seal = read_memory(path)
    check_memory(memory, settings, city, name=str(path))
    return Beginning(
        memory=memory,
        seal=seal,
        start=[entries_of(one) for one in start(memory, settings, city)],
        notes=tuple(_notes(path, memory, first_hop_ms(feed, hop_ms=settings.hop_ms))),
    )


def _notes(path: Path, memory: Memory, first_ms: int) -> list[str]:
    span = f"{iso(memory.begin_ms)} to {iso(memory.end_ms)}"
    notes = [f"begins with {path.name}: learnt {memory.hops:,} hops, {span}"]
    days = (first_ms - memory.end_ms) / DAY_MS
    if memory.end_ms >= first_ms:
        notes.append(
            f"{path.name} has learnt from the time of this feed itself: figures are too good"
        )
    elif days > OLD_DAYS:
        notes.append(f"{path.name} ends {days:.0f} days before this feed: places may have changed")
    return notes

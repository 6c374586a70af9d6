"""A festival in an invented town as feed, cells and settings files: 100,000 readings with crowds.

Discs that overlap, over several blocks; most touch several tiles, some several blocks. The feed
holds what real ones do: withheld and missing readings, late ones, repeats, corrections,
conflicts, strangers, impossible counts and times. The same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["HOP_MS", "Crowd", "Festival", "write_festival"]

HOP_MS: Final = 300_000
START_MS: Final = 1_790_002_800_000  # a Monday, 00:20 in Shanghai
WIDE, HIGH = 18, 14
REGIONS: Final = 6  # an operator's regions report one after the other
DELAY_STEP_MS: Final = 10_000

SETTINGS: Final = """\
# Settings of a festival for the tests on a real Kafka.
[feeds.cmcc]
period_s = 300
[time]
ticks = "feed"
[calendar]
country = "none"
[grid]
walkable_share = 0.01
[worker]
cells = "{cells}"
[kafka]
session_timeout_s = 6
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """People who come and go. first, last: hops. row, col, reach: cells. size: people at most."""

    first: int
    last: int
    row: int
    col: int
    reach: float
    size: int

    def at(self, hop: int, row: int, col: int) -> float:
        """Return its people in one cell at one hop."""
        apart = math.hypot(row - self.row, col - self.col)
        if not self.first <= hop <= self.last or apart > self.reach:
            return 0.0
        phase = (hop - self.first) / (self.last - self.first)
        return self.size * math.sin(phase * math.pi) * (1.0 - apart / (2 * self.reach))


@dataclass(frozen=True, slots=True, kw_only=True)
class Festival:
    """Where the files are, and how many readings the feed holds."""

    feed: Path
    cells: Path
    settings: Path
    readings: int


def write_festival(folder: Path, *, hops: int = 420, seed: int = 1) -> Festival:
    """Write the three files into a folder. 420 hops of 252 cells are 100,000 readings."""
    chance = random.Random(seed)
    feed, cells, settings = folder / "feed.csv", folder / "cells.csv", folder / "crowdtide.toml"
    lines = [
        f"{_name(row, col)},{110.35 + 0.0019 * col:.5f},{21.27 + 0.0018 * row:.5f},150"
        for row in range(HIGH)
        for col in range(WIDE)
    ]
    cells.write_text("\n".join(["cell,lon,lat,radius_m", *lines, ""]), encoding="utf-8")
    settings.write_text(SETTINGS.format(cells=cells), encoding="utf-8")
    crowds = _crowds(chance, hops)
    readings = 0
    with feed.open("w", newline="", encoding="utf-8") as text:
        table = csv.writer(text)
        table.writerow(["feed", "start", "cell", "count", "period_s", "received", "seq"])
        for hop in range(hops):
            for line in _hop(chance, crowds, hop):
                table.writerow(line)
                readings += 1
    return Festival(feed=feed, cells=cells, settings=settings, readings=readings)


def _crowds(chance: random.Random, hops: int) -> list[Crowd]:
    """Return crowds of all sizes, from not worth a word to red; several at a time."""
    crowds = []
    for first in range(12, max(hops - 20, 13), 9):
        length = chance.randrange(8, 40)
        crowds.append(
            Crowd(
                first=first,
                last=min(first + length, hops + 10),
                row=chance.randrange(HIGH),
                col=chance.randrange(WIDE),
                reach=chance.choice([1.5, 2.0, 3.0]),
                size=chance.choice([300, 900, 1500, 2000, 2600]),
            )
        )
    return crowds


def _hop(chance: random.Random, crowds: list[Crowd], hop: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows of one interval, with everything that goes wrong in a feed."""
    start_ms = START_MS + hop * HOP_MS
    silent = hop % 97 in {40, 41, 42, 43}  # the whole feed is silent for 20 minutes
    for region in range(REGIONS):
        received_ms = start_ms + HOP_MS + DELAY_STEP_MS * chance.randrange(5)
        lost = silent or chance.random() < 0.01
        for row in range(HIGH):
            for col in range(region, WIDE, REGIONS):
                if lost or chance.random() < 0.01:
                    continue
                count = _count(chance, crowds, hop, row, col)
                yield _row(start_ms, _name(row, col), count, received_ms)
                if chance.random() < 0.02:
                    yield from _mishap(chance, start_ms, _name(row, col), count, received_ms)


def _count(chance: random.Random, crowds: list[Crowd], hop: int, row: int, col: int) -> int | None:
    usual = 110.0 + 60.0 * math.sin(hop / 288.0 * 2 * math.pi) + 3 * (row + col)
    people = usual + sum(crowd.at(hop, row, col) for crowd in crowds)
    return None if chance.random() < 0.01 else round(people) + chance.randrange(15)


def _mishap(
    chance: random.Random, start_ms: int, cell: str, count: int | None, received_ms: int
) -> Iterator[tuple[object, ...]]:
    """Yield one more row about a reading, or one that no reading can be."""
    later_ms = received_ms + HOP_MS * chance.choice([0, 0, 1, 1, 2, 5])
    kind = chance.randrange(7)
    if kind == 0:
        yield _row(start_ms, cell, count, later_ms)  # a repeat
    elif kind == 1:
        yield _row(start_ms, cell, (count or 0) + 40, later_ms, seq=1)  # a correction
    elif kind == 2:
        yield _row(start_ms, cell, (count or 0) + 7, later_ms)  # a conflict
    elif kind == 3:
        yield _row(start_ms, "nowhere", count, later_ms)
    elif kind == 4:
        yield _row(start_ms, cell, -5, later_ms)
    elif kind == 5:
        yield _row(start_ms + 20 * HOP_MS, cell, count, received_ms)  # from the future
    else:
        yield _row(start_ms - 9 * HOP_MS, cell, count, received_ms)  # late for good


def _row(
    start_ms: int, cell: str, count: int | None, received_ms: int, *, seq: int = 0
) -> tuple[object, ...]:
    shown = "" if count is None else count
    return "cmcc", start_ms, cell, shown, HOP_MS // 1000, received_ms, seq


def _name(row: int, col: int) -> str:
    return f"c{row:02d}{col:02d}"

"""Invented cities with few people and many borders: material for the laws of privacy.

Cells are discs around the corner of four blocks, on tiles of 100 m; some overlap, some touch four
blocks, some count less than the floor. Two feeds: one of the length of a hop, one of three hops,
whose readings therefore stand at three hops each.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from geo.city import City, load_city
from replay.engine import Engine
from replay.log import LogRecord
from stream.density import Density
from stream.topics import Topic
from tests.laws.crowds import HOP_S, START_MS, settings

if TYPE_CHECKING:
    from pathlib import Path

    from stream.settings import Settings

HOP_MS = HOP_S * 1000
FLOOR = 20
FEEDS = {"fast": 1, "slow": 3}
"""Feeds, and the hops that an interval of each lasts."""

EXPANSION = {"fast": 1.0, "slow": 1.5}

Place = tuple[str, int, int]
"""A reading: feed, the hop at which its interval ends (1, 2, ...), and the cell."""

Counts = dict[Place, float | None]
"""What was counted; None = withheld by the operator; left out = no reading came."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A reading that stands for a cell at a hop; late = a newer one should have come by then."""

    place: Place
    value: float | None
    late: bool


@dataclass(frozen=True, kw_only=True)
class Case:
    """A city, and all that was counted in it over some hops."""

    city: City
    settings: Settings
    hops: int
    counts: Counts

    @cached_property
    def shares(self) -> list[list[tuple[int, float]]]:
        """Return, per tile, its cells and what part of each lies on it."""
        cover = self.city.coverage
        found: list[list[tuple[int, float]]] = [[] for _ in self.city.grid.tile_ids]
        for tile, cell, share in zip(
            cover.tile.tolist(), cover.cell.tolist(), cover.share.tolist(), strict=True
        ):
            found[tile].append((cell, share))
        return found

    def feeds(self) -> list[str]:
        """Return the feeds of the settings, in their order."""
        return sorted(self.settings.feeds)

    def standing(self, feed: str, cell: int, hop: int) -> Standing | None:
        """Return the reading that stands for a cell at a hop."""
        age_max = self.settings.max_age_ms(feed) // HOP_MS
        for end in range(hop, max(hop - age_max, 1) - 1, -1):
            place = (feed, end, cell)
            if place in self.counts:
                due = hop // FEEDS[feed] * FEEDS[feed]
                return Standing(place=place, value=self.counts[place], late=end < due)
        return None

    def heard(self, feed: str, cell: int, hop: int) -> bool:
        """Whether anything was heard of a cell up to a hop: then it counts as usual coverage."""
        return any((feed, end, cell) in self.counts for end in range(1, hop + 1))

    def known(self, tile: int, hop: int) -> float:
        """Return the people of a tile that were counted and are known to us."""
        people = 0.0
        for feed in self.feeds():
            for cell, share in self.shares[tile]:
                reading = self.standing(feed, cell, hop)
                if reading is not None and reading.value is not None:
                    people += share * reading.value * EXPANSION[feed]
        return people

    def run(self) -> tuple[list[Density], list[dict[str, object]], list[bytes]]:
        """Return density records, the data of alerts, and the bytes of the density records."""
        engine = Engine(self.settings, self.city, density=True)
        for record in self.log():
            engine.feed(record)
        raw = [one.value for one in engine.other if one.topic is Topic.DENSITY]
        alerts = [
            msgspec.json.decode(one.value)["data"]
            for one in engine.published
            if one.topic in {Topic.POLICE, Topic.FIRE}
        ]
        return [msgspec.json.decode(value, type=Density) for value in raw], alerts, raw

    def changed(self, counts: Counts) -> Case:
        """Return the same city with other counts."""
        return replace(self, counts=counts)

    def log(self) -> list[LogRecord]:
        """Return all of it as an input log."""
        log = [_tick(0)]
        for hop in range(1, self.hops + 1):
            for feed, hops in FEEDS.items():
                mine = {c: n for (f, e, c), n in self.counts.items() if f == feed and e == hop}
                if mine:
                    log.append(self._batch(feed, hop - hops, mine))
            log.append(_tick(hop))
        return log

    def _batch(self, feed: str, start: int, counts: dict[int, float | None]) -> LogRecord:
        value = {
            "schema": "cell-counts/1",
            "feed": feed,
            "start": START_MS + start * HOP_MS,
            "period_s": FEEDS[feed] * HOP_S,
            "cells": [self.city.cells[cell] for cell in counts],
            "counts": list(counts.values()),
        }
        return LogRecord(at_ms=0, value=msgspec.json.encode(value), is_tick=False)


def _tick(hop: int) -> LogRecord:
    now_ms = START_MS + hop * HOP_MS + (60_000 if hop else 0)
    value = msgspec.json.encode({"schema": "tick/1", "now_ms": now_ms})
    return LogRecord(at_ms=now_ms, value=value, is_tick=True)


def hop_of(hop_ms: int) -> int:
    """Return the number of a hop, 1 = the first."""
    return (hop_ms - START_MS) // HOP_MS


def town(folder: Path, discs: list[tuple[float, float, float]]) -> City:
    """Return a city of discs: metres east and north of the corner of four blocks, and radius."""
    anchors = [(-900.0, -900.0, 30.0), (900.0, 900.0, 30.0)]  # they hold the middle where it is
    rows = [
        f"c{number:02d},{110.4 + east / 103_700:.7f},{21.2 + north / 110_740:.7f},{radius:g}"
        for number, (east, north, radius) in enumerate([*discs, *anchors])
    ]
    path = folder / "cells.csv"
    path.write_text("cell,lon,lat,radius_m\n" + "\n".join(rows) + "\n")
    return load_city(path, side_m=100.0, walkable_share=0.02)


def own_settings(*more: str, feeds: tuple[str, ...] = ("fast", "slow")) -> Settings:
    """Return settings of these feeds; two partitions of blocks."""
    sets = []
    for feed in feeds:
        sets.append(f"feeds.{feed}.period_s={FEEDS[feed] * HOP_S}")
        sets.append(f"feeds.{feed}.expansion={EXPANSION[feed]}")
    bare = settings(*sets, *more, blocks=2)
    return msgspec.structs.replace(
        bare, feeds={name: feed for name, feed in bare.feeds.items() if name in feeds}
    )


def random_case(folder: Path, seed: int, *, hops: int = 5) -> Case:
    """Return a city of chance: crowds and few, withheld and missing ones."""
    chance = random.Random(seed)
    discs = [
        (
            chance.uniform(-260, 260),
            chance.uniform(-260, 260),
            chance.choice((40.0, 70.0, 110.0, 170.0)),
        )
        for _ in range(chance.randint(6, 9))
    ]
    city = town(folder, discs)
    shape = own_settings()
    usual = [chance.choice((4, 60, 300, 300, 1500)) for _ in city.cells]
    counts: Counts = {}
    for feed, period in FEEDS.items():
        for hop in range(period, hops + 1, period):
            for cell, size in enumerate(usual):
                if chance.random() < 0.04:
                    continue
                few = chance.random() < 0.1
                number = chance.randrange(FLOOR) if few else chance.gammavariate(3.0, size / 3.0)
                withheld = chance.random() < 0.03
                counts[feed, hop, cell] = None if withheld else float(round(number))
    return Case(city=city, settings=shape, hops=hops, counts=counts)


def of_fast(
    folder: Path, discs: list[tuple[float, float, float]], by_cell: dict[int, list[float | None]]
) -> Case:
    """Return a case of the fast feed alone: counts of each cell, hop by hop."""
    counts: Counts = {
        ("fast", hop + 1, cell): value
        for cell, values in by_cell.items()
        for hop, value in enumerate(values)
    }
    hops = max(hop for _, hop, _ in counts)
    shape = own_settings(feeds=("fast",))
    return Case(city=town(folder, discs), settings=shape, hops=hops, counts=counts)


def tile_of(case: Case, cell: int) -> int:
    """Return the tile on which most of a cell lies."""
    best = [max([0.0, *(part for one, part in parts if one == cell)]) for parts in case.shares]
    return best.index(max(best))


def crowded(folder: Path, small: float | None) -> Case:
    """Return a crowd on four tiles, and a cell of few people on one of them."""
    counts: dict[int, list[float | None]] = {0: [3000.0] * 3, 1: [small] * 3}
    return of_fast(folder, [(300, 300, 90), (350, 350, 30)], counts)

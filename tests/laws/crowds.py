"""A small invented city with crowds, as an input log: material for the laws of whole runs."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import msgspec

from geo.city import City, load_city
from replay.log import LogRecord
from stream.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

HOP_S = 300
START_MS = 1_790_002_800_000  # a Monday, 00:20 in Shanghai
CELLS = 24


def squares(folder: Path) -> City:
    """Return cells that are tiles, in several blocks, some of them neighbours."""
    rows = "\n".join(f"c{i:02d},400,{16 * (i // 6) + i % 3},{i % 6 * 3 // 2}" for i in range(CELLS))
    path = folder / "squares.csv"
    path.write_text(f"cell,area_m2,row,col\n{rows}\n")
    return load_city(path, side_m=100.0, walkable_share=1.0)


def discs(folder: Path) -> City:
    """Return overlapping discs on a square grid; most touch several tiles, some several blocks."""
    rows = "\n".join(
        f"c{i:02d},{110.35 + 0.004 * (i % 6):.5f},{21.27 + 0.004 * (i // 6):.5f},260"
        for i in range(CELLS)
    )
    path = folder / "discs.csv"
    path.write_text(f"cell,lon,lat,radius_m\n{rows}\n")
    return load_city(path, side_m=100.0, walkable_share=0.0025)


def settings(*more: str, counts: int = 1, blocks: int = 1) -> Settings:
    """Return settings in which crowds of this size are on the ladder and also unusual."""
    sets = [
        f"feeds.cmcc.period_s={HOP_S}",
        "time.ticks=feed",
        "calendar.country=none",
        f"topics.partitions.counts={counts}",
        f"topics.partitions.blocks={blocks}",
        *more,
    ]
    return load(None, env={}, sets=sets)


def crowd(cell: int, hop: int) -> float:
    """Return how many people are in a cell: a daily wave, and crowds that come and go."""
    usual = 120.0 + 60.0 * math.sin(hop / 288.0 * 2 * math.pi) + 5 * cell
    for first, last, where, size in ((40, 62, 3, 1900), (50, 75, 9, 1300), (330, 350, 15, 900)):
        if first <= hop <= last and where <= cell <= where + 2:
            usual += size * math.sin((hop - first) / (last - first) * math.pi)
    return round(usual)


def log(*, hops: int, seed: int = 1) -> Iterator[LogRecord]:
    """Yield batches and a tick per deadline: withheld, missing, late, repeated, corrected ones."""
    chance = random.Random(seed)
    yield _tick(START_MS)
    kept: list[bytes] = []
    for hop in range(hops):
        start_ms = START_MS + hop * HOP_S * 1000
        end_ms = start_ms + HOP_S * 1000
        for first in range(0, CELLS, 8):
            value = _batch(chance, hop, start_ms, range(first, first + 8))
            kept.append(value)
            if chance.random() < 0.95:
                yield LogRecord(at_ms=end_ms, value=value, is_tick=False)
            if chance.random() < 0.1:
                old = chance.choice(kept[-30:])
                yield LogRecord(at_ms=end_ms, value=old, is_tick=False)
        if hop % 17 == 3:
            yield LogRecord(at_ms=end_ms, value=b"not a batch", is_tick=False)
        yield _tick(end_ms + 60_000)


def with_second(records: Iterable[LogRecord], *, feed: str = "out") -> Iterator[LogRecord]:
    """Yield a log with a second signal: of every batch two thirds of each count once more."""
    for record in records:
        yield record
        if record.is_tick or not record.value.startswith(b"{"):
            continue
        batch = msgspec.json.decode(record.value)
        counts = [None if count is None else count * 2 // 3 for count in batch["counts"]]
        value = msgspec.json.encode({**batch, "feed": feed, "counts": counts})
        yield LogRecord(at_ms=record.at_ms, value=value, is_tick=False)


def _batch(chance: random.Random, hop: int, start_ms: int, cells: range) -> bytes:
    names = [f"c{i:02d}" for i in cells if chance.random() < 0.98]
    counts = [
        None if chance.random() < 0.02 else crowd(int(name[1:]), hop) + chance.randrange(15)
        for name in names
    ]
    return msgspec.json.encode(
        {
            "schema": "cell-counts/1",
            "feed": "cmcc",
            "start": start_ms,
            "period_s": HOP_S,
            "seq": chance.randrange(2),
            "cells": names,
            "counts": counts,
        }
    )


def _tick(now_ms: int) -> LogRecord:
    value = msgspec.json.encode({"schema": "tick/1", "now_ms": now_ms})
    return LogRecord(at_ms=now_ms, value=value, is_tick=True)

"""The invented city of the benchmarks: 50,000 cells on about 20,000 tiles, Poisson counts."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "BATCH_CELLS",
    "CELLS",
    "HOP_MS",
    "SETS",
    "START_MS",
    "batches",
    "cells_file",
    "far_apart",
    "places",
    "tick",
]

CELLS: Final = 50_000
BATCH_CELLS: Final = 5_000
APART_M: Final = 700.0
SIDE_M: Final = 14_100  # 141 x 141 tiles of 100 m
HOP_MS: Final = 300_000
START_MS: Final = 1_790_002_800_000
LATENESS_MS: Final = 60_000
SETS: Final = (
    "feeds.cmcc.period_s=300",
    "time.ticks=feed",
    "calendar.country=none",
    "topics.partitions.counts=1",
    "topics.partitions.blocks=1",
)

_encode: Final = msgspec.json.Encoder().encode


def cells_file(folder: Path) -> Path:
    """Write the cells: discs of 40 m, so that most of them touch two to four tiles."""
    rows = [
        f"{cell:05d},{110.3 + east / 103_900:.6f},{21.2 + north / 110_700:.6f},40"
        for cell, (east, north) in enumerate(places())
    ]
    path = folder / "cells.csv"
    path.write_text("cell,lon,lat,radius_m\n" + "\n".join(rows) + "\n")
    return path


def places() -> list[tuple[float, float]]:
    """Return metres east and north of the city's corner for every cell."""
    chance = random.Random(1)
    return [(chance.uniform(0, SIDE_M), chance.uniform(0, SIDE_M)) for _ in range(CELLS)]


def far_apart(count: int) -> list[int]:
    """Return cells so far from each other that crowds on them make incidents of their own."""
    chosen: list[tuple[int, tuple[float, float]]] = []
    for cell, place in enumerate(places()):
        if all(math.dist(place, other) > APART_M for _, other in chosen):
            chosen.append((cell, place))
        if len(chosen) == count:
            return [cell for cell, _ in chosen]
    message = f"the city has room for {len(chosen)} crowds {APART_M:g} m apart, not for {count}"
    raise ValueError(message)


def batches(
    hop: int, *, crowd: int | None = None, more: NDArray[np.float64] | None = None
) -> Iterator[bytes]:
    """Yield the ten batches of one hop; the cell `crowd` holds 8,000 people more than usual.

    more: people more than usual in each cell.
    """
    chance = np.random.default_rng(hop)
    usual = np.random.default_rng(0).gamma(2.0, 20.0, CELLS)
    if crowd is not None:
        usual[crowd] += 8_000.0
    if more is not None:
        usual = usual + more
    counts = chance.poisson(usual).tolist()
    for first in range(0, CELLS, BATCH_CELLS):
        cells = range(first, first + BATCH_CELLS)
        yield _encode(
            {
                "schema": "cell-counts/1",
                "feed": "cmcc",
                "start": START_MS + hop * HOP_MS,
                "period_s": HOP_MS // 1000,
                "cells": [f"{cell:05d}" for cell in cells],
                "counts": counts[first : first + BATCH_CELLS],
            }
        )


def tick(hop: int) -> bytes:
    """Return the tick that closes a hop; hop -1 gives the first tick of the deployment."""
    now_ms = START_MS if hop < 0 else START_MS + (hop + 1) * HOP_MS + LATENESS_MS
    return _encode({"schema": "tick/1", "now_ms": now_ms})

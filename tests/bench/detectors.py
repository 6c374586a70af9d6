"""The baseline detector on a city: time of a hop of 784 blocks with neighbours, on one core.

Blocks lie apart, as a partition sees them: 16 x 16 tiles, each with those around it in its block.
The memory is that of blocks trained for two weeks, repeated; an empty one would be faster.
Times are of the processor, so that others on the machine count as little as they can.
"""

from __future__ import annotations

import argparse
import time
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.baseline import Baseline, BaselineSpec
from detectors.contract import CityNow, Moment, Observation
from detectors.state import HOT_ROWS, BaselineState, slot_bytes_a_tile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["main"]

SIDE: Final = 16
BLOCKS: Final = 784
HOP_MIN: Final = 5
SLOT_MIN: Final = 30
HOPS_A_DAY: Final = 1440 // HOP_MIN
HOPS_A_SLOT: Final = SLOT_MIN // HOP_MIN
DAYS: Final = 14
# Blocks trained one by one; the city repeats them.
TRAINED: Final = 4
CITY: Final = CityNow(left=1.0, right=1.1, mean=1.0, whole=0.05, off=0.1, learnt=1.0)


def around(blocks: int) -> NDArray[np.int32]:
    """Return the neighbours of the tiles of separate blocks."""
    tile = np.arange(SIDE * SIDE)
    row, col = tile // SIDE, tile % SIDE
    found = np.full((blocks, SIDE * SIDE, 8), -1, np.int64)
    first = SIDE * SIDE * np.arange(blocks)[:, None]
    steps = [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if (r, c) != (0, 0)]
    for j, (r, c) in enumerate(steps):
        inside = (row + r >= 0) & (row + r < SIDE) & (col + c >= 0) & (col + c < SIDE)
        found[:, :, j] = np.where(inside, first + tile + r * SIDE + c, -1)
    return found.reshape(-1, 8).astype(np.int32)


def moment(hop: int) -> Moment:
    """Return the moment of a hop after a Monday's midnight."""
    start = hop * HOP_MIN
    day = start // 1440 % 7
    return Moment(
        kind=(0, 0, 0, 0, 0, 1, 2)[day],
        minute=float(start % 1440),
        slot_ends=(start + HOP_MIN) % SLOT_MIN == 0,
        weekday=(0, 1, 2, 3, 4, -1, -1)[day],
    )


def hops(tiles: int, *, first: int, count: int) -> Iterator[tuple[Observation, Moment]]:
    """Yield Poisson counts around a day's curve; one reading in fifty stays away."""
    chance = np.random.default_rng(first)
    size = np.random.default_rng(0).gamma(1.0, 60.0, SIDE * SIDE * TRAINED)
    size = np.resize(size, tiles)
    whole, unknown = np.ones(tiles, np.bool_), np.full(tiles, np.nan, np.float32)
    for hop in range(first, first + count):
        due = size * (1.1 + np.sin(hop / HOPS_A_DAY * 6.2832))
        people = chance.poisson(due).astype(np.float32)
        people[chance.random(tiles) < 0.02] = np.nan
        seen = Observation(
            low=people,
            point=people,
            high=people,
            withheld=~whole,
            learnable=whole,
            hidden=~whole,
            fresh=whole,
            density=unknown,
            rolling=unknown,
        )
        yield seen, moment(hop)


def step(detector: Baseline, seen: Observation, now: Moment, gate: NDArray[np.bool_]) -> float:
    """Take one hop as the block stage does; return the milliseconds it took."""
    began = time.process_time()
    detector.score(seen, now, CITY)
    detector.ended(gate, gate)
    detector.learn()
    return 1000 * (time.process_time() - began)


def detector_of(blocks: int, *, state: BaselineState | None = None) -> Baseline:
    """Return a detector of blocks with neighbours."""
    return Baseline(
        BaselineSpec(),
        tiles=blocks * SIDE * SIDE,
        hop_min=HOP_MIN,
        slot_min=SLOT_MIN,
        neighbours=around(blocks),
        state=state,
    )


def trained(blocks: int, *, days: int) -> Baseline:
    """Return a detector of blocks that look back on days."""
    small = detector_of(TRAINED)
    gate = np.ones(small.state.tiles, np.bool_)
    for seen, now in hops(small.state.tiles, first=0, count=days * HOPS_A_DAY):
        step(small, seen, now, gate)
    index = np.resize(np.arange(small.state.tiles), blocks * SIDE * SIDE)
    return detector_of(blocks, state=small.state.take(index))


def copied_ms(state: BaselineState) -> float:
    """Return the milliseconds it takes to copy the hot rows."""
    into = np.empty_like(state.hot)
    times = []
    for _ in range(9):
        began = time.process_time()
        np.copyto(into, state.hot)
        times.append(1000 * (time.process_time() - began))
    return median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=BLOCKS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--hops", type=int, default=48)
    asked = parser.parse_args()
    detector = trained(asked.blocks, days=asked.days)
    tiles = detector.state.tiles
    gate, first = np.ones(tiles, np.bool_), asked.days * HOPS_A_DAY + 9 * 12
    kinds: dict[str, list[float]] = {"within a slot": [], "new line": [], "slot ends": []}
    warm = HOPS_A_SLOT
    for number, (seen, now) in enumerate(hops(tiles, first=first, count=warm + asked.hops)):
        took, at = step(detector, seen, now, gate), int(now.minute) % SLOT_MIN
        if number >= warm:
            new = at in {0, SLOT_MIN // 2}
            kinds["slot ends" if now.slot_ends else "new line" if new else "within a slot"] += [
                took
            ]
    copy = copied_ms(detector.state)
    print(f"{tiles:,} tiles in {asked.blocks} blocks, {HOP_MIN}-min hops, neighbours on")
    for name, times in kinds.items():
        ms = median(times)
        print(f"{name:>14}: {ms:6.1f} ms a hop (best {min(times):.1f}), {ms / copy:.1f} copies")
    print(f"copy of the hot rows: {copy:.1f} ms ({len(HOT_ROWS)} rows)")
    slots = sum(slot_bytes_a_tile(kind) for kind in range(3)) * detector.state.slots
    print(f"state: {4 * len(HOT_ROWS) + slots:,} bytes a tile")


if __name__ == "__main__":
    main()

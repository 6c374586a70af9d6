"""The memory of the baseline detector: what it keeps per tile, and its fixed byte layout.

Two parts. `hot` changes every hop: one float32 row per quantity, tiles along the last axis.
The slot arrays change once a slot: (kind of day, slot of day, tile). Bytes are little-endian,
row after row, so a range of tiles (a block) is saved and loaded alone. Zero is the right start
of almost every row, which keeps an untouched tile recognisable.
"""

from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from detectors.contract import TileIndex, Tiles
from detectors.slots import KINDS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Views of the hot rows by name, each of shape (tiles,); the order is the byte layout.

    level, level_var: log of the tile's level of the last days; its variance less the prior's.
    dispersion, dispersion_n: variance over mean of the counts; how many hops taught it.
    own_var, own_n, own_mean: mean square, count and value of the 1-h mean of z, lower side.
    buildup, surge: the two alarm statistics.
    size_sum, size_den: discounted sums of the tile's counts and of the city's day curve.
    slot_sum, slot_raw, slot_expected, slot_n: what the running slot gathered so far.
    z, score, blind: the last verdict, kept where no new interval comes.
    run_peak, run_quiet, run_gated: the running run of high scores.
    """

    level: Tiles
    level_var: Tiles
    dispersion: Tiles
    dispersion_n: Tiles
    own_var: Tiles
    own_n: Tiles
    own_mean: Tiles
    buildup: Tiles
    surge: Tiles
    size_sum: Tiles
    size_den: Tiles
    slot_sum: Tiles
    slot_raw: Tiles
    slot_expected: Tiles
    slot_n: Tiles
    z: Tiles
    score: Tiles
    blind: Tiles
    run_peak: Tiles
    run_quiet: Tiles
    run_gated: Tiles


HOT_ROWS: Final = tuple(field.name for field in fields(Rows))
# A tile nobody has seen yet is as scattered as a Poisson count and as noisy as a unit normal.
START_AT_ONE: Final = ("dispersion", "own_var")
_LITTLE_F4: Final = np.dtype("<f4")
# mu float32, n uint8, run int8.
SLOT_BYTES_A_TILE: Final = 4 + 1 + 1


@dataclass(slots=True, kw_only=True, eq=False)
class BaselineState:
    """Everything a baseline detector remembers.

    hot: float32 (rows, tiles), rows as in `HOT_ROWS`.
    mu, n, run: mean count of a slot, own days seen, days in a row with one sign: (3, slots, tiles).
    version: grows whenever state is exchanged from outside, so that what was derived is redone.
    """

    hot: Tiles
    mu: Tiles
    n: NDArray[np.uint8]
    run: NDArray[np.int8]
    version: int = 0

    @classmethod
    def empty(cls, tiles: int, slots: int) -> Self:
        """Return the memory of tiles never seen."""
        shape = (KINDS, slots, tiles)
        state = cls(
            hot=np.zeros((len(HOT_ROWS), tiles), np.float32),
            mu=np.zeros(shape, np.float32),
            n=np.zeros(shape, np.uint8),
            run=np.zeros(shape, np.int8),
        )
        for name in START_AT_ONE:
            state.hot[HOT_ROWS.index(name)] = 1.0
        return state

    @property
    def tiles(self) -> int:
        """Number of tiles."""
        return int(self.hot.shape[1])

    @property
    def slots(self) -> int:
        """Number of slots a day."""
        return int(self.mu.shape[1])

    def rows(self) -> Rows:
        """Return named views of the hot rows; writing to them writes the state."""
        return Rows(**dict(zip(HOT_ROWS, self.hot, strict=True)))

    def take(self, index: TileIndex | slice) -> Self:
        """Return a copy of some tiles."""
        return type(self)(
            hot=self.hot[:, index].copy(),
            mu=self.mu[:, :, index].copy(),
            n=self.n[:, :, index].copy(),
            run=self.run[:, :, index].copy(),
        )

    def put(self, index: TileIndex | slice, part: "BaselineState") -> None:
        """Write a part made by `take` back to its tiles; ValueError if slots differ."""
        if part.slots != self.slots:
            raise ValueError(
                f"a part with {part.slots} slots does not fit a state with {self.slots}"
            )
        self.hot[:, index] = part.hot
        self.mu[:, :, index] = part.mu
        self.n[:, :, index] = part.n
        self.run[:, :, index] = part.run
        self.version += 1

    def hot_bytes(self, a: int, b: int) -> bytes:
        """Return the hot rows of tiles a to b (b not included), row after row."""
        return np.ascontiguousarray(self.hot[:, a:b], _LITTLE_F4).tobytes()

    def load_hot(self, a: int, b: int, data: bytes) -> None:
        """Load what `hot_bytes` gave; ValueError if the length is not that of these tiles."""
        _check_length(data, 4 * len(HOT_ROWS) * (b - a), "hot state")
        self.hot[:, a:b] = np.frombuffer(data, _LITTLE_F4).reshape(len(HOT_ROWS), b - a)
        self.version += 1

    def slot_bytes(self, kind: int, i: int, a: int, b: int) -> bytes:
        """Return one slot of tiles a to b: mu (float32), n (uint8), run (int8)."""
        at = (kind, i, slice(a, b))
        mu = np.ascontiguousarray(self.mu[at], _LITTLE_F4)
        return mu.tobytes() + self.n[at].tobytes() + self.run[at].tobytes()

    def load_slot(self, kind: int, i: int, a: int, b: int, data: bytes) -> None:
        """Load what `slot_bytes` gave; ValueError if the length is not that of these tiles."""
        count = b - a
        _check_length(data, SLOT_BYTES_A_TILE * count, "slot state")
        at = (kind, i, slice(a, b))
        self.mu[at] = np.frombuffer(data, _LITTLE_F4, count)
        self.n[at] = np.frombuffer(data, np.uint8, count, 4 * count)
        self.run[at] = np.frombuffer(data, np.int8, count, 5 * count)
        self.version += 1


def _check_length(data: bytes, expected: int, what: str) -> None:
    """Refuse bytes of another layout."""
    if len(data) != expected:
        raise ValueError(f"{what}: expected {expected} bytes, got {len(data)}")

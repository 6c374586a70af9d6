"""The memory of the forecast: what it keeps per tile, and its fixed byte layout.

All of it changes every hop: one float32 row per quantity, tiles along the last axis, bytes
little-endian and row after row, as in the memory of the baseline. Zero is the right start of
every row: what is learnt is kept as its distance from the default, and an expectation of zero
people was never issued.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from detectors.contract import TileIndex, Tiles

HORIZONS: Final = 3
# Rows before the rings: residual, age_min, taught, weight (up, down), then three of each of
# slope up, slope down, reach low, reach high.
SCALAR_ROWS: Final = 5
LEARNT_ROWS: Final = 4 * HORIZONS
_LITTLE_F4: Final = np.dtype("<f4")


def row_count(lags: tuple[int, ...]) -> int:
    """Return how many rows a memory with these lags has."""
    return SCALAR_ROWS + LEARNT_ROWS + max(lags) + sum(lags)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForecastRows:
    """Views of the rows by name; the order is the byte layout.

    residual: smoothed residual, in spreads, (tiles,). age_min: minutes since the tile went
    missing. taught: steps that taught it, counted while it matters. weight: (2, tiles), how
    much the slopes have learnt from, above and below the baseline.
    slope: (2, 3, tiles) and reach: (2, 3, tiles), distance from the default.
    kept: (steps, tiles), residuals of the last steps. issued: per horizon (lag, tiles), the
    people the baseline expected for the steps to come; 0 = none.
    """

    residual: Tiles
    age_min: Tiles
    taught: Tiles
    weight: Tiles
    slope: Tiles
    reach: Tiles
    kept: Tiles
    issued: tuple[Tiles, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class ForecastState:
    """Everything a forecast remembers.

    hot: float32 (rows, tiles). lags: steps between a forecast and its outcome, per horizon,
    ascending; they follow from the hop and fix the number of rows.
    """

    hot: Tiles
    lags: tuple[int, ...]

    @classmethod
    def empty(cls, tiles: int, lags: tuple[int, ...]) -> Self:
        """Return the memory of tiles never seen.

        >>> ForecastState.empty(2, (2, 3, 6)).hot.shape
        (34, 2)
        """
        return cls(hot=np.zeros((row_count(lags), tiles), np.float32), lags=lags)

    @property
    def tiles(self) -> int:
        """Number of tiles."""
        return int(self.hot.shape[1])

    def rows(self) -> ForecastRows:
        """Return named views of the rows; writing to them writes the state."""
        learnt = self.hot[SCALAR_ROWS : SCALAR_ROWS + LEARNT_ROWS]
        slope, reach = learnt.reshape(2, 2, HORIZONS, self.tiles)
        ring = SCALAR_ROWS + LEARNT_ROWS
        issued = []
        start = ring + max(self.lags)
        for lag in self.lags:
            issued.append(self.hot[start : start + lag])
            start += lag
        return ForecastRows(
            residual=self.hot[0],
            age_min=self.hot[1],
            taught=self.hot[2],
            weight=self.hot[3:5],
            slope=slope,
            reach=reach,
            kept=self.hot[ring : ring + max(self.lags)],
            issued=tuple(issued),
        )

    def lasting(self) -> Self:
        """Return a copy that keeps what outcomes have taught, and no residual or open forecast."""
        rested = type(self).empty(self.tiles, self.lags)
        ours, theirs = rested.rows(), self.rows()
        for name in ("taught", "weight", "slope", "reach"):
            getattr(ours, name)[...] = getattr(theirs, name)
        return rested

    def take(self, index: TileIndex | slice) -> Self:
        """Return a copy of some tiles."""
        return type(self)(hot=self.hot[:, index].copy(), lags=self.lags)

    def put(self, index: TileIndex | slice, part: "ForecastState") -> None:
        """Write a part made by `take` back to its tiles; ValueError if the lags differ."""
        if part.lags != self.lags:
            raise ValueError(f"a part with lags {part.lags} does not fit a state with {self.lags}")
        self.hot[:, index] = part.hot

    def hot_bytes(self, a: int, b: int) -> bytes:
        """Return the rows of tiles a to b (b not included), row after row."""
        return np.ascontiguousarray(self.hot[:, a:b], _LITTLE_F4).tobytes()

    def load_hot(self, a: int, b: int, data: bytes) -> None:
        """Load what `hot_bytes` gave; ValueError if the length is not that of these tiles."""
        shape = (self.hot.shape[0], b - a)
        expected = 4 * shape[0] * shape[1]
        if len(data) != expected:
            raise ValueError(f"forecast state: expected {expected} bytes, got {len(data)}")
        self.hot[:, a:b] = np.frombuffer(data, _LITTLE_F4).reshape(shape)

"""The memory of the baseline detector: what it keeps per tile, and its fixed byte layout.

Two parts. `hot` changes every hop: one float32 row per quantity, tiles along the last axis.
The slot arrays change once a slot: (kind of day, slot of day, tile). Bytes are little-endian,
row after row, so a range of tiles (a block) is saved and loaded alone. Zero is the right start
of almost every row, which keeps an untouched tile recognisable.
"""

from dataclasses import dataclass, fields
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from detectors.contract import TileIndex, Tiles
from detectors.slots import KINDS, WEEKDAYS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlarmRows:
    """The rows of one alarm layer, named as in `Rows`; both layers go through the same code."""

    own_var: Tiles
    own_n: Tiles
    own_mean: Tiles
    buildup: Tiles
    surge: Tiles
    score: Tiles
    run_peak: Tiles
    run_quiet: Tiles
    run_gated: Tiles


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Views of the hot rows by name, each of shape (tiles,); the order is the byte layout.

    level, level_var: log of the tile's level of the last days; its variance less the prior's.
    dispersion, dispersion_n: variance over mean of the counts; how many hops taught it.
    own_var, own_n, own_mean: mean square, count and value of the 1-h mean of z, lower side.
    buildup, surge: the two alarm statistics.
    size_sum, size_den: discounted sums of the tile's counts and of the city's day curve.
    slot_sum, slot_raw, slot_expected, slot_n: what the running slot gathered so far; expected
        is without the weekday part.
    z, score, blind: the last verdict, kept where no new interval comes.
    run_peak, run_quiet, run_gated: the running run of high scores.
    near_*: the same of the tile together with those around it.
    drop_buildup, drop_surge, drop_score: the two alarm statistics of too few, and the verdict.
    drop_run_*: the running run of it. drop_doubt: 0 where it is believed, 1 where this cannot be
        said, 2 where a fault of the feed may have made it (`doubt`).
    zero_min: minutes of zeros in a row. week_xy, week_xx: how far weekdays can be trusted.
    standing_min, standing_peak: how long a crowd has stood, and its greatest excess, people.
    contrast_*: how much of z the tiles around tell. scaled_before: the scaled residual of the hop
        before.
    scale: people per unit of the profile's means. shift_min: minutes of slots far off, with their
        sign, shift_seen, shift_due: counts and dues in them. blank_min: how long it stays blank.
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
    near_own_var: Tiles
    near_own_n: Tiles
    near_own_mean: Tiles
    near_buildup: Tiles
    near_surge: Tiles
    near_score: Tiles
    near_run_peak: Tiles
    near_run_quiet: Tiles
    near_run_gated: Tiles
    drop_buildup: Tiles
    drop_surge: Tiles
    drop_score: Tiles
    drop_run_peak: Tiles
    drop_run_quiet: Tiles
    drop_run_gated: Tiles
    drop_doubt: Tiles
    zero_min: Tiles
    week_xy: Tiles
    week_xx: Tiles
    standing_min: Tiles
    standing_peak: Tiles
    contrast_xy: Tiles
    contrast_xx: Tiles
    contrast_yy: Tiles
    scaled_before: Tiles
    scale: Tiles
    shift_min: Tiles
    shift_seen: Tiles
    shift_due: Tiles
    blank_min: Tiles

    def alarm(self, layer: str = "") -> AlarmRows:
        """Return the rows of the tile layer, or with "near_" those of the neighbour layer."""
        names = (field.name for field in fields(AlarmRows))
        return AlarmRows(**{name: getattr(self, layer + name) for name in names})

    def fall(self) -> AlarmRows:
        """Return the rows of too few people, which shares the restlessness of the tile alone."""
        names = [field.name for field in fields(AlarmRows)]
        shared = {name: getattr(self, name) for name in names if name.startswith("own_")}
        rest = {name: getattr(self, f"drop_{name}") for name in names if name not in shared}
        return AlarmRows(**shared, **rest)


HOT_ROWS: Final = tuple(field.name for field in fields(Rows))
# A tile nobody has seen yet is as scattered as a Poisson count, as noisy as a unit normal, unsure.
START_AT_ONE: Final = ("dispersion", "own_var", "near_own_var", "drop_doubt", "scale")
# What is true of a place for weeks; every other row is of the last hours, or of one crowd.
LASTING_ROWS: Final = (
    "dispersion",
    "dispersion_n",
    "own_var",
    "own_n",
    "size_sum",
    "size_den",
    "near_own_var",
    "near_own_n",
    "week_xy",
    "week_xx",
    "contrast_xy",
    "contrast_xx",
    "contrast_yy",
    "scale",
    "blank_min",
)
_LITTLE_F4: Final = np.dtype("<f4")
# mu float32, n uint8, run int8; a slot of a working day carries all weekdays' dev and nd.
_SLOT_BYTES: Final = 4 + 1 + 1
_WEEK_BYTES: Final = WEEKDAYS * (4 + 1)


def slot_bytes_a_tile(kind: int) -> int:
    """Return the bytes of one tile in one slot of a kind of day."""
    return _SLOT_BYTES + (_WEEK_BYTES if kind == 0 else 0)


@dataclass(slots=True, kw_only=True, eq=False)
class BaselineState:
    """Everything a baseline detector remembers.

    hot: float32 (rows, tiles), rows as in `HOT_ROWS`.
    mu, n, run: mean count of a slot, own days seen, days in a row with one sign: (3, slots, tiles).
    dev, nd: relative deviation of a weekday from working days, days seen: (5, slots, tiles).
    version: grows whenever state is exchanged from outside, so that what was derived is redone.
    """

    hot: Tiles
    mu: Tiles
    n: NDArray[np.uint8]
    run: NDArray[np.int8]
    dev: Tiles
    nd: NDArray[np.uint8]
    version: int = 0

    @classmethod
    def empty(cls, tiles: int, slots: int) -> Self:
        """Return the memory of tiles never seen."""
        shape, week = (KINDS, slots, tiles), (WEEKDAYS, slots, tiles)
        state = cls(
            hot=np.zeros((len(HOT_ROWS), tiles), np.float32),
            mu=np.zeros(shape, np.float32),
            n=np.zeros(shape, np.uint8),
            run=np.zeros(shape, np.int8),
            dev=np.zeros(week, np.float32),
            nd=np.zeros(week, np.uint8),
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

    def lasting(self) -> Self:
        """Return a copy that knows its places as this one does and nothing of the last hours.

        It scores as this one would after a long silence: level, alarms, runs, minutes of zeros
        and of standing, and the slot in progress are at their start.
        """
        rested = type(self).empty(self.tiles, self.slots)
        for name in LASTING_ROWS:
            row = HOT_ROWS.index(name)
            rested.hot[row] = self.hot[row]
        for name in ("mu", "n", "run", "dev", "nd"):
            getattr(rested, name)[...] = getattr(self, name)
        return rested

    def take(self, index: TileIndex | slice) -> Self:
        """Return a copy of some tiles."""
        return type(self)(
            hot=self.hot[:, index].copy(),
            mu=self.mu[:, :, index].copy(),
            n=self.n[:, :, index].copy(),
            run=self.run[:, :, index].copy(),
            dev=self.dev[:, :, index].copy(),
            nd=self.nd[:, :, index].copy(),
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
        self.dev[:, :, index] = part.dev
        self.nd[:, :, index] = part.nd
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
        """Return one slot of tiles a to b: mu (float32), n (uint8), run (int8).

        A working day's slot goes on with dev (float32) and nd (uint8) of all weekdays, which
        change only when it ends.
        """
        at = (kind, i, slice(a, b))
        parts: list[NDArray[Any]] = [
            np.ascontiguousarray(self.mu[at], _LITTLE_F4),
            self.n[at],
            self.run[at],
        ]
        if kind == 0:
            parts += [np.ascontiguousarray(self.dev[:, i, a:b], _LITTLE_F4), self.nd[:, i, a:b]]
        return b"".join(part.tobytes() for part in parts)

    def load_slot(self, kind: int, i: int, a: int, b: int, data: bytes) -> None:
        """Load what `slot_bytes` gave; ValueError if the length is not that of these tiles."""
        count = b - a
        _check_length(data, slot_bytes_a_tile(kind) * count, "slot state")
        at = (kind, i, slice(a, b))
        self.mu[at] = np.frombuffer(data, _LITTLE_F4, count)
        self.n[at] = np.frombuffer(data, np.uint8, count, 4 * count)
        self.run[at] = np.frombuffer(data, np.int8, count, 5 * count)
        if kind == 0:
            week, start = (WEEKDAYS, count), _SLOT_BYTES * count
            dev = np.frombuffer(data, _LITTLE_F4, WEEKDAYS * count, start)
            nd = np.frombuffer(data, np.uint8, WEEKDAYS * count, start + 4 * WEEKDAYS * count)
            self.dev[:, i, a:b], self.nd[:, i, a:b] = dev.reshape(week), nd.reshape(week)
        self.version += 1

    def put_slot(self, kind: int, i: int, index: TileIndex, part: "BaselineState") -> None:
        """Put one slot of other tiles, and no more of them, at an index of ours.

        index: int, shape (tiles of `part`,), no tile twice.
        """
        for ours, theirs in ((self.mu, part.mu), (self.n, part.n), (self.run, part.run)):
            ours[kind, i, index] = theirs[kind, i]
        if kind == 0:
            self.dev[:, i, index], self.nd[:, i, index] = part.dev[:, i], part.nd[:, i]
        self.version += 1


def _check_length(data: bytes, expected: int, what: str) -> None:
    """Refuse bytes of another layout."""
    if len(data) != expected:
        raise ValueError(f"{what}: expected {expected} bytes, got {len(data)}")

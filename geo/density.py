"""The density step: from counts per cell to people per tile, once a hop; the room's only hot code.

People on a tile are the sum over its cells of (share of the cell's footprint on the tile) x
(count of the cell). A missing cell takes its share of the usual coverage away, and what is left
is scaled up to the whole while at least half of it reports; below that the tile is blind (NaN).
A withheld cell is present, but as an interval: low, point and high end are carried side by side
and are never collapsed into a zero.

Feeds that each count a known part of the same people (operators with their market shares) are
fused by `worth`: people are what all present cells count together, divided by the part of the
people that they count together. So a feed that is absent is made up for by the others, and the
present ratio is weighed by what each feed counts, not by how many cells it has.

Exactness: only + - * / in float64, summed one by one in the order of the entries (tile, then
cell), so neither the CPU nor the number of tiles in a partition changes a bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.readonly import read_only
from geo.spread import Spread, Strip, prepare, summed

# Below this share of its usual coverage a tile is not estimated: scaling up by more than two
# would call a guess a measurement (DESIGN 7).
PRESENT_MIN_RATIO = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TilePeople:
    """What one hop says about every tile; all arrays have shape (tiles,).

    low, point, high: people, float32; scaled by the present share; NaN where the tile is blind.
    present_ratio: float32, 0 to 1: present part of the tile's usual coverage.
    fresh: a new interval entered the tile in this hop (only then may a detector learn).
    withheld_ratio: float32: part of `point` that comes from withheld cells (all zero: 1 if any).
    withheld: at least one present cell of the tile is withheld.
    """

    low: NDArray[np.float32]
    point: NDArray[np.float32]
    high: NDArray[np.float32]
    present_ratio: NDArray[np.float32]
    fresh: NDArray[np.bool_]
    withheld_ratio: NDArray[np.float32]
    withheld: NDArray[np.bool_]


def people(
    spread: Spread,
    *,
    low: NDArray[np.float32],
    point: NDArray[np.float32],
    high: NDArray[np.float32],
    present: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    withheld: NDArray[np.bool_],
) -> TilePeople:
    """Spread one hop's counts over the tiles.

    All arrays have shape (cells,) and are indexed by `spread.entry`. low, point, high: counts
    times expansion (bare counts, where `spread` has worths), finite, 0 where the cell is missing.
    present: a reading or a withheld mark is there. fresh: its interval is new in this hop.
    withheld: below the feed's floor. What `fresh` and `withheld` say of a cell that is not
    present is ignored. Never raises.

    Two tiles; the first cell is withheld (0 to 19), the second one missing:

    >>> seen = people(
    ...     prepare(np.array([0, 1]), np.array([0, 1]), np.ones(2), 2),
    ...     low=np.zeros(2, np.float32),
    ...     point=np.array([9.5, 0], np.float32),
    ...     high=np.array([19, 0], np.float32),
    ...     present=np.array([True, False]),
    ...     fresh=np.array([True, False]),
    ...     withheld=np.array([True, False]),
    ... )
    >>> seen.low, seen.high, seen.withheld
    (array([ 0., nan], dtype=float32), array([19., nan], dtype=float32), array([ True, False]))
    """
    new, hidden = fresh & present, withheld & present
    if spread.identity:
        return _one_to_one(spread, (low, point, high), present, new, hidden=hidden)
    # Widened once a cell, not once a pair; still one array where the three are one.
    wide = point.astype(np.float64)
    ends = tuple(wide if end is point else end.astype(np.float64) for end in (low, high))
    counts = ends[0], wide, ends[1]
    parts = [_strip(strip, counts, present, new, hidden=hidden) for strip in spread.strips]
    return parts[0] if len(parts) == 1 else _joined(parts)


def spread_counts(
    entry: NDArray[np.int32],
    tile: NDArray[np.int32],
    share: NDArray[np.float64],
    tiles: int,
    *,
    counts_low: NDArray[np.float32],
    counts_point: NDArray[np.float32],
    counts_high: NDArray[np.float32],
    present: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    withheld: NDArray[np.bool_],
    worth: NDArray[np.float64] | None = None,
) -> TilePeople:
    """Prepare and spread in one call, for whoever does it once; a stage keeps its `Spread`.

    Shapes and meanings as in `prepare` and `people`.
    """
    return people(
        prepare(entry, tile, share, tiles, worth=worth),
        low=counts_low,
        point=counts_point,
        high=counts_high,
        present=present,
        fresh=fresh,
        withheld=withheld,
    )


def _one_to_one(
    spread: Spread,
    counts: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    present: NDArray[np.bool_],
    new: NDArray[np.bool_],
    *,
    hidden: NDArray[np.bool_],
) -> TilePeople:
    """Do the general step where each tile is one whole cell: the same bits without sums."""
    entry = spread.entry
    known = present[entry]
    ends = np.full((3, entry.size), np.nan, np.float32)
    for end, count in zip(ends, counts, strict=True):
        # Adding zero turns a -0.0 into the 0.0 that a sum would have given.
        np.add(count[entry], np.float32(0.0), out=end, where=known)
        if spread.worth is not None:
            end[:] = end.astype(np.float64) / spread.worth
    hidden_tile = read_only(hidden[entry])
    read_only(ends)
    return TilePeople(
        low=ends[0],
        point=ends[1],
        high=ends[2],
        present_ratio=read_only(known.astype(np.float32)),
        fresh=read_only(new[entry]),
        withheld_ratio=read_only(hidden_tile.astype(np.float32)),
        withheld=hidden_tile,
    )


def _strip(
    strip: Strip,
    counts: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    present: NDArray[np.bool_],
    new: NDArray[np.bool_],
    *,
    hidden: NDArray[np.bool_],
) -> TilePeople:
    """Do the general step for one strip of tiles; arguments as in `people`."""
    there = present[strip.entry]
    seen = strip.share * there
    ratio, divisor, known = _presence(strip, seen, there)
    each = _counted(strip, seen, counts[1])
    total = _total(strip, each)
    point = _scaled(total, divisor, known)
    # Where nothing is withheld the three are one array, and so are the sums.
    low, high = (
        point
        if end is counts[1]
        else _scaled(_total(strip, _counted(strip, seen, end)), divisor, known)
        for end in (counts[0], counts[2])
    )
    hidden_part, hidden_tile = _withheld(strip, each, hidden, total=total)
    return TilePeople(
        low=low,
        point=point,
        high=high,
        present_ratio=read_only(ratio.astype(np.float32)),
        fresh=_any(strip, new),
        withheld_ratio=hidden_part,
        withheld=hidden_tile,
    )


def _presence(
    strip: Strip, seen: NDArray[np.float64], there: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Present ratio of each tile, what its people are divided by, and whether that is enough.

    seen, there: shape (pairs,), share where the cell is present, and whether it is.
    """
    if strip.worth is None:
        ratio = _quotient(_total(strip, seen), strip.usual, otherwise=0.0)
        return ratio, ratio, ratio >= PRESENT_MIN_RATIO
    counted = _total(strip, strip.worth * there)
    ratio = _quotient(counted, strip.usual, otherwise=0.0)
    # One of two equal feeds is exactly half; worths are quotients, and their rounding must not
    # call that half blind.
    return ratio, counted, ratio.astype(np.float32) >= PRESENT_MIN_RATIO


def _joined(parts: Sequence[TilePeople]) -> TilePeople:
    """Put the strips' answers end to end."""
    return TilePeople(
        low=read_only(np.concatenate([part.low for part in parts])),
        point=read_only(np.concatenate([part.point for part in parts])),
        high=read_only(np.concatenate([part.high for part in parts])),
        present_ratio=read_only(np.concatenate([part.present_ratio for part in parts])),
        fresh=read_only(np.concatenate([part.fresh for part in parts])),
        withheld_ratio=read_only(np.concatenate([part.withheld_ratio for part in parts])),
        withheld=read_only(np.concatenate([part.withheld for part in parts])),
    )


def _withheld(
    strip: Strip,
    each: NDArray[np.float64],
    hidden: NDArray[np.bool_],
    *,
    total: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Part of each tile's point that is withheld, and whether any of its cells is.

    each: shape (pairs,), what the pair adds to `total`, shape (tiles,): the unscaled point.
    """
    # Only the withheld pairs are summed: they are few, and leaving out zeros changes no bit.
    pair = np.flatnonzero(hidden[strip.entry])
    touched = np.zeros(strip.tiles, np.bool_)
    if not pair.size:
        return read_only(touched.astype(np.float32)), read_only(touched)
    tile = strip.tile[pair]
    touched[tile] = True
    part = summed(tile, each[pair], strip.tiles)
    # One of nothing where a tile is touched, and nothing of anything where it is not.
    ratio = touched.astype(np.float64)
    np.divide(part, total, out=ratio, where=total > 0)
    return read_only(ratio.astype(np.float32)), read_only(touched)


def _counted(
    strip: Strip, seen: NDArray[np.float64], count: NDArray[np.float64]
) -> NDArray[np.float64]:
    """People of each pair: share seen times count of its cell; shape (pairs,)."""
    each = count[strip.entry]
    return np.multiply(seen, each, out=each)


def _total(strip: Strip, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of the weights per tile, in the order of the entries; shape (tiles,)."""
    return summed(strip.tile, weight, strip.tiles)


def _any(strip: Strip, flag: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether any cell of the tile has the flag; shape (tiles,)."""
    out = np.zeros(strip.tiles, np.uint8)
    np.maximum.at(out, strip.tile, flag.view(np.uint8)[strip.entry])
    return read_only(out.view(np.bool_))


def _quotient(
    above: NDArray[np.float64], below: NDArray[np.float64], *, otherwise: float
) -> NDArray[np.float64]:
    """Divide where the divisor is positive; `otherwise` elsewhere."""
    out = np.full(above.shape, otherwise)
    np.divide(above, below, out=out, where=below > 0)
    return out


def _scaled(
    total: NDArray[np.float64], divisor: NDArray[np.float64], known: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """People as if the missing part of the coverage were like the present one; NaN if blind."""
    out = np.full(total.shape, np.nan)
    np.divide(total, divisor, out=out, where=known)
    return read_only(out.astype(np.float32))

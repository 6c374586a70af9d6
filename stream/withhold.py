"""Which counts may be told at all, so that none that is withheld can be worked out from them.

Theory of operation. Let F be the privacy floor, a_tc the share of cell c on tile t, n_c what the
cell counted. K is the greatest set of cells that counted at least F each, such that on *every*
tile t that a cell of K touches

    sum over d in K of a_td n_d >= F.

A tile is told only where every cell present on it is in K. Then

1. a cell that counted less than F is not in K, nor is any cell of a tile with less than F people:
   its sum over K is at most its people;
2. hence what is told is a function of counts that need no protection, and of which cells are in
   K; and K stays the same if the counts of all cells of a tile change in any way that leaves the
   tile below F: the old K still fulfils every condition (no member's count changed, no sum
   changed), and so does the new one seen from there, so each contains the other.

So the people of a withheld tile or cell may be any number in [0, F - 1] as far as anything told
can tell. Conditions are judged by each block for itself, with tiles of other blocks as seen by
its own cells alone; those sums are smaller, so both points hold for each block's K, and what all
blocks tell together is a function of the same unprotected counts (ADR 0015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from stream.reach import links_of, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stream.reach import Links

__all__ = ["tellable"]

FEW: Final = 8
"""Under one in so many dropped at once, it is faster to look only at what they touch."""


def tellable(
    links: Links,
    *,
    people: NDArray[np.float32],
    large: NDArray[np.bool_],
    interval: NDArray[np.int64],
    floor: float,
) -> NDArray[np.bool_]:
    """Return the set K of one feed; all arrays have shape (entries,).

    people: counts in people, read only where `large` is set. large: present, and counted at least
    the floor. interval: of each reading. Readings of one interval stand and fall together, so
    each condition is judged among them alone (K of all intervals is the union): else a reading
    that was told could later stand on a tile that fell below the floor without it.

    Sums are in the order of the entries of each key, whatever was dropped before.
    """
    kept = np.zeros(len(large), np.bool_)
    if not large.any():
        return kept
    newest = large & (interval == interval[large].max())
    older = large & ~newest
    kept = _greatest(links, people, newest, floor)
    if older.any():
        kept |= _greatest(_by_interval(links, older, interval), people, older, floor)
    return kept


def _by_interval(links: Links, older: NDArray[np.bool_], interval: NDArray[np.int64]) -> Links:
    """Return the links of some entries; each (interval, key) is a key of its own."""
    pair = np.flatnonzero(older[links.entry])
    entry = links.entry[pair]
    _, number = np.unique(interval[entry], return_inverse=True)
    _, key = np.unique(number.reshape(-1) * links.keys + links.key[pair], return_inverse=True)
    return links_of(entry, key.reshape(-1), links.share[pair], len(older))


def _greatest(
    links: Links, people: NDArray[np.float32], members: NDArray[np.bool_], floor: float
) -> NDArray[np.bool_]:
    """Drop members that touch a key below the floor until none does.

    Ends, because every round but the last drops one. Where many were dropped everything is looked
    at again, else only the keys that lost somebody: the sums are the same, bit for bit.
    """
    kept = members.copy()
    counted = np.where(members, people, np.float32(0)).astype(np.float64)
    weight = links.share * counted[links.entry]
    gone = kept & _on_poor(links.entry, links.key, weight, like=kept, keys=links.keys, floor=floor)
    while (dropped := np.flatnonzero(gone)).size:
        kept[dropped] = False
        pair: NDArray[np.int64] | slice = slice(None)
        key, keys = links.key, links.keys
        if dropped.size * FEW < kept.size:
            pair, key, keys = _around(links, dropped)
        entry = links.entry[pair]
        left = weight[pair] * kept[entry]
        gone = kept & _on_poor(entry, key, left, like=kept, keys=keys, floor=floor)
    return kept


def _on_poor(
    entry: NDArray[np.intp],
    key: NDArray[np.intp],
    weight: NDArray[np.float64],
    *,
    like: NDArray[np.bool_],
    keys: int,
    floor: float,
) -> NDArray[np.bool_]:
    """Return which entries are part of a key whose weights do not sum up to the floor."""
    poor = np.bincount(key, weight, keys) < floor
    touched = np.zeros_like(like)
    touched[entry[poor[key]]] = True
    return touched


def _around(
    links: Links, entries: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.intp], int]:
    """Return all pairs of the keys that some entries touch, and those keys numbered anew."""
    touched = np.zeros(links.keys, np.bool_)
    touched[links.key[links.of_entry[runs(links.entry_first, entries)]]] = True
    keys = np.flatnonzero(touched)
    number = np.repeat(np.arange(keys.size), np.diff(links.first)[keys])
    return runs(links.first, keys), number, keys.size

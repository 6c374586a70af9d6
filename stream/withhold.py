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

from typing import TYPE_CHECKING

import numpy as np

from stream.reach import links_of, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stream.reach import Links

__all__ = ["tellable"]


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

    Ends, because every round but the last drops one; the first one looks at everything, later
    ones only at the keys that lost somebody.
    """
    kept = members.copy()
    counted = np.where(members, people, np.float32(0)).astype(np.float64)
    weight = links.share * counted[links.entry]
    total = np.bincount(links.key, weight, links.keys)
    poor = total < floor
    touched_poor = np.zeros(len(members), np.bool_)
    touched_poor[links.entry[poor[links.key]]] = True
    gone = np.flatnonzero(touched_poor & kept)
    while len(gone):
        kept[gone] = False
        touched = np.unique(links.key[links.of_entry[runs(links.entry_first, gone)]])
        pair = runs(links.first, touched)
        alive = kept[links.entry[pair]]
        width = links.first[touched + 1] - links.first[touched]
        number = np.repeat(np.arange(len(touched)), width)
        left = np.bincount(number, weight[pair] * alive, len(touched))
        gone = np.unique(links.entry[pair[alive & (left < floor)[number]]])
    return kept

"""Laws of the set of cells that may be told: the greatest one that holds the floor everywhere."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.reach import Links, links_of
from stream.withhold import tellable

FLOOR = 20.0
ENTRIES, KEYS = 12, 9

Pairs = dict[tuple[int, int], float]
"""(entry, key) to share."""

pairs = st.dictionaries(
    st.tuples(st.integers(0, ENTRIES - 1), st.integers(0, KEYS - 1)),
    st.sampled_from((0.03, 0.1, 0.25, 0.5, 1.0)),
    min_size=1,
    max_size=40,
)
people = st.lists(
    st.sampled_from((0.0, 19.0, 20.0, 45.0, 80.0, 400.0)), min_size=ENTRIES, max_size=ENTRIES
)
intervals = st.lists(st.sampled_from((300, 300, 300, 600)), min_size=ENTRIES, max_size=ENTRIES)


def links(given_pairs: Pairs) -> Links:
    numbers = {key: number for number, key in enumerate(sorted({key for _, key in given_pairs}))}
    return links_of(
        np.array([entry for entry, _ in given_pairs], np.intp),
        np.array([numbers[key] for _, key in given_pairs], np.intp),
        np.array(list(given_pairs.values())),
        ENTRIES,
    )


def kept(given_pairs: Pairs, counts: list[float], ends: list[int]) -> set[int]:
    counted = np.array(counts, np.float32)
    found = tellable(
        links(given_pairs),
        people=counted,
        large=counted >= FLOOR,
        interval=np.array(ends, np.int64),
        floor=FLOOR,
    )
    return set(np.flatnonzero(found).tolist())


def holds(given_pairs: Pairs, counts: list[float], ends: list[int], some: set[int]) -> bool:
    """Whether every tile that one of them touches holds the floor by those of its interval."""
    for entry, key in given_pairs:
        if entry in some:
            mates = [one for one in some if ends[one] == ends[entry]]
            if sum(given_pairs.get((one, key), 0.0) * counts[one] for one in mates) < FLOOR - 1e-9:
                return False
    return True


def one_by_one(given_pairs: Pairs, counts: list[float], ends: list[int]) -> set[int]:
    """Take out one at a time whoever touches a tile below the floor, until nobody does."""
    some = {entry for entry in range(ENTRIES) if counts[entry] >= FLOOR}
    while True:
        for entry, key in sorted(given_pairs):
            mates = [one for one in some if ends[one] == ends[entry]]
            total = sum(given_pairs.get((one, key), 0.0) * counts[one] for one in sorted(mates))
            if entry in some and total < FLOOR - 1e-9:
                some.remove(entry)
                break
        else:
            return some


@given(pairs, people, intervals)
def test_it_is_what_remains_when_cells_are_taken_out_one_by_one(
    given_pairs: Pairs, counts: list[float], ends: list[int]
) -> None:
    assert kept(given_pairs, counts, ends) == one_by_one(given_pairs, counts, ends)


@given(pairs, people, intervals, st.sets(st.integers(0, ENTRIES - 1)))
def test_every_set_that_holds_the_floor_is_part_of_it(
    given_pairs: Pairs, counts: list[float], ends: list[int], some: set[int]
) -> None:
    large = {entry for entry in some if counts[entry] >= FLOOR}
    found = kept(given_pairs, counts, ends)
    assert holds(given_pairs, counts, ends, found)
    assert large <= found or not holds(given_pairs, counts, ends, large)


def test_a_long_chain_falls_to_its_first_cell() -> None:
    """The last tile holds 2 people, so its cell goes; then the tile before holds too few, ..."""
    size = 400
    chain = {(entry, entry + step): (0.9, 0.1)[step] for entry in range(size) for step in (0, 1)}
    whole = links_of(
        np.array([entry for entry, _ in chain], np.intp),
        np.array([key for _, key in chain], np.intp),
        np.array(list(chain.values())),
        size,
    )
    crowd, large = np.full(size, 22.0, np.float32), np.ones(size, np.bool_)
    at = np.zeros(size, np.int64)
    assert not tellable(whole, people=crowd, large=large, interval=at, floor=FLOOR).any()

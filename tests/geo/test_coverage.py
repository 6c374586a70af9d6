"""Laws of coverage: shares agree with plain geometry, and no part of a cell is lost or doubled."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo import coverage
from geo.coverage import SHARE_UNIT, coverage_of, overlaps
from geo.disc import discs

SIDE_M = 100.0


def random_shapes(seed: int, cells: int = 8) -> NDArray[np.object_]:
    """Discs, triangles, tile-aligned squares and rings with a hole, some tiny, some in parts."""
    rng = np.random.default_rng(seed)
    shapes = np.empty(cells, dtype=np.object_)
    for cell in range(cells):
        centre = rng.uniform(-600, 600, 2).round(3)
        size = float(rng.choice([0.5, 40, 130, 420]))
        round_ = discs(centre[None], np.array([size]))[0]
        kinds = [
            round_,
            shapely.convex_hull(shapely.MultiPoint(centre + rng.uniform(-size, size, (3, 2)))),
            shapely.box(
                *(np.round(centre / SIDE_M) * SIDE_M), *np.round(centre / SIDE_M + 2) * SIDE_M
            ),
            round_.difference(discs(centre[None], np.array([size / 2]))[0]),
            shapely.MultiPolygon([round_, shapely.affinity.translate(round_, 3 * size, 10.0)]),
        ]
        shapes[cell] = kinds[rng.integers(len(kinds))]
    return shapes


def oracle(shapes: NDArray[np.object_]) -> dict[tuple[int, int, int], float]:
    """Every footprint against every tile of a large window, one by one."""
    found = {}
    for cell, shape in enumerate(shapes):
        for row in range(-22, 23):
            for col in range(-22, 23):
                box = shapely.box(
                    col * SIDE_M, row * SIDE_M, (col + 1) * SIDE_M, (row + 1) * SIDE_M
                )
                if share := shape.intersection(box).area / shape.area:
                    found[cell, row, col] = share
    return found


@pytest.mark.parametrize("seed", range(6))
def test_shares_agree_with_a_slow_loop_over_all_tiles(seed: int) -> None:
    shapes = random_shapes(seed)
    want = oracle(shapes)
    found = overlaps(shapes, SIDE_M)
    pairs = zip(found.cell.tolist(), found.row.tolist(), found.col.tolist(), strict=True)
    got = dict(zip(pairs, found.share.tolist(), strict=True))
    assert len(got) == len(found.share), "no pair stands twice"
    for pair in want.keys() | got.keys():
        assert got.get(pair, 0.0) == pytest.approx(want.get(pair, 0.0), abs=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_a_footprint_inside_the_grid_is_accounted_for_to_the_last_unit(seed: int) -> None:
    shapes = random_shapes(seed)
    found = overlaps(shapes, SIDE_M)
    assert np.all(found.share > 0)
    assert np.array_equal(found.share / SHARE_UNIT, np.rint(found.share / SHARE_UNIT))
    assert np.bincount(found.cell, found.share, len(shapes)).tolist() == [1.0] * len(shapes)


@given(st.integers(0, 2**32 - 1), st.integers(1, 400))
def test_how_much_is_done_in_one_go_changes_no_bit(seed: int, pairs: int) -> None:
    shapes = random_shapes(seed)
    whole = overlaps(shapes, SIDE_M)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coverage, "CHUNK_PAIRS", pairs)
        parts = overlaps(shapes, SIDE_M)
    for name in ("cell", "row", "col", "share"):
        assert getattr(whole, name).tobytes() == getattr(parts, name).tobytes()


@given(st.integers(0, 2**32 - 1))
def test_rows_of_coverage_and_outside_sum_to_one_and_are_sorted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cell, tile = np.divmod(rng.choice(60, 25, replace=False), 10)
    share = rng.integers(1, 2**35, 25).astype(np.float64) * SHARE_UNIT
    made = coverage_of(cell, tile, share, 6)
    inside = np.bincount(made.cell, made.share, 6)
    assert np.all(inside <= 1)
    assert np.array_equal(inside + made.outside, np.ones(6))
    order = list(zip(made.tile.tolist(), made.cell.tolist(), strict=True))
    assert order == sorted(order)
    assert made.cell.dtype == made.tile.dtype == np.int32
    assert not made.share.flags.writeable


def test_what_rounding_leaves_goes_to_the_largest_share() -> None:
    shapes = np.array(
        [shapely.box(3, 3, 60_003, 1_000), discs(np.zeros((1, 2)), np.array([90]))[0]]
    )
    found = overlaps(shapes, SIDE_M)
    exact = np.array(
        [
            shapely.intersection(shapes[cell], shapely.box(col, row, col + 100, row + 100)).area
            / shapes[cell].area
            for cell, row, col in zip(found.cell, found.row * 100, found.col * 100, strict=True)
        ]
    )
    off = np.abs(found.share - exact) / SHARE_UNIT
    assert np.bincount(found.cell, found.share).tolist() == [1.0, 1.0]
    assert np.all(np.bincount(found.cell, off > 0.51) <= 1), "one share of a cell bears it all"
    assert off.max() < 2**14


def test_a_disc_has_the_area_of_its_circle() -> None:
    for disc, radius in zip(
        discs(np.zeros((2, 2)), np.array([30.0, 5_000.0])), (30, 5_000), strict=True
    ):
        assert disc.area == pytest.approx(np.pi * radius**2, rel=1e-8)

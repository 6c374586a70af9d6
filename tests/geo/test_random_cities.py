"""Two hundred random cities: ground and spreading agree with slow loops over cells and tiles."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from geo.making import cut
from tests import naive_geo as naive
from tests.geo.sample_ground import ASSUMED_SHARE, WINDOW, Case, random_case

if TYPE_CHECKING:
    from geo.making.ground import Ground
    from geo.making.spreading import Spreading

CITIES = 200
EXACT = 1e-9


def check_ground(case: Case, ground: Ground) -> dict[naive.Place, naive.Tile]:
    """Compare with the oracle's tiles and return those."""
    want = naive.ground(
        side_m=case.side_m,
        boundary=case.boundary,
        walkable=list(case.walkable),
        excluded=list(case.excluded),
        assumed_share=ASSUMED_SHARE,
        footprints=list(case.shapes),
        reach=WINDOW,
    )
    places = list(zip(ground.row.tolist(), ground.col.tolist(), strict=True))
    assert places == sorted(want)
    for index, place in enumerate(places):
        tile = want[place]
        assert ground.assumed[index] == tile.assumed
        assert abs(ground.ground_m2[index] - tile.ground_m2) < EXACT * tile.ground_m2
        assert abs(ground.walkable_m2[index] - tile.walkable_m2) < EXACT * case.side_m**2
        assert ground.shape[index].area == ground.ground_m2[index]
        assert ground.shape[index].geom_type in {"Polygon", "MultiPolygon"}
        assert ground.walkable[index].geom_type in {"Polygon", "MultiPolygon"}
    return want


def check_cells(
    case: Case, ground: Ground, got: Spreading, tiles: dict[naive.Place, naive.Tile]
) -> None:
    """Compare with the oracle's cells."""
    away = dict(zip(got.nowhere.tolist(), got.away_m.tolist(), strict=True))
    shares: list[dict[naive.Place, float]] = [{} for _ in case.shapes]
    for cell, tile, share in zip(got.cell, got.tile, got.share, strict=True):
        shares[cell][int(ground.row[tile]), int(ground.col[tile])] = float(share)
    for cell, (shape, mine) in enumerate(zip(case.shapes, shares, strict=True)):
        want = naive.spread(shape, tiles, boundary=case.boundary, excluded=list(case.excluded))
        assert abs(got.outside[cell] - want.outside) < EXACT
        assert got.fell_back[cell] == want.fell_back
        for place in want.shares.keys() | mine.keys():
            assert abs(mine.get(place, 0.0) - want.shares.get(place, 0.0)) < EXACT, (cell, place)
        assert (cell in away) == (not want.shares)
        if want.away_m is not None:
            assert away[cell] == pytest.approx(want.away_m, abs=1e-6)


def test_two_hundred_cities_agree_with_slow_loops_over_their_cells_and_tiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: Counter[str] = Counter()
    for seed in range(CITIES):
        case = random_case(seed)
        # Every other city has its polygons cut into crumbs first, as a real coast has.
        monkeypatch.setattr(cut, "CORNERS_MAX", 6 if seed % 2 else 64)
        ground, got = case.ground(), case.spread()
        try:
            check_cells(case, ground, got, check_ground(case, ground))
        except AssertionError as error:
            error.add_note(f"city {seed}")
            raise
        seen["no boundary"] += case.boundary is None
        seen["no walkable layer"] += not case.walkable.size
        seen["no excluded layer"] += not case.excluded.size
        seen["tiles that the walkable layer forgets"] += 0 < ground.assumed.mean() < 1
        seen["cells partly outside"] += int(((got.outside > 0) & (got.outside < 1)).sum())
        seen["cells nowhere"] += got.nowhere.size
        seen["cells off the walkable layer"] += int(got.fell_back.sum()) * bool(case.walkable.size)
    assert min(seen.values()) > CITIES // 10, "the cities no longer show all there is"
    assert len(seen) == 7

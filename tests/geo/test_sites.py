"""Laws of sites: the tiles they mostly cover, or their one best; never one tile for two."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.making.assign import Tiles
from geo.making.layer import Layer
from geo.making.sites import DrawnSites, place_sites, sites_of
from geo.site import PlacedSite

PLANE = "+proj=laea +lat_0=21.2 +lon_0=110.4 +datum=WGS84 +units=m +no_defs"
SIDE = 6
BOXES = [(r, c) for r in range(SIDE) for c in range(SIDE)]


def tiles() -> Tiles:
    """Return 6 x 6 tiles of 10 m, the lower half of the first one water."""
    shape = np.array([shapely.box(c * 10, r * 10, c * 10 + 10, r * 10 + 10) for r, c in BOXES])
    shape[0] = shapely.box(0, 5, 10, 10)
    return Tiles(
        projection=PLANE,
        ids=[f"r{r}c{c}" for r, c in BOXES],
        shape=shape,
        ground_m2=shapely.area(shape),
    )


def layer(*properties: dict[str, object]) -> Layer:
    count = len(properties)
    return Layer(
        file="sites.geojson",
        shapes=np.array([shapely.box(0, 0, n + 1, 1) for n in range(count)], dtype=np.object_),
        properties=properties,
        places=tuple(f"feature {n + 1}" for n in range(count)),
        repaired=(),
    )


def placed(*shapes: shapely.Geometry) -> tuple[dict[str, list[int]], list[str]]:
    """Place sites a, b, c... and return tiles by name, and the faults."""
    named: list[dict[str, object]] = [{"name": chr(97 + n)} for n in range(len(shapes))]
    drawn = sites_of(layer(*named))
    sites, faults = place_sites(drawn, np.array(shapes, dtype=np.object_), tiles())
    return {site.name: site.tiles.tolist() for site in sites}, [fault.line("f") for fault in faults]


def test_a_site_has_the_tiles_of_whose_ground_it_covers_half() -> None:
    found, faults = placed(shapely.box(0, 0, 25, 10))
    assert (found, faults) == ({"a": [0, 1, 2]}, [])
    assert placed(shapely.box(0, 0, 24.9, 10))[0] == {"a": [0, 1]}
    # Half of the ground, which is a quarter of the first tile.
    assert placed(shapely.box(0, 5, 5, 10))[0] == {"a": [0]}


def test_a_small_site_has_the_one_tile_of_which_it_covers_most() -> None:
    assert placed(shapely.box(18, 1, 21, 3))[0] == {"a": [1]}
    assert placed(shapely.box(19, 1, 22, 3))[0] == {"a": [2]}
    assert placed(shapely.box(19, 1, 21, 3))[0] == {"a": [1]}


def test_of_two_sites_on_a_tile_the_one_that_covers_more_has_it() -> None:
    large, small = shapely.box(10, 0, 30, 10), shapely.box(22, 0, 40, 10)
    assert placed(small, large)[0] == {"a": [3], "b": [1, 2]}
    same = shapely.box(10, 0, 40, 10), shapely.box(20, 0, 50, 10)
    assert placed(*same)[0] == {"a": [1, 2, 3], "b": [4]}


def test_a_site_that_gets_no_tile_is_a_fault_that_names_its_rival() -> None:
    found, faults = placed(shapely.box(11, 1, 14, 4), shapely.box(10, 0, 20, 10))
    assert found == {"b": [1]}
    (line,) = faults
    assert line.startswith("f: feature 1: geometry: has no tile of its own: 'b' covers more")


def test_a_site_off_the_grid_is_a_fault() -> None:
    found, faults = placed(shapely.box(100, 0, 120, 10), shapely.box(0, 1, 9, 4))
    assert not found
    assert [line.split("; ")[0] for line in faults] == [
        "f: feature 1: geometry: lies off the grid",
        "f: feature 2: geometry: lies off the grid",
    ]


boxes = st.tuples(
    st.integers(-20, 70), st.integers(-20, 70), st.integers(1, 50), st.integers(1, 50)
).map(lambda at: shapely.box(at[0], at[1], at[0] + at[2], at[1] + at[3]))


def slow(shapes: list[shapely.Geometry]) -> dict[str, list[int]]:
    """Place sites by plain loops."""
    ground = tiles()
    claims: dict[int, list[tuple[float, str]]] = {}
    for number, shape in enumerate(shapes):
        part = {
            tile: round(shapely.intersection(own, shape).area, 6)
            for tile, own in enumerate(ground.shape)
        }
        mine = [tile for tile, m2 in part.items() if m2 >= ground.ground_m2[tile] / 2]
        most = max(part.values())
        mine = mine or [tile for tile, m2 in part.items() if m2 == most > 0][:1]
        for tile in mine:
            claims.setdefault(tile, []).append((-part[tile], chr(97 + number)))
    found: dict[str, list[int]] = {}
    for tile in sorted(claims):
        found.setdefault(min(claims[tile])[1], []).append(tile)
    return found


@given(st.lists(boxes, min_size=1, max_size=5))
def test_no_tile_has_two_sites_and_a_slow_reading_agrees(shapes: list[shapely.Polygon]) -> None:
    found, faults = placed(*shapes)
    held = [tile for own in found.values() for tile in own]
    assert len(held) == len(set(held))
    assert found == slow(list(shapes))
    assert len(found) + len(faults) == len(shapes)


def said(*properties: dict[str, object]) -> DrawnSites:
    return sites_of(layer(*properties))


def test_what_a_site_says_is_kept_in_the_order_of_names() -> None:
    drawn = said(
        {"name": "b", "capacity": 5000, "rungs": [1, 2, 3.5, 4]},
        {"name": "a", "access_risk": ["slope", "narrow"]},
    )
    assert not drawn.faults
    first, second = drawn.sites
    assert (first.name, first.access_risk, first.capacity) == ("a", ("narrow", "slope"), None)
    assert (second.name, second.rungs, second.capacity) == ("b", (1.0, 2.0, 3.5, 4.0), 5000.0)
    assert drawn.places == ("feature 2", "feature 1")
    assert PlacedSite(name="a", tiles=np.zeros(1, np.int32)).rungs is None


def test_every_fault_of_every_site_is_told() -> None:
    drawn = said(
        {"name": "a", "capacity": 0},
        {"name": "a", "capacity": "many"},
        {"name": " ", "rungs": [2, 2, 3, 4]},
        {"rungs": "steep", "access_risk": ["stairs", {}]},
        {"name": "x" * 81, "rungs": [1, 2, 3, 11], "capacity": True},
        {"name": "b", "capacity": 10**400, "rungs": [1, 2, 3]},
    )
    assert [(fault.where, fault.field) for fault in drawn.faults] == [
        ("feature 1", "capacity"),
        ("feature 2", "name"),
        ("feature 2", "capacity"),
        ("feature 3", "name"),
        ("feature 3", "rungs"),
        ("feature 4", "name"),
        ("feature 4", "access_risk"),
        ("feature 4", "rungs"),
        ("feature 5", "name"),
        ("feature 5", "capacity"),
        ("feature 5", "rungs"),
        ("feature 6", "capacity"),
        ("feature 6", "rungs"),
    ]

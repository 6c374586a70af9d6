"""Laws of whole runs on a pack: what it says reaches the desks, from counts to alert bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geo.site import PlacedSite
from replay.engine import Engine
from stream.block import BlockMachine
from stream.incident import IncidentMachine
from tests.laws.crowds import log, settings, squares
from tests.laws.test_equality import Reloaded, alerts
from tests.stream.packed import duty_of, packed

if TYPE_CHECKING:
    from geo.city import City

HOPS = 110  # both crowds of the first day come and go

Alert = dict[str, Any]


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return squares(tmp_path_factory.mktemp("city"))


def told(city: City, *more: str) -> list[Alert]:
    engine = Engine(settings(*more), city)
    for record in log(hops=HOPS):
        engine.feed(record)
    return [json.loads(line.split(" ", 2)[2]) for line in alerts(engine)]


def on(city: City, *cells: str) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.array(sorted(city.grid.tile_ids.index(cell) for cell in cells), np.int32)


def highest(alerts: list[Alert], tile: str) -> int:
    return max((one["level"] for one in alerts if tile in one["area"]["tiles"]), default=0)


def test_a_pack_without_anything_more_tells_what_its_cells_file_tells(town: City) -> None:
    assert told(packed(town)) == told(town)


def test_a_site_of_the_pack_names_alerts_and_overrides_rungs(town: City) -> None:
    plain = told(packed(town))
    pier = PlacedSite(name="Pier", tiles=on(town, "c03"), rungs=(4.0, 9.0, 10.0, 11.0))
    high = told(packed(town, sites=[pier]))
    assert highest(plain, "c03") == 4
    assert highest(high, "c03") < highest(plain, "c03")
    assert "Pier" in {one["place"] for one in high}
    assert "Pier" not in {one["place"] for one in plain}


def test_a_kind_of_risk_brings_fire_in_one_level_earlier_and_it_reads_why(town: City) -> None:
    def first_fire(city: City) -> Alert:
        # By slope alone both would begin at orange.
        return next(one for one in told(city, "alerts.fast_min=1") if one["desk"] == "fire")

    every = on(town, *town.grid.tile_ids)
    quay = PlacedSite(name="Quay", tiles=every, access_risk=("one_exit", "water_edge"))
    late, early = first_fire(packed(town)), first_fire(packed(town, sites=[quay]))
    assert (late["level"], early["level"]) == (3, 2)
    assert early["hop_ms"] < late["hop_ms"]
    assert early["fire"]["access_risk"]
    assert early["fire"]["hazards"] == ["one_exit", "water_edge"]
    assert (late["fire"]["access_risk"], late["fire"]["hazards"]) == (False, None)


def test_no_incident_crosses_a_police_area_and_each_alert_names_who_answers(town: City) -> None:
    tiles = len(town.grid.tile_ids)
    numbers = [int(cell[1:]) % 2 for cell in town.grid.tile_ids]  # neighbours differ
    posts = list(range(tiles))
    duty = duty_of(town, police=numbers, fire=[0] * tiles, posts=posts)
    found = told(packed(town, duty=duty))
    assert {one["district"] for one in found} == {"Police 0", "Police 1"}
    assert any(one["related"] for one in found)
    single = [one for one in found if one["parts"] is None]  # a city-wide one is no incident's own
    assert len(single) > 5
    for one in single:
        at = [town.grid.tile_ids.index(tile) for tile in one["area"]["tiles"]]
        assert len({numbers[tile] for tile in at}) == 1
        assert {post["id"] for post in one["responsible"]} <= {f"g{tile:02d}" for tile in at}
        assert one["jurisdiction"][0]["desk"] == one["desk"]


@pytest.mark.parametrize("blocks", [1, 3])
def test_partitions_and_restarts_change_no_byte_of_who_answers(town: City, blocks: int) -> None:
    tiles = len(town.grid.tile_ids)
    numbers = [tile % 2 for tile in range(tiles)]
    pier = PlacedSite(name="Pier", tiles=on(town, "c03", "c09"), capacity=2000.0)
    city = packed(
        town,
        sites=[pier],
        duty=duty_of(
            town, police=numbers, fire=numbers[::-1], posts=[t // 2 for t in range(tiles)]
        ),
        assumed=[tile % 3 == 0 for tile in range(tiles)],
        assumed_share=0.3,
    )
    shape = settings(blocks=blocks)
    engine = Engine(shape, city)
    engine.blocks = [
        Reloaded(lambda p=p: BlockMachine(shape, city, p, density=False))  # type: ignore[misc]
        for p in range(blocks)
    ]
    engine.incident = Reloaded(lambda: IncidentMachine(shape, city))  # type: ignore[assignment]
    for record in log(hops=HOPS):
        engine.feed(record)
    plain = Engine(settings(), city)
    for record in log(hops=HOPS):
        plain.feed(record)
    assert alerts(engine) == alerts(plain)
    assert alerts(plain)

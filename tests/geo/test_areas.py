"""Laws of what areas and posts say: every property is there, every id stands once."""

import numpy as np
import shapely

from geo.making.areas import areas_of, posts_of
from geo.making.layer import Layer
from tests.geo.made_city import post


def layer(*properties: dict[str, object]) -> Layer:
    count = len(properties)
    return Layer(
        file="areas.geojson",
        shapes=np.array([shapely.box(n, 0, n + 1, 1) for n in range(count)], dtype=np.object_),
        properties=properties,
        places=tuple(f"feature {n + 1}" for n in range(count)),
        repaired=(),
    )


def test_areas_stand_in_the_order_of_their_ids_with_their_shapes() -> None:
    owners = areas_of(
        layer({"code": 20, "label": "B"}, {"code": "10", "label": "A"}),
        id_property="code",
        name_property="label",
    )
    assert not owners.faults
    assert [(area.id, area.name) for area in owners.owners] == [("10", "A"), ("20", "B")]
    assert [shape.bounds[0] for shape in owners.shapes] == [1.0, 0.0]


def test_every_missing_property_and_every_id_given_twice_is_told() -> None:
    owners = areas_of(layer({"id": 1, "name": "A"}, {"id": "1", "name": ""}, {"name": ["x"]}))
    assert [(fault.where, fault.field) for fault in owners.faults] == [
        ("feature 2", "name"),
        ("feature 2", "id"),
        ("feature 3", "id"),
        ("feature 3", "name"),
    ]
    assert owners.faults[1].says == "'1' stands already in feature 1"


def test_a_post_without_unit_or_contact_is_a_fault() -> None:
    whole = posts_of(layer(post(1), post(2)))
    assert not whole.faults
    assert whole.owners[0].contact == "ext 101"
    broken = posts_of(layer(post(1, unit=None), post(2, contact="  ", deputy=True), post(1)))
    assert [(fault.where, fault.field) for fault in broken.faults] == [
        ("feature 1", "unit"),
        ("feature 2", "deputy"),
        ("feature 2", "contact"),
        ("feature 3", "id"),
    ]


def test_a_line_break_in_a_name_is_a_fault() -> None:
    owners = areas_of(layer({"id": 1, "name": "A\nB"}, {"id": 2, "name": "x" * 201}))
    assert [fault.field for fault in owners.faults] == ["name", "name"]

"""What layers say of their features: areas of authorities and posts, every one named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import numpy as np

from geo.duty import Area, Post
from geo.fault import Fault
from geo.readonly import read_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geo.making.layer import Layer

__all__ = ["Owners", "areas_of", "posts_of", "said"]

TEXT_MAX: Final = 200
# As fields of `Post`, and as properties of its feature.
_POST: Final = ("id", "name", "post", "deputy", "unit", "contact")

Owner = TypeVar("Owner", Area, Post)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Owners(Generic[Owner]):
    """Areas or posts, sorted by id, with their shapes (lon/lat) in the same order.

    faults: what is wrong with their properties, in file order; with one, the rest is not whole.
    """

    owners: tuple[Owner, ...]
    shapes: NDArray[np.object_]
    faults: tuple[Fault, ...]


def areas_of(layer: Layer, *, id_property: str = "id", name_property: str = "name") -> Owners[Area]:
    """Read the areas of an authority; the two properties are the ones the city file names."""

    def area(where: str, properties: dict[str, object], faults: list[Fault]) -> Area:
        held = (said(where, properties, name, faults) for name in (id_property, name_property))
        return Area(**dict(zip(("id", "name"), held, strict=True)))

    return _owners(layer, area, id_property)


def posts_of(layer: Layer) -> Owners[Post]:
    """Read the posts of administrative grid cells."""

    def post(where: str, properties: dict[str, object], faults: list[Fault]) -> Post:
        return Post(**{name: said(where, properties, name, faults) for name in _POST})

    return _owners(layer, post, "id")


def said(
    where: str,
    properties: dict[str, object],
    name: str,
    faults: list[Fault],
    *,
    most: int = TEXT_MAX,
) -> str:
    """Read a property that is text (or a whole number); a fault if it says nothing."""
    value = properties.get(name)
    text = str(value).strip() if isinstance(value, str) or type(value) is int else ""
    if not text:
        says = "is missing" if value is None else f"{str(value)[:TEXT_MAX]!r} is no text"
        write = f"give every feature the property {name}"
        faults.append(Fault(where=where, field=name, says=says, write=write))
    elif len(text) > most or not text.isprintable():
        says = f"{text[:20]!r}... is no usable text"
        write = f"use at most {most} printable characters"
        faults.append(Fault(where=where, field=name, says=says, write=write))
    return text


def _owners(
    layer: Layer,
    read: Callable[[str, dict[str, object], list[Fault]], Owner],
    id_property: str,
) -> Owners[Owner]:
    """Read every feature; ids stand once."""
    faults: list[Fault] = []
    if not layer.places:
        says, write = "has no features", "draw at least one area, or take the layer out"
        faults.append(Fault(where="", field="", says=says, write=write))
    found = []
    seen: dict[str, str] = {}
    for where, properties in zip(layer.places, layer.properties, strict=True):
        owner = read(where, properties, faults)
        found.append(owner)
        if owner.id in seen and owner.id:
            says = f"{owner.id!r} stands already in {seen[owner.id]}"
            write = "give each its own id; an area of several parts is one MultiPolygon"
            faults.append(Fault(where=where, field=id_property, says=says, write=write))
        seen.setdefault(owner.id, where)
    order = sorted(range(len(found)), key=lambda place: found[place].id)
    return Owners(
        owners=tuple(found[place] for place in order),
        shapes=read_only(layer.shapes[np.array(order, np.intp)]),
        faults=tuple(faults),
    )

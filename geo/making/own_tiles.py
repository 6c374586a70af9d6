"""Cells that are their own tiles (identity tiling): read with or without outlines, and measured."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.fault import RegisterError
from geo.file_text import refusal
from geo.footprint import Footprints, Squares
from geo.ledger import Ledger
from geo.making.cut import in_order, overlaid
from geo.making.ground import GROUND_MIN_RATIO, Ground
from geo.making.lay import lay
from geo.making.layer import load_layer
from geo.readonly import read_only
from geo.register import register_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.making.city_file import CellsEntry
    from geo.making.files import Inputs
    from geo.making.layer import Layer

__all__ = ["ground_of_own", "load_own_tiles"]


def load_own_tiles(entry: CellsEntry, inputs: Inputs) -> tuple[Squares, tuple[str, ...]]:
    """Read the cells of an identity tiling, and what was mended; raises `RegisterError`.

    A CSV `cell,area_m2[,row,col][,name]`, or GeoJSON polygons with these properties, of which
    `area_m2` may be missing (NaN then) because the outline has an area.
    """
    text = inputs.text(entry.file)
    if text.lstrip().startswith(("{", "[")):
        layer = load_layer(entry.file, datum=entry.datum, inputs=inputs)
        return _squares(layer), layer.repaired
    file = inputs.shown(entry.file)
    register = register_of(text, file=file, datum=entry.datum, bare_points=True)
    if isinstance(register, Footprints):
        write = 'give cell,area_m2 or polygons, or write tiling = "squares" in the city file'
        raise refusal(file, 'lists sites, but grid.tiling is "cells"', write)
    return register, ()


def ground_of_own(
    squares: Squares,
    shapes: NDArray[np.object_],
    *,
    walkable: NDArray[np.object_],
    excluded: NDArray[np.object_],
    assumed_share: float,
) -> Ground:
    """Measure the ground of cells that are their own tiles; in the order of the cells.

    shapes: of the cells in the plane, shape (cells,). walkable, excluded, assumed_share: as in
    `ground_of`. An area that the file gives is taken as walkable. A tile that is excluded but for
    next to nothing keeps its ground: the cell counts people there, and they stand somewhere.
    """
    shape = shapes.copy()
    if excluded.size:
        sea = lay(_one(excluded), shape)
        dry = overlaid(shapely.difference, shape[sea.tile], sea.shape)
        left = shapely.area(dry) >= GROUND_MIN_RATIO * shapely.area(shape[sea.tile])
        shape[sea.tile[left]] = dry[left]
    stands, on_m2 = shape.copy(), np.zeros(len(shape))
    if walkable.size:
        met = lay(_one(walkable), shape)
        on_m2[met.tile], stands[met.tile] = met.part_m2, met.shape
    ground_m2 = shapely.area(shape)
    said = ~np.isnan(squares.area_m2)
    assumed = ~said & (on_m2 == 0)
    walkable_m2 = np.where(assumed, assumed_share * ground_m2, on_m2)
    return Ground(
        row=read_only(squares.row.astype(np.int64)),
        col=read_only(squares.col.astype(np.int64)),
        shape=read_only(shape),
        walkable=read_only(stands),
        ground_m2=read_only(ground_m2),
        walkable_m2=read_only(np.where(said, squares.area_m2, walkable_m2)),
        assumed=read_only(assumed),
    )


def _one(layer: NDArray[np.object_]) -> NDArray[np.object_]:
    """Unite a layer; the order of its features decides nothing."""
    whole = np.empty(1, dtype=np.object_)
    whole[0] = shapely.union_all(in_order(layer))
    return whole


def _squares(layer: Layer) -> Squares:
    """Make own tiles from polygons; raises `RegisterError`."""
    ledger = Ledger()
    found = []
    for where, properties, shape in zip(layer.places, layer.properties, layer.shapes, strict=True):
        area = properties.get("area_m2")
        name = properties.get("name")
        row, col = ledger.place(where, properties.get("row"), properties.get("col"))
        found.append(
            (
                ledger.cell(where, properties.get("cell")),
                nan if area in (None, "") else ledger.positive(where, "area_m2", area),
                row,
                col,
                name if isinstance(name, str) and name else None,
                shape,
            )
        )
    if ledger.faults:
        raise RegisterError(layer.file, ledger.faults)
    found.sort(key=lambda line: line[0])
    shapes = np.empty(len(found), dtype=np.object_)
    shapes[:] = [line[5] for line in found]
    return Squares(
        cells=tuple(line[0] for line in found),
        area_m2=read_only(np.array([line[1] for line in found], np.float64)),
        row=read_only(np.array([line[2] for line in found], np.int32)),
        col=read_only(np.array([line[3] for line in found], np.int32)),
        names=tuple(line[4] for line in found),
        shapes=read_only(shapes),
    )

"""A layer of polygons: read from GeoJSON, turned to WGS 84, mended where it crosses itself.

Boundary, walkable and excluded ground, areas of authorities, posts and sites all come as such
layers. Everything that is wrong with a file is told at once, feature by feature; what could be
mended is mended and told, too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo.datum import WGS84, in_degrees, to_wgs84
from geo.fault import RegisterError
from geo.geojson import (
    Collection,
    Json,
    Outline,
    OutlineError,
    check_degrees,
    outline_of,
    table,
)
from geo.ledger import Ledger, shown
from geo.making.files import Inputs
from geo.making.straight import straightened
from geo.mend import mended, report_line, valid_again, what_is_wrong
from geo.readonly import read_only

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.geojson import Area
    from geo.making.files import FilePath

__all__ = ["Layer", "load_layer"]

# A tenth of a millimetre: PROJ and the sines of two machines differ in the last bits only.
DEGREE_DECIMALS: Final = 9
# Bounds the memory: the formulas make some twenty arrays of this length.
POINTS_AT_ONCE: Final = 100_000
# Where a feature may say what people call it, the best first.
LABELS: Final = ("name", "id", "cell", "adcode")
INSTEAD: Final = "draw it as a Polygon or a MultiPolygon, or take it out"
DEGREES: Final = "write degrees, or declare the EPSG code of its plane"
# What programs write into the retired member `crs`, of whatever datum in degrees.
_DEGREES_CRS: Final = re.compile(r"CRS84|EPSG:[0-9.]*:?(4326|4490)\b")
_EPSG: Final = re.compile(r"EPSG:[0-9.]*:?([0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """The features of one file, in its order.

    file: the path as faults name it. shapes: valid (Multi)Polygons, lon/lat WGS 84, shape (n,),
    their long sides with points in between (`straight.py`).
    properties: of each feature. places: where each stands, for faults: `feature 3 ('Xiashan')`.
    repaired: one line for each outline that was mended, one for heights that were left out.
    """

    file: str
    shapes: NDArray[np.object_]
    properties: tuple[dict[str, Any], ...]
    places: tuple[str, ...]
    repaired: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """One feature as it stands in the file: its outline, or why there is none."""

    where: str
    properties: dict[str, Json]
    outline: Outline | OutlineError


def load_layer(path: FilePath, *, datum: str | None, inputs: Inputs | None = None) -> Layer:
    """Read a layer of polygons; raises `RegisterError` with all faults of the file.

    path: as the city file names it. datum: what the city file declares; None = the file itself
    must, as a member `datum` beside `features`. inputs: the files of the build; None = the path
    stands for itself.
    """
    files = Inputs() if inputs is None else inputs
    file = files.shown(str(path))
    ledger = Ledger(pack=True, datum=datum, metres=True)
    features = Collection(files.text(str(path)), ledger)
    drawn = [_drawn(number, item) for number, item in features]
    if not features.usable:
        raise RegisterError(file, ledger.faults)
    if not drawn:
        ledger.fault("", "features", "is empty", "draw at least one, or take the layer out")
    spoken = ledger.datum("", features.members.get("datum"))
    if not ledger.faults:
        _crs(features.members.get("crs"), spoken, ledger)
    sound = [_sound(one, ledger, degrees=in_degrees(spoken)) for one in drawn]
    if ledger.faults:
        raise RegisterError(file, ledger.faults)
    shapes = _placed(drawn, sound, spoken, ledger)
    if ledger.faults:
        raise RegisterError(file, ledger.faults)
    return Layer(
        file=file,
        shapes=read_only(shapes),
        properties=tuple(one.properties for one in drawn),
        places=tuple(one.where for one in drawn),
        repaired=_repairs(drawn, shapes),
    )


def _drawn(number: int, item: dict[str, Json]) -> _Drawn:
    """Read one feature, keeping what is wrong with it for later."""
    properties = table(item.get("properties"))
    named = [properties.get(label) for label in LABELS] + [item.get("id")]
    label = next((name for name in named if type(name) in {str, int} and name != ""), None)
    where = f"feature {number}" if label is None else f"feature {number} ({shown(label)})"
    outline: Outline | OutlineError
    try:
        outline = outline_of(item.get("geometry"), instead=INSTEAD)
    except OutlineError as error:
        outline = error.with_traceback(None)
    return _Drawn(where=where, properties=properties, outline=outline)


def _crs(crs: Json, datum: str, ledger: Ledger) -> None:
    """Check that the retired member `crs`, where there is one, does not contradict the datum."""
    said = "" if crs is None else json.dumps(crs)
    code = _EPSG.search(said)
    if crs is None or (_DEGREES_CRS.search(said) and in_degrees(datum)):
        return
    if code is None or datum != f"EPSG:{code[1]}":
        name = "WGS 84" if _DEGREES_CRS.search(said) else f"EPSG:{code[1]}" if code else shown(said)
        write = "declare the datum that is true, and take crs out if it is not"
        ledger.fault("", "crs", f"says {name}, the declared datum is {datum}", write)


def _sound(one: _Drawn, ledger: Ledger, *, degrees: bool) -> Area | None:
    """Return a valid outline, mended if need be, in the file's own positions; None at a fault."""
    try:
        if isinstance(one.outline, OutlineError):
            raise one.outline
        if degrees:
            check_degrees(one.outline.shape, instead=DEGREES)
        return mended(one.outline.shape)
    except OutlineError as error:
        ledger.fault(one.where, "geometry", error.says, error.write)
        return None


def _placed(
    drawn: list[_Drawn], sound: list[Area | None], datum: str, ledger: Ledger
) -> NDArray[np.object_]:
    """Turn the outlines to WGS 84; one that leaves the map or vanishes is a fault."""
    shapes = np.empty(len(sound), np.object_)
    shapes[:] = sound
    shapes = straightened(shapes, datum=datum)
    if datum == WGS84:
        return valid_again(shapes)
    shapes = shapely.transform(shapes, lambda points: _converted(datum, points))
    lost = ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    shapes[lost] = shapely.Polygon()
    shapes = valid_again(shapes)
    for index in np.flatnonzero(shapely.area(shapes) == 0):
        says = f"lies where {datum} shows no ground"
        write = "write another EPSG code, or each position as [east, north]"
        ledger.fault(drawn[index].where, "geometry", says, write)
    return shapes


def _converted(datum: str, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn positions to WGS 84, shape (n, 2); a part at a time, for each needs much scratch."""
    made = np.empty_like(points)
    for first in range(0, len(points), POINTS_AT_ONCE):
        part = slice(first, first + POINTS_AT_ONCE)
        made[part] = np.round(to_wgs84(datum, points[part]), DEGREE_DECIMALS)
    return made


def _repairs(drawn: list[_Drawn], shapes: NDArray[np.object_]) -> tuple[str, ...]:
    """One line for each mended outline, and one for all heights that were left out."""
    lines, heights = [], []
    for one, shape in zip(drawn, shapes, strict=True):
        assert isinstance(one.outline, Outline), "a layer with a fault is refused"
        if wrong := what_is_wrong(one.outline.shape):
            lines.append(report_line(one.where, wrong, shape))
        if one.outline.heights:
            heights.append(one.where)
    if heights:
        lines.append(f"{len(heights)} features have heights, the first is {heights[0]}: left out")
    return tuple(lines)

"""GeoJSON one feature at a time, and its outlines checked position by position.

A whole file as Python objects takes ten times its size; here only one feature is ever held, so
that a file of hundreds of megabytes needs little more than its own text. A bare `NaN`, which is
no JSON but what many programs write, is let in to be named at its feature.
"""

import json
import re
from collections.abc import Generator, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.ledger import LAT_MAX, LON_MAX, Ledger, shown

__all__ = [
    "Area",
    "Collection",
    "Json",
    "Outline",
    "OutlineError",
    "check_degrees",
    "outline_of",
    "table",
]

Json = Any
Area = shapely.Polygon | shapely.MultiPolygon

LON_LAT: Final = 2
# A triangle, closed.
RING_MIN: Final = 4
_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


class OutlineError(Exception):
    """Coordinates that make no outline: what is wrong, and what to write instead.

    A fault on its way to a ledger; it never reaches a user.
    """

    def __init__(self, says: str, write: str) -> None:
        super().__init__(says)
        self.says, self.write = says, write


class Outline(NamedTuple):
    """A polygon, or several, in two dimensions; heights: whether a third one was cut off."""

    shape: Area
    heights: bool


class Collection:
    """The features of a text, read while one loops over it; then the members beside them.

    members: what stands beside `features`, complete only after the loop. Faults of the text as
    a whole (no JSON, no FeatureCollection) go to the ledger and make `usable` false.
    """

    def __init__(self, text: str, ledger: Ledger) -> None:
        """Take the text; nothing is read yet."""
        self.members: dict[str, Json] = {}
        self.usable = False
        self._text, self._ledger = text, ledger

    def __iter__(self) -> Iterator[tuple[int, dict[str, Json]]]:
        """Yield number (from 1) and feature; what is no object comes as an empty one."""
        try:
            listed = yield from self._walk()
        except (ValueError, RecursionError) as error:
            self._ledger.fault(
                "", "", f"is not JSON ({error})", "write a GeoJSON FeatureCollection"
            )
            return
        self.usable = listed and self.members.get("type") == "FeatureCollection"
        if not self.usable:
            says = "is not a FeatureCollection"
            self._ledger.fault("", "type", says, "wrap the features in a FeatureCollection")

    def _walk(self) -> Generator[tuple[int, dict[str, Json]], None, bool]:
        """Yield the features; return whether there was a list of them."""
        listed = False
        _, at = self._mark(0, "{[")
        if self._text[at - 1] == "[":
            return False
        mark, after = self._mark(at, '}"')
        while mark != "}":
            key, at = _DECODER.raw_decode(self._text, after - 1)
            _, at = self._mark(at, ":")
            at = self._blanks(at)
            if key == "features" and self._text.startswith("[", at):
                listed = True
                at = yield from self._list(at + 1)
            else:
                self.members[key], at = _DECODER.raw_decode(self._text, at)
            mark, after = self._mark(at, ",}")
            if mark == ",":
                mark, after = self._mark(after, '"')
        if (end := self._blanks(after)) < len(self._text):
            raise json.JSONDecodeError("Extra data", self._text, end)
        return listed

    def _list(self, at: int) -> Generator[tuple[int, dict[str, Json]], None, int]:
        """Yield the features of the list that begins here; return where it ends."""
        number, at = 0, self._blanks(at)
        if self._text.startswith("]", at):
            return at + 1
        while True:
            number += 1
            item, at = _DECODER.raw_decode(self._text, self._blanks(at))
            yield number, table(item)
            mark, at = self._mark(at, ",]")
            if mark == "]":
                return at

    def _mark(self, at: int, wanted: str) -> tuple[str, int]:
        """Return the next mark, which must be one of those wanted, and what follows it."""
        at = self._blanks(at)
        mark = self._text[at : at + 1]
        if not mark or mark not in wanted:
            raise json.JSONDecodeError(f"Expecting one of {wanted}", self._text, at)
        return mark, at + 1

    def _blanks(self, at: int) -> int:
        found = _BLANKS.match(self._text, at)
        return found.end() if found else at


def table(value: Json) -> dict[str, Json]:
    """Return an object of JSON; anything else is taken for an empty one."""
    return value if isinstance(value, dict) else {}


def outline_of(geometry: Json, *, instead: str) -> Outline:
    """Read a polygon or several, valid or not; raises `OutlineError`.

    instead: what to write where it is of another kind.
    """
    kind, coordinates = table(geometry).get("type"), table(geometry).get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):  # no set: a file may hold what has no hash
        told = kind if isinstance(kind, str) else shown(kind)
        raise OutlineError(f"is {told if kind else 'missing'}", instead)
    if kind == "Polygon":
        return Outline(*_polygon(coordinates))
    if not isinstance(coordinates, list) or not coordinates:
        raise OutlineError("has no coordinates", "draw its outline, or take it out")
    parts = [_polygon(rings) for rings in coordinates]
    shape = shapely.MultiPolygon([polygon for polygon, _ in parts])
    return Outline(shape, any(heights for _, heights in parts))


def check_degrees(shape: Area, *, instead: str) -> None:
    """Refuse positions that are no longitudes and latitudes; raises `OutlineError`.

    instead: what to write for metres.
    """
    west, south, east, north = shape.bounds
    lon, lat = max(abs(west), abs(east)), max(abs(south), abs(north))
    if lat > LAT_MAX and lon <= LAT_MAX and lat <= LON_MAX:
        raise OutlineError(
            f"has latitude {lat:g}: lon and lat look swapped", "write each position as [lon, lat]"
        )
    if lat > LAT_MAX or lon > LON_MAX:
        raise OutlineError(f"reaches lon {lon:g}, lat {lat:g}", instead)


def _polygon(rings: Json) -> tuple[shapely.Polygon, bool]:
    """Read one polygon from its rings, and whether it has heights; raises `OutlineError`."""
    if not isinstance(rings, list) or not rings:
        raise OutlineError("has no coordinates", "draw its outline, or take it out")
    points = [_ring(ring) for ring in rings]
    outer, *holes = [ring[:, :LON_LAT] for ring in points]
    return shapely.Polygon(outer, holes), any(ring.shape[1] > LON_LAT for ring in points)


def _ring(ring: Json) -> NDArray[np.float64]:
    """Read one closed ring, shape (points, 2 or more); raises `OutlineError`."""
    try:
        points = np.asarray(ring)
    except ValueError:
        points = np.empty(0)
    # Text that looks like a number, booleans and nested lists all show up in kind or shape.
    if points.ndim != LON_LAT or points.dtype.kind not in "if" or points.shape[1] < LON_LAT:
        raise OutlineError(
            "has positions that are not [lon, lat] in numbers", "write each position as [lon, lat]"
        )
    points = points.astype(np.float64)
    flat = points[:, :LON_LAT]
    if not np.isfinite(flat).all():
        raise OutlineError("has a position that is not finite", "write WGS84 degrees")
    if len(flat) < RING_MIN or not np.array_equal(flat[0], flat[-1]):
        raise OutlineError(
            "has a ring that is not closed",
            "write at least four positions, the last one like the first",
        )
    return points

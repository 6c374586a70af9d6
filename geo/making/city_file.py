"""The city file: one TOML that names the layers of a city, checked as a whole before a build.

All its faults are told at once, each with its key, what is wrong and what to write. Files are
named relative to the city file itself. That a layer declares no datum here is no fault yet: its
GeoJSON may do it.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from geo.datum import DATUMS, DatumError, in_degrees, known
from geo.fault import Fault, RegisterError
from geo.file_text import refusal
from geo.ledger import LAT_MAX, LON_MAX
from geo.making.files import Inputs, name_of
from geo.making.readable import readable
from geo.making.toml_shape import Shaper
from geo.version import ANY_FEED, BEGINNING_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.making.files import FilePath
    from geo.making.toml_shape import Check

__all__ = [
    "AreaEntry",
    "CellsEntry",
    "CityFile",
    "GridEntry",
    "GroundEntry",
    "JurisdictionsEntry",
    "LayerEntry",
    "load_city_file",
    "read_city_file",
]

ANY: Final = "*"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What lies further ahead is a slip of the pen, and has no name in every time zone.
MOMENT_MAX: Final = datetime(2200, 1, 1, tzinfo=UTC)
EXAMPLE: Final = "valid_from = 2026-12-01T00:00:00+08:00"

# Reports and pictures show a name as it is: no marks that steer a terminal or that XML forbids.
_SHOWABLE: Final = "^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]*$"
NAMED: Final = "a name in quotes, in printable characters"
Name = Annotated[str, Meta(min_length=1, max_length=128, pattern=_SHOWABLE, description=NAMED)]
NameZh = Annotated[str, Meta(max_length=128, pattern=_SHOWABLE, description=NAMED)]
File = Annotated[str, Meta(min_length=1, description="the path of a file, from the city file")]
Datum = Annotated[str, Meta(description=DATUMS)]
Property = Annotated[
    str, Meta(min_length=1, description="the name of a property of the features, in quotes")
]
SideM = Annotated[float, Meta(ge=25, le=500, description="metres from 25 to 500, e.g. 100")]
Share = Annotated[float, Meta(gt=0, le=1, description="a share above 0 to 1, e.g. 0.3")]
CapM = Annotated[float, Meta(gt=0, le=100_000, description="metres above 0 to 100000, e.g. 2000")]
SliverM2 = Annotated[float, Meta(ge=0, le=1e6, description="square metres from 0 on, e.g. 1")]
Tiling = Annotated[Literal["squares", "cells"], Meta(description='"squares" or "cells"')]
Centre = Annotated[
    tuple[float, float], Meta(description="[lon, lat] in WGS 84 degrees, e.g. [110.4, 21.2]")
]
Moment = Annotated[
    datetime, Meta(tz=True, description=f"a date and time with its offset: {EXAMPLE}")
]
Feed = Annotated[
    str,
    Meta(
        pattern=r"^(\*|[A-Za-z0-9_-]{1,64})$",
        description="the feed's name in the settings: letters, digits, - and _, at most 64; "
        'or "*" where any feed may count these cells',
    ),
]


class LayerEntry(Struct, frozen=True, kw_only=True):
    """A layer of polygons. datum: None where its GeoJSON declares it."""

    file: File
    datum: Datum | None = None


class AreaEntry(LayerEntry, frozen=True, kw_only=True):
    """The areas of one authority. id, name: which properties of a feature say them."""

    id: Property
    name: Property


class CellsEntry(LayerEntry, frozen=True, kw_only=True):
    """The cells of one feed from one moment on; `*` stands for all feeds.

    radius_max_m: how far a bare point reaches at most; lower it in a dense city.
    valid_from: None = from the beginning.
    """

    feed: Feed
    radius_max_m: CapM = 2000.0
    valid_from: Moment | None = None

    @property
    def feed_name(self) -> str:
        """Name of the feed as a version knows it."""
        return ANY_FEED if self.feed == ANY else self.feed

    @property
    def valid_from_ms(self) -> int:
        """Epoch ms; `BEGINNING_MS` where nothing is said."""
        if self.valid_from is None:
            return BEGINNING_MS
        return (self.valid_from - EPOCH) // timedelta(milliseconds=1)


class GridEntry(Struct, frozen=True, kw_only=True):
    """The tiles. centre: lon, lat of the plane's middle; None = of the boundary or the cells."""

    side_m: SideM = 100.0
    tiling: Tiling = "squares"
    centre: Centre | None = None


class GroundEntry(Struct, frozen=True, kw_only=True):
    """Where people can stand. assumed_share: of ground of which no walkable layer says it."""

    assumed_share: Share = 0.3
    walkable: tuple[LayerEntry, ...] = ()
    excluded: tuple[LayerEntry, ...] = ()


class JurisdictionsEntry(Struct, frozen=True, kw_only=True):
    """Who answers where. sliver_m2: gaps and overlaps up to this size are rounding."""

    sliver_m2: SliverM2 = 1.0
    police: AreaEntry | None = None
    fire: AreaEntry | None = None
    posts: LayerEntry | None = None


class CityFile(Struct, frozen=True, kw_only=True):
    """What a pack is built from, in the keys of its TOML.

    cells: in the order of the file; of each feed the first has no `valid_from`, the others have
    ascending ones. boundary: None = the grid is every tile that a footprint touches.
    """

    name: Name
    cells: tuple[CellsEntry, ...]
    name_zh: NameZh = ""
    grid: GridEntry = GridEntry()
    boundary: LayerEntry | None = None
    ground: GroundEntry = GroundEntry()
    jurisdictions: JurisdictionsEntry = JurisdictionsEntry()
    sites: LayerEntry | None = None


def load_city_file(path: FilePath, *, inputs: Inputs | None = None) -> CityFile:
    """Read and check a city file; raises `RegisterError` with all its faults.

    inputs: the files of the build, which keep the hash of this one, too; None = its own.
    """
    city, faults = read_city_file(path, Inputs.beside(path) if inputs is None else inputs)
    if faults or city is None:
        raise RegisterError(str(path), faults)
    return city


def read_city_file(path: FilePath, files: Inputs) -> tuple[CityFile | None, list[Fault]]:
    """Read a city file as far as one can, so that its layers can be looked at in the same run.

    Returns it without its faulty entries (None where too little is left), and all its faults.
    Raises `RegisterError` for what is no TOML.
    """
    text = files.text(name_of(path))
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of 5,000 digits
        write = "give a city file: TOML with name, [grid] and [[cells]]"
        raise refusal(str(path), f"is not TOML ({error})", write) from error

    def absent(_: str, file: str) -> tuple[str, str] | None:
        if not files.missing(file):
            return None
        return f"there is no file {files.shown(file)}", "write its path, from the city file"

    checks: dict[str, Check] = {
        "file": absent,
        "datum": _datum,
        "centre": _centre,
        "valid_from": _moment,
    }
    shaper = Shaper(CityFile, checks)
    city = shaper.struct(CityFile, tree)
    faults = [*shaper.faults, *_tiling(tree), *_versions(tree, shaper), *_alone(shaper)]
    return None if city is None else readable(city, shaper), faults


def _datum(where: str, value: str) -> tuple[str, str] | None:
    """Look at a datum; the positions of cells must be in degrees."""
    try:
        known(value)
        if not where.startswith("cells ") or in_degrees(value):
            return None
    except DatumError:
        return f"{value[:40]!r} is not known", f"write {DATUMS}"
    return f"{value!r} is not in degrees", "write wgs84, gcj02 or bd09, or convert the cells"


def _centre(_: str, value: tuple[float, float]) -> tuple[str, str] | None:
    """Look at a position in degrees."""
    lon, lat = value
    if abs(lon) <= LON_MAX and abs(lat) <= LAT_MAX:
        return None
    if abs(lat) <= LON_MAX and abs(lon) <= LAT_MAX:
        return f"{lat:g} is no latitude: lon and lat look swapped", f"write [{lat:g}, {lon:g}]"
    return f"[{lon:g}, {lat:g}] is no place on the globe", "write [lon, lat] in WGS 84 degrees"


def _moment(_: str, value: datetime) -> tuple[str, str] | None:
    """Look at the moment from which a version acts."""
    if value >= MOMENT_MAX:
        return f"{value} lies after 2199", f"write {EXAMPLE}"
    if value >= EPOCH:
        return None
    return f"{value} lies before 1970", "leave it out where cells act from the beginning"


def _tiling(tree: dict[str, Any]) -> Iterator[Fault]:
    """Check what the identity tiling asks for; raw values, for other keys may be faulty."""
    grid, cells = tree.get("grid"), tree.get("cells")
    if not isinstance(grid, dict) or not isinstance(cells, list):
        return
    if grid.get("tiling") == "cells" and len(cells) > 1:
        says = f'is "cells" with {len(cells)} lists of cells: tiles cannot be two sets of cells'
        write = 'write "squares", or keep one [[cells]], with feed = "*" if many feeds count them'
        yield Fault(where="", field="grid.tiling", says=says, write=write)


def _versions(tree: dict[str, Any], shaper: Shaper) -> Iterator[Fault]:
    """Check that the versions of each feed follow one another in time."""
    listed = tree.get("cells")
    if listed == []:
        yield Fault(where="", field="cells", says="is empty", write="write [[cells]] for each feed")
    # Where feed or time of an entry cannot be read, nothing is said of the order in its feed.
    wrong = {fault.where for fault in shaper.faults if fault.field in {"feed", "valid_from"}}
    unread = {
        str(raw.get("feed"))
        for number, raw in enumerate(listed if isinstance(listed, list) else [], start=1)
        if isinstance(raw, dict)
        and ((where := f"cells {number}") in wrong or where not in shaper.rows)
    }
    before: dict[str, tuple[str, CellsEntry]] = {}
    for where, entry in shaper.rows.items():
        if isinstance(entry, CellsEntry) and entry.feed not in unread:
            yield from _order(where, entry, before.get(entry.feed))
            before[entry.feed] = where, entry


def _alone(shaper: Shaper) -> Iterator[Fault]:
    """Check that cells of all feeds stand beside none of a single one."""
    named = {where: one.feed for where, one in shaper.rows.items() if isinstance(one, CellsEntry)}
    others = sorted({feed for feed in named.values() if feed != ANY})
    for where, feed in named.items():
        if feed == ANY and others:
            says = f'is "*", all feeds, beside cells of {", ".join(others)}'
            yield Fault(where=where, field="feed", says=says, write="name the feed of these cells")


def _order(where: str, entry: CellsEntry, before: tuple[str, CellsEntry] | None) -> Iterator[Fault]:
    """Check an entry against the one of the same feed before it."""
    if before is None:
        if entry.valid_from is not None:
            says = f"stands in the first entry of feed {entry.feed!r}"
            write = "take it out: the first cells of a feed act from the beginning"
            yield Fault(where=where, field="valid_from", says=says, write=write)
    elif entry.valid_from is None:
        says = f"{entry.feed!r} stands already in {before[0]}"
        write = f"add {EXAMPLE} if these are its cells from then on, or keep one of the two"
        yield Fault(where=where, field="feed", says=says, write=write)
    elif entry.valid_from_ms <= before[1].valid_from_ms:
        says = f"is not after that of {before[0]}, of the same feed"
        write = "put the versions of a feed in the order of time, each with a moment of its own"
        yield Fault(where=where, field="valid_from", says=says, write=write)

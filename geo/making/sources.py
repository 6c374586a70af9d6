"""Everything that a build reads, read at once: all faults of all files are told together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from geo.fault import Fault
from geo.file_text import refusal
from geo.footprint import Footprints, Squares
from geo.making.areas import Owners, areas_of, posts_of
from geo.making.city_file import CellsEntry, CityFile, read_city_file
from geo.making.files import Inputs
from geo.making.gathering import Gathering
from geo.making.home import astray, home_of, misplaced
from geo.making.layer import Layer, load_layer
from geo.making.own_tiles import load_own_tiles
from geo.making.sites import DrawnSites, sites_of
from geo.readonly import read_only
from geo.register import register_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geo.duty import Area, Post
    from geo.making.city_file import AreaEntry, LayerEntry
    from geo.making.files import FilePath
    from geo.making.home import Placed

    Step: TypeAlias = Callable[[str, int, int], None]

__all__ = ["Sources", "read_sources"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sources:
    """What the files of a city say, checked as far as it can be before anything is laid out.

    file: path of the city file, for faults. city: what it says. inputs: what was read.
    entries: its cells by (valid_from, feed).
    footprints: of each entry; empty for the identity tiling, which has `own` instead.
    boundary, walkable, excluded: (Multi)Polygons in lon/lat, shape (n,), empty where not given.
    police, fire (the same object if they name the same layer), posts, sites: None if not given.
    repaired: one line for each outline that was mended, sorted.
    """

    file: str
    city: CityFile
    inputs: Inputs
    entries: tuple[CellsEntry, ...]
    footprints: tuple[Footprints, ...]
    own: Squares | None
    boundary: NDArray[np.object_]
    walkable: NDArray[np.object_]
    excluded: NDArray[np.object_]
    police: Owners[Area] | None
    fire: Owners[Area] | None
    posts: Owners[Post] | None
    sites: DrawnSites | None
    repaired: tuple[str, ...]


def read_sources(path: FilePath, on_step: Step) -> Sources:
    """Read a city file and all that it names; raises `BuildError`.

    on_step: called with `read`, files read so far and their number.
    """
    gathering = Gathering()
    inputs = Inputs.beside(path)
    found = gathering.tried(lambda: read_city_file(path, inputs))
    city, faults = found or (None, [])
    gathering.add(str(path), faults)
    if city is None:
        gathering.check()
    assert city is not None, "without faults there is a city file"
    # A city file with faults is read on: those of its layers are told in the same run.
    return _Reading(city, inputs, gathering, on_step).sources(str(path))


class _Reading:
    """One pass over the files that a city file names."""

    def __init__(self, city: CityFile, inputs: Inputs, gathering: Gathering, on_step: Step) -> None:
        """Count the files."""
        self._city, self._inputs, self._gathering = city, inputs, gathering
        self._on_step = on_step
        duty = city.jurisdictions
        self._layers: dict[tuple[str, str | None], Layer | None] = {}
        self._owners: dict[AreaEntry, Owners[Area] | None] = {}
        self._placed: dict[tuple[str, str | None], Placed] = {}
        self._repaired: set[str] = set()
        optional = (city.boundary, duty.police, duty.fire, duty.posts, city.sites)
        listed = (*city.cells, *city.ground.walkable, *city.ground.excluded)
        self._files = len(listed) + sum(one is not None for one in optional)
        self._done = 0

    def sources(self, file: str) -> Sources:
        """Read everything; file: path of the city file, for its faults."""
        city, duty = self._city, self._city.jurisdictions
        entries = tuple(sorted(city.cells, key=lambda entry: (entry.valid_from_ms, entry.feed)))
        own = self._own(entries[0]) if city.grid.tiling == "cells" and entries else None
        footprints = [] if city.grid.tiling == "cells" else [self._cells(one) for one in entries]
        boundary = self._shapes((city.boundary,) if city.boundary else ())
        walkable = self._shapes(city.ground.walkable)
        excluded = self._shapes(city.ground.excluded)
        police, fire = self._areas(duty.police), self._areas(duty.fire)
        posts = self._posts(duty.posts)
        sites = self._sites(city.sites)
        if own is not None and own.shapes is None:
            self._gathering.add(file, _unplaced(city))
        self._look_for_strangers(file)
        self._gathering.check()
        return Sources(
            file=file,
            city=city,
            inputs=self._inputs,
            entries=entries,
            footprints=tuple(one for one in footprints if one is not None),
            own=own,
            boundary=boundary,
            walkable=walkable,
            excluded=excluded,
            police=police,
            fire=fire,
            posts=posts,
            sites=sites,
            repaired=tuple(sorted(self._repaired)),
        )

    def _look_for_strangers(self, city_file: str) -> None:
        """Find features that lie a continent away from the city."""
        files = [one for one in self._placed.values() if len(one[1])]
        if not files:
            return
        home = self._city.grid.centre or home_of(files)
        if lost := astray(files, home):
            self._gathering.add(city_file, lost)
            home = home_of(files)
        for file, shapes, places in files:
            self._gathering.add(file, misplaced(shapes, places, home=home))

    def _step(self) -> None:
        """Tell that one more file was read."""
        self._done += 1
        self._on_step("read", self._done, self._files)

    def _mended(self, file: str, lines: tuple[str, ...]) -> None:
        """Keep what was mended in a file."""
        self._repaired.update(f"{file}: {line}" for line in lines)

    def _layer(self, entry: LayerEntry) -> Layer | None:
        """Read a layer; one that is named twice is read once, and its faults are told once."""
        key = (entry.file, entry.datum)
        if key not in self._layers:
            self._layers[key] = self._gathering.tried(
                lambda: load_layer(entry.file, datum=entry.datum, inputs=self._inputs)
            )
        layer = self._layers[key]
        if layer is not None:
            self._mended(entry.file, layer.repaired)
            self._placed[key] = (layer.file, layer.shapes, layer.places)
        self._step()
        return layer

    def _shapes(self, entries: tuple[LayerEntry, ...]) -> NDArray[np.object_]:
        """Polygons of several layers together."""
        layers = [self._layer(entry) for entry in entries]
        shapes = [layer.shapes for layer in layers if layer is not None]
        return read_only(np.concatenate([np.zeros(0, np.object_), *shapes]))

    def _areas(self, entry: AreaEntry | None) -> Owners[Area] | None:
        """Read the areas of an authority; the same entry gives the same object."""
        if entry is None:
            return None
        layer = self._layer(entry)
        if entry not in self._owners:
            owners = None
            if layer is not None:
                owners = areas_of(layer, id_property=entry.id, name_property=entry.name)
                self._gathering.add(layer.file, owners.faults)
            self._owners[entry] = owners
        return self._owners[entry]

    def _posts(self, entry: LayerEntry | None) -> Owners[Post] | None:
        """Read the posts."""
        layer = None if entry is None else self._layer(entry)
        if layer is None:
            return None
        posts = posts_of(layer)
        self._gathering.add(layer.file, posts.faults)
        return posts

    def _sites(self, entry: LayerEntry | None) -> DrawnSites | None:
        """Read the sites."""
        layer = None if entry is None else self._layer(entry)
        if layer is None:
            return None
        sites = sites_of(layer)
        self._gathering.add(layer.file, sites.faults)
        return sites

    def _cells(self, entry: CellsEntry) -> Footprints | None:
        """Read the footprints of a feed."""
        found = self._gathering.tried(lambda: _footprints(entry, self._inputs))
        if found is not None:
            self._mended(entry.file, found.repaired)
            places = [f"cell {cell!r}" for cell in found.cells]
            shown = self._inputs.shown(entry.file)
            self._placed[entry.file, entry.datum] = (shown, found.shapes, places)
        self._step()
        return found

    def _own(self, entry: CellsEntry) -> Squares | None:
        """Read the cells of an identity tiling."""
        found = self._gathering.tried(lambda: load_own_tiles(entry, self._inputs))
        self._step()
        if found is None:
            return None
        self._mended(entry.file, found[1])
        return found[0]


def _footprints(entry: CellsEntry, inputs: Inputs) -> Footprints:
    """Read cells with footprints; raises `RegisterError`."""
    file = inputs.shown(entry.file)
    text = inputs.text(entry.file)
    register = register_of(text, file=file, datum=entry.datum, bare_points=True)
    if isinstance(register, Squares):
        write = 'write tiling = "cells" in the city file, or give lon, lat and a radius'
        raise refusal(file, "lists cells that are their own tiles (area_m2)", write)
    return register


def _unplaced(city: CityFile) -> list[Fault]:
    """Faults of a city that asks for places, and whose cells have none."""
    duty = city.jurisdictions
    asked = {
        "jurisdictions.police": duty.police,
        "jurisdictions.fire": duty.fire,
        "jurisdictions.posts": duty.posts,
        "sites": city.sites,
    }
    write = "give the cells as GeoJSON polygons, or take it out"
    says = "needs outlines, and the cells have none"
    return [
        Fault(where="", field=field, says=says, write=write)
        for field, entry in asked.items()
        if entry is not None
    ]

"""The map in the picture of a city pack: ground, borders, names, cells, sites; fragments of SVG."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from math import cos, isnan, radians, sin
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo.png import png_of
from stream.cli.geo_picture_paper import (
    CLASSES,
    INK,
    LABELLED_MAX,
    QUIET,
    SITE,
    SITES_MAX,
    badge,
    text,
)
from stream.cli.geo_text import clipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo.city_value import City
    from geo.pack import Pack
    from geo.site import PlacedSite
    from stream.cli.geo_picture_paper import Frame

__all__ = ["cells_on", "class_of", "map_of_pack"]

AREAS: Final = ("#edf0ea", "#f4efe6", "#e9eef2", "#f3ecef")
NAMES_MAX: Final = 40
WEDGES_MAX: Final = 400
RIM_BELOW: Final = 6.0
DOTS_MAX: Final = 20_000
HALF_DEG, TURN_DEG = 180.0, 360.0
POST_LINES_MAX: Final = 4_000
# A name this near to a badge, across and down, would lie under it.
NEAR: Final = (64.0, 32.0)


def cells_on(city: City) -> NDArray[np.int64]:
    """Count the cells that serve each tile in the newest version."""
    found = np.zeros(len(city.grid.tile_ids), np.int64)
    for cover in city.versions[-1].feeds.values():
        found += np.bincount(cover.tile, minlength=found.size)
    return found


def class_of(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Class of each tile: its place in `CLASSES`."""
    limits = [least for least, _ in CLASSES]
    found: NDArray[np.int64] = np.searchsorted(limits, cells, side="right") - 1
    return found


def map_of_pack(frame: Frame, pack: Pack, cells: NDArray[np.int64]) -> Iterator[str]:
    """Draw everything that has a place. cells: how many serve each tile, as `cells_on` says."""
    city = pack.city
    yield from _areas(frame, pack)
    yield from _ground(frame, cells)
    yield from _borders(frame, city)
    yield from _cells(frame, pack)
    yield from _sites(frame, city)
    yield from _tile_names(frame, city)
    yield from _labels(frame, city)
    yield from _badges(frame, city)


def _areas(frame: Frame, pack: Pack) -> Iterator[str]:
    """Lay the police areas under tiles that do not cover the ground between them."""
    if pack.city.grid.side_m is not None or frame.tiles.corner_m is None:
        return
    width, height = frame.tiles.width, frame.tiles.height
    yield (
        f'<svg x="{frame.left:g}" y="{frame.top:g}" width="{frame.width:g}" '
        f'height="{frame.height:g}" viewBox="0 0 {width} {height}" preserveAspectRatio="none">'
    )
    for number, shape in enumerate(pack.outlines.police):
        rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shape)]
        path = "".join(_ring(frame.tiles.on_map(ring)) for ring in rings)
        yield f'<path d="{path}" style="fill:{AREAS[number % len(AREAS)]}" stroke="#fff"/>'
    yield "</svg>"


def _ring(points: NDArray[np.float64]) -> str:
    """Path of a closed ring."""
    return "M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in points[:-1].tolist()) + "z"


def _ground(frame: Frame, cells: NDArray[np.int64]) -> Iterator[str]:
    """Draw the tiles: one image, one pixel a tile."""
    pixels = (frame.tiles.raster(class_of(cells)) + 1).astype(np.uint8)
    colours = [(0, 0, 0, 0), *(_rgba(colour) for _, colour in CLASSES)]
    data = b64encode(png_of(pixels, colours)).decode()
    yield (
        f'<image x="{frame.left:g}" y="{frame.top:g}" width="{frame.width:g}" '
        f'height="{frame.height:g}" '
        f'preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{data}"/>'
    )


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue, 255


def _borders(frame: Frame, city: City) -> list[str]:
    """Draw posts as hairlines, fire areas dashed, police areas over all."""
    duty = city.duty
    paths = [(frame.tiles.rim(), QUIET, 0.7, "")]
    if duty is not None:
        same = np.array_equal(duty.fire_of, duty.police_of)
        if len(duty.posts) <= POST_LINES_MAX:
            paths.append((frame.tiles.borders(duty.post_of), "#fff", 0.7, ' opacity=".55"'))
        if not same:
            paths.append((frame.tiles.borders(duty.fire_of), SITE, 1.6, ' stroke-dasharray="7 6"'))
        police = frame.tiles.borders(duty.police_of)
        paths += [(police, "#fff", 4.5, ' opacity=".8"'), (police, INK, 1.8, "")]
    return [
        f'<path {frame.move} d="{path}" stroke="{stroke}" stroke-width="{width:g}"{more}/>'
        for path, stroke, width, more in paths
        if path
    ]


def _cells(frame: Frame, pack: Pack) -> Iterator[str]:
    """Draw sectors as wedges while they are few, else each place of a cell as a dot."""
    places, side_m = pack.places, frame.tiles.side_m
    if pack.city.grid.side_m is None or side_m is None or frame.tiles.corner_m is None:
        return  # A tile of its own is its cell.
    spots = frame.tiles.on_map(np.column_stack((places.x_m, places.y_m)))
    there = ~np.isnan(spots).any(axis=1)
    x, y = frame.at_all(spots[there])
    if there.sum() <= WEDGES_MAX:
        # The radius is that of a disc of the same area; a sector of it reaches further.
        wide = np.sqrt(TURN_DEG / places.beam_deg[there])
        radius = places.radius_m[there] * wide / side_m * frame.tile
        angles = np.column_stack((places.azimuth_deg[there], places.beam_deg[there]))
        wedge = zip(x, y, radius.tolist(), angles.tolist(), strict=True)
        path = "".join(_wedge(*one) for one in wedge)
        # What reaches beyond the map must not run through the legend.
        yield (
            f'<clipPath id="map"><rect x="{frame.left:g}" y="{frame.top:g}" '
            f'width="{frame.width:g}" height="{frame.height:g}"/></clipPath>'
            f'<path clip-path="url(#map)" d="{path}" stroke="{INK}" stroke-width=".9" '
            f'stroke-opacity=".45"/>'
        )
    dots = sorted(set(zip(x, y, strict=True)))
    if len(dots) > DOTS_MAX:
        return  # They would hide the ground.
    width = 2 if len(dots) > WEDGES_MAX else 5
    path = "".join(f"M{east:g} {south:g}h0" for east, south in dots)
    yield (
        f'<path d="{path}" stroke="{INK}" stroke-width="{width}" stroke-opacity=".65" '
        f'style="stroke-linecap:round"/>'
    )


def _wedge(x: float, y: float, radius: float, angles: list[float]) -> str:
    """Path of a sector from its place to its reach; nothing where there is no azimuth."""
    azimuth_deg, beam_deg = angles
    if isnan(azimuth_deg) or isnan(radius):
        return ""
    ends = [radians(azimuth_deg + side * beam_deg / 2) for side in (-1, 1)]
    (x0, y0), (x1, y1) = [(x + radius * sin(end), y - radius * cos(end)) for end in ends]
    wide = int(beam_deg > HALF_DEG)
    return f"M{x:g} {y:g}L{x0:.1f} {y0:.1f}A{radius:.1f} {radius:.1f} 0 {wide} 1 {x1:.1f} {y1:.1f}z"


def _sites(frame: Frame, city: City) -> Iterator[str]:
    """Mark the tiles of each site; where tiles are tiny, a rim keeps one from being lost."""
    rim = 1.5 if frame.tile < RIM_BELOW else 0
    for site in city.sites:
        spots = [(frame.tiles.x[tile], frame.tiles.y[tile]) for tile in site.tiles]
        path = "".join(f"M{x} {y}h1v1h-1z" for x, y in spots)
        yield (
            f'<path {frame.move} d="{path}" style="fill:{SITE}" fill-opacity=".8" stroke="{SITE}" '
            f'stroke-width="{rim:g}"/>'
        )


def _badges(frame: Frame, city: City) -> Iterator[str]:
    """Write the number of each site in the list beside it."""
    for number, site in enumerate(city.sites[:SITES_MAX], start=1):
        yield badge(*_badge_at(frame, site), number)


def _badge_at(frame: Frame, site: PlacedSite) -> tuple[float, float]:
    """Place of a site's badge: at its north-east corner, so that the site can be seen."""
    east, north = frame.tiles.x[site.tiles].max() + 1.0, float(frame.tiles.y[site.tiles].min())
    x, y = frame.at(east, north)
    return x + 12, y - 12


def _labels(frame: Frame, city: City) -> Iterator[str]:
    """Write the names of police areas where no badge of a site stands."""
    duty = city.duty
    areas = () if duty is None else duty.police[:NAMES_MAX]
    taken = [_badge_at(frame, site) for site in city.sites[:SITES_MAX]]
    few = len(city.grid.tile_ids) <= LABELLED_MAX
    for number, area in enumerate(areas):
        assert duty is not None
        if not (duty.police_of == number).any():
            continue
        x, y = frame.tiles.deepest(duty.police_of, number)
        if few:  # Each tile has a name of its own: the area's stands over its northernmost row.
            column = (duty.police_of == number) & (frame.tiles.x == int(x))
            y = float(frame.tiles.y[column].min())
        place = frame.at(x, y)
        low = place[1] - (8 if few else -8)
        if any(abs(place[0] - at[0]) < NEAR[0] and abs(low - at[1]) < NEAR[1] for at in taken):
            low -= NEAR[1]
        yield text(place[0], low, "n", clipped(area.name, 24))


def _tile_names(frame: Frame, city: City) -> Iterator[str]:
    """Write the tiles' ids on them where they are few, and part them by lines."""
    ids = city.grid.tile_ids
    if len(ids) > LABELLED_MAX:
        return
    lines = frame.tiles.borders(np.arange(len(ids)))
    yield f'<path {frame.move} d="{lines}" stroke="#fff" stroke-width="2"/>'
    of_site = {tile for site in city.sites for tile in site.tiles.tolist()}
    for tile, name in enumerate(ids):
        x, y = frame.at(frame.tiles.x[tile] + 0.5, frame.tiles.y[tile] + 0.5)
        size = min(frame.tile / max(len(name), 4) * 1.4, 22.0)
        fill = ' style="fill:#fff"' if tile in of_site else ""
        yield (
            f'<text x="{x:g}" y="{y + size / 3:.1f}" font-size="{size:.1f}" class="m"{fill}>'
            f"{escape(name)}</text>"
        )

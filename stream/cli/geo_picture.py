"""The picture of a city pack: one SVG file with all in it, for a glance at two in the morning.

Tiles are a small indexed PNG inside (a pixel a tile), coloured by how many cells serve them;
borders, names, cells and sites are drawn over it. Everything comes from the city itself, so the
picture shows what the workers will use, not what the files meant.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from geo.fault import Fault, RegisterError
from geo.tile_map import map_of
from stream.cli.geo_picture_map import cells_on, class_of, map_of_pack
from stream.cli.geo_picture_paper import (
    CLASSES,
    INK,
    LABELLED_MAX,
    MARGIN,
    QUIET,
    SITES_MAX,
    WIDTH,
    badge,
    framed,
    text,
)
from stream.cli.geo_text import TEXTS, clipped, site_lines, title_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.city_value import City
    from geo.pack import Pack
    from stream.cli.geo_picture_paper import Frame

__all__ = ["drawn"]

LINE: Final = 46
SITE_WIDTH: Final = 56  # columns of 15 units on a phone, from the badge to the right margin
SITE_LINE: Final = 36  # between the lines of one site
PAPER: Final = "#fdfdfb"
FONT: Final = (
    "system-ui,-apple-system,'Segoe UI','Noto Sans','Noto Sans CJK SC','Noto Sans SC',"
    "'PingFang SC','Microsoft YaHei',sans-serif"
)
# A phone shows the picture at two fifths of its size: texts grow where there is room for it.
STYLE: Final = f"""
text{{font-family:{FONT};fill:{INK}}}
.t{{font-size:40px;font-weight:650}}.s,.l{{font-size:21px}}.s{{fill:{QUIET}}}
.n{{font-size:22px;font-weight:650;text-anchor:middle;paint-order:stroke;stroke:#fff;
stroke-opacity:.85;stroke-width:6px;stroke-linejoin:round}}
.k{{font-size:18px;font-weight:700;fill:#fff;text-anchor:middle}}.m{{text-anchor:middle}}.e{{text-anchor:end}}
path{{fill:none;stroke-linecap:square}}path,rect{{vector-effect:non-scaling-stroke}}
@media(max-width:640px){{.t{{font-size:46px}}.s,.l{{font-size:29px}}.n{{font-size:31px}}}}
"""


def drawn(pack: Pack, *, file: str, lang: str) -> str:
    """Draw the city of a pack with its newest coverage. file: named in a fault.

    lang: a key of TEXTS. Raises RegisterError where tiles have neither polygons nor rows.
    """
    city = pack.city
    name = title_of(pack, lang)
    few = len(city.grid.tile_ids) <= LABELLED_MAX
    tiles = map_of(city.grid, projection=pack.projection, rim=int(few))
    if tiles is None:
        texts = TEXTS[lang]
        says, write = texts["nothing_to_draw"], texts["nothing_to_draw.write"]
        raise RegisterError(file, [Fault(where="", field="", says=says, write=write)])
    frame = framed(tiles)
    cells = cells_on(city)
    body = [*_head(city, name, lang), *map_of_pack(frame, pack, cells)]
    bottom = frame.top + frame.height + 30
    body += _scale(frame, lang, bottom)
    legend, bottom = _legend(cells, lang, bottom + 92)
    body += legend
    listed, bottom = _site_list(city, lang, bottom)
    body += listed
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom:g}" '
        f'role="img" aria-label="{escape(name)}" font-size="20" '
        f'style="display:block;width:100%;max-width:{WIDTH}px;height:auto;margin:auto">'
    )
    paper = f'<rect width="{WIDTH}" height="{bottom:g}" fill="{PAPER}"/>'
    return "\n".join((head, f"<style>{STYLE}</style>", paper, *body, "</svg>\n"))


def _head(city: City, name: str, lang: str) -> list[str]:
    texts, grid = TEXTS[lang], city.grid
    side = texts["picture.side"].format(side=grid.side_m) if grid.side_m else ""
    facts = texts["picture.facts"].format(
        side=side, tiles=len(grid.tile_ids), cells=len(city.cells), digest=city.digest[:8]
    )
    return [text(MARGIN, 66, "t", clipped(name, 40)), text(MARGIN, 104, "s", facts)]


def _scale(frame: Frame, lang: str, top: float) -> list[str]:
    """Draw the scale bar and where north is."""
    side_m = frame.tiles.side_m
    found = []
    if side_m is not None:
        room_m = 0.3 * WIDTH / frame.tile * side_m
        step = 10.0 ** np.floor(np.log10(room_m))
        far_m = max(step * factor for factor in (1, 2, 5) if step * factor <= room_m)
        units = far_m / side_m * frame.tile
        told = f"{far_m / 1000:g} km" if far_m >= 1000 else f"{far_m:g} m"  # noqa: PLR2004  1 km
        found = [
            f'<path d="M{MARGIN} {top + 6:g}v12h{units:.1f}v-12" stroke="{INK}" stroke-width="2"/>',
            text(MARGIN + units + 16, top + 20, "l", told),
        ]
    x = WIDTH - MARGIN - 14
    north = f'<path d="M{x} {top + 22:g}v-34m-9 11l9 -13l9 13" stroke="{INK}" stroke-width="2.4"/>'
    return [*found, north, text(x - 18, top + 20, "l e", TEXTS[lang]["picture.north"])]


def _legend(cells: NDArray[np.int64], lang: str, top: float) -> tuple[list[str], float]:
    """Explain the colours that are there; return it and where it ends."""
    there = np.bincount(class_of(cells), minlength=len(CLASSES))
    found = [text(MARGIN, top, "s", TEXTS[lang]["picture.colours"])]
    shown = [number for number, tiles in enumerate(there.tolist()) if tiles]
    column = (WIDTH - 2 * MARGIN) / 4
    for place, number in enumerate(shown):
        x = MARGIN + place % 4 * column
        y = top + LINE * (1 + place // 4)
        found.append(
            f'<rect x="{x:g}" y="{y - 22:g}" width="36" height="26" rx="3" '
            f'fill="{CLASSES[number][1]}" stroke="{QUIET}" stroke-width=".6"/>'
        )
        found.append(text(x + 48, y, "l", _class_name(number, lang)))
    return found, top + LINE * (1 + (len(shown) + 3) // 4) + 10


def _class_name(number: int, lang: str) -> str:
    least = CLASSES[number][0]
    if not least:
        return TEXTS[lang]["picture.none"]
    if number + 1 == len(CLASSES):
        return f"≥ {least}"
    last = CLASSES[number + 1][0] - 1
    return str(least) if last == least else f"{least}–{last}"


def _site_list(city: City, lang: str, top: float) -> tuple[list[str], float]:
    """List the sites by number; return the list and where it ends."""
    if not city.sites:
        return [], top
    found = [text(MARGIN, top, "s", TEXTS[lang]["picture.sites"])]
    for number, site in enumerate(city.sites[:SITES_MAX], start=1):
        top += LINE
        found += [badge(MARGIN + 15, top - 8, number)]
        for place, line in enumerate(site_lines(site, lang, SITE_WIDTH)):
            top += SITE_LINE if place else 0
            found += [text(MARGIN + 42, top, "l", line)]
    if len(city.sites) > SITES_MAX:
        top += LINE
        more = TEXTS[lang]["picture.more"].format(more=len(city.sites) - SITES_MAX)
        found.append(text(MARGIN, top, "s", more))
    return found, top + LINE

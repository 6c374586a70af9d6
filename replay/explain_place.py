"""Which tiles a person means by the id of a tile, the id of a cell, or the name of a place."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.ground import Ground
    from geo.city import City

__all__ = ["AskError", "Place", "find_place"]

TILES_MAX: Final = 64
"""Tiles looked into for one word; a larger place is asked about by one of its tiles."""

_SHOWN: Final = 5


class AskError(Exception):
    """A question about a place or time that there is not; the text says what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a word means. tiles: city-wide indexes, ascending, at least one. kind: what it names."""

    word: str
    kind: Literal["tile", "cell", "name"]
    tiles: NDArray[np.int32]


def find_place(word: str, city: City, ground: Ground) -> Place:
    """Return the tiles of a word: a tile's id first, then a cell's, then a place's name.

    Raises AskError for a word that means nothing here, with the nearest ones that do.
    """
    ids = {tile: number for number, tile in enumerate(ground.tile_ids)}
    if word in ids:
        return Place(word=word, kind="tile", tiles=np.array([ids[word]], np.int32))
    if word in city.cell_index:
        tiles = city.tiles_of(np.array([city.cell_index[word]]))
        if not tiles.size:
            raise AskError(f"cell {word!r} touches no tile of the grid")
        return _few(Place(word=word, kind="cell", tiles=tiles), ground)
    names = _names(ground)
    if word not in names:
        raise AskError(_unknown(word, [*ids, *city.cells, *names]))
    return _few(Place(word=word, kind="name", tiles=np.array(names[word], np.int32)), ground)


def _names(ground: Ground) -> dict[str, list[int]]:
    """Return the tiles of every name: of sites, and of single tiles."""
    found: dict[str, list[int]] = {}
    for tile, site in enumerate(ground.site.tolist()):
        own = ground.names[tile] if ground.names else None
        on = ground.sites[site].name if site >= 0 else None
        for name in {own, on} - {None}:
            found.setdefault(str(name), []).append(tile)
    return found


def _few(place: Place, ground: Ground) -> Place:
    if place.tiles.size <= TILES_MAX:
        return place
    some = ", ".join(ground.tile_ids[tile] for tile in place.tiles[:_SHOWN].tolist())
    raise AskError(
        f"{place.kind} {place.word!r} covers {place.tiles.size} tiles, more than {TILES_MAX}: ask"
        f" about one of them, e.g. {some}"
    )


def _unknown(word: str, known: list[str]) -> str:
    near = list(dict.fromkeys(get_close_matches(word, known, n=_SHOWN, cutoff=0.5)))
    near += [one for one in dict.fromkeys(known) if word.casefold() in one.casefold()]
    listed = list(dict.fromkeys(near))[:_SHOWN]
    if listed:
        return f"no tile, cell or place {word!r}; did you mean {' or '.join(map(repr, listed))}?"
    some = ", ".join(map(repr, known[:_SHOWN]))
    return f"no tile, cell or place {word!r}; there are {len(known)}, the first are {some}"

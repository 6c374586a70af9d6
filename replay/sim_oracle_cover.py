"""Which coverage acts at a hop and what each of its links is worth, for the oracle: by definition.

Written from DESIGN 7 and 9, link by link; the block stage has its own way to the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.city import City
    from geo.coverage import Coverage
    from stream.settings import Settings

__all__ = ["Link", "acting_covers", "is_known", "links_of", "worths"]


class Link(NamedTuple):
    """A cell of a feed on a tile. Links are ordered by tile, feed and cell."""

    tile: int
    feed: int
    cell: int
    share: float


def acting_covers(settings: Settings, city: City, hop_ms: int) -> list[Coverage | None]:
    """Return every feed's coverage at a hop: of the newest version that began before it."""
    begin_ms = hop_ms - settings.hop_ms
    begun = [version for version in city.versions if version.valid_from_ms <= begin_ms]
    return [begun[-1].of(name) for name in sorted(settings.feeds)]


def is_known(city: City, feed: str, cell: str) -> bool:
    """Tell whether any version has this cell for this feed."""
    number = city.cell_index.get(cell)
    if number is None:
        return False
    covers = [version.of(feed) for version in city.versions]
    return any(cover is not None and bool(cover.registered[number]) for cover in covers)


def links_of(covers: Sequence[Coverage | None], usual: NDArray[np.bool_], cells: int) -> list[Link]:
    """Return the links of usual cells. usual: feed after feed, shape (feeds x cells,)."""
    return sorted(
        Link(tile, feed, cell, share)
        for feed, cover in enumerate(covers)
        if cover is not None
        for tile, cell, share in zip(
            cover.tile.tolist(), cover.cell.tolist(), cover.share.tolist(), strict=True
        )
        if usual[feed * cells + cell]
    )


def worths(settings: Settings, links: Sequence[Link]) -> NDArray[np.float64] | None:
    """Return the part of the people of its tile that each link counts.

    None where feeds count people of their own, and of a feed that counts nobody.
    """
    feeds = [settings.feeds[name] for name in sorted(settings.feeds)]
    if any(feed.market_share is None for feed in settings.counting.values()):
        return None
    if any(feeds[link.feed].supports is not None for link in links):
        return None
    whole: dict[tuple[int, int], float] = {}
    for link in links:
        place = link.tile, link.feed
        whole[place] = whole.get(place, 0.0) + link.share
    counted = [(feed.market_share or 0.0) * feed.phone_on_ratio for feed in feeds]
    return np.array(
        [counted[link.feed] * (link.share / whole[link.tile, link.feed]) for link in links],
        np.float64,
    )

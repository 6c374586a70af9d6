"""Coverage by feed and by time: which cells there are, from which moment on.

New cells come weekly, the grid never changes: a pack holds one *version* of the coverage after
the other. A version acts on every hop that begins at or after its `valid_from_ms`, until the next
one acts.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from hashlib import sha256
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo.coverage import Coverage

__all__ = ["ANY_FEED", "BEGINNING_MS", "Version", "acting", "version_digest"]

ANY_FEED: Final = ""
"""Stands for every feed: a cells file does not say whose cells it lists."""

BEGINNING_MS: Final = -1
"""`valid_from_ms` of the version that acts from the very beginning."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Version:
    """The coverage of all feeds from one moment on.

    valid_from_ms: epoch ms; `BEGINNING_MS` for the first version.
    feeds: by feed name (in name order), or under `ANY_FEED` alone; cells are numbered as the
    city numbers them.
    digest: sha256 (hex) of what it says, not of since when.
    """

    valid_from_ms: int
    feeds: Mapping[str, Coverage]
    digest: str

    def of(self, feed: str) -> Coverage | None:
        """Return the coverage of a feed; None where this version knows no cell of it."""
        return self.feeds.get(feed, self.feeds.get(ANY_FEED))


def acting(versions: tuple[Version, ...], begin_ms: int) -> Version:
    """Return the version that acts on a hop that begins then, epoch ms.

    versions: ascending, at least one. The first one acts on whatever comes before the second.

    >>> two = [Version(valid_from_ms=at, feeds={}, digest=str(at)) for at in (BEGINNING_MS, 600)]
    >>> [acting(tuple(two), at).digest for at in (0, 599, 600, 601)]
    ['-1', '-1', '600', '600']
    """
    after = bisect_right(versions, begin_ms, key=attrgetter("valid_from_ms"))
    return versions[max(after - 1, 0)]


def version_digest(cells: tuple[str, ...], feeds: Mapping[str, Coverage]) -> str:
    """Hash what a version says: ids and shares of the cells it knows, feed by feed.

    Cells are hashed by id, so that a cell of another version does not change this one.
    """
    digest = sha256()
    for feed, cover in sorted(feeds.items()):
        known = [cells[place] for place in cover.registered.nonzero()[0].tolist()]
        number = cover.registered.cumsum() - 1
        parts = (
            msgspec.json.encode({"schema": "coverage/1", "feed": feed, "cells": known}),
            number[cover.cell].astype("<i4").tobytes(),
            cover.tile.astype("<i4").tobytes(),
            cover.share.astype("<f8").tobytes(),
            cover.outside[cover.registered].astype("<f8").tobytes(),
        )
        for part in parts:
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    return digest.hexdigest()

"""What the table keeps of an incident: its tiles, its picture, and a book for each desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from alerts.book import Book
from alerts.desk import DESKS, Desk
from alerts.direction import Direction
from alerts.lifecycle import DeskState, End
from alerts.moment import stamp

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Incident",
    "Picture",
    "incident_id",
    "pack_tiles",
    "unpack_tiles",
]


class Picture(msgspec.Struct, array_like=True):
    """Figures of an incident at one hop, over its raised tiles; None = unknown.

    people, low, high, slope_per_min, density, rolling, occupancy and worst_people are what desks
    are told: as if the operator had withheld every cell below the privacy floor. No level is
    judged by them. counted, fullest: people and the highest occupancy as they were counted, for
    routing and for whoever evaluates; never told.

    people, low, high, expected, counted: sums, in the feed's unit. spread: of that sum, tiles
    taken as independent. score, near: highest of any tile; of a drop the score is that of too few
    people. density, rolling: of the worst tile (highest level, then density, or for a drop people
    missing, then people, then smallest index). slope_per_min: sum.
    next_level_min: minutes until the first tile of the top level reaches the next rung.
    next_level_likely: how likely the likeliest of them is there at the forecast's horizon.
    occupancy, site: of the fullest site it stands on. sightings: fewest of any tile.
    present_ratio: mean. seen_ms: of the tile seen longest ago. blind: tiles that could not be
    seen. why: bits, of tiles of the top level. site_name: of that site; the index may be
    another's under another pack. site_people: on the site of the worst tile, raised or not, as
    told. area: police area of the worst tile, -1 = none are given. posts: ids of those that
    answer for most people, at most 5 of posts_total.
    """

    level: int
    people: float | None = None
    low: float | None = None
    high: float | None = None
    density: float | None = None
    rolling: float | None = None
    expected: float | None = None
    spread: float | None = None
    score: float | None = None
    near: float | None = None
    slope_per_min: float | None = None
    next_level_min: float | None = None
    walkable_m2: float = 0.0
    worst_tile: int = -1
    worst_people: float | None = None
    occupancy: float | None = None
    site: int = -1
    access_risk: bool = False
    sightings: int = 0
    present_ratio: float | None = None
    seen_ms: int = 0
    blind: int = 0
    tiles: int = 0
    why: int = 0
    counted: float | None = None
    fullest: float | None = None
    site_name: str | None = None
    posts: list[str] = []
    posts_total: int = 0
    next_level_likely: float | None = None
    site_people: float | None = None
    area: int = -1


class Incident(msgspec.Struct, kw_only=True):
    """One episode over adjoining tiles. tiles, ever: int32 little-endian, ascending.

    level: now, or at its end. end: how it ended; ended_ms: when, 0 = open. peak_*: highest ever;
    of people both what was told and what was counted; of a drop the fewest ever.
    """

    id: str
    opened_ms: int
    place: str
    place_named: bool
    picture: Picture
    tiles: bytes
    ever: bytes
    level: int
    level_since_ms: int
    previous_level: int = 0
    peak_level: int = 0
    peak_score: float | None = None
    peak_people: float | None = None
    peak_counted: float | None = None
    peak_why: int = 0
    end: End | None = None
    ended_ms: int = 0
    merged_into: str | None = None
    merged_place: str | None = None
    merged_from: list[str] = []
    split_from: str | None = None
    related: list[str] = []
    rank: int = 0
    books: dict[Desk, Book] = msgspec.field(default_factory=lambda: {d: Book() for d in DESKS})
    direction: Direction = Direction.RISE

    @property
    def seniority(self) -> tuple[int, str]:
        """Of two that meet, the one with the smaller seniority survives."""
        return self.opened_ms, self.id

    @property
    def is_unseen(self) -> bool:
        """Nothing of it can be seen: its figures are those of before."""
        return self.picture.blind == self.picture.tiles > 0

    @property
    def awaits_end(self) -> list[Desk]:
        """Desks that knew of it and were not told yet that it is over."""
        if self.end is None:
            return []
        told = ((desk, book) for desk, book in self.books.items() if book.revision)
        return [desk for desk, book in told if book.state is not DeskState.ENDED]

    @property
    def state(self) -> str:
        """pending, open, acknowledged (by every desk that was told) or resolved."""
        if self.end is not None:
            return "resolved"
        told = [book for book in self.books.values() if book.revision]
        if not told:
            return "pending"
        waits = any(one.state.rings or one.state is DeskState.PENDING for one in told)
        return "open" if waits else "acknowledged"

    def show(self, picture: Picture, tiles: NDArray[np.int32], *, hop_ms: int) -> None:
        """Take over the picture of this hop."""
        if picture.level != self.level:
            self.previous_level, self.level = self.level, picture.level
            self.level_since_ms = hop_ms
        self.picture = picture
        self.tiles = pack_tiles(tiles)
        if self.tiles != self.ever:
            self.ever = pack_tiles(np.union1d(unpack_tiles(self.ever), tiles))
        self.peak_level = max(self.peak_level, picture.level)
        self.peak_score = _higher(self.peak_score, picture.score)
        worse = _lower if self.direction is Direction.DROP else _higher
        self.peak_people = worse(self.peak_people, picture.people)
        self.peak_counted = worse(self.peak_counted, picture.counted)
        self.peak_why |= picture.why


def _higher(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None


def _lower(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return min(known) if known else None


def incident_id(opened_ms: int, smallest_tile: str, direction: Direction = Direction.RISE) -> str:
    """Return the id: one tile opens at most one incident of a direction a hop, so it is unique.

    >>> incident_id(1385232000000, "r0012c0034")
    '20131123T1840Z-r0012c0034'
    >>> incident_id(1385232000000, "r0012c0034", Direction.DROP)
    '20131123T1840Z-r0012c0034-drop'
    """
    plain = f"{stamp(opened_ms)}-{smallest_tile}"
    return plain if direction is Direction.RISE else f"{plain}-{direction}"


def pack_tiles(tiles: NDArray[np.int32]) -> bytes:
    """Return tiles as int32 little-endian bytes."""
    return tiles.astype("<i4").tobytes()


def unpack_tiles(data: bytes) -> NDArray[np.int32]:
    """Return tiles of such bytes, read-only."""
    return np.frombuffer(data, "<i4")

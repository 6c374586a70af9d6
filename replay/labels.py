"""Known events of a labels file, and which of them the incidents found (DESIGN 12).

Labels never enter the engine; they are joined afterwards. An event is found by a rise incident
that covers its cell (any, if it names none), overlaps its time, and was not open for more than
12 hours: an alarm that never ends finds everything and tells nothing.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.badrow import FeedError
from replay.times import LocalTimes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geo.city import City

__all__ = [
    "Found",
    "Label",
    "Span",
    "find",
    "meets",
    "off_list",
    "read_labels",
    "tiles_of",
    "within",
]

OPEN_MS_MAX: Final = 12 * 3_600_000
_JOINED_MS: Final = 3_600_000  # incidents of one place less than this apart are one nuisance
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One known event. cell: where; None = anywhere."""

    name: str
    start_ms: int
    end_ms: int
    cell: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An incident as the join sees it. closed_ms: its end, or that of the feed if still open.

    tiles: city-wide indexes of all tiles it ever stood on.
    """

    incident: str
    opened_ms: int
    closed_ms: int
    tiles: frozenset[int]
    rise: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of one label. lead_min: minutes from alert to start; negative = after it."""

    label: Label
    incident: str | None
    lead_min: float | None


def read_labels(path: Path, *, tz: str | None = None) -> tuple[Label, ...]:
    """Read a CSV `start,end[,name,cell]`; a name that is missing becomes the row's number.

    Raises FeedError with every faulty row: a label that is left out would count as a miss.
    """
    times = LocalTimes(tz)
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text))
    except (OSError, UnicodeError, csv.Error) as fault:
        raise FeedError(f"{path}: {getattr(fault, 'strerror', None) or fault}") from fault
    if rows and not {"start", "end"} <= set(rows[0]):
        raise FeedError(f"{path}: labels need the columns start and end (and may have name, cell)")
    read = [_label(number, row, times) for number, row in enumerate(rows, 1)]
    faults = [fault for fault in read if isinstance(fault, str)]
    if faults:
        raise FeedError(f"{path}: " + "; ".join(faults))
    return tuple(label for label in read if isinstance(label, Label))


def _label(number: int, row: Mapping[str | None, str | None], times: LocalTimes) -> Label | str:
    start_ms, end_ms = times.parse(row.get("start")), times.parse(row.get("end"))
    for moment in (start_ms, end_ms):
        if isinstance(moment, str):
            return f"row {number + 1}: {moment}"
    assert isinstance(start_ms, int)
    assert isinstance(end_ms, int)
    if end_ms < start_ms:
        return f"row {number + 1}: it ends before it starts"
    name = row.get("name") or str(number)
    return Label(name=name, start_ms=start_ms, end_ms=end_ms, cell=row.get("cell") or None)


def within(
    labels: Sequence[Label], *, begin_ms: int, end_ms: int
) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    """Return the labels in order of start: those a run over this span could find, and the others.

    >>> late = Label(name="fair", start_ms=50, end_ms=60)
    >>> within([late], begin_ms=0, end_ms=40)[0]
    ()
    """
    ordered = sorted(labels, key=lambda one: (one.start_ms, one.end_ms, one.name))
    inside = [one for one in ordered if one.start_ms < end_ms and one.end_ms > begin_ms]
    outside = [one for one in ordered if one not in inside]
    return tuple(inside), tuple(outside)


def find(
    labels: Sequence[Label],
    spans: Sequence[Span],
    *,
    tiles_of: Mapping[str, frozenset[int]],
    lateness_ms: int,
) -> tuple[Found, ...]:
    """Return, for each label, the earliest incident that finds it.

    tiles_of: tiles that each labelled cell touches. lateness_ms: an incident opened at the end
    of a hop was told that much later; the lead counts from then.

    >>> football = Label(name="cup", start_ms=7_200_000, end_ms=9_000_000)
    >>> early = Span(incident="i", opened_ms=3_600_000, closed_ms=8_000_000, tiles=frozenset({0}))
    >>> find([football], [early], tiles_of={}, lateness_ms=60_000)[0].lead_min
    59.0
    """
    able = sorted(
        (span for span in spans if span.rise and span.closed_ms - span.opened_ms <= OPEN_MS_MAX),
        key=lambda span: (span.opened_ms, span.incident),
    )
    found = []
    for label in labels:
        first = next((span for span in able if meets(label, span, tiles_of)), None)
        lead_ms = None if first is None else label.start_ms - first.opened_ms - lateness_ms
        found.append(
            Found(
                label=label,
                incident=None if first is None else first.incident,
                lead_min=None if lead_ms is None else round(lead_ms / _MINUTE_MS, 1),
            )
        )
    return tuple(found)


def tiles_of(city: City, labels: Sequence[Label]) -> dict[str, frozenset[int]]:
    """Return the tiles that each labelled cell touches; cells that the city lacks have no entry.

    A label may also name a tile by its id, as those do that desks made of what they saw.
    """
    named = {label.cell for label in labels if label.cell is not None}
    numbers = {tile: at for at, tile in enumerate(city.grid.tile_ids) if tile in named}
    cells = {
        cell: frozenset(city.tiles_of(np.array([city.cell_index[cell]])).tolist())
        for cell in sorted(named & city.cell_index.keys())
    }
    return {tile: frozenset({at}) for tile, at in numbers.items()} | cells


def meets(label: Label, span: Span, tiles_of: Mapping[str, frozenset[int]]) -> bool:
    """Tell whether an incident and an event overlap in time, and in place if one is named."""
    if span.opened_ms > label.end_ms or span.closed_ms < label.start_ms:
        return False
    return label.cell is None or not span.tiles.isdisjoint(tiles_of.get(label.cell, frozenset()))


def off_list(
    labels: Sequence[Label], spans: Sequence[Span], *, tiles_of: Mapping[str, frozenset[int]]
) -> int:
    """Return how many rise incidents met no label.

    Those on overlapping tiles less than an hour apart are counted once, also in chains.
    """
    off = sorted(
        (
            span
            for span in spans
            if span.rise and not any(meets(label, span, tiles_of) for label in labels)
        ),
        key=lambda span: (span.opened_ms, span.incident),
    )
    return _chains(off)


def _chains(spans: Sequence[Span]) -> int:
    """Return into how many chains the spans (in order of opening) fall.

    Per tile the span that ends last is enough to ask: all others that are near are near it, too.
    """
    chain = list(range(len(spans)))  # of each span; a chain is named after one of its spans

    def name(number: int) -> int:
        while chain[number] != number:
            chain[number] = chain[chain[number]]
            number = chain[number]
        return number

    latest: dict[int, int] = {}
    for number, span in enumerate(spans):
        for tile in sorted(span.tiles):
            before = latest.get(tile)
            if before is not None and spans[before].closed_ms + _JOINED_MS > span.opened_ms:
                chain[name(number)] = name(before)
            if before is None or spans[before].closed_ms < span.closed_ms:
                latest[tile] = number
    return sum(name(number) == number for number in range(len(spans)))

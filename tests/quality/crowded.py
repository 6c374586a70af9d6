"""Real noise with known crowds: 28 squares of Milan into which 95 crowds were laid.

Counts are the internet activity of November 2013, in arbitrary units. The crowds are drawn as in
the laboratory of the detector, from the same seed in the same order, so that its figures can be
compared: 0.3 to 2.5 times the usual, ramps of 15 to 150 minutes, on one square each.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.feed import read_feed
from replay.labels import Label
from replay.samples import MILAN
from tests.quality.labelled import Ask, Counts, array_set, loaded
from tests.quality.scoring import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tests.quality.labelled import LabelledSet

__all__ = ["TILE_RATES", "crowded", "milan", "milan_set"]

TILE_RATES: Final = tuple(round(0.05 * 1.17**step, 4) for step in range(24))
"""Budgets swept where there are several tiles, in false alarms a tile-week: 0.05 to 1.9."""

_ACTIVITY: Final = "feeds.squares.unit=activity"
_HOP_MIN: Final = 10
_HOP_MS: Final = _HOP_MIN * 60_000
_DAY: Final = 144  # hops
_NIGHT: Final = 42  # hops of a day in which a crowd begins seldom
_APART: Final = 48  # hops between two crowds of a square, at least
_TAIL: Final = 60  # hops at the end in which none begins
_EVERY_DAYS: Final = 6.0
_FALL_MIN: Final = 45.0
_GRACE_MS: Final = 1_800_000
_WARM_DAYS: Final = 7.0  # with a week the laboratory counts its 95 crowds; two would leave 67


@cache
def milan() -> Counts:
    """Return the counts of the 25 adjoining squares, then of the three that lie apart.

    Read once and shared: not to be written to.
    """
    feed = read_feed(MILAN.feed)
    squares = feed.feed == feed.feeds.index("squares")
    apart = ("4159", "4556", "5161")
    names = [name for name in feed.cells if name.isdecimal()]
    cells = (*sorted(name for name in names if name not in apart), *apart)
    column = np.full(len(feed.cells), -1)
    column[[feed.cells.index(name) for name in cells]] = np.arange(len(cells))
    start_ms, cell, count = (
        each[squares] for each in (feed.start_ms, column[feed.cell], feed.count)
    )
    first_ms = int(start_ms.min())
    hop = (start_ms - first_ms) // _HOP_MS
    table = np.full((int(hop.max()) + 1, len(cells)), np.nan)
    table[hop, cell] = count
    times = first_ms + np.arange(len(table), dtype=np.int64) * _HOP_MS
    return Counts(cells=cells, start_ms=times, period_ms=_HOP_MS, count=table, tz="Europe/Rome")


def milan_set(
    name: str,
    counts: Counts,
    *,
    events: tuple[Event, ...] = (),
    asks: tuple[Ask, ...] = (),
    rates: tuple[float, ...] = TILE_RATES,
    warm_days: float = 14.0,
    peers: bool = False,
) -> LabelledSet:
    """Return squares of Milan as a set, on their places on the city's grid."""
    return array_set(
        name,
        counts,
        places=[divmod(int(cell) - 1, 100) for cell in counts.cells],
        loaded=loaded("Europe/Rome", "IT", "feeds.squares.period_s=600", _ACTIVITY),
        feed="squares",
        events=events,
        asks=asks,
        rates=rates,
        warm_days=warm_days,
        peers=peers,
    )


def crowded(*, seed: int = 1) -> LabelledSet:
    """Return the squares with crowds laid into them."""
    counts = milan()
    rng = np.random.default_rng(seed)
    table = counts.count.copy()
    usual = np.apply_along_axis(_smooth, 0, counts.count)
    events: list[Event] = []
    for column, cell in enumerate(counts.cells):
        for first, shape, size in _crowds(rng, len(table)):
            span = slice(first, first + len(shape))
            amplitude = size * usual[span, column].mean()
            noise = np.exp(rng.normal(0.0, 0.08, len(shape)))
            table[span, column] += amplitude * shape * noise
            begin_ms = int(counts.start_ms[first])
            end_ms = begin_ms + len(shape) * _HOP_MS
            label = Label(
                name=f"crowd {len(events) + 1}",
                start_ms=begin_ms - _GRACE_MS,
                end_ms=end_ms + _GRACE_MS,
                cell=cell,
            )
            events.append(Event(label=label, begin_ms=begin_ms))
    return milan_set(
        f"Milan with crowds, seed {seed}",
        replace(counts, count=table),
        events=tuple(events),
        asks=(Ask(rate=0.25, least=60, lab="54"), Ask(rate=0.5, least=72, lab="65")),
        warm_days=_WARM_DAYS,
        peers=True,
    )


def _crowds(
    rng: np.random.Generator, hops: int
) -> Iterator[tuple[int, NDArray[np.float64], float]]:
    """Yield first hop, shape (peak 1) and size of the crowds of one square, in drawn order."""
    drawn = rng.integers(0, hops - _TAIL, rng.poisson(30 / _EVERY_DAYS))
    used: list[int] = []
    for at in sorted(drawn.tolist()):
        first = at
        if first % _DAY < _NIGHT and rng.random() < 0.8:
            first += int(rng.uniform(48, 84))
        if first > hops - _TAIL or any(abs(first - other) < _APART for other in used):
            continue
        size = float(rng.choice([0.3, 0.5, 0.8, 1.2, 2.5]))
        ramp, plateau = (int(rng.choice(choices)) for choices in ([15, 45, 90, 150], [30, 90, 180]))
        shape = _shape(ramp, plateau)
        if first + len(shape) < hops:
            used.append(first)
            yield first, shape, size


def _shape(ramp_min: int, plateau_min: int) -> NDArray[np.float64]:
    rise, stay, fall = (
        max(1, round(minutes / _HOP_MIN)) for minutes in (ramp_min, plateau_min, _FALL_MIN)
    )
    up, down = np.arange(1, rise + 1) / (rise + 1), np.arange(1, fall + 1) / (fall + 1)
    return np.concatenate([up, np.ones(stay), 1.0 - down])


def _smooth(series: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of two hours around each hop; at the ends of what there is."""
    padded = np.pad(series, 6, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 13)
    middle: NDArray[np.float64] = np.nanmedian(windows, axis=1)
    return middle

"""Room for saved state: the widest block must fit into one record of the snapshot topic.

A hot record holds every interval of a block's cells that can still be corrected, and is always
whole (PROTOCOL 10). Settings alone do not tell its size, nor does the city; together they do,
before a worker meets a broker that takes no record of that size, at its first hop and ever after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.forecast_state import row_count
from detectors.horizons import lags_of
from detectors.state import HOT_ROWS
from stream.block import INTERVAL_BYTES as WAITING_FRAME_BYTES
from stream.block import WAITING_BYTES, WAITING_BYTES_MAX
from stream.city_ring import HOPS, ROW_BYTES
from stream.layout import block_pairs
from stream.panel_cells import panel_cells
from stream.readings import FATES, OUTAGE_INTERVALS, FeedTimes
from stream.settings import ConfigError
from stream.settings_fault import Fault
from stream.topics import MIB, SNAPSHOT_BYTES_MAX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo.city import City
    from stream.settings import Settings

__all__ = ["check_room", "largest_hot_bytes"]

RECORD_BYTES_MAX: Final = SNAPSHOT_BYTES_MAX - MIB  # what waits may pass its limit for a second
FRAME_BYTES: Final = 8 * 1024  # names, counts by reason, record batch
SOURCE_BYTES: Final = 64  # clock, origin and crossed ticks of one source
INTERVAL_BYTES: Final = 8 + 4 + 4  # end, seq, value of an entry
NEWEST_BYTES: Final = 8 + 4


def check_room(settings: Settings, city: City) -> None:
    """Raise ConfigError with a line for each feed whose kept intervals are too many.

    Without feeds there is nothing to judge: a replay announces them later.
    """
    if not settings.feeds:
        return
    estimate, limit = largest_hot_bytes(settings, city), RECORD_BYTES_MAX
    if estimate <= limit:
        return
    ring_max = _ring_max(settings, city, limit)
    says = f"the largest hot record would be {_mib(estimate)}, at most {_mib(limit)} can be saved"
    raise ConfigError(
        _fault(settings, name, ring_max, says)
        for name in sorted(settings.feeds)
        if _ring(settings, name) > ring_max
    )


def largest_hot_bytes(settings: Settings, city: City) -> int:
    """Estimate the bytes of the largest block's hot record, with as much waiting as there may be.

    Every entry (a cell in a block) has room for the longest ring of all feeds, in every feed.
    """
    entries, fixed = _entries_and_fixed(settings, city)
    ring = max(_ring(settings, name) for name in settings.feeds)
    sizes = fixed + entries * (len(settings.feeds) * INTERVAL_BYTES * ring)
    return int(sizes.max())


def _entries_and_fixed(
    settings: Settings, city: City
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, per block, its entries and the bytes that do not grow with the rings.

    The last one is a partition's own block, which holds the panel.
    """
    blocks, feeds = len(city.grid.block_ids) + 1, len(settings.feeds)
    block, cell = np.divmod(block_pairs(city), len(city.cells))
    panel = panel_cells(city)
    block = np.append(block, np.full(len(panel), blocks - 1))
    cell = np.append(cell, panel)
    entries = np.bincount(block, minlength=blocks)
    # Each cell is named, on a line, with a bit that tells where its account is kept.
    named = np.array([len(name.encode()) + 1 for name in city.cells], np.int64)
    names = np.bincount(block, named[cell], minlength=blocks) + entries / 8
    tiles = np.bincount(city.grid.block_of, minlength=blocks)
    # People in the window's hops, people told, and whether they were.
    window_bytes = (4 + 4 + 1) * max(settings.window_hops, 2)
    forecast_rows = row_count(lags_of(settings.hop_ms / 60_000))
    memories = 1 + (len(settings.counting) < feeds)  # a supporting feed has its own
    tile_bytes = window_bytes + 8 + 4 * (memories * len(HOT_ROWS) + forecast_rows)
    visits_bytes = 3 * (1440 // settings.slot_min) * 4
    block_bytes = FRAME_BYTES + visits_bytes + feeds * len(FATES) * 8
    block_bytes += settings.topics.partitions.counts * SOURCE_BYTES
    fixed = block_bytes + tiles * tile_bytes + entries * (feeds * NEWEST_BYTES)
    fixed[-1] += len(panel) * 4 * len(HOT_ROWS) + HOPS * ROW_BYTES
    fixed = fixed + np.ceil(names)
    fixed = fixed + waiting_bytes(entries, feeds=feeds)
    return entries.astype(np.int64), fixed.astype(np.int64)


def waiting_bytes(entries: NDArray[np.int64], *, feeds: int) -> NDArray[np.int64]:
    """Return, per block, what waits at the most: for a slower source, or after an outage."""
    interval = entries * WAITING_BYTES + WAITING_FRAME_BYTES
    return np.maximum(WAITING_BYTES_MAX, feeds * OUTAGE_INTERVALS * interval)


def _ring(settings: Settings, feed: str) -> int:
    times = FeedTimes(
        period_ms=settings.feeds[feed].period_s * 1000, max_age_ms=settings.max_age_ms(feed)
    )
    return times.ring


def _ring_max(settings: Settings, city: City, limit: int) -> int:
    """Return the longest ring with which every block's record fits; 0 if none does."""
    entries, fixed = _entries_and_fixed(settings, city)
    each = np.maximum(entries, 1) * (len(settings.feeds) * INTERVAL_BYTES)
    return max(0, int(((limit - fixed) // each).min()))


def _fault(settings: Settings, name: str, ring_max: int, says: str) -> Fault:
    feed = settings.feeds[name]
    set_by_age = feed.max_age_s is not None
    age_s = settings.max_age_ms(name) // 1000
    key = f"feeds.{name}.{'max_age_s' if set_by_age else 'delay_s'}"
    fits_s = (ring_max - 1) * feed.period_s
    if fits_s >= feed.period_s:
        knob = "max_age_s" if set_by_age else "delay_s (it sets max_age_s) or max_age_s itself"
        instead = f"lower {knob}, to {fits_s} s at most, or a longer period_s"
    else:
        instead = "fewer feeds, or a smaller grid.side_m, so that a block has fewer cells"
    return Fault(
        where="",
        key=key,
        what=f"max_age {age_s} s with period_s {feed.period_s} keeps {_ring(settings, name)} "
        f"intervals of every cell: {says}",
        instead=instead,
    )


def _mib(size: int) -> str:
    return f"{size / MIB:,.1f} MiB"

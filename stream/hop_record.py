"""What a block partition tells the incident stage of a hop: candidates, dark tiles, peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.candidate import FIGURES
from detectors.horizons import HALF_HOUR
from stream.unusual import fewer
from stream.wire import PART_BYTES_MAX, Closed, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stream.block_state import BlockState, HopSeen

__all__ = ["CANDIDATE_COLUMNS", "closed_records"]

CANDIDATE_COLUMNS: Final = ("tile", *FIGURES, "sightings")
AHEAD_COLUMNS: Final = ("ahead_30", "ahead_30_low", "ahead_30_high")
# Every column of a candidate has 4 bytes; blind tiles and peaks are smaller. Rows per part:
ROWS_MAX: Final = PART_BYTES_MAX // (len(CANDIDATE_COLUMNS) * 4 + 16)


def closed_records(state: BlockState, seen: HopSeen, origin: Origin) -> Iterator[Closed]:
    """Yield the parts of one hop's record for the incident stage; at least one, part ascending."""
    rows = np.flatnonzero(seen.candidate)
    dim = state.layout.tile[seen.dim]
    columns = _columns(state, seen, rows)
    parts = max(1, -(-max(len(rows), len(dim)) // ROWS_MAX))
    for part in range(parts):
        cut = slice(part * ROWS_MAX, (part + 1) * ROWS_MAX)
        first = part == 0
        yield Closed(
            origin=Origin(origin.epoch, origin.partition, origin.offset, origin.part + part),
            hop_ms=seen.hop_ms,
            decided_ms=seen.decided_ms,
            columns={name: data[cut].tobytes() for name, data in columns.items()},
            blind=dim[cut].tobytes(),
            peak_tiles=state.layout.tile[seen.ended.tiles].tobytes() if first else b"",
            peaks=seen.ended.peaks.tobytes() if first else b"",
            near_peak_tiles=state.layout.tile[seen.ended.near_tiles].tobytes() if first else b"",
            near_peaks=seen.ended.near_peaks.tobytes() if first else b"",
            tiles=state.layout.tiles if first else 0,
            scored=seen.scored if first else 0,
            feeds=seen.feeds if first else [],
            drop_peak_tiles=state.layout.tile[seen.ended.drop_tiles].tobytes() if first else b"",
            drop_peaks=seen.ended.drop_peaks.tobytes() if first else b"",
        )


def _columns(
    state: BlockState, seen: HopSeen, rows: NDArray[np.intp]
) -> dict[str, NDArray[np.generic]]:
    if not len(rows):
        return {}
    now, told, verdict = seen.frame.now, seen.frame.told, seen.verdict
    whole = (
        state.layout.tile,
        now.point,
        now.low,
        now.high,
        seen.frame.density,
        seen.frame.rolling,
        np.where(verdict.known, verdict.expected, np.float32(np.nan)),
        np.where(verdict.known, verdict.spread, np.float32(np.nan)),
        verdict.score,
        seen.frame.slope_per_min,
        now.present_ratio,
        told.point,
        told.low,
        told.high,
        seen.frame.told_rolling,
        seen.frame.told_slope_per_min,
        verdict.near,
        verdict.near_excess,
        verdict.drop,
        fewer(now, verdict),
        verdict.standing_min,
        verdict.sightings,
    )
    names = [name for name in CANDIDATE_COLUMNS if name not in AHEAD_COLUMNS]
    columns = {name: data[rows] for name, data in zip(names, whole, strict=True)}
    ahead = (seen.ahead.people, seen.ahead.low, seen.ahead.high)
    columns |= {name: data[HALF_HOUR] for name, data in zip(AHEAD_COLUMNS, ahead, strict=True)}
    return {name: columns[name] for name in CANDIDATE_COLUMNS}

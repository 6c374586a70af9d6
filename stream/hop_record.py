"""What a block partition publishes of a hop: candidates for the incident stage, density for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from stream.block_state import STATES
from stream.wire import PART_BYTES_MAX, Closed, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stream.block_state import BlockState, HopSeen

__all__ = ["CANDIDATE_COLUMNS", "Density", "closed_records", "density_records"]

CANDIDATE_COLUMNS: Final = (
    "tile",
    "people",
    "low",
    "high",
    "density",
    "rolling",
    "expected",
    "spread",
    "score",
    "slope_per_min",
    "present_ratio",
    "sightings",
)
# A candidate takes 12 columns of 4 bytes; blind tiles and peaks are smaller. Rows per part:
ROWS_MAX: Final = PART_BYTES_MAX // (len(CANDIDATE_COLUMNS) * 4 + 16)


class Density(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="density/1"):
    """One block at one hop, as columns over its tiles; null = unknown or below the floor.

    hop_ms: end of the hop, epoch ms. people: newest frame. rolling_per_m2: mean over the window.
    """

    block: str
    hop_ms: int
    unit: str
    tiles: list[str]
    people: list[float | None]
    density_per_m2: list[float | None]
    rolling_per_m2: list[float | None]
    expected: list[float | None]
    score: list[float | None]
    state: list[str]


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
            peak_tiles=state.layout.tile[seen.ended_tiles].tobytes() if first else b"",
            peaks=seen.peaks.tobytes() if first else b"",
            tiles=state.layout.tiles if first else 0,
            feeds=seen.feeds if first else [],
        )


def _columns(
    state: BlockState, seen: HopSeen, rows: NDArray[np.intp]
) -> dict[str, NDArray[np.generic]]:
    if not len(rows):
        return {}
    now, verdict = seen.frame.now, seen.verdict
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
        verdict.sightings,
    )
    return {name: data[rows] for name, data in zip(CANDIDATE_COLUMNS, whole, strict=True)}


def density_records(state: BlockState, seen: HopSeen) -> Iterator[tuple[str, bytes]]:
    """Yield (block id, `density/1` bytes) of every block, privacy floor applied.

    A tile whose people lie below the floor is told as null, like one that is not known. A hop
    in which nothing at all was present is left out: after a long outage there are hundreds.
    """
    if np.isnan(seen.frame.now.point).all():
        return
    spec, lay = state.spec, state.layout
    people = seen.frame.now.point
    hidden = ~(people >= np.float32(spec.privacy_floor)) if spec.privacy_floor else np.isnan(people)
    columns = [
        _told(values, hidden, digits)
        for values, digits in (
            (people, 1),
            (seen.frame.density, 4),
            (seen.frame.rolling, 4),
            (np.where(seen.verdict.known, seen.verdict.expected, np.float32(np.nan)), 1),
            (seen.verdict.score, 3),
        )
    ]
    names = _STATE_NAMES[seen.state].tolist()
    ids = state.tile_ids
    unit = "people" if spec.has_ladder else "activity"
    for block, at in zip(lay.blocks, lay.tile_slices, strict=True):
        if at.start == at.stop:
            continue
        told = [column[at] for column in columns]
        record = Density(
            block=block,
            hop_ms=seen.hop_ms,
            unit=unit,
            tiles=ids[at],
            people=told[0],
            density_per_m2=told[1],
            rolling_per_m2=told[2],
            expected=told[3],
            score=told[4],
            state=names[at],
        )
        yield block, _json.encode(record)


_json: Final = msgspec.json.Encoder()
_STATE_NAMES: Final = np.array(STATES, object)


def _told(
    values: NDArray[np.float32], hidden: NDArray[np.bool_], digits: int
) -> list[float | None]:
    """Round for people to read; None where hidden. Float64 first: float32 prints noise."""
    scale = 10.0**digits
    rounded = np.rint(values.astype(np.float64) * scale) / scale
    told: list[float | None] = rounded.tolist()
    for i in np.flatnonzero(hidden | np.isnan(rounded)).tolist():
        told[i] = None
    return told

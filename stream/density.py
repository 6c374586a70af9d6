"""`density/1`: what every block looks like at a hop, for maps and archives, floor applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from stream.states import STATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stream.block_state import BlockState, HopSeen

__all__ = ["Density", "DensityWriter"]

_json: Final = msgspec.json.Encoder()
_STATE_JSON: Final = np.array([_json.encode(name) for name in STATES], object)


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


class _Written(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="density/1"):
    """The same as it is written: what does not change from hop to hop is JSON already.

    NaN in a column becomes null.
    """

    block: str
    hop_ms: int
    unit: str
    tiles: msgspec.Raw
    people: list[float]
    density_per_m2: list[float]
    rolling_per_m2: list[float]
    expected: list[float]
    score: list[float]
    state: msgspec.Raw


class DensityWriter:
    """Writes the records of one run of blocks; keeps the JSON of its tile ids."""

    def __init__(self, state: BlockState) -> None:
        self._spec, self._layout = state.spec, state.layout
        ids = [state.spec.tile_ids[tile] for tile in state.layout.tile.tolist()]
        self._ids = [msgspec.Raw(_json.encode(ids[at])) for at in state.layout.tile_slices]
        # States change seldom: most blocks say the same as in the hop before.
        self._states = [(b"", msgspec.Raw(b"[]"))] * len(state.layout.blocks)

    def records(self, seen: HopSeen) -> Iterator[tuple[str, bytes]]:
        """Yield (block id, bytes) of every block that has tiles.

        A tile whose people lie below the floor is told as null, like one that is not known. A
        hop in which nothing at all was present is left out: after a long outage there are
        hundreds.
        """
        if np.isnan(seen.frame.now.point).all():
            return
        columns = self._columns(seen)
        unit = "people" if self._spec.has_ladder else "activity"
        lay = self._layout
        for number, (block, at) in enumerate(zip(lay.blocks, lay.tile_slices, strict=True)):
            if at.start == at.stop:
                continue
            told = [column[at] for column in columns]
            record = _Written(
                block=block,
                hop_ms=seen.hop_ms,
                unit=unit,
                tiles=self._ids[number],
                people=told[0],
                density_per_m2=told[1],
                rolling_per_m2=told[2],
                expected=told[3],
                score=told[4],
                state=self._states_of(number, seen.state[at]),
            )
            yield block, _json.encode(record)

    def _states_of(self, number: int, state: NDArray[np.int8]) -> msgspec.Raw:
        before, text = self._states[number]
        now = state.tobytes()
        if now != before:
            text = msgspec.Raw(b"[" + b",".join(_STATE_JSON[state]) + b"]")
            self._states[number] = now, text
        return text

    def _columns(self, seen: HopSeen) -> list[list[float]]:
        floor, people = self._spec.privacy_floor, seen.frame.now.point
        shown = people >= np.float32(floor) if floor else np.ones(len(people), np.bool_)
        expected = np.where(seen.verdict.known, seen.verdict.expected, np.float32(np.nan))
        return [
            _rounded(np.where(shown, values, np.float32(np.nan)), digits)
            for values, digits in (
                (people, 1),
                (seen.frame.density, 4),
                (seen.frame.rolling, 4),
                (expected, 1),
                (seen.verdict.score, 3),
            )
        ]


def _rounded(values: NDArray[np.float32], digits: int) -> list[float]:
    """Round for people to read; in float64, since float32 would print its noise."""
    scale = 10.0**digits
    rounded: list[float] = (np.rint(values.astype(np.float64) * scale) / scale).tolist()
    return rounded

"""`density/1`: what every block looks like at a hop, for maps and archives, floor applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from stream.states import BLIND, MISSING, OK, STATES, WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stream.block_state import BlockState, HopSeen

__all__ = ["Density", "DensityWriter"]

_json: Final = msgspec.json.Encoder()
_STATE_JSON: Final = np.array([_json.encode(name) for name in STATES], object)


class Density(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="density/1"):
    """One block at one hop, as columns over its tiles; null = unknown or withheld.

    hop_ms: end of the hop, epoch ms. people: newest frame. rolling_per_m2: mean over the window.
    expected, score: of activity; of people null, for they are made of what was counted at every
    hop so far, also where it was withheld. state: of people never `warming`, likewise.
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


class _Told(NamedTuple):
    """Figures of people that may be told where the masks are set; shape (tiles,)."""

    now: NDArray[np.bool_]
    rolling: NDArray[np.bool_]
    people: NDArray[np.float32]
    density: NDArray[np.float32]
    mean: NDArray[np.float32]


class DensityWriter:
    """Writes the records of one run of blocks; keeps the JSON of its tile ids."""

    def __init__(self, state: BlockState) -> None:
        self._spec, self._layout = state.spec, state.layout
        self._area = state.spec.walkable_m2[state.layout.tile].astype(np.float32)
        ids = [state.spec.tile_ids[tile] for tile in state.layout.tile.tolist()]
        self._ids = [msgspec.Raw(_json.encode(ids[at])) for at in state.layout.tile_slices]
        # States change seldom: most blocks say the same as in the hop before.
        self._states = [(b"", msgspec.Raw(b"[]"))] * len(state.layout.blocks)

    def records(self, seen: HopSeen) -> Iterator[tuple[str, bytes]]:
        """Yield (block id, bytes) of every block that has tiles.

        A tile that must not be told (`disclosure`) is null in all columns, like one that is not
        known. A hop in which nothing at all was present is left out: after a long outage there
        are hundreds.
        """
        if np.isnan(seen.frame.now.point).all():
            return
        columns, state = self._columns(seen), self._state(seen)
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
                state=self._states_of(number, state[at]),
            )
            yield block, _json.encode(record)

    def _states_of(self, number: int, state: NDArray[np.int8]) -> msgspec.Raw:
        before, text = self._states[number]
        now = state.tobytes()
        if now != before:
            text = msgspec.Raw(b"[" + b",".join(_STATE_JSON[state]) + b"]")
            self._states[number] = now, text
        return text

    def _state(self, seen: HopSeen) -> NDArray[np.int8]:
        """Return states as told; of people, nothing in them hangs on a count that is not told."""
        if not self._spec.privacy_floor:
            return seen.state
        state = np.where(self._told(seen).now, np.int8(OK), np.int8(WITHHELD))
        state[np.isnan(seen.frame.now.point)] = BLIND
        state[~seen.frame.known] = MISSING
        return state

    def _told(self, seen: HopSeen) -> _Told:
        """Return what is told of people, and of which tiles.

        Where only cells are protected, each figure is made as if the operator had withheld every
        cell below the floor: then it is a function of counts that need no protection.
        """
        frame, shown = seen.frame, seen.shown
        if self._spec.protects_tiles or not self._spec.privacy_floor:
            return _Told(shown.now, shown.rolling, frame.now.point, frame.density, frame.rolling)
        people = frame.told.point
        now = people >= np.float32(self._spec.privacy_floor)
        return _Told(now, now, people, people / self._area, frame.told_rolling)

    def _columns(self, seen: HopSeen) -> list[list[float]]:
        shown = self._told(seen)
        judged = shown.now & (not self._spec.privacy_floor)
        expected = np.where(seen.verdict.known, seen.verdict.expected, np.float32(np.nan))
        return [
            _rounded(np.where(told, values, np.float32(np.nan)), digits)
            for told, values, digits in (
                (shown.now, shown.people, 1),
                (shown.now, shown.density, 4),
                (shown.rolling, shown.mean, 4),
                (judged, expected, 1),
                (judged, seen.verdict.score, 3),
            )
        ]


def _rounded(values: NDArray[np.float32], digits: int) -> list[float]:
    """Round for people to read; in float64, since float32 would print its noise."""
    scale = 10.0**digits
    rounded: list[float] = (np.rint(values.astype(np.float64) * scale) / scale).tolist()
    return rounded

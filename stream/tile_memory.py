"""What is remembered of the tiles of a run of blocks: of the people, then of a supporting feed.

One after the other in the same bytes, so that whatever saves or hands over a memory need not
know how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from detectors.state import BaselineState
    from stream.block_state import BlockState

__all__ = ["TileMemory", "memory_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TileMemory:
    """Baseline states of the same tiles; ranges are of local tiles, the last one not included."""

    states: tuple[BaselineState, ...]

    def lasting(self) -> Self:
        """Return a copy that knows its places and nothing of the last hours."""
        return type(self)(states=tuple(one.lasting() for one in self.states))

    def hot_bytes(self, a: int, b: int) -> bytes:
        """Return what changes every hop."""
        return b"".join(one.hot_bytes(a, b) for one in self.states)

    def load_hot(self, a: int, b: int, data: bytes) -> None:
        """Load what `hot_bytes` gave; ValueError if the length is not that of these tiles."""
        for one, part in zip(self.states, self._parts(data), strict=True):
            one.load_hot(a, b, part)

    def slot_bytes(self, kind: int, slot: int, a: int, b: int) -> bytes:
        """Return one slot of a kind of day."""
        return b"".join(one.slot_bytes(kind, slot, a, b) for one in self.states)

    def load_slot(self, kind: int, slot: int, a: int, b: int, data: bytes) -> None:
        """Load what `slot_bytes` gave; ValueError if the length is not that of these tiles."""
        for one, part in zip(self.states, self._parts(data), strict=True):
            one.load_slot(kind, slot, a, b, part)

    def _parts(self, data: bytes) -> list[bytes]:
        count = len(self.states)
        size, over = divmod(len(data), count)
        if over:
            raise ValueError(f"{len(data)} bytes are not of {count} memories alike")
        return [data[at * size : (at + 1) * size] for at in range(count)]


def memory_of(state: BlockState) -> TileMemory:
    """Return the memory of the tiles of a run of blocks; writing to it writes theirs."""
    own = state.baseline.state
    other = () if state.support is None else (state.support.baseline.state,)
    return TileMemory(states=(own, *other))

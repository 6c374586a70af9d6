"""One figure of the quality table: what was asked, what was got, and which way is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from tests.quality.curve import Point

__all__ = ["BY_TILE", "OURS", "Curve", "Figure", "Measured"]

OURS: Final = "Crowdtide"
BY_TILE: Final = "Crowdtide, tile by tile"


class Figure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measured number.

    set, what: together its name, by which the gate knows it. got: the number. shown: as printed.
    asked: least number wanted (most, where less is better); None = nothing was asked.
    more: more is better. loss: how much worse than the last release it may be before the gate
    closes. lab: of the laboratory. note: at which budget, with which delay. peers: what others
    got, by name, as printed.
    """

    set: str
    what: str
    got: float
    shown: str
    asked: float | None = None
    more: bool = True
    loss: float = 0.0
    lab: str = "-"
    note: str = ""
    peers: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its name in the table and at the gate."""
        return f"{self.set}: {self.what}"

    @property
    def met(self) -> bool | None:
        """Whether what was asked is reached; None where nothing was."""
        if self.asked is None:
            return None
        return self.got >= self.asked if self.more else self.got <= self.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Trade-offs of one set, to be drawn: the product's first, then those of the peers.

    weekly: rates are a week, of the one tile; else a tile-week.
    """

    name: str
    events: int
    weekly: bool
    rate_max: float
    lines: Mapping[str, tuple[Point, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one set gave."""

    figures: tuple[Figure, ...]
    curve: Curve | None = None

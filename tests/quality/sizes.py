"""Memory of a tile: what the detectors and the forecast keep of it, in bytes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Final

import numpy as np

from replay.engine import Engine
from tests.quality.crowded import milan, milan_set
from tests.quality.figure import Figure, Measured

__all__ = ["state_bytes"]

_BYTES_MAX: Final = 4096
_RECORDS: Final = 10  # enough for the block stage to have laid out its tiles


def state_bytes() -> Measured:
    """Return the bytes a tile of the arrays of a running block stage, hop 10 minutes."""
    one = milan_set("Memory", milan())
    engine = Engine(one.settings, one.city)
    for record in islice(one.log(), _RECORDS):
        engine.feed(record)
    (state,) = engine.blocks[0].states
    tiles = len(one.city.grid.tile_ids)
    parts = {
        "detectors": array_bytes(state.baseline.state) / tiles,
        "forecast": array_bytes(state.outlook.forecast.state) / tiles,
    }
    got = sum(parts.values())
    figure = Figure(
        set=one.name,
        what="bytes a tile",
        got=round(got, 1),
        shown=f"{got:,.0f}",
        asked=_BYTES_MAX,
        more=False,
        lab="2,168",
        note=", ".join(f"{name} {size:,.0f}" for name, size in parts.items()),
    )
    return Measured(figures=(figure,))


def array_bytes(value: object) -> int:
    """Return the bytes of all arrays in a dataclass, its parts and sequences.

    >>> array_bytes([np.zeros(3, np.float32), (np.zeros(2, np.int8), "text")])
    14
    """
    if isinstance(value, np.ndarray):
        return value.nbytes
    if is_dataclass(value):
        return sum(array_bytes(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, list | tuple):
        return sum(array_bytes(one) for one in value)
    return 0

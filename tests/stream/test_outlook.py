"""What candidates carry of the half hour ahead is the forecast of their tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.horizons import HALF_HOUR
from replay.engine import Engine
from stream.block import BlockMachine
from stream.hop_record import closed_records
from stream.wire import Origin, column
from tests.laws.crowds import log, settings, squares

if TYPE_CHECKING:
    from pathlib import Path

    from stream.block_state import BlockState, HopSeen


def test_candidates_carry_the_forecast_of_their_tiles(tmp_path: Path) -> None:
    town = squares(tmp_path)
    told = []

    def on_hop(state: BlockState, seen: HopSeen) -> None:
        whole = state.outlook.whole(seen.verdict)
        (closed,) = closed_records(state, seen, Origin(0, 0, 0, 0))
        if not closed.columns:
            return
        rows = np.flatnonzero(seen.candidate)
        for name in ("people", "low", "high"):
            key = "ahead_30" if name == "people" else f"ahead_30_{name}"
            mine = column(closed.columns[key], np.float32)
            assert mine.tobytes() == getattr(whole, name)[HALF_HOUR, rows].tobytes()
        told.extend(column(closed.columns["ahead_30"], np.float32).tolist())

    engine = Engine(settings(), town)
    engine.blocks = [BlockMachine(settings(), town, 0, density=False, on_hop=on_hop)]
    for record in log(hops=60):
        engine.feed(record)
    assert len(told) > 10

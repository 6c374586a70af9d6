"""Each rule of the panel and of the tiles around broken once: the simulator sees it, too.

None of them is among PROTOCOL 1 to 14, which `mutants` breaks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

import stream.block_state
import stream.gateway
from replay.sim_run import simulate
from stream.city_panel import CityPanel
from stream.city_ring import CityRing
from stream.layout import Routes, routes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.contract import CityNow
    from geo.city import City

SEEDS: Final = 120


def _only_where_the_ground_is(city: City, *, partitions: int) -> Routes:
    """Send the panel nowhere but to the partition that keeps its account."""
    whole = routes(city, partitions=partitions)
    return replace(whole, to=np.arange(partitions)[:, None] == whole.keeper)


def _newest(self: CityRing, hop_ms: int) -> CityNow:
    """Say of every hop what the panel said last."""
    del hop_ms
    return _at(self, int(self._rows["hop_ms"].max()))


_at = CityRing.at


def _ring_is_lost(
    self: CityPanel,
    hot: bytes,
    slots: Mapping[tuple[int, int], bytes],
    *,
    said: bytes,
    cells: bytes,
) -> None:
    """Load a panel as if it had said nothing so far."""
    del said
    _load(self, hot, slots, said=b"", cells=cells)


_load = CityPanel.load

MUTANTS: Final = {
    "the panel goes only where its ground is": (
        stream.gateway,
        "routes",
        _only_where_the_ground_is,
    ),
    "a block that lags takes what the panel said last": (CityRing, "at", _newest),
    "what the panel said is not saved": (CityPanel, "load", _ring_is_lost),
    "tiles that echo one another count as if they did not": (
        stream.block_state,
        "echo_of",
        lambda _, around: np.sqrt(1 + (around >= 0).sum(axis=1)).astype(np.float32),
    ),
}


@pytest.mark.parametrize("what", MUTANTS)
def test_every_broken_rule_of_the_panel_is_caught(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*MUTANTS[what])
    assert any(_fails(seed) for seed in range(1, SEEDS + 1)), what


def _fails(seed: int) -> bool:
    """Tell whether a seed finds something: a problem, or a machine that stops."""
    return simulate(seed).problem is not None

"""Worlds with a supporting feed in the simulator: what is wrong with one shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

import stream.snapshot_load
from detectors.contract import quantised
from replay.sim_chance import Chance
from replay.sim_run import simulate
from replay.sim_world import world_of
from stream.links import FeedLinks
from stream.support import Support
from stream.tile_memory import TileMemory, memory_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from detectors.contract import Verdict
    from geo.spread import Spread
    from stream.block_state import BlockState

SEEDS = [seed for seed in range(1, 200) if world_of(Chance(seed)).shape.name == "supported"]


def forgets(_: Support, verdict: Verdict) -> Verdict:
    """Add nothing."""
    return verdict


def adds_all(support: Support, verdict: Verdict) -> Verdict:
    """Let it raise what is calm by itself."""
    return replace(verdict, score=quantised(verdict.score + support.added))


def begins_anew(state: BlockState) -> TileMemory:
    """Load the people's memory only."""
    whole = memory_of(state)
    fresh = type(state.baseline.state).empty(state.layout.tiles, state.baseline.state.slots)
    return TileMemory(states=(whole.states[0], *(fresh for _ in whole.states[1:])))


def sums_all(links: FeedLinks, begin_ms: int, usual: NDArray[np.bool_]) -> Spread:
    """Take a supporting feed for one that counts people."""
    links._summed = [True] * len(links._summed)  # noqa: SLF001 - to break it
    return AT(links, begin_ms, usual)


AT = FeedLinks.at


def test_seeds_meet_supporting_feeds() -> None:
    assert len(SEEDS) > 10
    assert [simulate(seed).problem for seed in SEEDS] == [None] * len(SEEDS)


@pytest.mark.parametrize(
    ("place", "name", "broken"),
    [
        (Support, "joined", forgets),
        (Support, "joined", adds_all),
        (stream.snapshot_load, "memory_of", begins_anew),
        (FeedLinks, "at", sums_all),
    ],
    ids=["forgotten", "alone", "not saved", "summed"],
)
def test_a_broken_one_is_caught(place: object, name: str, broken: object) -> None:
    with patch.object(place, name, broken):
        assert any(simulate(seed).problem for seed in SEEDS)

"""Packs in the simulator: versions come to act and feeds are fused, and what breaks them shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from geo.version import ANY_FEED, acting
from replay.sim_chance import Chance
from replay.sim_run import simulate
from replay.sim_world import World, world_of
from stream.links import FeedLinks

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from geo.spread import Spread
    from geo.version import Version

SEEDS = range(1, 61)


def is_packed(world: World) -> bool:
    return ANY_FEED not in world.city.versions[0].feeds


def acts_early(versions: tuple[Version, ...], begin_ms: int) -> Version:
    """Let a version act on the hop in which it begins."""
    return acting(versions, begin_ms + 60_000)


def never_changes(versions: tuple[Version, ...], begin_ms: int) -> Version:  # noqa: ARG001 - as acting
    return versions[0]


def sums_parts(prepared: Callable[..., Spread]) -> Callable[..., Spread]:
    """Take parts of the same people for people of their own."""

    def broken(links: FeedLinks, pairs: object, usual: NDArray[np.bool_]) -> Spread:
        with patch.object(links, "_counted", None):
            return prepared(links, pairs, usual)

    return broken


def test_seeds_meet_packs_of_one_feed_of_several_and_of_fused_ones() -> None:
    worlds = [world for seed in SEEDS if is_packed(world := world_of(Chance(seed)))]
    assert len(worlds) > len(SEEDS) / 4
    assert {len(world.shape.feeds) for world in worlds} == {1, 2, 3}
    assert any(world.shape.name == "fused" for world in worlds)


@pytest.mark.parametrize("broken", [acts_early, never_changes])
def test_a_version_that_acts_at_another_hop_is_caught(broken: object) -> None:
    with patch("stream.links.acting", broken):
        assert any(simulate(seed).problem for seed in SEEDS)


def test_fused_feeds_that_are_summed_are_caught() -> None:
    with patch.object(FeedLinks, "_prepared", sums_parts(FeedLinks._prepared)):  # noqa: SLF001 - to break it
        assert any(simulate(seed).problem for seed in SEEDS)


def test_a_cell_that_was_taken_down_and_is_missed_for_ever_is_caught() -> None:
    laid = FeedLinks._laid  # noqa: SLF001 - to break it

    def broken(links: FeedLinks, version: Version) -> object:
        pairs = laid(links, version)
        links.registered[:] = True
        return pairs

    with patch.object(FeedLinks, "_laid", broken):
        assert any(simulate(seed).problem for seed in SEEDS)

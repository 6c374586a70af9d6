"""The panel against its slow twin, and its memory."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from detectors.baseline import BaselineSpec
from detectors.contract import CityNow
from detectors.panel import Panel
from tests import naive_panel as naive
from tests.detectors.cases import Hop, made_up
from tests.detectors.test_naive_twin import plain

SAID = ("left", "right", "mean", "whole", "off", "learnt")


def hops(seed: int, *, members: int, days: int, hop_min: int = 30) -> Iterator[Hop]:
    count = days * 1440 // hop_min
    for hop in made_up(seed, tiles=members, hops=count, hop_min=hop_min):
        yield Hop(seen=hop.seen, moment=replace(hop.moment, weekday=-1))


def panel(members: int, *, hop_min: int = 30) -> Panel:
    return Panel(BaselineSpec(), members=members, hop_min=hop_min, slot_min=30)


def bits(city: CityNow) -> bytes:
    return np.array([getattr(city, name) for name in SAID]).tobytes()


@pytest.mark.parametrize(("members", "hop_min", "days"), [(10, 30, 9), (9, 15, 3), (5, 30, 4)])
def test_the_panel_agrees_with_the_text(members: int, hop_min: int, days: int) -> None:
    fast = panel(members, hop_min=hop_min)
    slow = naive.Panel(members, hop_min=hop_min, slot_min=30)
    moved = 0.0
    for hop in hops(members, members=members, days=days, hop_min=hop_min):
        got, now = fast.hop(hop.seen, hop.moment), hop.moment
        seen = [plain(hop, member) for member in range(members)]
        want = slow.hop(seen, now.kind, now.minute, slot_ends=now.slot_ends)
        for name in SAID:
            near = pytest.approx(want[name], rel=2e-3, abs=1e-3, nan_ok=True)
            assert getattr(got, name) == near, (name, now)
        moved = max(moved, abs(got.whole))
    assert (moved > 0.05) == (members >= 8)


def test_a_loaded_panel_goes_on_bit_by_bit() -> None:
    first = panel(9)
    for hop in hops(2, members=9, days=8):
        first.hop(hop.seen, hop.moment)
    other = panel(9)
    other.state.load_hot(first.state.hot_bytes())
    for kind in range(3):
        for slot in range(48):
            other.state.load_slot(kind, slot, first.state.slot_bytes(kind, slot))
    for hop in hops(3, members=9, days=2):
        assert bits(first.hop(hop.seen, hop.moment)) == bits(other.hop(hop.seen, hop.moment))
        assert first.finished == other.finished
    assert first.state.hot_bytes() == other.state.hot_bytes()


def test_a_panel_refuses_the_bytes_of_other_members() -> None:
    data = panel(9).state.hot_bytes()
    with pytest.raises(ValueError, match="expected"):
        panel(8).state.load_hot(data)
    with pytest.raises(ValueError, match="at least"):
        panel(8).state.load_hot(data[:40])


def test_a_slot_that_was_written_of_other_members_goes_to_those_that_are_still_there() -> None:
    before, after = panel(4), panel(3)
    for hop in hops(4, members=4, days=3):
        before.hop(hop.seen, hop.moment)
    place = np.array([-1, 0, -1, 2])
    for kind, slot in ((0, 20), (1, 20)):
        data = before.state.slot_bytes(kind, slot)
        after.state.load_slot(kind, slot, data, place=place)
        ours, theirs = after.state.members, before.state.members
        assert ours.mu[kind, slot, [0, 2]].tolist() == theirs.mu[kind, slot, [1, 3]].tolist()
        assert ours.n[kind, slot].tolist() == [theirs.n[kind, slot, 1], 0, theirs.n[kind, slot, 3]]
    assert (before.state.members.n[0, 20] > 0).all()
    assert after.state.members.nd[:, 20, 0].tolist() == before.state.members.nd[:, 20, 1].tolist()
    with pytest.raises(ValueError, match="expected"):
        after.state.load_slot(0, 20, before.state.slot_bytes(1, 20), place=place)

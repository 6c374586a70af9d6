"""Laws of slots: a hop lies in one slot, and its middle between two neighbouring centres."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.slots import DAY_MIN, place, slots_a_day

HOPS = [(5, 30), (10, 30), (15, 30), (30, 30), (60, 60), (1, 30), (7.5, 30), (120, 120)]


@given(st.sampled_from(HOPS), st.integers(0, 2), st.data())
def test_the_middle_of_a_hop_lies_between_the_centres_of_left_and_right(
    sizes: tuple[float, int], kind: int, data: st.DataObject
) -> None:
    hop_min, slot_min = sizes
    minute = data.draw(st.integers(0, int(DAY_MIN / hop_min) - 1)) * hop_min
    found = place(kind, minute, hop_min=hop_min, slot_min=slot_min)
    slots = slots_a_day(slot_min)
    assert found.kind == kind
    assert found.right == (found.left + 1) % slots
    assert 0.0 <= found.share < 1.0
    middle = (found.left + 0.5 + found.share) * slot_min % DAY_MIN
    assert middle == pytest.approx((minute + hop_min / 2) % DAY_MIN)
    assert found.here * slot_min <= minute < (found.here + 1) * slot_min


def test_a_hop_as_long_as_its_slot_needs_no_neighbour() -> None:
    assert all(place(0, m, hop_min=30, slot_min=30).share == 0.0 for m in range(0, DAY_MIN, 30))


@pytest.mark.parametrize("slot_min", [0, -30, 7, 50, 2880])
def test_slots_divide_the_day(slot_min: int) -> None:
    with pytest.raises(ValueError, match="divide"):
        slots_a_day(slot_min)


@pytest.mark.parametrize(("kind", "minute"), [(3, 0.0), (-1, 0.0), (0, -1.0), (0, 1440.0)])
def test_a_moment_outside_the_day_is_refused(kind: int, minute: float) -> None:
    with pytest.raises(ValueError, match="no such moment"):
        place(kind, minute, hop_min=30, slot_min=30)

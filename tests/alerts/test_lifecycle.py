"""The table of states and events is whole: no way out of it, no state without an end."""

from __future__ import annotations

import pytest

from alerts.lifecycle import ENDINGS, TRANSITIONS, DeskState, End, Event, Kind, transition


def test_every_state_has_its_transitions() -> None:
    assert set(TRANSITIONS) == set(DeskState)


def test_every_event_and_every_kind_is_in_the_table() -> None:
    events = {event for row in TRANSITIONS.values() for event in row}
    kinds = {kind for row in TRANSITIONS.values() for _, kind in row.values()}
    assert events == set(Event)
    assert set(Kind) <= kinds


def test_every_living_state_can_end_in_every_way() -> None:
    assert set(ENDINGS) == set(End)
    for state in set(DeskState) - {DeskState.ENDED}:
        for event in ENDINGS.values():
            assert transition(state, event)[0] is DeskState.ENDED


def test_only_a_rise_beyond_what_was_covered_makes_a_desk_ring_again() -> None:
    for state in (DeskState.ACKNOWLEDGED, DeskState.CLOSED):
        ringing = {event for event, (after, _) in TRANSITIONS[state].items() if after.rings}
        assert ringing == {Event.ROSE}


def test_a_pair_that_cannot_happen_is_our_bug() -> None:
    with pytest.raises(AssertionError, match="cannot meet"):
        transition(DeskState.ENDED, Event.ROSE)

"""The table of states and events is whole: no way out of it, no state without an end."""

from __future__ import annotations

import pytest

from alerts.life_page import life_page
from alerts.lifecycle import ENDINGS, TRANSITIONS, DeskState, End, Event, Kind, transition
from tests.arch.house import ROOT


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


def test_what_was_answered_rings_again_for_few_reasons_only() -> None:
    again = {
        DeskState.ACKNOWLEDGED: {Event.ROSE, Event.LAPSED, Event.HANDED_UP},
        DeskState.SHELVED: {Event.ROSE, Event.REGAINED, Event.UNSHELVED, Event.HANDED_UP},
        DeskState.CLOSED: {Event.ROSE, Event.REVIVED},
        DeskState.ENDED: set(),
    }
    for state, events in again.items():
        ringing = {event for event, (after, _) in TRANSITIONS[state].items() if after.rings}
        assert ringing == events


def test_what_is_over_is_revived_by_no_desk() -> None:
    after = {state for state, _ in TRANSITIONS[DeskState.ENDED].values()}
    assert after == {DeskState.ENDED}


def test_the_page_in_docs_is_drawn_from_the_table() -> None:
    page = ROOT / "docs" / "incident-life.md"
    assert page.read_text(encoding="utf-8") == life_page(), "run make docs"


def test_a_pair_that_cannot_happen_is_our_bug() -> None:
    with pytest.raises(AssertionError, match="cannot meet"):
        transition(DeskState.ENDED, Event.ROSE)

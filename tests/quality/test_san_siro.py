"""The stadium's four matches of November 2013 are told while something can still be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.quality.labelled import course_of
from tests.quality.scoring import score
from tests.quality.tape import hear

if TYPE_CHECKING:
    from replay.sweep import Tape
    from tests.quality.labelled import LabelledSet

WHISTLE_MIN = 110.0  # from kick-off to the final whistle


@pytest.mark.parametrize("name", ["San Siro calls and SMS", "San Siro internet"])
def test_every_match_is_told_before_the_final_whistle_at_half_a_false_alarm_a_week(
    name: str, stadium: dict[str, tuple[LabelledSet, Tape]]
) -> None:
    one, tape = stadium[name]
    spans = hear(tape, per_day=0.5 / 7).incidents
    first = score(spans, one.events, course_of(one, tape, warm_days=1.0))
    assert (first.found, first.events) == (4, 4)
    assert all(hit is not None and hit < WHISTLE_MIN for hit in first.hits)
    week = score(spans, one.events, course_of(one, tape))
    assert (week.found, week.events) == (3, 3)
    assert week.rate <= 0.5

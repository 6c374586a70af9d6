"""The stadium's four matches of November 2013 are told while something can still be done."""

from __future__ import annotations

from replay.samples import MATCHES
from tests.quality.trials import SHIPPED, told_in_time, trial, whistles


def test_calls_tell_every_match_before_the_final_whistle_and_little_else() -> None:
    """At one false alarm a week; the first match falls into the second day of learning."""
    calls = next(one for one in SHIPPED if one.name == "San Siro calls_sms")
    report = trial(calls, budget_per_day=0.14)
    assert told_in_time(report, whistles(MATCHES)) == [True] * 4
    assert report.labels.found == report.labels.total == 4
    assert report.off_list.count <= 1

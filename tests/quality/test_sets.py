"""The sets are what they say: crowds of the laboratory, cities whose truth is laid in."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from tests.quality.crowded import crowded, milan
from tests.quality.labelled import course_of, taped
from tests.quality.scoring import DAY_MS, score
from tests.quality.shipped import shipped
from tests.quality.simulated import CityOrder, city_set, fast_spec, laboratory_spec
from tests.quality.studies import shipped_studies
from tests.quality.tape import hear


def test_the_crowds_in_milan_are_those_of_the_laboratory() -> None:
    """130 crowds are drawn; 95 of them have a label that begins after a week."""
    made, real = crowded(seed=1), milan()
    first_ms = int(real.start_ms[0])
    late = [one for one in made.events if one.label.start_ms >= first_ms + 7 * DAY_MS]
    assert (len(made.events), len(late)) == (130, 95)
    assert (made.events[0].begin_ms - first_ms) / 3_600_000 == 19.5


def test_crowds_add_where_the_truth_says_and_nowhere_else() -> None:
    made, real = crowded(seed=2), milan()
    assert made.counts is not None
    more = made.counts.count - real.count
    inside = np.zeros(more.shape, bool)
    for one in made.events:
        column = real.cells.index(one.label.cell or "")
        end_ms = one.label.end_ms - 1_800_000
        inside[:, column] |= (real.start_ms >= one.begin_ms) & (real.start_ms < end_ms)
    assert (more[inside] > 0).all()
    assert (more[~inside] == 0).all()


def test_calit2_has_its_24_events_after_two_weeks() -> None:
    one = next(each for each in shipped() if each.name == "CalIt2 in")
    begin_ms = min(json.loads(record.value)["start"] for record in one.log() if not record.is_tick)
    counted = [each for each in one.events if each.label.start_ms >= begin_ms + 14 * DAY_MS]
    assert (len(one.events), len(counted)) == (29, 24)


def test_a_simulated_city_withholds_below_its_floor_and_tells_the_rest() -> None:
    spec = replace(laboratory_spec(7, tiles=9), days=1)
    one = city_set(CityOrder(name="made", spec=spec, peers=True))
    assert one.counts is not None
    batches = [json.loads(record.value) for record in one.log() if not record.is_tick]
    told = [count for batch in batches for count in batch["counts"]]
    known = one.counts.count[~np.isnan(one.counts.count)]
    assert len(batches) == len(one.counts.count)
    assert None in told
    assert sorted(count for count in told if count is not None) == sorted(known.tolist())
    assert known.min() >= spec.floor


def test_the_crowds_of_a_simulated_city_are_found_at_a_generous_budget() -> None:
    one = city_set(
        CityOrder(
            name="made",
            spec=replace(fast_spec(9, tiles=9), days=20, hop_s=1800, crowd_days=4.0),
            sets=("alerts.min_people=0",),
        )
    )
    tape = taped(one)
    seen = score(hear(tape, per_day=3.0).incidents, one.events, course_of(one, tape))
    assert seen.events > 2
    assert seen.share > 0.5
    assert {each.kind for each in one.events} == {"fast"}


def test_no_two_studies_share_a_name() -> None:
    names = [study.name for study in shipped_studies()]
    assert len(names) == len(set(names))

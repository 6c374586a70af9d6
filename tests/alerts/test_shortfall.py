"""Laws of the rules laid open: they say what the levels decide, no more and no less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts import leaving
from alerts.candidate import Candidates
from alerts.levels import REASONS, Limits, judge
from alerts.shortfall import Need, Rule, Standing, level_of, rules
from alerts.spec import AlertSpec
from tests.alerts.scenario import grid

if TYPE_CHECKING:
    from alerts.ground import Unit

LADDER = np.array([2.0, 3.0, 4.0, 5.0])
BITS = {code: bit for bit, code in REASONS}

unknown = st.just(float("nan"))
densities = st.floats(0, 7, width=32) | st.sampled_from([1.7, 2.0, 2.55, 3.0, 4.0, 5.0]) | unknown
figures = st.fixed_dictionaries(
    {
        "density": densities,
        "rolling": densities,
        "low": st.floats(0, 8000, width=32) | unknown,
        "expected": st.floats(2, 2000, width=32) | unknown,
        "score": st.integers(0, 10240).map(lambda n: n / 1024) | unknown,
        "slope_per_min": st.floats(-500, 500, width=32) | unknown,
        "near": st.integers(0, 10240).map(lambda n: n / 1024) | unknown,
        "near_excess": st.floats(-100, 8000, width=32) | unknown,
        "people": st.floats(0, 6000, width=32) | unknown,
        "ahead_30": st.floats(0, 6000, width=32) | unknown,
    }
)
left = st.fixed_dictionaries(
    {
        "drop": st.integers(0, 10240).map(lambda n: n / 1024) | unknown,
        "high": st.floats(0, 2000, width=32) | unknown,
        "expected": st.floats(2, 2000, width=32) | unknown,
        "fewer": st.floats(0, 2000, width=32) | unknown,
    }
)
specs = st.builds(
    AlertSpec,
    min_people=st.sampled_from([0.0, 1.0, 100.0, 812.5]),
    large_people_ratio=st.sampled_from([0.5, 5.0]),
    large_expected_ratio=st.sampled_from([0.25, 3.0]),
    large_score_ratio=st.sampled_from([0.5, 1.1, 2.0]),
    fast_min=st.sampled_from([5.0, 30.0]),
    forecast_ratio=st.sampled_from([0.6, 0.9, 1.0]),
)
thresholds = st.integers(1024, 10240).map(lambda n: n / 1024) | st.just(float("inf"))


def one(figures: dict[str, float]) -> Candidates:
    ahead = figures.get("ahead_30", float("nan"))
    figures = figures | {"ahead_30_low": ahead * 0.75, "ahead_30_high": ahead * 1.25}
    columns = {name: np.array([value], np.float32) for name, value in figures.items()}
    return Candidates.of(tile=np.zeros(1, np.int32), **columns)


@given(
    figures=figures,
    spec=specs,
    threshold=thresholds,
    near=thresholds,
    occupancy=st.floats(0, 2, width=32) | unknown,
    scale=st.sampled_from([1.0, 0.85]),
    unit=st.sampled_from(["people", "activity"]),
    plan=st.sampled_from([0, 1, 2]),
)
@example(
    figures={"density": 5.0, "rolling": 2.0, "low": 500.0, "expected": 20.0, "score": 9.0}
    | {"slope_per_min": 400.0, "near": 5.0, "near_excess": 600.0},
    spec=AlertSpec(),
    threshold=2.25,
    near=3.0,
    occupancy=0.8,
    scale=1.0,
    unit="people",
    plan=1,
)
def test_the_met_rules_ask_for_the_level_that_the_engine_gives(
    *,
    figures: dict[str, float],
    spec: AlertSpec,
    threshold: float,
    near: float,
    occupancy: float,
    scale: float,
    unit: Unit,
    plan: int,
) -> None:
    ground, seen = grid(1, 1, unit=unit), one(figures)
    judged = judge(
        spec,
        ground,
        seen,
        ladder=LADDER[None, :],
        occupancy=np.array([occupancy]),
        limits=Limits(own=threshold, near=near),
        scale=scale,
        plan=np.array([plan], np.int8) if plan else None,
    )
    at = Standing(
        ladder=LADDER,
        occupancy=occupancy,
        limits=Limits(own=threshold, near=near),
        scale=scale,
        plan=plan,
    )
    found = rules(spec, ground, seen, at)
    assert level_of(found) == judged.level[0]
    met = {rule.code for rule in found if rule.met}
    told = {code for bit, code in REASONS if judged.why[0] & bit}
    # Levels take the rung of an occupancy in float32, reasons compare it as it is.
    assert met - {"occupancy"} == told - {"occupancy", "planned"}
    assert ("planned" in told) == (plan == 1 and judged.level[0] > 0)


@given(figures=left, spec=specs, drop=thresholds, held=st.booleans(), keeps=st.booleans())
def test_the_rule_of_a_drop_is_met_where_the_engine_raises_or_keeps_one(
    *, figures: dict[str, float], spec: AlertSpec, drop: float, held: bool, keeps: bool
) -> None:
    seen, ground = one(figures), grid(1, 1)
    at = Standing(
        ladder=LADDER,
        occupancy=float("nan"),
        limits=Limits(own=np.inf, drop=drop),
        scale=spec.lower_ratio if keeps else 1.0,
        keeps=keeps,
        drop_held=held,
    )
    if keeps:
        judged = leaving.kept(spec, seen, threshold=drop)
    else:
        judged = leaving.asked(spec, seen, threshold=np.inf if held else drop)
    found = [rule for rule in rules(spec, ground, seen, at) if rule.code == "drop"]
    assert len(found) == np.isfinite(drop)
    assert level_of(tuple(found)) == judged.level[0]


def test_the_rule_of_a_drop_says_what_it_misses() -> None:
    at = Standing(ladder=LADDER, occupancy=float("nan"), limits=Limits(own=2.0, drop=3.0))
    seen = one({"drop": 2.5, "high": 200.0, "expected": 900.0})
    rule = rules(AlertSpec(), grid(1, 1), seen, at)[-1]
    assert [(need.what, need.have, need.met) for need in rule.needs] == [
        ("drop", 2.5, False),
        ("fewer", 700.0, True),
        ("sure", 0.0, False),
    ]


@given(figures=figures, spec=specs, threshold=thresholds)
def test_a_need_is_met_exactly_where_nothing_is_missing(
    figures: dict[str, float], spec: AlertSpec, threshold: float
) -> None:
    at = Standing(ladder=LADDER, occupancy=0.5, limits=Limits(own=threshold, near=4.0))
    for rule in rules(spec, grid(1, 1), one(figures), at):
        assert rule.met == (rule.share == 1.0)
        for need in rule.needs:
            assert need.met == (need.share == 1.0)
            if np.isfinite(need.short):
                assert (
                    (need.short > 0)
                    or need.met
                    or ((need.under or need.what == "over") and need.short == 0)
                )


@given(figures=figures, threshold=thresholds.filter(np.isfinite))
def test_giving_a_rule_what_it_misses_meets_it(figures: dict[str, float], threshold: float) -> None:
    at = Standing(ladder=LADDER, occupancy=float("nan"), limits=Limits(own=threshold, near=4.0))
    known = {name: 1.0 if np.isnan(value) else value for name, value in figures.items()}
    unusual = next(
        rule
        for rule in rules(AlertSpec(), grid(1, 1), one(known), at)
        if (rule.code, rule.level) == ("baseline_ratio", 1)
    )
    want = {need.what: need.want for need in unusual.needs}
    given_more = known | {
        "score": max(known["score"], want["score"]),
        "low": max(known["low"], known["expected"] + want["excess"]) + 1.0,
    }
    again = rules(AlertSpec(), grid(1, 1), one(given_more), at)
    assert next(rule for rule in again if rule.code == "baseline_ratio").met


def test_unknown_capacity_makes_no_rule_and_activity_has_no_ladder() -> None:
    seen = one({"density": 6.0, "rolling": 6.0, "low": 10.0, "expected": 5.0, "score": 0.0})
    at = Standing(ladder=LADDER, occupancy=float("nan"), limits=Limits(own=2.0))
    codes = {rule.code for rule in rules(AlertSpec(), grid(1, 1), seen, at)}
    assert codes == {"baseline_ratio", "density", "rate_of_change"}
    plain = rules(AlertSpec(), grid(1, 1, unit="activity"), seen, at)
    assert {rule.code for rule in plain} == {"baseline_ratio"}


def test_what_is_unknown_is_not_near() -> None:
    need = Need(what="score", have=float("nan"), want=2.0, met=False)
    assert need.share == 0.0
    assert np.isnan(need.short)


@pytest.mark.parametrize(("have", "share"), [(60.0, 0.5), (30.0, 1.0), (np.inf, 0.0)])
def test_minutes_are_nearer_the_fewer_they_are(have: float, share: float) -> None:
    need = Need(what="minutes", have=have, want=30.0, met=False, under=True)
    assert need.share == pytest.approx(share)
    assert need.share < 1.0


def test_a_rule_is_as_near_as_its_worst_need() -> None:
    needs = (
        Need(what="score", have=1.0, want=4.0, met=False),
        Need(what="excess", have=90.0, want=100.0, met=False),
    )
    assert Rule(code="baseline_ratio", level=1, needs=needs).share == 0.25
    assert level_of(()) == 0

"""Laws of the baseline detector: what counts, what is silence, what is learnt and what is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.baseline import Baseline, BaselineSpec
from detectors.profile import ProfileSpec
from detectors.state import BaselineState
from tests.detectors.cases import FLAT, FLOOR, baseline, moment, observe, steady

WEEK = 7 * 48


def trained(counts: list[float], *, days: int = 14) -> tuple[Baseline, int]:
    detector = baseline(len(counts))
    return detector, steady(detector, counts, days=days)


def after(detector: Baseline, hop: int, seen: list[float], **options: bool) -> Baseline:
    """Score one hop on a copy and return the copy."""
    copy = detector.on(detector.state.take(slice(None)))
    copy.score(observe(seen, **options), moment(hop, 30), FLAT)
    return copy


def test_flat_traffic_is_flat_once_each_kind_of_day_was_seen() -> None:
    counts = [3.0, 40.0, 900.0]
    spec = BaselineSpec(profile=ProfileSpec(whole_first_day=True))
    detector = baseline(3, spec=spec)
    hop = steady(detector, counts, days=7)
    for step in range(WEEK):
        verdict = detector.score(observe(counts), moment(hop + step, 30), FLAT)
        detector.learn()
        assert verdict.known.all()
        assert (verdict.score < 0.5).all()
        assert verdict.expected == pytest.approx(counts, rel=0.05)


@pytest.mark.parametrize(("whole", "most"), [(False, 0.02), (True, 0.001)])
def test_mere_noise_hardly_ever_alarms(*, whole: bool, most: float) -> None:
    chance = np.random.default_rng(3)
    size = np.exp(chance.uniform(1, 7, 40))
    spec = BaselineSpec(profile=ProfileSpec(whole_first_day=whole))
    detector = baseline(40, spec=spec)
    high = []
    for hop in range(3 * WEEK):
        mean = size * (1 + 0.6 * np.sin(hop / 48 * 6.2832))
        verdict = detector.score(observe(chance.poisson(mean)), moment(hop, 30), FLAT)
        detector.learn()
        high.append(float((verdict.score > 4.0).mean()))
    assert sum(high) / len(high) < most


def test_a_crowd_raises_the_score_of_its_tile_only() -> None:
    crowded, alone = trained([100.0, 100.0]), trained([100.0, 100.0])
    for step in range(4):
        now = moment(crowded[1] + step, 30)
        with_crowd = crowded[0].score(observe([300.0, 100.0]), now, FLAT)
        without = alone[0].score(observe([100.0, 100.0]), now, FLAT)
        crowded[0].learn()
        alone[0].learn()
        assert with_crowd.score[0] > without.score[0]
        assert with_crowd.score[1] == without.score[1]
    assert crowded[0].state.rows().score[0] > 5.0


@settings(max_examples=30)
@given(st.floats(20, 5000), st.floats(1.0, 3.0), st.floats(1.01, 3.0))
def test_more_people_never_mean_a_lower_score(usual: float, times: float, more: float) -> None:
    detector = baseline(2)
    hop = steady(detector, [usual, usual], days=1)
    verdict = detector.score(observe([usual * times, usual * times * more]), moment(hop, 30), FLAT)
    assert verdict.score[1] >= verdict.score[0]
    assert verdict.z[1] > verdict.z[0]


def test_a_withheld_tile_is_never_a_zero() -> None:
    detector, hop = trained([12.0, 12.0, 12.0])
    verdict = detector.score(
        observe([0.0, 0.0, 12.0], withheld=[True, False, False]), moment(hop, 30), FLAT
    )
    assert verdict.z[1] < -1.0
    assert verdict.z[1] < verdict.z[0] <= 0.0
    assert verdict.blind.tolist() == [False, True, False]


def test_a_withheld_tile_says_nothing_where_few_were_due() -> None:
    detector, hop = trained([5.0])
    verdict = detector.score(observe([0.0], withheld=True), moment(hop, 30), FLAT)
    assert verdict.z.tolist() == [0.0]


def test_a_withheld_interval_around_what_was_due_says_nothing() -> None:
    detector, hop = trained([3.0])
    seen = observe([0.0], withheld=True)
    seen.point[0] = 8.0
    verdict = detector.score(seen, moment(hop, 30), FLAT)
    assert verdict.z.tolist() == [0.0]


def test_a_withheld_part_never_lowers_what_is_sure() -> None:
    """200 counted plus a withheld cell score as at least 200, however little was due."""
    detector, hop = trained([50.0, 50.0])
    seen = observe([200.0, 200.0])
    seen.withheld[1] = True
    seen.high[1] += FLOOR - 1
    verdict = detector.score(seen, moment(hop, 30), FLAT)
    assert verdict.z[1] == verdict.z[0] > 3.0


def test_a_missing_tile_scores_nothing_and_drains() -> None:
    detector, hop = trained([100.0])
    detector.score(observe([400.0]), moment(hop, 30), FLAT)
    detector.learn()
    scores = []
    for step in range(1, 12):
        verdict = detector.score(observe([np.nan], fresh=False), moment(hop + step, 30), FLAT)
        detector.learn()
        scores.append(float(verdict.score[0]))
        assert verdict.z.tolist() == [0.0]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 1.0
    assert scores[-1] == 0.0


def test_a_missing_tile_learns_nothing() -> None:
    detector, hop = trained([100.0])
    before = detector.state.take(slice(None))
    for step in range(48):
        detector.score(observe([np.nan], fresh=False), moment(hop + step, 30), FLAT)
        detector.learn()
    for name in ("mu", "n", "run", "dev", "nd"):
        assert getattr(detector.state, name).tobytes() == getattr(before, name).tobytes()
    assert detector.state.rows().dispersion == before.rows().dispersion


def test_without_a_new_interval_nothing_moves_and_the_verdict_stands() -> None:
    detector, hop = trained([100.0, 100.0])
    first = detector.score(observe([400.0, 100.0]), moment(hop, 30), FLAT)
    detector.learn()
    before = detector.state.take(slice(None))
    for step in range(1, 48):
        verdict = detector.score(observe([400.0, 100.0], fresh=False), moment(hop + step, 30), FLAT)
        detector.learn()
        assert verdict.score.tolist() == first.score.tolist()
        assert verdict.z.tolist() == first.z.tolist()
    assert detector.state.hot.tobytes() == before.hot.tobytes()
    assert detector.state.mu.tobytes() == before.mu.tobytes()


def test_a_corrected_value_is_not_counted_twice() -> None:
    detector, hop = trained([100.0])
    once = after(detector, hop, [300.0])
    twice = after(detector, hop, [300.0])
    twice.score(observe([350.0], fresh=False), moment(hop, 30), FLAT)
    assert twice.state.rows().buildup.tolist() == once.state.rows().buildup.tolist()


def test_a_sudden_zero_is_blind_and_not_learnt_for_three_days() -> None:
    detector, hop = trained([100.0])
    before = detector.state.take(slice(None))
    for step in range(3 * 48 - 1):
        verdict = detector.score(observe([0.0]), moment(hop + step, 30), FLAT)
        detector.learn()
        assert verdict.blind.all()
        assert verdict.z[0] <= 0.0
    assert detector.state.mu.tobytes() == before.mu.tobytes()
    assert detector.state.rows().dispersion == before.rows().dispersion


def test_a_closed_street_is_believed_after_three_days_and_becomes_the_normal() -> None:
    detector, hop = trained([100.0])
    blind, drop, expected = [], [], []
    for step in range(3 * WEEK):
        verdict = detector.score(observe([0.0]), moment(hop + step, 30), FLAT)
        detector.learn()
        blind.append(bool(verdict.blind[0]))
        drop.append(float(verdict.drop[0]))
        expected.append(float(verdict.expected[0]))
    assert blind == [True] * (3 * 48 - 1) + [False] * (3 * WEEK - 3 * 48 + 1)
    assert min(drop[10:48]) > 4.0
    assert max(drop[-48:]) < 1.0
    friday, sundays = expected[18 * 48 : 19 * 48], [expected[d * 48 + 24] for d in (6, 13, 20)]
    assert max(friday) < 10.0
    assert sundays[2] < 0.8 * sundays[1] < 0.64 * sundays[0]


def test_zero_where_few_were_due_is_an_empty_place() -> None:
    detector, hop = trained([3.0])
    verdict = detector.score(observe([0.0]), moment(hop, 30), FLAT)
    assert not verdict.blind.any()


def test_what_may_not_be_learnt_is_judged_all_the_same() -> None:
    detector, hop = trained([100.0])
    before = detector.state.take(slice(None))
    verdict = detector.score(observe([300.0], learnable=False), moment(hop, 30), FLAT)
    detector.learn()
    assert verdict.z[0] > 3.0
    assert detector.state.mu.tobytes() == before.mu.tobytes()
    assert detector.state.rows().dispersion == before.rows().dispersion
    assert abs(detector.state.rows().level[0]) <= abs(before.rows().level[0])


def test_crowds_do_not_inflate_the_spread() -> None:
    calm, crowded = trained([100.0]), trained([100.0])
    spreads = []
    for detector, hop in (calm, crowded):
        for step in range(3 * 48):
            count = 400.0 if detector is crowded[0] and step % 48 in {20, 21, 22} else 100.0
            detector.score(observe([count]), moment(hop + step, 30), FLAT)
            detector.learn()
        spreads.append(float(detector.state.rows().dispersion[0]))
    assert spreads[1] <= spreads[0] * 1.01


def test_one_crowd_leaves_the_profile_almost_as_it_was() -> None:
    detector, hop = trained([100.0])
    for step in range(4):
        detector.score(observe([1000.0]), moment(hop + step, 30), FLAT)
        detector.learn()
    assert (detector.state.mu[0, :4, 0] < 110.0).all()


def test_a_new_normal_is_learnt_and_alarms_end() -> None:
    """Twice as many people from one day on: alarm for part of a day, then hardly any."""
    chance = np.random.default_rng(3)
    detector = baseline(8)
    high, expected = [], np.zeros(8, np.float32)
    for hop in range(9 * WEEK):
        count = chance.poisson(100 if hop < 3 * WEEK else 200, 8)
        verdict = detector.score(observe(count), moment(hop, 30), FLAT)
        detector.learn()
        high.append(float((verdict.score > 3.0).mean()))
        expected = verdict.expected
    first_day, last_weeks = high[3 * WEEK :][:48], high[-2 * WEEK :]
    assert sum(first_day) / 48 > 0.2
    assert sum(last_weeks) / len(last_weeks) < 0.02
    assert expected == pytest.approx([200.0] * 8, rel=0.1)


def test_kinds_of_day_are_told_apart() -> None:
    detector = baseline(1)
    for hop in range(6 * WEEK):
        now = moment(hop, 30)
        detector.score(observe([200.0 if now.kind == 0 else 40.0]), now, FLAT)
        detector.learn()
    monday = detector.score(observe([200.0]), moment(6 * WEEK + 20, 30), FLAT)
    sunday = detector.score(observe([40.0]), moment(6 * WEEK + 6 * 48 + 20, 30), FLAT)
    assert monday.expected[0] > 3 * sunday.expected[0]
    assert monday.sightings[0] == 20
    assert sunday.sightings[0] == 6


def test_small_counts_do_not_ring() -> None:
    """The count floor: one person where none was due is nothing; without the floor it rings."""
    chance = np.random.default_rng(5)
    highest = {}
    for people_min in (2.0, 0.02):
        spec = BaselineSpec(profile=ProfileSpec(people_min=people_min))
        detector = baseline(1, spec=spec)
        scores = []
        for hop in range(3 * WEEK):
            count = float(chance.random() < 0.02)
            verdict = detector.score(observe([count]), moment(hop, 30), FLAT)
            detector.learn()
            scores.append(float(verdict.score[0]))
        highest[people_min] = max(scores[WEEK:])
    assert highest[2.0] < 1.0 < highest[0.02]


def test_learn_names_the_slot_it_finished() -> None:
    detector = baseline(1, hop_min=10)
    finished = []
    for hop in range(9):
        detector.score(observe([5.0]), moment(hop, 10), FLAT)
        finished.append(detector.learn())
    assert finished == [None, None, (0, 0), None, None, (0, 1), None, None, (0, 2)]


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit into a slot"):
        Baseline(BaselineSpec(), tiles=1, hop_min=60, slot_min=30)
    with pytest.raises(ValueError, match="state of"):
        Baseline(BaselineSpec(), tiles=2, hop_min=30, slot_min=30, state=BaselineState.empty(1, 48))
    with pytest.raises(ValueError, match="days_max"):
        ProfileSpec(days_max=255)
    with pytest.raises(ValueError, match="people_min"):
        ProfileSpec(people_min=0.0)

"""What the baseline expects at other moments, and the forecast on real counts."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from detectors.baseline import Baseline, BaselineSpec
from detectors.contract import CityNow, Moment
from detectors.forecast import Forecast, ForecastSpec
from detectors.forecast_calibration import Calibration
from detectors.horizons import HALF_HOUR
from detectors.lookahead import LookAhead
from detectors.panel import Panel
from tests.detectors.cases import made_up, moment, observe

GOLDEN = Path(__file__).parent / "golden/calit2_lab_scores.csv.gz"


def said(*, whole: float = 0.0, off: float = 0.0) -> CityNow:
    return CityNow(left=1.0, right=1.2, mean=1.1, whole=whole, off=off, learnt=1.0)


def taught(tiles: int, *, days: int = 9, hop_min: int = 30) -> Baseline:
    """Return a baseline after some made-up days, standing at a Wednesday's midnight."""
    detector = Baseline(BaselineSpec(), tiles=tiles, hop_min=hop_min, slot_min=30)
    for hop in made_up(3, tiles=tiles, hops=days * 1440 // hop_min, hop_min=hop_min):
        detector.score(hop.seen, hop.moment, said())
        detector.learn()
    return detector


@pytest.mark.parametrize("hop_min", [30, 10])
def test_what_is_expected_ahead_of_now_is_what_is_expected_now(hop_min: int) -> None:
    detector, city = taught(5, hop_min=hop_min), said(whole=0.2, off=0.3)
    for hop in range(9 * 1440 // hop_min, 9 * 1440 // hop_min + 12):
        now = moment(hop, hop_min)
        ahead = LookAhead(detector).expected([now], now=now, city=city)
        verdict = detector.score(observe(np.full(5, np.nan)), now, city)
        assert ahead[0].tobytes() == verdict.expected.tobytes()


def test_asking_ahead_moves_nothing() -> None:
    detector, other = taught(5), taught(5)
    look = LookAhead(detector)
    for hop in made_up(4, tiles=5, hops=100, hop_min=30):
        moments = [moment(100 + lag, 30) for lag in (1, 2, 47)]
        look.expected(moments, now=hop.moment, city=said())
        one = detector.score(hop.seen, hop.moment, said())
        two = other.score(hop.seen, hop.moment, said())
        detector.learn()
        other.learn()
        assert one.expected.tobytes() == two.expected.tobytes()
    assert detector.state.hot.tobytes() == other.state.hot.tobytes()


def test_what_a_slot_learnt_is_expected_of_it_at_once() -> None:
    detector = taught(3)
    look = LookAhead(detector)
    now = moment(9 * 48, 30)
    before = look.expected([now], now=now, city=said())
    detector.score(observe(before[0] / 2), now, said())
    detector.learn()
    after = look.expected([now], now=now, city=said())
    assert (after < before).all()


def test_the_factor_of_the_moment_holds_on_within_the_same_kind_of_day() -> None:
    detector, hot = taught(4), said(whole=0.5)
    friday = moment(4 * 48 + 47, 30)
    same, other = moment(4 * 48 + 46, 30), moment(5 * 48, 30)
    assert (friday.kind, same.kind, other.kind) == (0, 0, 1)
    plain = LookAhead(detector).expected([same, other], now=friday, city=said())
    lifted = LookAhead(detector).expected([same, other], now=friday, city=hot)
    assert np.allclose(lifted[0], 1.5 * plain[0], rtol=1e-6)
    assert lifted[1].tobytes() == plain[1].tobytes()


def test_on_real_counts_the_forecast_beats_the_baseline_and_holds_four_in_five() -> None:
    with gzip.open(GOLDEN, "rt") as file:
        rows = list(csv.DictReader(file))
    spec, at = BaselineSpec(), [moment_of(row) for row in rows]
    detector = Baseline(spec, tiles=2, hop_min=30, slot_min=30)
    panel = Panel(spec, members=2, hop_min=30, slot_min=30)
    room = Forecast(ForecastSpec(), tiles=2, hop_min=30)
    look = LookAhead(detector)
    book = Calibration(hop_min=30, horizons_min=room.horizons_min)
    believed = np.ones(2, np.bool_)
    for number, row in enumerate(rows[:-2]):
        seen = observe([float(row["flow_in"]), float(row["flow_out"])])
        city = panel.hop(seen, at[number])
        verdict = detector.score(seen, at[number], city)
        moments = [at[number + lag] for lag in room.state.lags]
        expected = look.expected(moments, now=at[number], city=city)
        ahead = room.step(
            seen.point,
            ~verdict.blind,
            expected=verdict.expected,
            spread=verdict.spread,
            ahead=expected,
            known=verdict.known,
            hop=number,
        )
        detector.learn()
        if number >= 14 * 48:
            book.hop(seen.point, believed, ahead=ahead, expected=expected)
    half_hour = book.horizons[HALF_HOUR]
    assert half_hour.outcomes > 8000
    assert half_hour.error_ratio < 0.85
    assert all(0.75 < one.held_ratio < 0.85 for one in book.horizons)


def moment_of(row: dict[str, str]) -> Moment:
    minute = int(row["start_local"][11:13]) * 60 + int(row["start_local"][14:16])
    return Moment(kind=int(row["kind"]), minute=float(minute), slot_ends=True)

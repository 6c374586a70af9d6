"""Laws of what lasts: it knows its places as before, and nothing of the last hours."""

import numpy as np

from detectors.baseline import Baseline
from detectors.contract import Verdict
from detectors.forecast_state import ForecastState
from detectors.panel import PanelState
from detectors.state import HOT_ROWS, LASTING_ROWS, BaselineState
from tests.detectors.cases import FLAT, baseline, ended, in_a_row, made_up, moment, observe

TILES = 9
HOP_MIN = 30
WEEKS = 3
HOPS = WEEKS * 7 * 48
SILENT_DAYS = 84  # whole weeks: the made-up days go on with the same weekday
JUDGED = ("expected", "spread", "z", "score", "known", "sightings", "blind", "near", "drop")


def seasoned() -> Baseline:
    """Return a detector after three weeks with crowds, the last of them still going on."""
    detector = baseline(TILES, hop_min=HOP_MIN, neighbours=in_a_row(TILES))
    for hop in made_up(5, tiles=TILES, hops=HOPS, hop_min=HOP_MIN):
        detector.score(hop.seen, hop.moment, FLAT)
        ended(detector, np.ones(TILES, np.bool_))
        detector.learn()
    crowd = observe(np.full(TILES, 900.0))
    for hop_number in range(HOPS, HOPS + 48):
        detector.score(crowd, moment(hop_number, HOP_MIN), FLAT)
        ended(detector, np.ones(TILES, np.bool_))
        detector.learn()
    return detector


def goes_on(detector: Baseline, *, first: int, hops: int, silent: bool = False) -> list[Verdict]:
    """Return the verdicts of what follows; nobody is heard where it is silent."""
    nothing = np.full(TILES, np.nan)
    found = []
    for number, hop in enumerate(made_up(6, tiles=TILES, hops=hops, hop_min=HOP_MIN)):
        seen = observe(nothing) if silent else hop.seen
        found.append(detector.score(seen, moment(first + number, HOP_MIN), FLAT))
        ended(detector, np.ones(TILES, np.bool_))
        detector.learn()
    return found


def test_what_lasts_scores_like_a_place_that_was_silent_for_long() -> None:
    waits = seasoned()
    rested = Baseline(
        waits.spec,
        tiles=TILES,
        hop_min=HOP_MIN,
        slot_min=30,
        neighbours=in_a_row(TILES),
        state=waits.state.lasting(),
    )
    first = HOPS + 48
    goes_on(waits, first=first, hops=SILENT_DAYS * 48, silent=True)
    first += SILENT_DAYS * 48
    one = goes_on(waits, first=first, hops=4 * 48)
    other = goes_on(rested, first=first, hops=4 * 48)
    for a, b in zip(one, other, strict=True):
        for name in JUDGED:
            assert np.array_equal(getattr(a, name), getattr(b, name)), name
    assert max(float(verdict.score.max()) for verdict in other) > 1.0, "the hops must alarm"


def test_a_rest_does_away_with_the_alarm_and_keeps_the_place() -> None:
    state = seasoned().state
    rested = state.lasting()
    before, after = state.rows(), rested.rows()
    assert (before.score > 0.0).any()
    assert not after.score.any()
    assert not after.level.any()
    for name in LASTING_ROWS:
        assert (getattr(before, name) == getattr(after, name)).all(), name
    for name in ("mu", "n", "run", "dev", "nd"):
        assert (getattr(state, name) == getattr(rested, name)).all(), name
        assert not np.shares_memory(getattr(state, name), getattr(rested, name))


def test_every_other_row_is_at_its_start_and_a_rest_rests_no_further() -> None:
    state = BaselineState.empty(3, 4)
    state.hot[...] = 7.0
    once, fresh = state.lasting(), BaselineState.empty(3, 4)
    for number, name in enumerate(HOT_ROWS):
        want = 7.0 if name in LASTING_ROWS else fresh.hot[number]
        assert (once.hot[number] == want).all(), name
    assert once.lasting().hot_bytes(0, 3) == once.hot_bytes(0, 3)


def test_a_forecast_keeps_what_outcomes_taught_and_no_open_forecast() -> None:
    state = ForecastState.empty(2, (2, 3, 6))
    state.hot[...] = 5.0
    rows = state.lasting().rows()
    assert all((kept == 5.0).all() for kept in (rows.taught, rows.weight, rows.slope, rows.reach))
    gone = (rows.residual, rows.age_min, rows.kept, *rows.issued)
    assert not any(row.any() for row in gone)


def test_a_panel_keeps_the_days_of_the_city_and_not_its_evening() -> None:
    state = PanelState.empty(3, 4)
    state.pool.curve[...], state.pool.days[...], state.pool.figures[...] = 2.0, 3.0, 4.0
    state.members.hot[...] = 7.0
    rested, fresh = state.lasting(), PanelState.empty(3, 4)
    assert (rested.pool.curve == 2.0).all()
    assert (rested.pool.days == 3.0).all()
    assert (rested.pool.figures == fresh.pool.figures).all()
    assert rested.members.hot_bytes(0, 3) == state.members.lasting().hot_bytes(0, 3)
    rested.pool.curve[...] = 0.0
    assert (state.pool.curve == 2.0).all(), "a copy, not a view"

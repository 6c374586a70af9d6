"""Laws of drops: what a fault of the feed looks like is not believed, what people do is."""

import numpy as np
import pytest

from detectors.baseline import Baseline
from detectors.contract import Verdict
from tests import naive_detectors as naive
from tests.detectors.cases import FLAT, FLOOR, baseline, made_up, moment, observe, steady

USUAL = 200.0
HOP_MIN = 30


def settled() -> tuple[Baseline, int]:
    """Return a detector that knows one place, and the next hop."""
    detector = baseline(1, hop_min=HOP_MIN)
    return detector, steady(detector, [USUAL], days=24)


def see(detector: Baseline, hop: int, count: float, **how: bool) -> Verdict:
    verdict = detector.score(observe([count], **how), moment(hop, HOP_MIN), FLAT)
    detector.learn()
    return verdict


def test_people_who_leave_are_believed_at_once() -> None:
    detector, hop = settled()
    verdict = see(detector, hop, 60.0)
    assert verdict.sure[0]
    assert verdict.drop[0] > 1.0


@pytest.mark.parametrize(
    ("count", "how"),
    [(0.0, {}), (FLOOR - 1.0, {"withheld": True}), (60.0, {"learnable": False})],
    ids=["zeros", "withheld", "seen in part"],
)
def test_a_fault_is_doubted_until_its_drop_has_drained(count: float, how: dict[str, bool]) -> None:
    detector, hop = settled()
    for step in range(3):
        assert not see(detector, hop + step, count, **how).sure[0]
    told = [see(detector, hop + 3 + step, 0.9 * USUAL) for step in range(16)]
    high = [bool(one.drop[0] > 1.0) for one in told]
    assert any(high), "the fault must outlast itself, or there is nothing to doubt"
    assert [bool(one.sure[0]) for one in told] == [not one for one in high]


def test_what_says_nothing_makes_no_doubt() -> None:
    detector, hop = settled()
    assert not see(detector, hop, np.nan).sure[0]
    assert see(detector, hop + 1, USUAL).sure[0]
    assert not see(detector, hop + 2, 1.2 * USUAL, learnable=False).sure[0]
    assert see(detector, hop + 3, 60.0).sure[0]


@pytest.mark.parametrize("hop_min", [5, 30])
def test_runs_of_drops_count_believed_hops_only(hop_min: int) -> None:
    detector, tiles = baseline(6, hop_min=hop_min), 6
    scores: list[list[float]] = [[] for _ in range(tiles)]
    found: list[list[tuple[int, float]]] = [[] for _ in range(tiles)]
    hops = list(made_up(5, tiles=tiles, hops=10 * 1440 // hop_min, hop_min=hop_min))
    for number, hop in enumerate(hops):
        verdict = detector.score(hop.seen, hop.moment, FLAT)
        gate = verdict.sure & (verdict.expected - hop.seen.high >= 5.0)
        runs = detector.ended(gate, gate, gate)
        detector.learn()
        counts = gate & (hop.seen.fresh | ~np.isfinite(hop.seen.point))
        for tile in range(tiles):
            scores[tile].append(float(verdict.drop[tile]) if counts[tile] else 0.0)
        for tile, peak in zip(runs.drop_tiles.tolist(), runs.drop_peaks.tolist(), strict=True):
            found[tile].append((number, peak))
    wants = [naive.runs(one, [True] * len(one), float(hop_min)) for one in scores]
    assert found == wants
    assert sum(map(len, wants)) > 2


def test_nobody_asks_for_drops_and_their_runs_stand_still() -> None:
    detector, hop = settled()
    none = np.zeros(1, np.bool_)
    for step in range(8):
        detector.score(observe([60.0]), moment(hop + step, HOP_MIN), FLAT)
        assert detector.ended(none, none).drop_tiles.size == 0
        detector.learn()
    assert not detector.rows.drop_run_peak.any()

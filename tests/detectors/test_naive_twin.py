"""The fast detector against its slow scalar twin: the same numbers on made-up weeks."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from detectors.contract import CityNow
from detectors.spread import clipped_square_mean
from tests import naive_detectors as naive
from tests.detectors.cases import Hop, baseline, made_up, moment, observe

NEAR = 2e-3  # float32 with its roundings against float64


def plain(hop: Hop, tile: int) -> dict[str, object]:
    seen = hop.seen
    missing = bool(np.isnan(seen.point[tile]))
    return {
        "point": None if missing else float(seen.point[tile]),
        "low": float(seen.low[tile]),
        "high": float(seen.high[tile]),
        "withheld": bool(seen.withheld[tile]),
        "learnable": bool(seen.learnable[tile]),
        "hidden": bool(seen.hidden[tile]),
        "fresh": bool(seen.fresh[tile]),
    }


def said(curve: float) -> CityNow:
    """Return some city."""
    return CityNow(left=curve, right=2 - curve, mean=1, whole=curve / 9, off=0.3, learnt=curve)


@pytest.mark.parametrize(
    ("hop_min", "days", "seed", "weekdays"),
    [(30, 9, 1, False), (10, 6, 2, False), (15, 4, 3, True), (30, 18, 4, True)],
)
def test_the_kernels_agree_with_the_text(
    *, hop_min: int, days: int, seed: int, weekdays: bool
) -> None:
    tiles = 4
    detector = baseline(tiles, hop_min=hop_min)
    twins = [naive.Tile(hop_min=hop_min, slot_min=30) for _ in range(tiles)]
    chance = np.random.default_rng(seed)
    gates: list[list[bool]] = [[] for _ in range(tiles)]
    scores: list[list[float]] = [[] for _ in range(tiles)]
    for hop in made_up(seed, tiles=tiles, hops=days * 1440 // hop_min, hop_min=hop_min):
        city = said(float(chance.uniform(0.5, 1.5)))
        now = hop.moment if weekdays else replace(hop.moment, weekday=-1)
        verdict = detector.score(hop.seen, now, city)
        detector.learn()
        for tile, twin in enumerate(twins):
            want = twin.hop(
                plain(hop, tile),
                now.kind,
                now.minute,
                slot_ends=now.slot_ends,
                city=asdict(city),
                weekday=now.weekday,
            )
            gates[tile].append(True)
            scores[tile].append(float(verdict.score[tile]))
            for name in ("z", "score", "expected", "spread"):
                got = float(getattr(verdict, name)[tile])
                assert got == pytest.approx(want[name], abs=NEAR, rel=NEAR), (name, tile, now)
            for name in ("known", "blind", "sightings"):
                assert getattr(verdict, name)[tile] == want[name], (name, tile, now)
    assert max(map(max, scores)) > 3.0
    assert (max(twin.week_xy for twin in twins) > 1.0) == (weekdays and days > 7)


def test_the_kernels_agree_on_places_that_change_for_good() -> None:
    """One triples, one falls to a tenth, one was all but empty until then, one stays as it was."""
    chance, begin, days = np.random.default_rng(5), 11, 19
    detector, size = baseline(4), np.array([300.0, 400.0, 200.0, 100.0])
    twins = [naive.Tile(hop_min=30, slot_min=30) for _ in size]
    for hop in range(days * 48):
        later = hop >= begin * 48
        factor = np.array([3.0, 0.1, 1.0, 1.0] if later else [1.0, 1.0, 0.004, 1.0])
        due = size * factor * (1.2 + np.sin(hop / 48 * 6.2832))
        each = Hop(seen=observe(chance.poisson(due)), moment=moment(hop, 30))
        city, now = said(float(chance.uniform(0.8, 1.2))), each.moment
        verdict = detector.score(each.seen, now, city)
        detector.learn()
        for tile, twin in enumerate(twins):
            want = twin.hop(
                plain(each, tile),
                now.kind,
                now.minute,
                slot_ends=now.slot_ends,
                city=asdict(city),
                weekday=now.weekday,
            )
            for name in ("z", "score", "expected", "spread"):
                got = float(getattr(verdict, name)[tile])
                assert got == pytest.approx(want[name], abs=NEAR, rel=NEAR), (name, tile, now)
            assert verdict.known[tile] == want["known"], (tile, now)
    assert [twin.scale for twin in twins] == pytest.approx([3.0, 0.1, 1.0, 1.0], rel=0.3)
    assert [twin.blank_min > 0.0 for twin in twins] == [False, False, True, False]


def test_the_clipped_square_mean_agrees() -> None:
    for clip in (0.5, 1.0, 1.5, 2.0, 3.0, 5.0):
        got = clipped_square_mean(clip)
        assert got == pytest.approx(naive.clipped_square_mean(clip), rel=1e-9)

"""What every detector promises, whatever it looks for; a new detector joins `DETECTORS`."""

from collections.abc import Callable

import numpy as np
import pytest

from detectors.baseline import Baseline
from detectors.contract import SCORE_PARTS, Verdict
from tests.detectors.cases import (
    FIELDS,
    FLAT,
    Hop,
    baseline,
    ended,
    in_a_row,
    made_up,
    moment,
    observe,
    part,
    same_bits,
    take,
)
from tests.detectors.grounds import in_a_square

Make = Callable[[int], Baseline]
DETECTORS = [
    pytest.param(lambda tiles: baseline(tiles, hop_min=30), id="baseline, hop = slot"),
    pytest.param(lambda tiles: baseline(tiles, hop_min=5), id="baseline, hop < slot"),
    pytest.param(
        lambda tiles: baseline(tiles, hop_min=30, neighbours=in_a_row(tiles)), id="tiles in a row"
    ),
    pytest.param(
        lambda tiles: baseline(tiles, hop_min=5, neighbours=in_a_square(tiles)), id="a square"
    ),
]
every_detector = pytest.mark.parametrize("make", DETECTORS)
# Of tiles with neighbours only whole grounds can stand alone.
without_neighbours = pytest.mark.parametrize("make", DETECTORS[:2])


def days(detector: Baseline, count: int, *, seed: int = 1, skip: int = 0) -> list[Hop]:
    hop_min = int(detector.hop_min)
    hops = (skip + count) * 1440 // hop_min
    first = skip * 1440 // hop_min
    return list(made_up(seed, tiles=detector.state.tiles, hops=hops, hop_min=hop_min, skip=first))


def step(detector: Baseline, hop: Hop) -> tuple[Verdict, list[int], bytes]:
    verdict = detector.score(hop.seen, hop.moment, FLAT)
    runs = ended(detector, hop.seen.low - verdict.expected >= 5.0)
    detector.learn()
    peaks = (runs.peaks, runs.near_peaks, runs.drop_peaks)
    return verdict, runs.tiles.tolist(), b"".join(one.tobytes() for one in peaks)


@every_detector
def test_what_was_never_seen_has_no_score(make: Make) -> None:
    verdict = make(3).score(observe([0, 50, 1e6]), moment(20, 30), FLAT)
    assert not verdict.known.any()
    assert not verdict.sightings.any()
    assert verdict.score.tolist() == verdict.z.tolist() == [0.0, 0.0, 0.0]


@every_detector
def test_a_reading_never_judges_itself(make: Make) -> None:
    detector, other = make(4), make(4)
    for hop in days(detector, 2):
        step(detector, hop)
        step(other, hop)
    hop = days(detector, 1, skip=2)[0]
    twin = other.on(other.state.take(slice(None)))
    twin.score(hop.seen, hop.moment, FLAT)
    twin.learn()
    assert same_bits(
        detector.score(hop.seen, hop.moment, FLAT), other.score(hop.seen, hop.moment, FLAT)
    )


@every_detector
def test_nothing_is_learnt_before_learn_is_called(make: Make) -> None:
    detector = make(4)
    for hop in days(detector, 1):
        verdict = detector.score(hop.seen, hop.moment, FLAT)
        assert not verdict.known.any()
        assert not verdict.score.any()


@every_detector
def test_learning_twice_is_learning_once(make: Make) -> None:
    detector, eager = make(5), make(5)
    for hop in days(detector, 2):
        one = step(detector, hop)
        two = step(eager, hop)
        assert eager.learn() is None
        assert same_bits(one[0], two[0])


@every_detector
def test_verdicts_are_never_nan_and_scores_are_parts_of_1024(make: Make) -> None:
    detector = make(30)
    scores = set()
    for hop in days(detector, 2):
        verdict, _, _ = step(detector, hop)
        for name in FIELDS:
            assert np.isfinite(getattr(verdict, name)).all(), name
        assert (verdict.spread > 0).all()
        parts = verdict.score * SCORE_PARTS
        assert (parts == np.rint(parts)).all()
        assert (verdict.near * SCORE_PARTS % 1 == 0).all()
        assert (verdict.drop * SCORE_PARTS % 1 == 0).all()
        scores.update(verdict.score.tolist())
    assert len(scores) > 50


@every_detector
def test_verdict_and_memory_share_nothing(make: Make) -> None:
    detector, abused = make(6), make(6)
    for hop in days(detector, 2):
        clean, _, _ = step(detector, hop)
        verdict = abused.score(hop.seen, hop.moment, FLAT)
        assert same_bits(clean, verdict)
        for name in FIELDS:
            getattr(verdict, name)[...] = 1
        ended(abused, hop.seen.low - clean.expected >= 5.0)
        abused.learn()


@every_detector
def test_observations_are_not_written_to(make: Make) -> None:
    detector = make(6)
    for hop in days(detector, 1):
        for name in ("low", "point", "high", "withheld", "learnable", "hidden", "fresh"):
            getattr(hop.seen, name).setflags(write=False)
        gate = np.ones(6, np.bool_)
        gate.setflags(write=False)
        detector.score(hop.seen, hop.moment, FLAT)
        ended(detector, gate)
        detector.learn()


@every_detector
def test_a_loaded_memory_goes_on_as_if_nothing_had_happened(make: Make) -> None:
    detector, loaded = make(9), make(9)
    slots = detector.state.slots
    for number, hop in enumerate(days(detector, 2)):
        if number % 7 == 0:
            fresh = make(9)
            old = loaded.state
            for a, b in ((0, 4), (4, 9)):
                fresh.state.load_hot(a, b, old.hot_bytes(a, b))
                for kind in range(3):
                    for i in range(slots):
                        fresh.state.load_slot(kind, i, a, b, old.slot_bytes(kind, i, a, b))
            loaded = fresh
        one, two = step(detector, hop), step(loaded, hop)
        assert same_bits(one[0], two[0])
        assert one[1:] == two[1:]


@every_detector
def test_memory_loaded_into_a_running_detector_is_seen_at_once(make: Make) -> None:
    detector, other = make(3), make(3)
    for hop in days(detector, 2):
        step(detector, hop)
    later = days(detector, 1, skip=2)
    step(other, later[0])
    other.state.put(slice(None), detector.state.take(slice(None)))
    for hop in later:
        assert same_bits(step(detector, hop)[0], step(other, hop)[0])


@without_neighbours
@pytest.mark.parametrize("index", [[0], [3, 4, 5], [1, 2, 8, 13, 14, 15, 16, 17, 18]])
def test_some_tiles_alone_give_the_same_bits(make: Make, index: list[int]) -> None:
    chosen = np.array(index)
    whole, alone = make(19), make(len(index))
    for hop in days(whole, 3, seed=7):
        one, tiles, _ = step(whole, hop)
        two, part_tiles, _ = step(alone, Hop(seen=part(hop.seen, chosen), moment=hop.moment))
        assert same_bits(take(one, chosen), two)
        assert [index[i] for i in part_tiles] == [t for t in tiles if t in index]
    mine = whole.state.take(chosen)
    assert mine.hot.tobytes() == alone.state.hot.tobytes()
    assert mine.mu.tobytes() == alone.state.mu.tobytes()


@every_detector
def test_memory_does_not_grow_with_time(make: Make) -> None:
    detector = make(2)

    def size() -> int:
        state = detector.state
        return sum(x.nbytes for x in (state.hot, state.mu, state.n, state.run, state.dev, state.nd))

    before = size()
    for hop in days(detector, 2):
        step(detector, hop)
    assert size() == before
    assert before / 2 <= 4096


@every_detector
def test_no_tiles_are_no_trouble(make: Make) -> None:
    detector = make(0)
    for hop in days(detector, 2):
        verdict, tiles, _ = step(detector, hop)
        assert verdict.score.shape == (0,)
        assert tiles == []


@every_detector
def test_a_city_that_never_reports_stays_unknown(make: Make) -> None:
    detector = make(3)
    silence = observe([np.nan] * 3, fresh=False)
    for hop in days(detector, 3):
        verdict, tiles, _ = step(detector, Hop(seen=silence, moment=hop.moment))
        assert not verdict.known.any()
        assert not verdict.score.any()
        assert tiles == []

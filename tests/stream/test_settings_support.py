"""Laws of the settings of a supporting feed: contradictions, what is hashed, what follows."""

from __future__ import annotations

import pytest

from stream.ground import min_excess
from stream.settings import adopt, announce, settings_hash
from stream.settings_hash import deciding
from tests.stream.test_settings_factors import A, B, faults, made


@pytest.mark.parametrize(
    ("sets", "key", "what"),
    [
        (
            ["feeds.a.supports=0.25", "feeds.b.supports=0.25", "feeds.c.period_s=300"],
            "feeds.b.supports",
            "a is a supporting feed already",
        ),
        (
            ["feeds.a.supports=0.25", "feeds.b.supports=0.25"],
            "feeds.a.supports",
            "nothing to support",
        ),
        (
            ["feeds.b.supports=0.25", "feeds.b.market_share=0.5"],
            "feeds.b.market_share",
            "counts nobody",
        ),
        (
            ["feeds.b.supports=0.25", "feeds.b.factor_date=2026-03-31"],
            "feeds.b.factor_date",
            "counts nobody",
        ),
        (
            ["feeds.b.supports=0.25", "feeds.a.unit=activity"],
            "feeds.b.unit",
            "no privacy floor",
        ),
        (
            ["feeds.b.supports=0.25", "feeds.b.period_s=3600"],
            "feeds.b.period_s",
            "longer than a slot of the baseline, 1800 s",
        ),
        (
            ["feeds.b.supports=0.25", "feeds.b.min_excess=5"],
            "feeds.b.min_excess",
            "counts nobody",
        ),
    ],
)
def test_a_contradiction_is_one_fault_with_its_key(sets: list[str], key: str, what: str) -> None:
    ((found, said),) = faults(A, B, *sets)
    assert found == key
    assert what in said


def test_a_worker_on_a_replay_takes_a_supporting_feed_that_was_announced() -> None:
    told = made(A, B, "feeds.b.supports=0.25", "alerts.min_people=70", "time.ticks=feed")
    joined = adopt(made("time.ticks=feed"), announce(told))
    assert deciding(joined) == deciding(told)
    assert settings_hash(joined) == settings_hash(told)


def test_hop_window_slot_and_size_gate_are_those_of_the_feeds_that_count() -> None:
    alone = made("feeds.a.period_s=600", "feeds.a.min_excess=50")
    two = made("feeds.a.period_s=600", "feeds.a.min_excess=50", B, "feeds.b.supports=0.25")
    for name in ("hop_s_resolved", "window_hops", "slot_min"):
        assert getattr(two, name) == getattr(alone, name)
    assert min_excess(two) == min_excess(alone) == 50

"""Laws of `whatif`: each side is a backtest of its own, and every difference has a reason."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import msgspec
import pytest

from replay import whatif_run
from replay.backtest import backtest
from replay.badrow import FeedError
from replay.engine import offline
from replay.labels import Label
from replay.register import registered
from replay.whatif import whatif
from replay.whatif_page import whatif_page
from replay.whatif_run import same_blocks
from replay.whatif_text import whatif_text
from replay.whatif_words import WORDS
from tests.replay.evenings import CROWD, HALF_HOUR, T0, city, counts, feed, settings

if TYPE_CHECKING:
    from pathlib import Path

    from replay.feed import Feed
    from replay.whatif_report import WhatIf
    from stream.settings import Settings

FAIR = Label(
    name="fair",
    start_ms=T0 + CROWD[2] * HALF_HOUR,
    end_ms=T0 + CROWD[-1] * HALF_HOUR,
    cell="square",
)
MANY, FEW = "alerts.false_alarms_per_day=20", "alerts.false_alarms_per_day=0.0001"
QUICK = "detectors.baseline.surge.mean_min=5.0"


def two_evenings(folder: Path) -> Feed:
    """Return a feed with a large crowd on the square and a small one in the park."""
    (park, usual), square = counts()
    small = [n + 25 * (slot in range(7 * 48 + 30, 7 * 48 + 33)) for slot, n in enumerate(usual)]
    return feed(folder, [(park, small), square])


def ask(folder: Path, base: str, other: str) -> WhatIf:
    here = city(folder)
    return whatif(
        two_evenings(folder), here, settings(base), settings(other), labels=(FAIR,), says=str.upper
    )


def test_a_smaller_budget_loses_alerts_and_says_by_how_much(tmp_path: Path) -> None:
    found = ask(tmp_path, MANY, FEW)
    assert not found.gained
    assert found.lost
    for one in found.lost:
        assert one.rule is not None
        assert one.rule.met
        assert one.there is not None
        assert not one.there.met
        score = next(need for need in one.there.needs if need.what == "score")
        assert not score.met
    (setting,) = found.settings
    assert setting.key == "alerts.false_alarms_per_day"
    assert (setting.base, setting.other) == ("20.0", "0.0001")
    assert setting.says == setting.key.upper()


def test_the_other_way_round_what_was_lost_is_gained(tmp_path: Path) -> None:
    there, back = ask(tmp_path, MANY, FEW), ask(tmp_path, FEW, MANY)
    assert there.lost == back.gained
    assert there.gained == back.lost
    assert (there.base, there.other) == (back.other, back.base)


@pytest.mark.parametrize("other", [FEW, "alerts.min_people=200", QUICK])
def test_each_side_is_the_backtest_of_its_settings(tmp_path: Path, other: str) -> None:
    found = ask(tmp_path, MANY, other)
    for one, figures in ((MANY, found.base), (other, found.other)):
        report = backtest(two_evenings(tmp_path), city(tmp_path), settings(one), labels=(FAIR,))
        assert figures.settings_hash == report.settings_hash
        assert figures.incidents == len(report.alerts)
        assert (figures.found, figures.total) == (report.labels.found, report.labels.total)
        assert figures.off_list == report.off_list.count
        assert figures.off_list_per_week == report.off_list.per_week
        assert sum(figures.by_level) == len(report.alerts)
        assert sum(one.incidents for one in figures.rules) == len(report.alerts)


def resolved(folder: Path, one: str) -> Settings:
    return offline(registered(two_evenings(folder), settings(one))[1])


def test_only_what_the_block_stage_reads_makes_it_run_twice(tmp_path: Path) -> None:
    here, base = city(tmp_path), resolved(tmp_path, MANY)
    for alike in (FEW, "alerts.hold_s=1800", "alerts.large_score_ratio=1.1"):
        assert same_blocks(base, resolved(tmp_path, alike), here)
    for apart in ("alerts.min_people=7", "calendar.country=CN", QUICK):
        assert not same_blocks(base, resolved(tmp_path, apart), here)


def test_one_block_stage_gives_what_two_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = ask(tmp_path, MANY, FEW)
    monkeypatch.setattr(whatif_run, "same_blocks", lambda *_: False)
    assert ask(tmp_path, MANY, FEW) == shared


def test_other_hops_are_compared_without_reasons(tmp_path: Path) -> None:
    found = ask(tmp_path, MANY, "time.hop_s=600")
    assert found.other.incidents
    assert all(one.there is None for one in (*found.gained, *found.lost))


def test_what_does_not_differ_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="same settings"):
        ask(tmp_path, MANY, MANY)


def test_pages_and_texts_have_every_difference(tmp_path: Path) -> None:
    found = ask(tmp_path, MANY, FEW)
    for lang in WORDS:
        text, page = whatif_text(found, lang), whatif_page(found, lang)
        assert found.lost[0].place in text
        assert found.lost[0].place in page
        assert "<script" not in page
        assert "http" not in page
    assert msgspec.json.decode(msgspec.json.encode(found), type=type(found)) == found


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_words_have_the_same_keys_and_names_in_both_languages() -> None:
    one, two = WORDS.values()
    assert one.keys() == two.keys()
    for key in one:
        assert names_in(one[key]) == names_in(two[key]), key

"""Laws of `explain`: it says what the engine saw and decided, at any place and time."""

from __future__ import annotations

import string
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from alerts.catalogue import CATALOGUES
from alerts.levels import BLIND, HOLD, REASONS
from detectors.contract import Verdict
from replay.engine import Engine, offline
from replay.explain import explain
from replay.explain_page import explain_page
from replay.explain_place import AskError, find_place
from replay.explain_text import explain_text
from replay.explain_watch import _NO_SCORE, TileWatch
from replay.explain_words import WORDS
from replay.labels import Label
from replay.log import input_log
from replay.register import registered
from stream.ground import build_ground
from tests.replay.evenings import CROWD, DAYS, HALF_HOUR, T0, at, city, counts, feed, settings
from tests.replay.pictures import texts_of

if TYPE_CHECKING:
    from replay.explain_report import Explanation, RuleRow
    from replay.explain_watch import TileHop
    from replay.feed import Feed
    from stream.machine import Outgoing
    from stream.settings import Loaded

SQUARE = 1
LEAST = "alerts.min_people=100"


def run(
    folder: Path, given_feed: Feed, loaded: Loaded, *, watched: bool
) -> tuple[list[TileHop], list[Outgoing]]:
    """Return every hop of the square as seen by a watch, and all that desks got."""
    here = city(folder, area_m2=150)
    read, resolved, _ = registered(given_feed, loaded)
    resolved = offline(resolved)
    watch = TileWatch(
        resolved, here, np.array([SQUARE], np.int32), from_ms=0, to_ms=2**62, detail_ms=0
    )
    engine = Engine(resolved, here, watch=watch if watched else None)
    for record in input_log(read, hop_ms=resolved.hop_ms, lateness_ms=resolved.lateness_ms):
        engine.feed(record)
    return watch.hops[SQUARE], engine.published


day = st.lists(st.integers(0, 900) | st.none(), min_size=8, max_size=8)


@given(day, st.sampled_from([LEAST, "alerts.min_people=0", "alerts.false_alarms_per_day=20"]))
@effort(max_examples=8)
def test_it_says_raised_exactly_where_the_engine_raised(
    evening: list[int | None], one: str
) -> None:
    usual = [value for _, values in counts(crowd=0)[1:] for value in values[: 6 * 48]]
    with TemporaryDirectory() as folder:
        given_feed = feed(Path(folder), [("square", [*usual, *evening])])
        hops, _ = run(Path(folder), given_feed, settings(one), watched=True)
    assert len(hops) > 5 * 48
    before = 0
    for hop in hops:
        now = hop.held
        if hop.asks > before:
            assert now.level == hop.asks
        if now.level and not now.why & (HOLD | BLIND):
            assert hop.asks == now.level
            met = {rule.code for rule in hop.rules if rule.met}
            assert met == {code for bit, code in REASONS if now.why & bit}
        if not hop.asks:
            assert now.level == 0 or now.why & (HOLD | BLIND)
        before = now.level


def test_watching_changes_nothing(tmp_path: Path) -> None:
    given_feed = feed(tmp_path)
    _, told = run(tmp_path, given_feed, settings(LEAST), watched=True)
    _, plain = run(tmp_path, given_feed, settings(LEAST), watched=False)
    assert told
    assert told == plain


def ask(folder: Path, slot: int, *sets: str, word: str = "square", **more: object) -> Explanation:
    labels = (
        Label(
            name="fair",
            start_ms=T0 + CROWD[2] * HALF_HOUR,
            end_ms=T0 + CROWD[-1] * HALF_HOUR,
            cell="square",
        ),
    )
    given_feed = more.get("feed") or feed(folder)
    return explain(
        given_feed,  # type: ignore[arg-type]  # a feed, if one is given
        city(folder),
        settings(*sets),
        word=word,
        at=at(slot),
        labels=labels,
    )


def unusual(found: Explanation, level: int = 1) -> RuleRow:
    return next(r for r in found.rules if (r.code, r.level) == ("baseline_ratio", level))


def test_an_alert_is_told_with_the_rule_that_raised_it(tmp_path: Path) -> None:
    found = ask(tmp_path, CROWD[1], LEAST)
    assert found.level.now >= 1
    assert unusual(found).met
    assert found.raised is not None
    assert found.raised[0] == "2026-01-13T18:30:00+00:00"
    (incident,) = found.incidents
    assert incident.told["police"] == found.level.now
    assert [one.name for one in found.labels] == ["fair"]
    assert "ALERT" in explain_text(found, "en")


def test_no_alert_is_told_with_what_was_missing(tmp_path: Path) -> None:
    found = ask(tmp_path, CROWD[0] + 1, "alerts.min_people=700")
    assert found.level.now == 0
    assert found.raised is None
    need = next(one for one in unusual(found).needs if one.what == "excess")
    assert need.want == 700
    assert need.have is not None
    assert 350 < need.have < 450
    assert not need.met
    text = explain_text(found, "en")
    assert "No alert." in text
    assert "of 700" in text


def test_its_remedy_would_have_raised(tmp_path: Path) -> None:
    found = ask(tmp_path, CROWD[0] + 1, "alerts.min_people=700")
    remedy = unusual(found).remedy
    assert remedy
    assert remedy[0].startswith("alerts.min_people=")
    again = ask(tmp_path, CROWD[0] + 1, *remedy)
    assert again.level.asked >= 1


def test_a_larger_budget_that_it_names_would_have_raised(tmp_path: Path) -> None:
    slot = CROWD[0]
    few = [(cell, values) for cell, values in counts(crowd=60)]
    calm = ask(tmp_path, slot, "alerts.false_alarms_per_day=0.001", feed=feed(tmp_path, few))
    assert calm.level.asked == 0
    (remedy,) = unusual(calm).remedy
    assert remedy.startswith("alerts.false_alarms_per_day=")
    assert ask(tmp_path, slot, remedy, feed=feed(tmp_path, few)).level.asked >= 1


def test_the_threshold_is_the_one_its_budget_makes(tmp_path: Path) -> None:
    budget = ask(tmp_path, CROWD[1], LEAST).budget
    number = round((budget.threshold - budget.mark) * 8)
    assert budget.rates[number] <= budget.per_tile_week
    assert number == 0 or budget.rates[number - 1] > budget.per_tile_week
    assert budget.per_tile_week == pytest.approx(
        budget.false_alarms_per_day * 7 / budget.tiles * budget.relaxed
    )


def test_silence_is_told_as_blindness_and_not_as_calm(tmp_path: Path) -> None:
    places = [(cell, values[: 9 * 48] if cell == "square" else values) for cell, values in counts()]
    found = ask(tmp_path, 9 * 48 + 8, feed=feed(tmp_path, places))
    assert found.seen.state == "blind"
    (part,) = found.feeds
    assert part.blind
    assert (part.usual, part.present) == (1, 0)
    assert found.seen.people["best"] is None
    assert "no data is not calm" in explain_text(found, "en").replace("\n", " ")


def test_withheld_and_warming_are_told_apart(tmp_path: Path) -> None:
    places = [
        (c, [None if c == "square" and s > 400 else v for s, v in enumerate(vs)])
        for c, vs in counts()
    ]
    hidden = ask(tmp_path, 405, feed=feed(tmp_path, places))
    assert hidden.seen.state in {"withheld", "blind"}
    assert hidden.feeds[0].withheld == 1
    assert ask(tmp_path, 20).seen.state == "warming"


def test_cells_and_names_mean_their_tiles(tmp_path: Path) -> None:
    assert ask(tmp_path, CROWD[1], word="Old square").tile == "square"
    here = city(tmp_path)
    ground = build_ground(settings("time.hop_s=1800").settings, here)
    assert find_place("park", here, ground).kind == "tile"
    with pytest.raises(AskError, match="did you mean 'Old square'"):
        find_place("old sqare", here, ground)
    with pytest.raises(AskError, match="there are"):
        find_place("xyzzy", here, ground)


@pytest.mark.parametrize("slot", [-3, DAYS * 48 + 5])
def test_a_time_outside_the_feed_is_told_what_there_is(tmp_path: Path, slot: int) -> None:
    with pytest.raises(AskError, match="goes from 2026-01-05T00:00:00"):
        ask(tmp_path, slot)


@pytest.mark.parametrize("moment", ["yesterday", "", "2026-13-01"])
def test_what_is_no_time_is_told(tmp_path: Path, moment: str) -> None:
    with pytest.raises(AskError, match="--at"):
        explain(feed(tmp_path), city(tmp_path), settings(), word="park", at=moment)


def test_the_first_and_the_last_hop_can_be_asked_for(tmp_path: Path) -> None:
    assert ask(tmp_path, 0).hop[0] == "2026-01-05T00:00:00+00:00"
    last = ask(tmp_path, DAYS * 48 - 1)
    assert last.hop[1] == last.curve.end[-1] == "2026-01-15T00:00:00+00:00"


def test_pages_stand_alone_and_texts_fit_both_languages(tmp_path: Path) -> None:
    found = ask(tmp_path, CROWD[0] + 2, "alerts.min_people=700")
    for lang in WORDS:
        page = explain_page(found, lang)
        assert "http" not in page.replace("http-equiv", "")
        assert "<script" not in page
        assert page.count('role="img"') == 2
        assert WORDS[lang]["silent"] in page
        assert explain_text(found, lang).isprintable() is False  # it has lines
        assert all(len(line) < 200 for line in explain_text(found, lang).splitlines())


@pytest.mark.parametrize("lang", sorted(WORDS))
def test_no_text_of_its_pictures_is_cut_at_an_edge(tmp_path: Path, lang: str) -> None:
    begin_ms = T0 + CROWD[0] * HALF_HOUR
    name = "A fair with a long name 夏季音乐节"
    late = Label(name=name, start_ms=begin_ms + 8 * HALF_HOUR, end_ms=begin_ms + 11 * HALF_HOUR)
    found = explain(
        feed(tmp_path), city(tmp_path), settings(), word="square", at=at(CROWD[0]), labels=[late]
    )
    texts = list(texts_of(explain_page(found, lang)))
    assert name in [one[3] for one in texts]
    assert [one for one in texts if one[0] < -1.0 or one[1] > one[2] + 1.0] == []


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_words_have_the_same_keys_and_names_in_both_languages() -> None:
    one, two = WORDS.values()
    assert one.keys() == two.keys()
    for key in one:
        assert names_in(one[key]) == names_in(two[key]), key


def test_every_channel_and_reason_has_words() -> None:
    channels = {field.name for field in fields(Verdict)} - _NO_SCORE
    for words in WORDS.values():
        assert all(f"channel.{name}" in words for name in channels)
    for texts in CATALOGUES.values():
        assert all(f"reason.{code}" in texts for _, code in REASONS)

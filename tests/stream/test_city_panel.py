"""Laws of what the panel's cells say: the sum of their usual feeds, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np
import pytest

from detectors.panel import Panel
from geo.version import BEGINNING_MS, Version, version_digest
from replay.engine import Engine
from replay.log import LogRecord
from stream.settings import Settings, load
from tests.laws.crowds import START_MS, squares
from tests.stream.test_links import only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from detectors.contract import CityNow, Moment, Observation
    from geo.city import City

HOP_MS = 300_000
MEMBERS = [1, 4, 6]
Said: TypeAlias = "Mapping[str, Mapping[int, float | None]]"
"""By feed and cell: what was counted; None = withheld."""


@pytest.fixture(name="town")
def fixture_town(tmp_path: Path) -> City:
    """Cells 1, 4 and 6 are the panel; of feed b cell 6 is nobody's."""
    plain = squares(tmp_path)
    feeds = {"a": plain.coverage, "b": only(plain, 1, 4)}
    first = Version(
        valid_from_ms=BEGINNING_MS, feeds=feeds, digest=version_digest(plain.cells, feeds)
    )
    return replace(plain, versions=(first,), panel=np.array(MEMBERS, np.int32))


def settings() -> Settings:
    sets = [
        "feeds.a.period_s=300",
        "feeds.a.expansion=2",
        "feeds.b.period_s=300",
        "feeds.b.floor=20",
        "time.ticks=feed",
        "calendar.country=none",
        "topics.partitions.counts=1",
        "topics.partitions.blocks=1",
    ]
    return load(None, env={}, sets=sets)


def tick(now_ms: int) -> LogRecord:
    value = msgspec.json.encode({"schema": "tick/1", "now_ms": now_ms})
    return LogRecord(at_ms=now_ms, value=value, is_tick=True)


def seen(town: City, hops: Sequence[Said], monkeypatch: pytest.MonkeyPatch) -> list[Observation]:
    """Return what the panel was shown of each hop."""
    shown = []
    hop = Panel.hop

    def noted(self: Panel, observed: Observation, moment: Moment) -> CityNow:
        shown.append(observed)
        return hop(self, observed, moment)

    monkeypatch.setattr(Panel, "hop", noted)
    engine = Engine(settings(), town)
    engine.feed(tick(START_MS))
    for number, feeds in enumerate(hops):
        start_ms = START_MS + number * HOP_MS
        for feed, counts in feeds.items():
            batch = {
                "schema": "cell-counts/1",
                "feed": feed,
                "start": start_ms,
                "period_s": 300,
                "cells": [town.cells[cell] for cell in counts],
                "counts": list(counts.values()),
            }
            value = msgspec.json.encode(batch)
            engine.feed(LogRecord(at_ms=start_ms, value=value, is_tick=False))
        engine.feed(tick(start_ms + HOP_MS + 60_000))
    return shown


def test_a_member_says_the_sum_of_its_feeds_in_people(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hop,) = seen(town, [{"a": {1: 10, 4: 3, 6: 5}, "b": {1: 40, 4: None}}], monkeypatch)
    assert hop.point.tolist() == [60.0, 6 + 9.5, 10.0]
    assert hop.low.tolist() == [60.0, 6.0, 10.0]
    assert hop.high.tolist() == [60.0, 6.0 + 19, 10.0]
    assert hop.withheld.tolist() == [False, True, False]
    assert hop.learnable.tolist() == [True, False, True], "most of the second one is a guess"
    assert hop.fresh.tolist() == [True, True, True]


def test_a_member_is_missing_while_one_of_its_usual_feeds_is_silent(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of its count would look as if half the city had gone home."""
    whole: Said = {"a": {1: 10, 4: 10, 6: 5}, "b": {1: 40, 4: 40}}
    half: Said = {"a": {1: 10, 4: 10, 6: 5}}
    hops = seen(town, [whole, half, half, half, whole], monkeypatch)
    silent = hops[3]  # the last interval of b is too old by then
    assert np.isnan(silent.point).tolist() == [True, True, False]
    assert silent.fresh.tolist() == silent.learnable.tolist() == [False, False, True]
    assert hops[4].point.tolist() == [60.0, 60.0, 10.0]


def test_a_feed_that_was_never_heard_of_a_member_is_not_missed(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hop,) = seen(town, [{"a": {1: 10, 6: 5}, "b": {1: 40}}], monkeypatch)
    assert hop.point[0] == 60.0
    assert np.isnan(hop.point).tolist() == [False, True, False]


def test_an_old_reading_stands_and_is_not_fresh(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    hops = seen(town, [{"a": {6: 5}}, {}], monkeypatch)
    assert [hop.point[2] for hop in hops] == [10.0, 10.0]
    assert [bool(hop.fresh[2]) for hop in hops] == [True, False]

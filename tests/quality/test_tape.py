"""The short ways of the harness lead where the long ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo.city import load_city
from replay.backtest import backtest
from replay.engine import offline
from replay.feed import read_feed
from replay.log import input_log
from replay.register import registered
from replay.samples import SAN_SIRO_INTERNET
from replay.times import iso
from stream.settings_load import read
from tests.quality.arrays import Rhythm, array_log
from tests.quality.labelled import loaded
from tests.quality.tape import hear

if TYPE_CHECKING:
    from pathlib import Path

    from replay.sweep import Tape
    from tests.quality.labelled import LabelledSet

HOUR = 3_600_000


@pytest.fixture
def tape(stadium: dict[str, tuple[LabelledSet, Tape]]) -> Tape:
    return stadium["San Siro internet"][1]


def test_a_tape_under_a_budget_has_the_incidents_of_a_whole_backtest(tape: Tape) -> None:
    sets = ["calendar.tz=Europe/Rome", "calendar.country=IT", "alerts.min_people=0"]
    sets += ["feeds.file.period_s=600", "feeds.file.unit=activity"]
    whole = read(None, env={}, sets=[*sets, "alerts.false_alarms_per_day=0.9"])
    city = load_city(SAN_SIRO_INTERNET.cells, side_m=whole.settings.grid.side_m)
    report = backtest(read_feed(SAN_SIRO_INTERNET.feed), city, whole)
    want = [(one.incident, one.opened, one.closed or report.span[1]) for one in report.alerts]
    heard = hear(tape, per_day=0.9)
    got = [(one.incident, iso(one.opened_ms), iso(one.closed_ms)) for one in heard.incidents]
    assert len(want) > 10
    assert got == want
    assert (iso(tape.begin_ms), iso(tape.end_ms)) == report.span


def test_runs_of_tiles_lie_within_the_incidents(tape: Tape) -> None:
    heard = hear(tape, per_day=1.0)
    assert len(heard.tiles) >= len(heard.incidents) > 10
    for run in heard.tiles:
        assert any(
            one.opened_ms <= run.opened_ms
            and run.closed_ms <= one.closed_ms
            and run.tiles <= one.tiles
            for one in heard.incidents
        )


def test_counts_in_arrays_give_the_log_of_the_same_counts_in_a_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    table = rng.poisson(50.0, (30, 3)).astype(np.float64)
    table[rng.random(table.shape) < 0.1] = np.nan
    table[rng.random(table.shape) < 0.1] = -1.0
    table[7] = np.nan
    table[-1] = 3.0
    cells, path = ["a", "b", "c"], tmp_path / "feed.csv"
    rows = [
        f"{hop * HOUR},{cells[cell]},{'' if count < 0 else f'{count:g}'},3600"
        for hop, row in enumerate(table.tolist(), 24 * 365)
        for cell, count in enumerate(row)
        if not np.isnan(count)
    ]
    path.write_text("\n".join(["start,cell,count,period_s", *rows, ""]), encoding="utf-8")
    feed, settings, _ = registered(read_feed(path), loaded("UTC", "none"))
    settings = offline(settings)
    want = list(input_log(feed, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms))
    rhythm = Rhythm(start_ms=24 * 365 * HOUR, period_ms=HOUR, lateness_ms=settings.lateness_ms)
    got = list(array_log(table, cells, rhythm, feed="file"))
    assert [(one.at_ms, one.is_tick, one.value) for one in got] == [
        (one.at_ms, one.is_tick, one.value) for one in want
    ]

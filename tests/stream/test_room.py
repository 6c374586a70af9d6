"""Laws of the room for saved state: the estimate is that of real records, and none too large."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from geo.city import City, load_city
from stream.block import BlockMachine
from stream.block_spec import block_spec
from stream.block_state import BlockState
from stream.cli.check_config import check_config
from stream.cli.group import _crowdtide
from stream.layout import layout
from stream.room import FRAME_BYTES, check_room, largest_hot_bytes, waiting_bytes
from stream.settings import ConfigError, Settings, load
from stream.snapshot import hot_entry
from stream.topics import SNAPSHOT_BYTES_MAX

if TYPE_CHECKING:
    from pathlib import Path

CELLS = 900
MONTH_S = 30 * 86_400


@pytest.fixture(scope="module", name="cells")
def fixture_cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Put a crowd of cells within a few hundred metres, and one far away."""
    path = tmp_path_factory.mktemp("cells") / "cells.csv"
    near = [
        f"c{i},{110.3 + i % 30 * 0.0002:.4f},{21.2 + i // 30 * 0.0002:.4f},40" for i in range(CELLS)
    ]
    path.write_text("\n".join(["cell,lon,lat,radius_m", *near, "far,110.4,21.3,40"]) + "\n")
    return path


@pytest.fixture(scope="module", name="city")
def fixture_city(cells: Path) -> City:
    return load_city(cells, side_m=100.0, walkable_share=1.0)


def settings(*more: str) -> Settings:
    return load(None, env={}, sets=["feeds.b.period_s=300", "topics.partitions.blocks=1", *more])


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("feeds.b.max_age_s=86400",),
        ("feeds.b.delay_s=7200", "feeds.a.period_s=600"),
        ("time.window_s=3600", "feeds.a.period_s=7200", "topics.partitions.counts=256"),
        ("feeds.a.period_s=300", "feeds.a.supports=0.25"),
    ],
    ids=["plain", "a day", "two feeds", "many sources", "a supporting feed"],
)
def test_the_estimate_is_that_of_the_largest_record(city: City, more: tuple[str, ...]) -> None:
    """Above it only by the names, counts and clocks of a long life."""
    own = settings(*more)
    state = BlockState(block_spec(own, city), layout(city, partition=0, partitions=1))
    blocks = range(len(state.layout.blocks))
    spans = state.layout.entry_slices
    entries = np.array([spans[number].stop - spans[number].start for number in blocks])
    waits = waiting_bytes(entries, feeds=len(own.feeds)).tolist()
    real = max(len(hot_entry(state, number, []).value) + waits[number] for number in blocks)
    assert 0 <= largest_hot_bytes(own, city) - real <= 3 * FRAME_BYTES


def test_long_ids_take_the_room_that_they_take(tmp_path: Path) -> None:
    """Every hot record names its cells."""
    found = []
    for name in ("c", "a cell in the far south by its whole name " * 2):
        path = tmp_path / "cells.csv"
        rows = [f"{name}{i},{110.3 + i % 90 * 0.0001:.4f},21.2,40" for i in range(4 * CELLS)]
        path.write_text("\n".join(["cell,lon,lat,radius_m", *rows]) + "\n")
        city = load_city(path, side_m=1000.0, walkable_share=1.0)
        state = BlockState(block_spec(settings(), city), layout(city, partition=0, partitions=1))
        real = max(len(hot_entry(state, n, []).value) for n in range(len(state.layout.blocks)))
        found.append(largest_hot_bytes(settings(), city) - real)
    assert abs(found[1] - found[0]) < FRAME_BYTES


def test_usual_settings_have_room(city: City) -> None:
    check_room(settings(), city)
    check_room(settings("feeds.b.delay_s=7200"), city)
    check_room(load(None, env={}, sets=[]), city)  # a replay announces its feeds later


def test_a_month_of_short_intervals_is_refused_in_one_line(city: City) -> None:
    with pytest.raises(ConfigError) as refused:
        check_room(settings(f"feeds.b.max_age_s={MONTH_S}"), city)
    line = str(refused.value)
    assert len(line.splitlines()) == 1
    assert line.startswith(f"feeds.b.max_age_s: max_age {MONTH_S} s with period_s 300 keeps 8641 ")
    assert "the largest hot record would be 120." in line
    assert "lower max_age_s, to " in line


def test_a_long_delay_is_blamed_where_it_sets_the_age(city: City) -> None:
    with pytest.raises(ConfigError, match=r"^feeds\.b\.delay_s: .*lower delay_s") as refused:
        check_room(settings("feeds.b.delay_s=604800", "feeds.a.period_s=300"), city)
    assert len(refused.value.faults) == 1


def test_every_feed_over_the_limit_is_named(city: City) -> None:
    ages = (f"feeds.b.max_age_s={MONTH_S}", "feeds.a.period_s=300", "feeds.a.max_age_s=604800")
    with pytest.raises(ConfigError) as refused:
        check_room(settings(*ages), city)
    assert [fault.key for fault in refused.value.faults] == [
        "feeds.a.max_age_s",
        "feeds.b.max_age_s",
    ]


def test_what_is_advised_fits_and_a_period_more_does_not(city: City) -> None:
    with pytest.raises(ConfigError) as refused:
        check_room(settings(f"feeds.b.max_age_s={MONTH_S}"), city)
    fits_s = int(refused.value.faults[0].instead.partition("to ")[2].partition(" s")[0])
    check_room(settings(f"feeds.b.max_age_s={fits_s}"), city)
    with pytest.raises(ConfigError):
        check_room(settings(f"feeds.b.max_age_s={fits_s + 300}"), city)


def test_what_passes_is_a_record_that_the_snapshot_topic_takes(city: City) -> None:
    with pytest.raises(ConfigError) as refused:
        check_room(settings(f"feeds.b.max_age_s={MONTH_S}"), city)
    fits_s = int(refused.value.faults[0].instead.partition("to ")[2].partition(" s")[0])
    machine = BlockMachine(settings(f"feeds.b.max_age_s={fits_s}"), city, 0)
    largest = max(len(entry.value) for entry in machine.snapshot().hot)
    assert SNAPSHOT_BYTES_MAX // 2 < largest < SNAPSHOT_BYTES_MAX


def test_where_no_age_fits_the_feeds_or_the_ground_must_change(city: City) -> None:
    feeds = [f"feeds.f{number}.period_s=300" for number in range(250)]
    with pytest.raises(ConfigError, match=r"fewer feeds, or a smaller grid\.side_m"):
        check_room(settings(*feeds), city)


def test_check_config_and_run_refuse_before_any_worker_starts(cells: Path) -> None:
    sets = [f"--set=feeds.b.{one}" for one in ("period_s=10", f"max_age_s={MONTH_S}")]
    checked = CliRunner().invoke(check_config, [*sets, f"--set=worker.cells={cells}"])
    assert checked.exit_code == 1
    assert checked.stderr.startswith("feeds.b.max_age_s: max_age 2592000 s with period_s 10 keeps")
    nobody = "--set=kafka.bootstrap=127.0.0.1:1"
    run = CliRunner().invoke(_crowdtide, ["run", *sets, nobody, "--cells", str(cells)])
    assert (run.exit_code, run.stderr) == (2, checked.stderr)

"""A simulated city is what its numbers say, the same each time, and its truth is true."""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.city import load_city
from replay.city import main
from replay.city_crowds import PEOPLE_MIN, RATIOS
from replay.city_feed import build_city, city_counts, city_days
from replay.city_files import write_city
from replay.city_ground import squares, stations
from replay.city_noise import draw_shifts
from replay.city_spec import KINDS, CitySpec, city_spec, lab_spec
from replay.feed import read_feed
from replay.labels import read_labels

if TYPE_CHECKING:
    from pathlib import Path

SMALL = city_spec(5, tiles=30, days=16, hop_s=1_800)
# Nothing but the plan and whole people: what is left is the crowds.
STILL = replace(
    lab_spec(3, tiles=60, days=28, hop_s=300),
    day_sd=0.0,
    tile_day_sd=0.0,
    drift_sd=0.0,
    hour_sd=0.0,
    shift_ratio=0.0,
    outage_ratio=0.0,
    level_sd=0.3,
    level_median=2_000.0,
)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_city(build_city(SMALL), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_another_seed_gives_another_city() -> None:
    one, two = (city_counts(build_city(replace(SMALL, seed=seed))) for seed in (1, 2))
    assert (one != two).mean() > 0.9


def test_a_feed_is_read_as_it_was_drawn(tmp_path: Path) -> None:
    city = build_city(SMALL)
    write_city(city, tmp_path)
    counts = city_counts(city)
    feed = read_feed(tmp_path / "feed.csv.gz")
    hop = (feed.start_ms - city.layout.first_ms) // (SMALL.hop_s * 1_000)
    names = np.array([city.layout.ground.names.index(name) for name in feed.cells])
    drawn = counts[hop, names[feed.cell]]
    assert len(feed) == np.count_nonzero(~np.isnan(counts))
    assert not feed.rejects
    assert np.array_equal(np.isnan(feed.count), drawn < SMALL.floor)
    told = ~np.isnan(feed.count)
    assert np.array_equal(feed.count[told], drawn[told])


def test_parquet_holds_the_same_readings(tmp_path: Path) -> None:
    city = build_city(SMALL)
    write_city(city, tmp_path)
    write_city(city, tmp_path, parquet=True)
    one, two = (read_feed(tmp_path / name) for name in ("feed.csv.gz", "feed.parquet"))
    assert one.cells == two.cells
    for column in ("start_ms", "cell", "period_ms"):
        assert np.array_equal(getattr(one, column), getattr(two, column))
    assert np.array_equal(one.count, two.count, equal_nan=True)


def test_labels_and_cells_are_those_of_the_truth(tmp_path: Path) -> None:
    city = build_city(SMALL)
    write_city(city, tmp_path)
    labels = read_labels(tmp_path / "labels.csv")
    with (tmp_path / "truth.csv").open(encoding="utf-8") as text:
        truth = list(csv.DictReader(text))
    assert [one.name for one in labels] == [row["name"] for row in truth]
    assert [one.cell for one in labels] == [row["cell"] for row in truth]
    assert set(load_city(tmp_path / "cells.csv", side_m=100.0).grid.tile_ids) == set(
        city.layout.ground.names
    )
    assert "simulated" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_crowd_is_where_and_when_and_as_large_as_the_truth_says() -> None:
    city = build_city(replace(STILL, kinds={"rise": 1.0, "wide": 1.0}))
    bare = build_city(replace(STILL, crowd_days=1e9, weekly_ratio=0.0))
    extra = city_counts(city) - city_counts(bare)
    for crowd in city.crowds:
        full = slice(crowd.first_hop + crowd.ramp, crowd.first_hop + crowd.ramp + crowd.plateau)
        for tile, people in zip(crowd.tiles, crowd.people, strict=True):
            # Two draws of whole people, a mean over the plateau, five sigmas.
            usual = city.layout.expected_at(np.arange(full.start, full.stop), tile).mean()
            sigma = np.sqrt((2 * usual + people) / crowd.plateau)
            assert abs(extra[full, tile].mean() - people) < 5 * sigma
    assert len(city.crowds) > 50


def test_without_crowds_a_city_is_what_it_is_expected_to_be() -> None:
    city = build_city(replace(STILL, crowd_days=1e9, weekly_ratio=0.0, days=7, clump=0.01))
    for day in city_days(city):
        expected = city.layout.expected(day.day)
        spread = np.sqrt(expected + 0.01 * expected * expected)
        score = (day.counts - expected) / spread
        assert abs(score.mean()) < 0.02
        assert abs(score.std() - 1.0) < 0.02


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_crowds_have_the_sizes_they_should(seed: int) -> None:
    city = build_city(city_spec(seed, tiles=300, days=28))
    area = city.layout.ground.area_m2
    for crowd in city.crowds:
        assert crowd.people[0] >= PEOPLE_MIN
        if crowd.kind == "fast":
            before = city.layout.expected_at(np.array([crowd.first_hop]), crowd.tiles[0])[0]
            assert before >= 150.0
            # The third hop, which ends 15 minutes after the first began, holds all of them.
            assert crowd.shape()[2] == 1.0
            assert crowd.people[0] >= before
        elif crowd.kind == "alley":
            assert crowd.people[0] == crowd.alley_density_per_m2 * 120.0
            assert crowd.people[0] / area[crowd.tiles[0]] < crowd.alley_density_per_m2 / 50
        elif crowd.people[0] > PEOPLE_MIN:
            assert min(abs(crowd.ratio - ratio) for ratio in RATIOS) < 1e-9
        if crowd.kind == "wide":
            assert set(crowd.tiles[1:]) == set(city.layout.ground.near[crowd.tiles[0]]) - {-1}
    assert {crowd.kind for crowd in city.crowds} == set(KINDS)


def test_two_crowds_of_one_tile_are_eight_hours_apart() -> None:
    city = build_city(city_spec(4, tiles=200, days=28))
    starts: dict[int, list[int]] = {}
    for crowd in city.crowds:
        for tile in crowd.tiles:
            starts.setdefault(tile, []).append(crowd.first_hop)
    gaps = [np.diff(sorted(hops)).min() for hops in starts.values() if len(hops) > 1]
    assert min(gaps) >= 8 * 12


def test_the_lab_city_has_as_many_crowds_as_the_laboratory() -> None:
    # 100 tiles, 42 days, one in ten days and a weekly one in 15 % of tiles: 4.2 + .9 a tile.
    found = [len(build_city(lab_spec(seed)).crowds) for seed in range(8)]
    assert 460 < np.mean(found) < 540


def test_outages_take_readings_away_and_nothing_else() -> None:
    with_them = city_counts(build_city(SMALL))
    without = city_counts(build_city(replace(SMALL, outage_ratio=0.0, feed_outage_days=0.0)))
    same = (with_them == without) | np.isnan(with_them) | (with_them == 0)
    assert same.all()
    assert 0 < np.isnan(with_them).mean() < 0.05
    assert not np.isnan(without).any()


def test_a_feed_outage_silences_every_tile_at_once() -> None:
    spec = replace(SMALL, outage_ratio=0.0, feed_outage_days=2.0)
    silent = np.isnan(city_counts(build_city(spec)))
    assert silent.any()
    assert (silent.all(axis=1) == silent.any(axis=1)).all()


def test_a_shifted_tile_keeps_its_new_level() -> None:
    city = build_city(replace(STILL, shift_ratio=0.5, crowd_days=1e9, weekly_ratio=0.0))
    shifts = draw_shifts(city.layout)
    tile = int(np.argmax(shifts.day * (np.abs(np.log(shifts.factor)) > 0.2)))
    for day in city_days(city):
        ratio = day.counts[:, tile].sum() / city.layout.expected(day.day)[:, tile].sum()
        due = shifts.factor[tile] if day.day >= shifts.day[tile] else 1.0
        assert abs(ratio - due) < 0.02


def test_strong_weekdays_differ_more() -> None:
    mild, strong = (build_city(replace(SMALL, weekday_sd=sd)).layout.weekday for sd in (0.05, 0.2))
    assert np.log(strong).std() > 3 * np.log(mild).std()


def test_days_off_are_those_of_the_calendar_and_the_unlisted_ones() -> None:
    # New Year 2026 in China: Thursday to Saturday off, Sunday worked.
    city = build_city(lab_spec(1, tiles=1))
    listed = build_city(replace(lab_spec(1, tiles=1), unlisted=0)).layout.off
    assert listed[24:28].tolist() == [True, True, True, False]
    assert city.layout.off.sum() - listed.sum() in {0, 1}  # it may fall on a day off


@settings(max_examples=20, deadline=None)
@given(tiles=st.integers(1, 90))
def test_neighbours_of_squares_are_mutual(tiles: int) -> None:
    near = squares(CitySpec(seed=1, tiles=tiles)).near
    for tile in range(tiles):
        around = [one for one in near[tile].tolist() if one >= 0]
        assert len(around) == len(set(around))
        assert all(tile in near[one] for one in around)


def test_stations_are_cells_that_the_product_reads(tmp_path: Path) -> None:
    spec = replace(SMALL, days=2)
    write_city(build_city(spec, stations(spec)), tmp_path)
    city = load_city(tmp_path / "cells.csv", side_m=100.0)
    assert len(city.grid.tile_ids) > spec.tiles  # sectors lie over several squares each


def test_the_command_writes_a_city_and_refuses_what_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = ["--seed", "1", "--tiles", "4", "--days", "3", "--hop-s", "3600"]
    assert main([*size, "--out", str(tmp_path / "city")]) == 0
    assert "simulated" in capsys.readouterr().out
    with gzip.open(tmp_path / "city" / "feed.csv.gz", "rt") as text:
        assert text.readline() == "start,cell,count,period_s\n"
    assert main([*size, "--kinds", "riot", "--out", str(tmp_path / "no")]) == 2
    assert "kinds: known are rise" in capsys.readouterr().err
    assert not (tmp_path / "no").exists()

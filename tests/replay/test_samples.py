"""The samples are whole, readable by the product itself, small, and each tells its licence."""

from __future__ import annotations

import csv
import gzip
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from geo.city import load_city
from replay.feed import Feed, read_feed
from replay.labels import read_labels
from replay.samples import (
    CALIT2,
    FOLDER,
    MATCHES,
    MILAN,
    SAN_SIRO_CALLS,
    SAN_SIRO_INTERNET,
    Sample,
)
from replay.samples.build import build, main

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLES: Final = {
    "milan": MILAN,
    "san_siro_calls": SAN_SIRO_CALLS,
    "san_siro_internet": SAN_SIRO_INTERNET,
    "calit2": CALIT2,
}
ROWS: Final = {
    "milan": 4_285 + 28 * 4_320,
    "san_siro_calls": 4_285,
    "san_siro_internet": 4_285,
    "calit2": 5_040,
}
BYTES_MAX: Final = 1_500_000
LICENCES: Final = ("ODbL 1.0", "CC0", "CC BY 4.0")

every = pytest.mark.parametrize("name", SAMPLES)


def ms(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).timestamp() * 1000)


def matches() -> list[dict[str, str]]:
    with MATCHES.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


@every
def test_a_sample_is_read_whole_without_a_bad_row(name: str) -> None:
    feed = read_feed(SAMPLES[name].feed)
    assert (len(feed), feed.rejects) == (ROWS[name], ())
    assert not np.isnan(feed.count).any()
    assert (feed.count >= 0).all()
    assert (feed.start_ms % feed.period_ms == 0).all()
    assert np.unique(np.stack([feed.start_ms, feed.cell]), axis=1).shape[1] == len(feed)


@every
def test_every_cell_of_a_sample_has_a_tile_of_its_own(name: str) -> None:
    sample = SAMPLES[name]
    city = load_city(sample.cells, side_m=100.0)
    assert set(city.cells) == set(read_feed(sample.feed).cells)


@every
def test_every_label_lies_within_its_feed_at_a_known_cell(name: str) -> None:
    sample = SAMPLES[name]
    feed, labels = read_feed(sample.feed), read_labels(sample.labels)
    assert len(labels) == (29 if sample is CALIT2 else 4)
    for label in labels:
        assert feed.start_ms[0] <= label.start_ms < label.end_ms <= feed.start_ms[-1]
        assert label.cell in feed.cells


def test_the_demo_s_feeds_are_the_stadium_and_the_squares() -> None:
    feed = read_feed(MILAN.feed)
    assert feed.feeds == ("squares", "stadium")
    assert feed.period_s == {"squares": 600, "stadium": 600}
    stadium = feed.feed == feed.feeds.index("stadium")
    assert {feed.cells[cell] for cell in np.unique(feed.cell[stadium])} == {"san-siro"}
    assert stadium.sum() == 4_285


def evenings(feed: Feed) -> list[NDArray[np.bool_]]:
    """Return one mask a match: its label and the hour in which the crowd goes home."""
    return [
        (feed.start_ms >= label.start_ms) & (feed.start_ms < label.end_ms + 3_600_000)
        for label in read_labels(SAN_SIRO_CALLS.labels)
    ]


@pytest.mark.parametrize(
    ("sample", "quiet_max", "peaks"),
    [(SAN_SIRO_CALLS, 15.7, (79, 223)), (SAN_SIRO_INTERNET, 27.2, (77, 138))],
    ids=["calls_sms", "internet"],
)
def test_the_stadium_is_loud_at_its_matches_only(
    sample: Sample, quiet_max: float, peaks: tuple[float, float]
) -> None:
    feed = read_feed(sample.feed)
    loud = evenings(feed)
    assert feed.count[~np.any(loud, axis=0)].max() <= quiet_max
    for evening in loud:
        assert peaks[0] <= feed.count[evening].max() <= peaks[1]


def test_calls_peak_within_ten_minutes_of_the_final_whistle() -> None:
    feed = read_feed(SAN_SIRO_CALLS.feed)
    for match, evening in zip(matches(), evenings(feed), strict=True):
        peak_ms = feed.start_ms[evening][np.argmax(feed.count[evening])]
        assert abs(peak_ms - ms(match["final_whistle"])) <= 600_000


def test_all_files_stay_small_and_each_is_named_with_its_licence() -> None:
    files = sorted(path for path in FOLDER.iterdir() if path.name.endswith((".csv", ".csv.gz")))
    assert sum(path.stat().st_size for path in files) <= BYTES_MAX
    table = [
        line.strip("|").split("|")
        for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    licences = {cells[0].strip(" `"): cells[-1].strip() for cells in table}
    assert sorted(licences) == [path.name for path in files]
    assert all(licence.startswith(LICENCES) for licence in licences.values())


def sources(folder: Path) -> Path:
    """Write a miniature of the sources: one slot, or one event, of each."""
    texts = {
        "milan/san_siro_2013-11.csv.gz": "time_label,time_corrected,calls_sms,internet\n"
        "2013-11-01 00:00:00,2013-11-01 01:00:00,0.97197,8.8417\n",
        "milan/san_siro_matches_2013-11.csv": "date,kickoff_local,match,attendance\n"
        "2013-11-02,23:45,A v B,44261\n",
        "milan/grid25_2013-11.csv.gz": "time_local,4143,4142\n2013-11-01 00:50:00,1.23456,7\n"
        "2013-11-01 01:00:00,12345.6,8\n",
        "milan/squares3_2013-11.csv.gz": "time_local,101\n2013-11-01 01:00:00,9\n",
        "calit2/counts.csv.gz": "time_local,flow_in,flow_out\n2005-07-24 00:30:00,3,4\n",
        "calit2/events.csv": "event_id,first_slot,last_slot\n"
        "1,2005-07-26 11:00:00,2005-07-26 14:00:00\n",
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return folder


def lines(path: Path) -> list[str]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()


def test_a_build_orders_rounds_and_dates_what_the_sources_say(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    written = build(sources(tmp_path / "data"), out)
    assert {path.name for path in written} == {path.name for path in out.iterdir()}
    assert lines(out / "milan.csv.gz") == [
        "feed,start,cell,count,period_s",
        "squares,2013-11-01T00:50:00+01:00,4142,7,600",
        "squares,2013-11-01T00:50:00+01:00,4143,1.235,600",
        "stadium,2013-11-01T01:00:00+01:00,san-siro,0.97197,600",
        "squares,2013-11-01T01:00:00+01:00,101,9,600",
        "squares,2013-11-01T01:00:00+01:00,4142,8,600",
        "squares,2013-11-01T01:00:00+01:00,4143,12350,600",
    ]
    assert lines(out / "milan.cells.csv")[1:3] == [
        "san-siro,55225,57,37,San Siro stadium",
        "101,55225,1,0,Square 101",
    ]
    assert lines(out / "san_siro.matches.csv")[1] == (
        "A v B,2013-11-02T23:45:00+01:00,2013-11-03T01:35:00+01:00,44261"
    )
    assert lines(out / "calit2.csv.gz")[1] == "2005-07-24T00:30:00+00:00,main-door,3,1800"
    assert lines(out / "calit2.labels.csv")[1] == (
        "2005-07-26T10:30:00+00:00,2005-07-26T15:00:00+00:00,event 1,main-door"
    )


def test_equal_sources_give_equal_bytes(tmp_path: Path) -> None:
    data = sources(tmp_path / "data")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        build(data, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_a_missing_source_is_one_line_and_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), str(tmp_path)]) == 1
    assert main([]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert "san_siro_2013-11.csv.gz" in told[0]
    assert told[1].startswith("usage:")


@pytest.mark.slow
def test_the_samples_are_what_the_sources_give_today(tmp_path: Path) -> None:
    data = os.environ.get("CROWDTIDE_QUALITY_DATA")
    if not data:
        pytest.skip("the sources are not shipped: name their folder in CROWDTIDE_QUALITY_DATA")
    for path in build(Path(data), tmp_path):
        assert lines(path) == lines(FOLDER / path.name), path.name

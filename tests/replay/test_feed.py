"""Laws of the feed reader: what is a reading, what is a bad row, what does not matter."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from replay.badrow import FeedError
from replay.feed import Feed, FeedOptions, read_feed
from replay.log import input_log

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "start,cell,count"
ROWS = [
    "2026-01-05T08:00:00+08:00,a,10",
    "2026-01-05T08:05:00+08:00,a,11.5",
    "2026-01-05T08:05:00+08:00,b,",
    "2026-01-05T08:10:00+08:00,a,0",
]
ARRAYS = (
    *("start_ms", "period_ms", "cell", "feed", "count"),
    *("received_ms", "seq", "partition", "offset"),
)


def write(folder: Path, *lines: str, name: str = "feed.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def same(one: Feed, other: Feed) -> bool:
    return (one.cells, one.feeds) == (other.cells, other.feeds) and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name == "count")
        for name in ARRAYS
    )


def log_bytes(feed: Feed) -> list[bytes]:
    return [one.value for one in input_log(feed, hop_ms=300_000, lateness_ms=60_000)]


def test_rows_become_columns(tmp_path: Path) -> None:
    feed = read_feed(write(tmp_path, HEADER, *ROWS))
    assert feed.cells == ("a", "b")
    assert feed.feeds == ("file",)
    assert feed.start_ms.tolist()[0] == 1_767_571_200_000
    assert feed.period_s == {"file": 300}
    assert (feed.received_ms == feed.start_ms + 300_000).all()
    assert feed.rows == len(feed) == 4
    assert feed.rejects == ()
    assert any("commonest step" in note for note in feed.notes)


def test_an_empty_count_is_withheld_and_zero_is_zero(tmp_path: Path) -> None:
    feed = read_feed(write(tmp_path, HEADER, *ROWS))
    by_cell = {feed.cells[c]: n for c, n in zip(feed.cell, feed.count, strict=True)}
    assert np.isnan(by_cell["b"])
    assert by_cell["a"] == 0.0
    assert b'"counts":[11.5,null]' in b"".join(log_bytes(feed))


@pytest.mark.parametrize("name", ["f.csv.gz", "f.ndjson", "f.ndjson.gz", "f.parquet"])
def test_every_kind_of_file_gives_the_same_feed(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    records = [dict(zip(HEADER.split(","), row.split(","), strict=True)) for row in ROWS]
    numbers = [None if one["count"] == "" else float(one["count"]) for one in records]
    typed = [{**one, "count": n} for one, n in zip(records, numbers, strict=True)]
    if name.endswith(".parquet"):
        parquet.write_table(pa.Table.from_pylist(typed), path)
    else:
        lines = [HEADER, *ROWS] if "csv" in name else [json.dumps(one) for one in typed]
        data = ("\n".join(lines) + "\n").encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert same(read_feed(path), read_feed(write(tmp_path, HEADER, *ROWS)))


def test_parquet_times_with_and_without_a_zone_are_the_same_moments(tmp_path: Path) -> None:
    starts = [1_767_571_200_000, 1_767_571_500_000]
    for name, kind, shift_ms in (("z", "Asia/Shanghai", 0), ("n", None, 8 * 3_600_000)):
        values = pa.array([one + shift_ms for one in starts], pa.timestamp("ms", kind))
        table = pa.table({"start": values, "cell": [5738, 5738], "count": [1, 2]})
        parquet.write_table(table, tmp_path / f"{name}.parquet")
    options = FeedOptions(tz="Asia/Shanghai")
    zoned, naive = (read_feed(tmp_path / f"{name}.parquet", options) for name in "zn")
    assert zoned.start_ms.tolist() == starts
    assert zoned.cells == ("5738",)
    assert same(zoned, naive)


def test_the_order_of_rows_received_together_does_not_matter(tmp_path: Path) -> None:
    rows = [
        f"{1_767_571_200_000 + 300_000 * step},{cell},{count},{seq}"
        for step in range(6)
        for cell in ("z", "a", "m")
        for count, seq in ((step, 0), (step + 1, 0), ("", 1))
    ]
    want = log_bytes(read_feed(write(tmp_path, HEADER + ",seq", *rows)))
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        feed = read_feed(write(tmp_path, HEADER + ",seq", *rows))
        assert log_bytes(feed) == want
        assert any("sorted" in note for note in feed.notes)


def test_real_headers_and_gbk_are_read_as_named(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "时间,小区,人数",
        "2026-01-05 08:00,湛江港,35",
        "2026-01-05 08:05,湛江港,36",
        encoding="gbk",
    )
    columns = {"start": "时间", "cell": "小区", "count": "人数"}
    options = FeedOptions(columns=columns, encoding="gbk", tz="Asia/Shanghai")
    feed = read_feed(path, options)
    assert feed.cells == ("湛江港",)
    assert feed.count.tolist() == [35, 36]


def test_a_wrong_encoding_spoils_rows_not_the_run(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, "2026-01-05T00:00Z,湛江,1", *ROWS, encoding="gbk")
    feed = read_feed(path)
    assert [bad.count for bad in feed.rejects] == [1]
    assert "--encoding" in feed.rejects[0].what


def test_a_mark_that_spreadsheets_write_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert len(read_feed(write(tmp_path, HEADER, *ROWS, encoding="utf-8-sig"))) == 4


BAD = {
    "malformed": [
        "2026-01-05T08:00:00+08:00,a",
        "2026-01-05T08:00:00+08:00,a,1,2",
        '2026-01-05T08:00:00+08:00,"a,1',
    ],
    "bad_count": [
        f"2026-01-05T08:00:00+08:00,a,{count}" for count in ("nan", "inf", "1e999", "x", "1_0")
    ],
    "bad_interval": [
        f"{start},a,1" for start in ("", "noon", "2026-13-01T00:00Z", "2026-01-05T08:00:00")
    ],
    "late": ["1970-01-01T00:00:00Z,a,1"],
    "from_future": ["2100-01-01T00:00:00Z,a,1", "9999-12-31T23:00:00Z,a,1"],
}


@pytest.mark.parametrize(
    ("reason", "row"), [(reason, row) for reason, rows in BAD.items() for row in rows]
)
def test_a_bad_row_in_the_middle_costs_one_row_and_says_which(
    tmp_path: Path, reason: str, row: str
) -> None:
    path = write(tmp_path, HEADER, *ROWS[:2], row, *ROWS[2:])
    feed = read_feed(path)
    assert same(feed, read_feed(write(tmp_path, HEADER, *ROWS, name="good.csv")))
    (bad,) = feed.rejects
    assert (bad.reason, bad.count, bad.row) == (reason, 1, 4)
    assert feed.rows == 5
    with pytest.raises(FeedError, match=f"row 4: {reason}"):
        read_feed(path, FeedOptions(strict=True))


def test_counts_that_can_be_sent_are_left_to_the_gateway(tmp_path: Path) -> None:
    rows = [f"2026-01-05T08:{5 * i:02d}:00Z,a,{n}" for i, n in enumerate(("-1", "1e9", "-0.0"))]
    feed = read_feed(write(tmp_path, HEADER, *rows))
    assert feed.count.tolist() == [-1.0, 1e9, 0.0]
    assert not np.signbit(feed.count[2])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "malformed"),
        ("[1]", "malformed"),
        ('{"start": 1767571200000, "cell": "a"}', "malformed"),
        ('{"start": 1767571200000, "cell": "a", "count": NaN}', "malformed"),
        ('{"start": 1767571200000, "cell": "a", "count": "7"}', "bad_count"),
        ('{"start": 1767571200000, "cell": "a", "count": true}', "bad_count"),
        ('{"start": 1767571200000, "cell": "a", "count": [7]}', "bad_count"),
        ('{"start": 1767571200000, "cell": ["a"], "count": 7}', "malformed"),
        ('{"start": [1], "cell": "a", "count": 7}', "bad_interval"),
        ('{"start": true, "cell": "a", "count": 7}', "bad_interval"),
        ('{"start": 1767571200000, "cell": "a", "count": 7, "seq": 1.5}', "malformed"),
        ('{"start": 1767571200000, "cell": "a", "count": 7, "period_s": 0}', "bad_interval"),
        ('{"start": 1767571200000, "cell": "a", "count": 7, "partition": -1}', "malformed"),
    ],
)
def test_a_bad_line_of_json_is_one_bad_row(tmp_path: Path, line: str, reason: str) -> None:
    good = [
        json.dumps({"start": 1_767_571_200_000 + 300_000 * i, "cell": "a", "count": i})
        for i in range(3)
    ]
    feed = read_feed(write(tmp_path, good[0], line, *good[1:], name="f.ndjson"))
    assert len(feed) == 3
    assert [(bad.reason, bad.count, bad.row) for bad in feed.rejects] == [(reason, 1, 2)]


def test_a_stray_quote_does_not_swallow_the_rows_below(tmp_path: Path) -> None:
    rows = [f"{1_767_571_200_000 + 300_000 * i},a,{i}" for i in range(5_000)]
    rows[7] = rows[7].replace("a", '"a')
    feed = read_feed(write(tmp_path, HEADER, *rows))
    assert len(feed) == 4_999
    assert [bad.row for bad in feed.rejects] == [9]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), "no column 'start'"),
        ((HEADER,), "no rows"),
        (("time,cell,count", ROWS[0]), "no column 'start'.*--columns"),
        ((HEADER, "noon,a,1"), "no usable row; the first one, row 2: bad_interval: 'noon'"),
        ((HEADER, "2026-01-05 08:00,a,1"), "--tz"),
        ((HEADER, ROWS[0]), "--period"),
        (("start,cell,count,count", ROWS[0] + ",1"), "twice"),
    ],
)
def test_a_file_that_is_no_feed_is_refused_in_one_line(
    tmp_path: Path, lines: tuple[str, ...], says: str
) -> None:
    with pytest.raises(FeedError, match=says) as refused:
        read_feed(write(tmp_path, *lines))
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_opened_are_refused_in_one_line(tmp_path: Path) -> None:
    cut = gzip.compress("\n".join([HEADER, *ROWS]).encode())[:-12]
    (tmp_path / "cut.csv.gz").write_bytes(cut)
    (tmp_path / "no.csv.gz").write_bytes(b"plain")
    (tmp_path / "no.parquet").write_bytes(b"plain")
    for name, says in (
        ("cut.csv.gz", "cut off"),
        ("no.csv.gz", "damaged"),
        ("no.parquet", "no.parquet"),
        ("gone.csv", "No such file"),
        ("feed.xlsx", "unknown kind"),
    ):
        with pytest.raises(FeedError, match=says) as refused:
            read_feed(tmp_path / name)
        assert "\n" not in str(refused.value)


def test_an_unknown_encoding_or_column_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, *ROWS)
    with pytest.raises(FeedError, match="--encoding klingon"):
        read_feed(path, FeedOptions(encoding="klingon"))
    with pytest.raises(FeedError, match="--columns: people: unknown"):
        read_feed(path, FeedOptions(columns={"people": "x"}))


def test_period_comes_from_the_option_the_column_or_the_commonest_step(tmp_path: Path) -> None:
    times = [0, 600, 1200, 1200 + 3000]
    rows = [f"{1_767_571_200_000 + 1000 * t},a,1" for t in times]
    path = write(tmp_path, HEADER, *rows)
    assert read_feed(path).period_s == {"file": 600}
    assert read_feed(path, FeedOptions(period_s=300)).period_s == {"file": 300}
    with_column = write(tmp_path, HEADER + ",period_s", *(row + ",900" for row in rows))
    assert read_feed(with_column).period_s == {"file": 900}
    told = read_feed(with_column, FeedOptions(period_s=300))
    assert told.period_s == {"file": 300}
    assert any("says otherwise" in note for note in told.notes)


def test_received_is_the_column_or_the_interval_s_end_plus_the_delay(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER, *ROWS)
    late = read_feed(path, FeedOptions(delay_s=90))
    assert (late.received_ms == late.start_ms + 390_000).all()
    rows = [f"{row},{1_767_571_900_000 + i}" for i, row in enumerate(ROWS)]
    own = read_feed(write(tmp_path, HEADER + ",received", *rows))
    assert own.received_ms.tolist() == [1_767_571_900_000 + i for i in range(4)]


def test_an_archive_s_ticks_are_clocks_not_readings(tmp_path: Path) -> None:
    start = 1_767_571_200_000
    reading = {"start": start, "cell": "a", "count": 1, "period_s": 300, "received": start}
    lines = [
        {"schema": "tick/1", "now_ms": start, "partition": 1, "offset": 0},
        {**reading, "partition": 1, "offset": 1},
        {"schema": "tick/1", "now_ms": "x", "partition": 1, "offset": 2},
    ]
    feed = read_feed(write(tmp_path, *map(json.dumps, lines), name="a.ndjson"))
    assert feed.ticks is not None
    assert feed.ticks.now_ms.tolist() == [start]
    assert feed.ticks.partition.tolist() == [1]
    assert len(feed) == 1
    assert [bad.row for bad in feed.rejects] == [3]
    csv = ["start,cell,count,period_s,received,partition,offset,tick", f",,,,,1,0,{start}"]
    csv.append(f"{start},a,1,300,{start},1,1,")
    assert same(feed, read_feed(write(tmp_path, *csv)))

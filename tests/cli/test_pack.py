"""Laws of commands that are given a city pack where a cells file could stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from geo.pack_file import write_pack
from geo.site import PlacedSite
from stream.cli.group import _crowdtide
from tests.laws.crowds import HOP_S, START_MS, crowd, discs
from tests.stream.packed import duty_of, pack_with, packed

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from geo.city import City

import numpy as np

HOPS = 80
LATER_MS = 1_797_696_000_000  # 2026-12-20T00:00+08:00
QUIET = ("--set", "calendar.country=none")


def call(*arguments: str) -> Result:
    return CliRunner(env={"LANG": "en"}).invoke(_crowdtide, arguments)


def town(folder: Path, *, feeds: tuple[str, ...] = ("cmcc",)) -> City:
    plain = discs(folder)
    numbers = (plain.grid.col > np.median(plain.grid.col)).astype(int).tolist()
    return packed(
        plain,
        feeds=feeds,
        later={LATER_MS: plain.coverage},
        sites=[
            PlacedSite(
                name="Pier",
                tiles=np.flatnonzero(plain.grid.col < np.median(plain.grid.col) - 5).astype("i4"),
                access_risk=("water_edge",),
            )
        ],
        duty=duty_of(plain, police=numbers, fire=numbers, posts=numbers),
        assumed=[True] * len(numbers),
    )


@pytest.fixture(name="folder")
def fixture_folder(tmp_path: Path) -> Path:
    """Write a pack, and a feed file that names no feed."""
    write_pack(tmp_path / "city.pack", pack_with(town(tmp_path)))
    rows = [
        f"{START_MS + hop * HOP_S * 1000},c{cell:02d},{crowd(cell, hop)},{HOP_S}\n"
        for hop in range(HOPS)
        for cell in range(24)
    ]
    (tmp_path / "feed.csv").write_text("start,cell,count,period_s\n" + "".join(rows), "utf-8")
    return tmp_path


def test_a_backtest_on_a_pack_tells_the_desks_what_the_pack_says(folder: Path) -> None:
    alerts = folder / "alerts.ndjson"
    result = call(
        "backtest",
        str(folder / "feed.csv"),
        "--cells",
        str(folder / "city.pack"),
        "--alerts",
        str(alerts),
        *QUIET,
    )
    assert result.exit_code == 0, result.output
    assert "one feed, cmcc" in result.stdout
    told = [json.loads(line)["data"] for line in alerts.read_text("utf-8").splitlines()]
    assert told
    assert {data["district"] for data in told} <= {"Police 0", "Police 1"}
    for data in told:
        assert data["jurisdiction"][0]["desk"] == data["desk"]
        assert data["responsible"][0]["unit"].startswith("Unit")
        assert data["density"]["walkable_source"] == "assumed"
        assert data["density"]["assumed_share"] == pytest.approx(0.0025)
        assert data["grid_side_m"] == 100.0


def test_check_config_tells_of_the_pack(folder: Path) -> None:
    pack = ("--set", f"worker.cells={folder / 'city.pack'}")
    feed = ("--set", "feeds.cmcc.period_s=300")
    result = call("check-config", *pack, *feed, "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)["pack"]
    assert (facts["name"], facts["side_m"], facts["sites"], facts["posts"]) == (
        "Zhanjiang",
        100.0,
        1,
        2,
    )
    assert [one["valid_from"] for one in facts["versions"]] == [None, "2026-12-20T00:00:00+08:00"]
    assert facts["versions"][0]["cells"] == {"cmcc": 24}
    assert facts["assumed_share"] == pytest.approx(0.0025)
    lines = call("check-config", *pack, *feed).stdout.splitlines()
    assert "the city pack" in lines
    assert "  name: Zhanjiang" in lines
    assert any(line.startswith("    from the beginning: cmcc 24 cells") for line in lines)
    assert any(line.startswith("    from 2026-12-20T00:00:00+08:00: cmcc 24") for line in lines)


@pytest.mark.parametrize(
    "sets",
    [
        ("grid.side_m=50",),
        ("grid.walkable_share=0.4",),
        ("feeds.nobody.period_s=300",),
    ],
    ids=str,
)
def test_settings_that_contradict_the_pack_are_one_line(
    folder: Path, sets: tuple[str, ...]
) -> None:
    given = [part for one in sets for part in ("--set", one)]
    pack = str(folder / "city.pack")
    for command, code in (
        (("check-config", "--set", f"worker.cells={pack}"), 1),
        (("backtest", str(folder / "feed.csv"), "--cells", pack), 2),
        (("run", "--cells", pack), 2),
    ):
        result = call(*command, *given)
        assert result.exit_code == code, result.output
        assert len(result.stderr.splitlines()) == 1
        assert "city pack" in result.stderr


def test_a_feed_of_the_pack_that_nobody_registered_is_a_note(tmp_path: Path) -> None:
    write_pack(tmp_path / "city.pack", pack_with(town(tmp_path, feeds=("cmcc", "cucc"))))
    pack = ("--set", f"worker.cells={tmp_path / 'city.pack'}")
    result = call("check-config", *pack, "--set", "feeds.cmcc.period_s=300")
    assert result.exit_code == 0
    assert "feeds that are not registered: cucc" in result.stderr
    assert call("check-config", *pack).stderr == ""


@pytest.mark.parametrize("command", ["backtest", "check-config"])
def test_a_damaged_pack_is_one_line_and_exit_1(folder: Path, command: str) -> None:
    pack = folder / "city.pack"
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.write_bytes(data)
    feed = [str(folder / "feed.csv")] if command == "backtest" else []
    result = call(command, *feed, "--set", f"worker.cells={pack}")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert str(pack) in result.stderr

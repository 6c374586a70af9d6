"""Laws of `crowdtide geo`: a pack or all faults, a picture that can be read, a plain verdict."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import IO, TYPE_CHECKING, Final, cast

import numpy as np
import pytest
from click.testing import CliRunner, Result

from geo.pack_file import read_pack, write_pack
from stream.cli.geo_picture import drawn
from stream.cli.geo_steps import Steps
from stream.cli.geo_text import TEXTS
from stream.cli.group import _crowdtide
from tests.geo.sample_pack import sample_own_tiles, sample_pack

if TYPE_CHECKING:
    from pathlib import Path

SVG: Final = "{http://www.w3.org/2000/svg}"
BOX: Final = "[[[9.0,45.0],[9.02,45.0],[9.02,45.01],[9.0,45.01],[9.0,45.0]]]"


def call(*arguments: str | Path, lang: str = "en") -> Result:
    return CliRunner(env={"LANG": lang}).invoke(_crowdtide, [str(one) for one in arguments])


def town(folder: Path, *, cells: str = "", more: str = "") -> Path:
    """Write the files of a small made-up town."""
    plain = "cell,lon,lat,radius_m\na,9.004,45.004,300\nb,9.015,45.005,400\n"
    (folder / "cells.csv").write_text(cells or plain)
    (folder / "town.geojson").write_text(
        '{"type":"FeatureCollection","datum":"wgs84","features":[{"type":"Feature","properties":'
        f'{{"id":"1","name":"Town"}},"geometry":{{"type":"Polygon","coordinates":{BOX}}}}}]}}'
    )
    city = folder / "city.toml"
    city.write_text(
        'name = "Town"\nname_zh = "小镇"\nboundary = { file = "town.geojson" }\n'
        '[[cells]]\nfeed = "cmcc"\nfile = "cells.csv"\ndatum = "wgs84"\n' + more + "\n"
        '[jurisdictions]\npolice = { file = "town.geojson", id = "id", name = "name" }\n'
    )
    return city


def built(folder: Path, **options: str) -> Path:
    pack = folder / "town.pack"
    result = call("geo", "build", town(folder, **options), "--out", pack)
    assert result.exit_code == 0, result.stderr
    return pack


def test_a_build_writes_the_pack_and_says_what_went_in(tmp_path: Path) -> None:
    pack = tmp_path / "town.pack"
    result = call("geo", "build", town(tmp_path), "--out", pack)
    whole = read_pack(pack)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.startswith(f"Town · pack {whole.digest[:12]}\n")
    assert f"{whole.report.tiles:,} squares of 100 m" in result.stdout
    assert "cmcc: 2 cells" in result.stdout
    assert "1, with tiles: Town" in result.stdout
    assert all(one.file in result.stdout for one in whole.inputs)
    assert call("geo", "inspect", pack).stdout == result.stdout


def test_a_chinese_desk_reads_chinese(tmp_path: Path) -> None:
    text = call("geo", "inspect", built(tmp_path), lang="zh_CN.UTF-8").stdout
    assert text.startswith("小镇 · 城市包 ")
    assert "cmcc：2 个小区" in text


def test_all_faults_of_all_files_are_lines_and_nothing_is_written(tmp_path: Path) -> None:
    city = town(tmp_path, cells="cell,lon,lat,radius_m\na,45.004,x,300\na,9.01,45,-1\n")
    districts = tmp_path / "town.geojson"
    districts.write_text(districts.read_text().replace('"datum":"wgs84",', ""))
    before = sorted(tmp_path.iterdir())
    result = call("geo", "build", city, "--out", tmp_path / "town.pack")
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert sum("cells.csv" in line for line in lines) == 3
    assert sum("town.geojson" in line for line in lines) >= 1
    assert all("; " in line for line in lines)
    assert sorted(tmp_path.iterdir()) == before
    told = json.loads(call("geo", "build", city, "--out", tmp_path / "p", "--json").stdout)
    assert (told["schema"], told["ok"]) == ("geo-build/1", False)
    assert len(told["faults"]) == len(lines)
    assert {"file", "where", "field", "says", "write"} == told["faults"][0].keys()


def test_a_pack_that_may_not_be_written_is_one_line(tmp_path: Path) -> None:
    result = call("geo", "build", town(tmp_path), "--out", tmp_path / "none" / "town.pack")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    told = call("geo", "build", tmp_path / "city.toml", "--out", tmp_path / "cells.csv", "--json")
    (fault,) = json.loads(told.stdout)["faults"]
    assert (told.exit_code, told.stderr) == (1, "")
    assert fault["says"] == "is there and is no city pack"
    pack = built(tmp_path)
    before = pack.read_bytes()
    result = call("geo", "inspect", pack, "--picture", pack)
    assert (result.exit_code, result.stdout, pack.read_bytes()) == (1, "", before)
    assert "is a city pack; give another path for the picture" in result.stderr
    result = call("geo", "inspect", pack, "--picture", tmp_path / "none" / "town.svg")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize("command", [("inspect",), ("diff", "cells.csv")])
def test_what_is_no_pack_is_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    town(tmp_path)
    paths = [tmp_path / one if one.endswith(".csv") else one for one in command]
    result = call("geo", *paths, tmp_path / "cells.csv")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "is no city pack" in result.stderr


def test_programs_get_one_object(tmp_path: Path) -> None:
    pack = built(tmp_path)
    told = json.loads(call("geo", "inspect", pack, "--json").stdout)
    whole = read_pack(pack)
    assert told["schema"] == "geo-inspect/1"
    assert (told["grid"], told["pack"]) == (whole.city.digest, whole.digest)
    assert told["report"]["tiles"] == len(whole.city.grid.tile_ids)
    assert told["police"] == [{"id": "1", "name": "Town", "tiles": told["report"]["tiles"]}]
    assert {one["file"] for one in told["inputs"]} == {"cells.csv", "city.toml", "town.geojson"}
    told = json.loads(call("geo", "diff", pack, pack, "--json").stdout)
    assert (told["schema"], told["state_goes_on"], told["same_bytes"]) == ("geo-diff/1", True, True)


WEEKLY: Final = (
    '[[cells]]\nfeed = "cmcc"\nfile = "new.csv"\ndatum = "wgs84"\n'
    "valid_from = 2026-12-01T00:00:00+08:00\n"
)


def weekly(folder: Path) -> Path:
    """Build the town once more, with a week's new cells."""
    folder.mkdir()
    (folder / "new.csv").write_text(
        "cell,lon,lat,radius_m\nb,9.015,45.005,400\nc,9.01,45.005,200\n"
    )
    return built(folder, more=WEEKLY)


def test_a_new_version_lets_the_state_go_on_and_says_from_when_it_acts(tmp_path: Path) -> None:
    before, after = built(tmp_path), weekly(tmp_path / "later")
    result = call("geo", "diff", before, after)
    assert result.exit_code == 0
    assert "same grid: saved state goes on" in result.stdout
    assert "new coverage acts from 2026-11-30T16:00:00+00:00," in result.stdout
    assert "cmcc: 2 → 2 cells; 1 added (c); 1 removed (a)" in result.stdout
    assert "another grid" not in result.stdout


def test_another_grid_ends_the_state_and_says_how_to_migrate(tmp_path: Path) -> None:
    before = built(tmp_path)
    (tmp_path / "finer").mkdir()
    city = town(tmp_path / "finer")
    city.write_text(city.read_text() + "[grid]\nside_m = 50\n")
    after = tmp_path / "finer" / "town.pack"
    assert call("geo", "build", city, "--out", after).exit_code == 0
    text = call("geo", "diff", before, after).stdout
    assert "side 100 m → 50 m" in text
    assert "saved state cannot go on" in text
    assert "topics.prefix" in text
    assert "状态不能继续使用" in call("geo", "diff", before, after, lang="zh").stdout


def test_a_rewritten_version_is_warned_of(tmp_path: Path) -> None:
    before = built(tmp_path)
    (tmp_path / "x").mkdir()
    moved = "cell,lon,lat,radius_m\na,9.006,45.004,300\nb,9.015,45.005,400\n"
    text = call("geo", "diff", before, built(tmp_path / "x", cells=moved)).stdout
    assert "1 moved (farthest a, " in text
    assert "the version that acts from the beginning is not what it was" in text
    assert "cannot be rewritten" in text


def test_equal_packs_are_told_in_one_line(tmp_path: Path) -> None:
    pack = built(tmp_path)
    assert call("geo", "diff", pack, pack).stdout == "the packs are the same to the last byte\n"


def texts_of(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("lang", list(TEXTS))
def test_a_picture_has_title_names_scale_and_legend(tmp_path: Path, lang: str) -> None:
    svg = drawn(read_pack(built(tmp_path)), file="town.pack", lang=lang)
    texts = texts_of(svg)
    assert {"小镇" if lang == "zh-CN" else "Town", "500 m", TEXTS[lang]["picture.north"]} <= set(
        texts
    )
    assert "Town" in texts  # the name of the police area
    assert TEXTS[lang]["picture.none"] in texts
    assert "nan" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")  # it loads nothing


def test_every_tile_is_a_pixel_of_the_picture(tmp_path: Path) -> None:
    whole = read_pack(built(tmp_path))
    (image,) = ET.fromstring(drawn(whole, file="", lang="en")).iter(f"{SVG}image")
    grid = whole.city.grid
    across, down = np.ptp(grid.col) + 1, np.ptp(grid.row) + 1
    ratio = float(image.attrib["width"]) / float(image.attrib["height"])
    assert ratio == pytest.approx(across / down, rel=0.01)


def test_sectors_are_wedges_while_they_are_few(tmp_path: Path) -> None:
    sectors = (
        "cell,lon,lat,radius_m,azimuth_deg,beam_deg\na,9.004,45.004,300,90,120\n"
        "b,9.015,45.005,400,0,200\nc,9.01,45.005,300,,\n"
    )
    svg = drawn(read_pack(built(tmp_path, cells=sectors)), file="", lang="en")
    wedges = re.findall(r"A[\d.]+ [\d.]+ 0 ([01]) 1 ", svg)
    assert wedges == ["0", "1"]  # the one of 200 degrees takes the long way round


def test_a_pack_without_places_cannot_be_drawn(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("cell,area_m2\na,100\nb,200\n")
    city = tmp_path / "city.toml"
    city.write_text(
        'name = "Doors"\n[grid]\ntiling = "cells"\n[[cells]]\nfeed = "*"\nfile = "own.csv"\n'
    )
    pack = tmp_path / "doors.pack"
    result = call("geo", "build", city, "--out", pack)
    assert result.exit_code == 0, result.stderr
    assert "2 cells, each its own tile" in result.stdout
    assert "any feed: 2 cells" in result.stdout
    result = call("geo", "inspect", pack, "--picture", tmp_path / "doors.svg")
    assert result.exit_code == 1
    assert result.stderr.endswith("nothing to draw; give polygons, or row and col\n")
    assert not (tmp_path / "doors.svg").exists()


def test_any_pack_can_be_written_read_told_and_drawn(tmp_path: Path) -> None:
    for grid in (None, sample_own_tiles()):
        write_pack(tmp_path / "p", sample_pack(grid))
        for lang in TEXTS:
            result = call(
                "geo", "inspect", tmp_path / "p", "--picture", tmp_path / "p.svg", "--lang", lang
            )
            assert result.exit_code == 0, result.output
            ET.parse(tmp_path / "p.svg")


class Terminal:
    """A stand-in for stderr that is a terminal, and a clock."""

    def __init__(self, *, tty: bool = True) -> None:
        self.text, self.now_s, self._tty = "", 0.0, tty

    def isatty(self) -> bool:
        return self._tty

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def steps(terminal: Terminal) -> Steps:
    return Steps(cast("IO[str]", terminal), lang="en", clock=lambda: terminal.now_s)


def test_a_step_is_a_line_with_counts_and_seconds() -> None:
    terminal = Terminal()
    shown = steps(terminal)
    shown.at("read", 1, 3)
    terminal.now_s = 0.01
    shown.at("read", 2, 3)  # too soon to say again
    terminal.now_s = 1.5
    shown.at("read", 3, 3)
    shown.at("ground", 1, 1)
    terminal.now_s = 2.0
    shown.end()
    shown.end()
    lines = [line.rpartition("\x1b[K")[2] for line in terminal.text.split("\n")]
    assert lines == ["  files 3/3  1.5 s", "  ground  0.5 s", ""]
    assert "2/3" not in terminal.text


def test_nothing_is_told_into_a_pipe() -> None:
    terminal = Terminal(tty=False)
    shown = steps(terminal)
    shown.at("read", 1, 3)
    shown.end()
    assert terminal.text == ""

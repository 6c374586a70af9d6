"""Laws of the city file: read as it says, or every fault of it named at once with its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo.fault import RegisterError
from geo.making.city_file import CityFile, load_city_file
from geo.version import BEGINNING_MS

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
name = "Zhanjiang"
name_zh = "湛江"
[grid]
side_m = 50
tiling = "squares"
centre = [110.4, 21.2]
[boundary]
file = "d.geojson"
datum = "gcj02"
[ground]
assumed_share = 0.25
walkable = [ { file = "d.geojson", datum = "wgs84" } ]
excluded = [ { file = "d.geojson" }, { file = "sub/e.geojson", datum = "EPSG:4547" } ]
[[cells]]
feed = "cmcc"
file = "s.csv"
datum = "wgs84"
radius_max_m = 1500
[[cells]]
feed = "cmcc"
file = "s.csv"
datum = "wgs84"
valid_from = 2026-12-01T00:00:00+08:00
[[cells]]
feed = "ct"
file = "s.csv"
datum = "bd09"
[jurisdictions]
sliver_m2 = 2.5
police = { file = "d.geojson", datum = "gcj02", id = "adcode", name = "name" }
fire = { file = "d.geojson", datum = "gcj02", id = "adcode", name = "name" }
posts = { file = "d.geojson", datum = "gcj02" }
[sites]
file = "d.geojson"
datum = "wgs84"
"""
LEAST = 'name = "A"\n[[cells]]\nfeed = "f"\nfile = "s.csv"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name in ("d.geojson", "s.csv", "sub/e.geojson"):
        (tmp_path / name).write_text("not opened")
    return tmp_path


def read(folder: Path, text: str) -> CityFile:
    path = folder / "city.toml"
    path.write_text(text, encoding="utf-8")
    return load_city_file(path)


def lines(folder: Path, text: str) -> list[str]:
    """Return the faults, without the name of the file."""
    with pytest.raises(RegisterError) as caught:
        read(folder, text)
    start = f"{folder / 'city.toml'}: "
    said = str(caught.value).splitlines()
    assert all(line.startswith(start) and "; " in line for line in said)
    assert len(said) == len(caught.value.faults)
    return [line.removeprefix(start) for line in said]


def test_every_key_is_read_as_it_stands(folder: Path) -> None:
    city = read(folder, WHOLE)
    assert (city.name, city.name_zh) == ("Zhanjiang", "湛江")
    assert (city.grid.side_m, city.grid.tiling, city.grid.centre) == (50, "squares", (110.4, 21.2))
    assert city.boundary is not None
    assert (city.boundary.file, city.boundary.datum) == ("d.geojson", "gcj02")
    assert city.ground.assumed_share == 0.25
    assert [one.datum for one in city.ground.walkable] == ["wgs84"]
    assert [one.datum for one in city.ground.excluded] == [None, "EPSG:4547"]
    assert [(one.feed, one.radius_max_m, one.valid_from_ms) for one in city.cells] == [
        ("cmcc", 1500.0, BEGINNING_MS),
        ("cmcc", 2000.0, 1_796_054_400_000),
        ("ct", 2000.0, BEGINNING_MS),
    ]
    assert city.jurisdictions.sliver_m2 == 2.5
    assert city.jurisdictions.police is not None
    assert (city.jurisdictions.police.id, city.jurisdictions.police.name) == ("adcode", "name")
    assert city.jurisdictions.posts is not None
    assert city.sites is not None


def test_what_is_not_said_has_its_default(folder: Path) -> None:
    city = read(folder, LEAST)
    assert (city.grid.side_m, city.grid.tiling, city.grid.centre) == (100.0, "squares", None)
    assert (city.boundary, city.sites, city.jurisdictions.police) == (None, None, None)
    assert (city.ground.assumed_share, city.ground.walkable) == (0.3, ())
    assert city.jurisdictions.sliver_m2 == 1.0


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(folder: Path) -> None:
    plain = read(folder, WHOLE)
    (folder / "city.toml").write_bytes(WHOLE.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load_city_file(folder / "city.toml") == plain


FAULTS = {
    # A whole file with one line more or another one -> the one fault of it.
    "misspelt key": (
        ("side_m", "side"),
        "grid.side: is no key of the city file; write grid.side_m",
    ),
    "key of another table": (
        ('name_zh = "湛江"', "assumed_share = 0.5"),
        "assumed_share: is no key of the city file; write ground.assumed_share",
    ),
    "misspelt key of cells": (
        ("radius_max_m", "radius_m"),
        "cells 1: radius_m: is no key of the city file; write radius_max_m",
    ),
    "tiles too small": (
        ("side_m = 50", "side_m = 24.9"),
        "grid.side_m: 24.9 cannot be used; write metres from 25 to 500, e.g. 100",
    ),
    "tiles too large": (("side_m = 50", "side_m = 501"), "grid.side_m: 501 cannot be used"),
    "not a number": (("side_m = 50", "side_m = nan"), "grid.side_m: nan cannot be used"),
    "true": (("side_m = 50", "side_m = true"), "grid.side_m: True cannot be used"),
    "unknown tiling": (
        ('"squares"', '"hexagons"'),
        'grid.tiling: \'hexagons\' cannot be used; write "squares" or "cells"',
    ),
    "centre swapped": (
        ("[110.4, 21.2]", "[21.2, 110.4]"),
        "grid.centre: 110.4 is no latitude: lon and lat look swapped; write [110.4, 21.2]",
    ),
    "centre in metres": (
        ("[110.4, 21.2]", "[500000, 2300000]"),
        "grid.centre: [500000, 2.3e+06] is no place on the globe; write [lon, lat]",
    ),
    "half a centre": (("[110.4, 21.2]", "[110.4]"), "grid.centre: [110.4] cannot be used"),
    "unknown datum": (
        (
            'file = "d.geojson"\ndatum = "gcj02"\n[ground]',
            'file = "d.geojson"\ndatum = "gcj"\n[ground]',
        ),
        "boundary.datum: 'gcj' is not known; write wgs84, gcj02, bd09 or EPSG:<code>",
    ),
    "cells in metres": (
        ('"bd09"', '"EPSG:4547"'),
        "cells 3: datum: 'EPSG:4547' is not in degrees; write wgs84, gcj02 or bd09",
    ),
    "no such file": (
        ('"sub/e.geojson"', '"sub/f.geojson"'),
        "ground.excluded 2: file: there is no file ",
    ),
    "a folder": (('"sub/e.geojson"', '"sub"'), "ground.excluded 2: file: there is no file "),
    "a table for a list": (
        ('walkable = [ { file = "d.geojson", datum = "wgs84" } ]', 'walkable = "d.geojson"'),
        "ground.walkable: 'd.geojson' is no list of tables; write [[ground.walkable]] for each",
    ),
    "a text for a table": (
        ('posts = { file = "d.geojson", datum = "gcj02" }', 'posts = "d.geojson"'),
        "jurisdictions.posts: 'd.geojson' is no table; write [jurisdictions.posts] and its keys",
    ),
    "no one to walk": (
        ("assumed_share = 0.25", "assumed_share = 0"),
        "ground.assumed_share: 0 cannot be used; write a share above 0 to 1",
    ),
    "slivers below nothing": (("2.5", "-1"), "jurisdictions.sliver_m2: -1 cannot be used"),
    "areas without names": (
        (
            'police = { file = "d.geojson", datum = "gcj02", id = "adcode", name = "name" }',
            'police = { file = "d.geojson", datum = "gcj02", id = "adcode" }',
        ),
        "jurisdictions.police.name: is missing; write the name of a property",
    ),
    "no name": (('name = "Zhanjiang"\n', ""), "name: is missing; write a name in quotes"),
    "a feed of another alphabet": (
        ('feed = "ct"', 'feed = "电信"'),
        "cells 3: feed: '电信' cannot be used; write the feed's name in the settings",
    ),
    "cells of all feeds beside those of one": (
        ('feed = "ct"', 'feed = "*"'),
        'cells 3: feed: is "*", all feeds, beside cells of cmcc; name the feed of these cells',
    ),
    "naive time": (
        ("2026-12-01T00:00:00+08:00", "2026-12-01T00:00:00"),
        "cells 2: valid_from: 2026-12-01T00:00:00 cannot be used; write a date and time with its",
    ),
    "a date": (("2026-12-01T00:00:00+08:00", "2026-12-01"), "cells 2: valid_from: "),
    "time beyond all zones": (
        ("2026-12-01T00:00:00+08:00", "9999-12-31T23:59:59-12:00"),
        "cells 2: valid_from: 9999-12-31 23:59:59-12:00 lies after 2199; write valid_from = ",
    ),
    "a name that steers a terminal": (
        ('name = "Zhanjiang"', r'name = "Zhan\u001b[31mjiang"'),
        r"name: 'Zhan\x1b[31mjiang' cannot be used; write a name in quotes, in printable",
    ),
    "too long a name": (('"sub/e.geojson"', f'"{"e" * 5_000}"'), "there is no file "),
    "a number of 5,000 digits": (("side_m = 50", f"side_m = {'5' * 5_000}"), "is not TOML ("),
    "lists without end": (("side_m = 50", f"side_m = {'[' * 100_000}"), "is not TOML ("),
    "time before time": (
        ("2026-12-01T00:00:00+08:00", "1969-12-01T00:00:00+08:00"),
        "cells 2: valid_from: 1969-12-01 00:00:00+08:00 lies before 1970",
    ),
    "a feed twice": (
        ("valid_from = 2026-12-01T00:00:00+08:00\n", ""),
        "cells 2: feed: 'cmcc' stands already in cells 1; add valid_from = 2026",
    ),
    "first cells of a feed later": (
        ('datum = "bd09"', 'datum = "bd09"\nvalid_from = 2026-12-01T00:00:00Z'),
        "cells 3: valid_from: stands in the first entry of feed 'ct'; take it out",
    ),
}


@pytest.mark.parametrize("case", sorted(FAULTS))
def test_a_fault_is_one_line_with_key_and_remedy(folder: Path, case: str) -> None:
    (old, new), want = FAULTS[case]
    assert WHOLE.count(old) >= 1, "the case must change the file"
    (line,) = lines(folder, WHOLE.replace(old, new, 1))
    assert want in line


@pytest.mark.parametrize("second", ["2026-12-01T00:00:00+08:00", "2026-11-30T15:59:59Z"])
def test_versions_of_a_feed_follow_one_another(folder: Path, second: str) -> None:
    more = f'[[cells]]\nfeed = "cmcc"\nfile = "s.csv"\ndatum = "wgs84"\nvalid_from = {second}\n'
    (line,) = lines(folder, WHOLE + more)
    assert line.startswith("cells 4: valid_from: is not after that of cells 2, of the same feed")
    later = more.replace(second, "2026-11-30T16:00:00.001Z")
    assert read(folder, WHOLE + later).cells[-1].valid_from_ms == 1_796_054_400_001


def test_tiles_that_are_cells_come_from_one_list(folder: Path) -> None:
    (line,) = lines(folder, WHOLE.replace('"squares"', '"cells"'))
    assert line.startswith('grid.tiling: is "cells" with 3 lists of cells')
    assert read(folder, f'{LEAST}[grid]\ntiling = "cells"\n').grid.tiling == "cells"


@pytest.mark.parametrize("cells", ["", "cells = []\n", "[cells]\nfeed = 3\n"])
def test_a_city_needs_cells(folder: Path, cells: str) -> None:
    (line,) = lines(folder, f'name = "A"\n{cells}')
    assert line.startswith("cells: ")
    assert "[[cells]]" in line


def test_all_faults_are_listed_at_once(folder: Path) -> None:
    text = WHOLE
    for (old, new), _ in (FAULTS[case] for case in ("misspelt key", "unknown tiling", "no name")):
        text = text.replace(old, new, 1)
    text = text.replace('"s.csv"', '"t.csv"').replace(", name = ", ", nam = ")
    said = lines(folder, text)
    assert len(said) == 10
    keys = [line.rpartition(": ")[0] for line in said]
    for want in ("grid.side", "grid.tiling", "name", "cells 3: file", "jurisdictions.fire.name"):
        assert any(key.startswith(want) for key in keys), (want, said)


def test_one_fault_of_a_feed_hides_no_other_and_makes_none_up(folder: Path) -> None:
    """The file of the first entry is missing: the second is still the second of its feed."""
    said = lines(folder, WHOLE.replace('file = "s.csv"\n', "", 1))
    assert said == ["cells 1: file: is missing; write the path of a file, from the city file"]


@pytest.mark.parametrize(
    ("data", "want"),
    [
        (b"cell,lon,lat\na,1,2\n", "is not TOML"),
        ('name = "湛江"'.encode("gbk"), "line 1 is not UTF-8 (byte 0xbd); save the file as UTF-8"),
        ('name = "A"'.encode("utf-16"), "is text in UTF-16; save it as UTF-8"),
    ],
)
def test_what_is_no_city_file_is_one_line(folder: Path, data: bytes, want: str) -> None:
    path = folder / "city.toml"
    path.write_bytes(data)
    with pytest.raises(RegisterError) as caught:
        load_city_file(path)
    assert len(caught.value.faults) == 1
    assert want in str(caught.value)


def test_a_fault_stays_on_its_line_whatever_it_quotes(folder: Path) -> None:
    said = lines(folder, f'{LEAST}[boundary]\nfile = "a\\nb\\u0007"\n["x\\ny"]\n')
    assert len(said) == 2
    assert all(line.isprintable() for line in said)


def test_a_missing_city_file_is_one_line(folder: Path) -> None:
    with pytest.raises(RegisterError, match=r"none\.toml: cannot be read \(No such file"):
        load_city_file(folder / "none.toml")

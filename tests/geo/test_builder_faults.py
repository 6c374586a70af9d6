"""Laws of a build that must fail: every fault of every file, at once, and no pack."""

from pathlib import Path

import pytest

from geo.making.builder import build
from geo.making.gathering import BuildError
from tests.geo.made_city import CITY, LATER, box, post, write_city, write_layer


def lines_of(path: Path) -> list[str]:
    """Return the lines of a build that must fail, without the folder."""
    with pytest.raises(BuildError) as caught:
        build(path)
    return str(caught.value).replace(f"{path.parent}/", "").splitlines()


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    (tmp_path / "cells.csv").write_text("cell,lon,lat,radius_m\na,21.2,110.4,300\nb,1,2,-5\n")
    write_layer(tmp_path / "posts.geojson", box(100, 10, 120, 30, **post(1, deputy=None)))
    write_layer(tmp_path / "sites.geojson", box(110.4, 21.2, 110.41, 21.21, rungs=[1, 2]))
    (tmp_path / "water.geojson").write_text("{")
    lines = lines_of(path)
    assert [line.split(":")[0] for line in lines] == [
        "cells.csv",
        "cells.csv",
        "water.geojson",
        "posts.geojson",
        "sites.geojson",
        "sites.geojson",
    ]
    assert "lon and lat look swapped" in lines[0]
    assert "deputy: is missing" in lines[3]
    assert "name: is missing" in lines[4]
    assert "[1, 2] is no ladder" in lines[5]


def test_all_faults_of_the_ground_are_told_at_once(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    write_layer(
        tmp_path / "districts.geojson",
        box(100, 10, 110.4, 30, adcode=1, name="West"),
        box(110.4002, 10, 120, 30, adcode=2, name="East"),
    )
    write_layer(tmp_path / "sites.geojson", box(111.4, 21.2, 111.41, 21.21, name="Far"))
    with (tmp_path / "masts.csv").open("a") as masts:
        masts.write("far,111.0,21.2\n")
    lines = lines_of(path)
    assert {line.split(":")[0] for line in lines} == {
        "masts.csv",
        "districts.geojson",
        "sites.geojson",
    }
    # Both desks read one layer: its gaps are told once.
    (gap,) = [line for line in lines if "belong to no area" in line]
    assert " and 23 more: police, fire: " in gap
    (nowhere,) = [line for line in lines if "cell 'far'" in line]
    assert "covers no ground of the grid" in nowhere


def test_a_file_that_is_named_twice_has_its_faults_told_once(tmp_path: Path) -> None:
    path = write_city(tmp_path, CITY + LATER.replace("cells-2.csv", "cells.csv"))
    (tmp_path / "cells.csv").write_text("cell,lon,lat,radius_m\na,110.4,21.2,300\na,1,1,x\n")
    lines = lines_of(path)
    assert len(lines) == len(set(lines)) == 2


def test_a_boundary_that_is_all_water_leaves_no_ground(tmp_path: Path) -> None:
    path = write_city(tmp_path)
    write_layer(tmp_path / "water.geojson", box(110, 21, 111, 22))
    (line,) = lines_of(path)
    assert line.startswith("city.toml: ground.excluded: leave no ground")


def test_a_boundary_beyond_the_ids_of_tiles_is_refused(tmp_path: Path) -> None:
    path = write_city(tmp_path, CITY.replace("side_m = 200", "side_m = 25"))
    write_layer(tmp_path / "boundary.geojson", box(109, 21.18, 112, 21.22))
    (line,) = lines_of(path)
    assert line.startswith("city.toml: boundary: reaches more than 4800 tiles of 25 m")


def test_a_layer_swapped_on_the_globe_is_told_by_the_others(tmp_path: Path) -> None:
    """Near 9, 45 both ways are places on earth; the files that agree say where the city is."""
    (tmp_path / "cells.csv").write_text("cell,lon,lat,radius_m\na,9.19,45.46,300\n")
    write_layer(tmp_path / "edge.geojson", box(9.1, 45.4, 9.3, 45.5))
    write_layer(tmp_path / "water.geojson", box(45.40, 9.15, 45.41, 9.16))
    path = tmp_path / "city.toml"
    path.write_text(
        'name = "A"\n[boundary]\nfile = "edge.geojson"\ndatum = "wgs84"\n'
        '[ground]\nexcluded = [{ file = "water.geojson", datum = "wgs84" }]\n'
        '[[cells]]\nfeed = "f"\nfile = "cells.csv"\ndatum = "wgs84"\n'
    )
    (line,) = lines_of(path)
    assert line.startswith("water.geojson: feature 1")
    assert "lon and lat look swapped" in line


def test_a_slip_in_the_city_file_hides_no_fault_of_its_layers(tmp_path: Path) -> None:
    """What has a fault of its own is not read: what it says may only follow from that."""
    text = CITY.replace("side_m = 200", "side = 200").replace('"sites.geojson"', '"site.geojson"')
    path = write_city(tmp_path, text)
    (tmp_path / "water.geojson").write_text("{")
    (tmp_path / "cells.csv").write_text("cell,lon,lat,radius_m\na,110.4,21.2,-1\n")
    assert [line.split("; ")[0] for line in lines_of(path)] == [
        "city.toml: grid.side: is no key of the city file",
        "city.toml: sites.file: there is no file site.geojson",
        "cells.csv: line 2: radius_m: '-1' is not a size",
        'water.geojson: is not JSON (Expecting one of }": line 1 column 2 (char 1))',
    ]


@pytest.mark.parametrize("tiling", ["squares", "cells"])
def test_a_city_file_with_no_sound_entry_is_no_error_of_ours(tmp_path: Path, tiling: str) -> None:
    path = tmp_path / "city.toml"
    path.write_text(
        f'name = "A"\ngrid = {{ tiling = "{tiling}", centre = [9.0, 145.0] }}\n'
        'boundary = "b"\n[[cells]]\nfed = "f"\nfile = "none.csv"\n'
    )
    lines = lines_of(path)
    assert all(line.startswith("city.toml: ") for line in lines)
    assert len(lines) == 5


def test_a_centre_off_all_layers_is_one_fault_of_the_city_file(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("cell,lon,lat,radius_m\na,9.19,45.46,300\n")
    write_layer(tmp_path / "edge.geojson", box(9.1, 45.4, 9.3, 45.5))
    path = tmp_path / "city.toml"
    for centre, want in (("45.4, 9.2", "lon and lat look swapped, here or there"), ("110, 20", "")):
        path.write_text(
            f'name = "A"\ngrid.centre = [{centre}]\n[boundary]\nfile = "edge.geojson"\n'
            'datum = "wgs84"\n[[cells]]\nfeed = "f"\nfile = "cells.csv"\ndatum = "wgs84"\n'
        )
        (line,) = lines_of(path)
        assert line.startswith("city.toml: grid.centre: lies ")
        assert want in line
        assert line.endswith("; write [9.2, 45.5], or mend the layers")

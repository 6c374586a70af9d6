"""Laws of the pack file: told by its content, written as a whole, refused in one line."""

import zipfile
from pathlib import Path

import pytest

from geo.city import load_city
from geo.fault import RegisterError
from geo.pack_file import read_pack, write_pack
from geo.pack_write import pack_bytes
from tests.geo.sample_pack import sample_pack


def test_a_city_is_loaded_from_a_pack_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    digest = write_pack(path, sample_pack())
    assert read_pack(path).digest == digest
    assert load_city(path, side_m=100.0).digest == sample_pack().city.digest
    assert load_city(path, side_m=7.0).cells == sample_pack().city.cells


def test_a_damaged_pack_is_one_line_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "city.pack"
    write_pack(path, sample_pack())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(RegisterError, match="is damaged") as caught:
        load_city(path, side_m=100.0)
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value).splitlines()) == 1


def test_an_excel_file_is_no_pack_and_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "cells.xlsx"
    with zipfile.ZipFile(path, "w") as box:
        box.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(RegisterError, match="a zip or Excel file"):
        load_city(path, side_m=100.0)
    with pytest.raises(RegisterError, match="is no city pack; make one with: crowdtide geo build"):
        read_pack(path)


def test_a_missing_pack_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="cannot be read"):
        read_pack(tmp_path / "none.pack")


def test_writing_replaces_the_old_pack_as_a_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "city.pack"
    path.write_bytes(b"old")
    write_pack(path, sample_pack())
    assert path.read_bytes() == pack_bytes(sample_pack())
    assert [one.name for one in tmp_path.iterdir()] == ["city.pack"]


def test_a_pack_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="cannot be written"):
        write_pack(tmp_path / "nowhere" / "city.pack", sample_pack())
    (tmp_path / "taken").mkdir()
    with pytest.raises(RegisterError, match="cannot be written"):
        write_pack(tmp_path / "taken", sample_pack())
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]

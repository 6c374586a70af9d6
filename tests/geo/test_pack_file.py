"""Laws of the pack file: told by its content, written as a whole, refused in one line."""

import errno
import os
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
    path.write_bytes(pack_bytes(sample_pack())[:-100])
    write_pack(path, sample_pack())
    assert path.read_bytes() == pack_bytes(sample_pack())
    assert [one.name for one in tmp_path.iterdir()] == ["city.pack"]


def test_a_pack_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="cannot be written"):
        write_pack(tmp_path / "nowhere" / "city.pack", sample_pack())
    (tmp_path / "taken").mkdir()
    with pytest.raises(RegisterError, match="is a folder; give a file in it"):
        write_pack(tmp_path / "taken", sample_pack())
    with pytest.raises(RegisterError, match="cannot be written"):
        write_pack(tmp_path / ("x" * 300), sample_pack())
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


def test_a_full_disk_leaves_the_old_pack_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "city.pack"
    write_pack(path, sample_pack())
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RegisterError, match="No space left on device"):
        write_pack(path, sample_pack())
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["city.pack"]


def test_only_a_pack_or_an_empty_file_is_replaced(tmp_path: Path) -> None:
    """A slip in a path must not cost the layer, or the pipe, that is there."""
    layer, pipe, empty = tmp_path / "cells.csv", tmp_path / "pipe", tmp_path / "empty"
    layer.write_text("cell,lon,lat\n")
    os.mkfifo(pipe)
    empty.touch()
    for path in (layer, pipe):
        with pytest.raises(RegisterError, match="is there and is no city pack; give another path"):
            write_pack(path, sample_pack())
    assert layer.read_text() == "cell,lon,lat\n"
    assert pipe.is_fifo()
    assert write_pack(empty, sample_pack()) == read_pack(empty).digest

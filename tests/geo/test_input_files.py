"""Laws of input files: whatever size and kind they have, text of bounded size or one clear line."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo.fault import RegisterError
from geo.file_text import FILE_BYTES_MAX
from geo.geojson import Collection
from geo.ledger import Ledger
from geo.making.city_file import load_city_file
from geo.making.files import Inputs
from geo.making.layer import load_layer
from geo.register import load_register

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MB = 1_000_000
RING = [[110.0, 21.0], [110.1, 21.0], [110.1, 21.1], [110.0, 21.0]]
FEATURE = {
    "type": "Feature",
    "properties": {"cell": "a"},
    "geometry": {"type": "Polygon", "coordinates": [RING]},
}
HEAD, TAIL = b'{"type": "FeatureCollection", "features": [', b"]}"


def readers() -> list[Callable[[Path], object]]:
    """Return both ways by which a file comes in: a cells file and a layer of the builder."""
    return [load_register, lambda path: load_layer(path, datum="wgs84")]


def line_of(read: Callable[[Path], object], path: Path) -> str:
    with pytest.raises(RegisterError) as caught:
        read(path)
    (fault,) = caught.value.faults
    assert str(caught.value) == fault.line(str(path))
    assert fault.write
    return fault.says


# First bytes -> what the line says.
KINDS = {
    "shapefile": (b"\x00\x00\x27\x0a" + bytes(96), "is a shapefile"),
    "zip": (b"PK\x03\x04\x14\x00", "is a zip or Excel file"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old Excel file"),
    "Parquet": (b"PAR1\x15\x04", "is a Parquet file"),
    "GeoPackage": (b"SQLite format 3\x00", "is a GeoPackage or another database"),
    "FlatGeobuf": (b"fgb\x03fgb\x00", "is a FlatGeobuf file"),
    "KML": (b"<kml>", "is XML (KML, GML?)"),
    "UTF-16": ("cell,lon".encode("utf-16"), "is text in UTF-16"),
    "GBK": ("cell,lon\n湛江,".encode("gbk"), "line 2 is not UTF-8 (byte 0xbd)"),
    "any bytes": (b"cell\n\x01\x00\x02", "line 2 has a NUL byte: this is no text"),
    "half a gzip": (gzip.compress(b"x" * 999)[:-9], "cannot be read (Compressed file ended"),
    "broken gzip": (gzip.compress(b"x")[:-8] + bytes(8), "cannot be read (Error -3"),
}


@pytest.mark.parametrize("read", readers(), ids=["cells", "layer"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_no_text_is_one_line_with_how_to_make_it_one(
    tmp_path: Path, kind: str, read: Callable[[Path], object]
) -> None:
    data, want = KINDS[kind]
    path = tmp_path / "file"
    path.write_bytes(data)
    assert line_of(read, path).startswith(want)


@pytest.mark.parametrize("read", readers(), ids=["cells", "layer"])
def test_a_file_over_the_limit_is_refused(tmp_path: Path, read: Callable[[Path], object]) -> None:
    path = tmp_path / "huge.geojson"
    with path.open("wb") as file:
        file.truncate(300 * MB)  # A hole: it takes no room on the disk.
    assert line_of(read, path) == f"has more than {FILE_BYTES_MAX} bytes"


def test_a_small_file_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    """Two gzip members of 200 MB each; neither is too large, and what follows is not unpacked."""
    packer = zlib.compressobj(9, wbits=31)
    member = b"".join([*(packer.compress(bytes(MB)) for _ in range(200)), packer.flush()])
    path = tmp_path / "bomb.geojson.gz"
    path.write_bytes(member * 2 + b"\x1f\x8b broken")
    assert path.stat().st_size < MB
    assert line_of(load_register, path) == f"has more than {FILE_BYTES_MAX} bytes"


def test_200_mb_of_nothing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "hole.csv"
    with path.open("wb") as file:
        file.truncate(200 * MB)
    assert line_of(load_register, path) == "line 1 has a NUL byte: this is no text"


def test_200_mb_of_geojson_are_read(tmp_path: Path) -> None:
    """Blanks between the features: they must be passed over, not kept."""
    one = json.dumps(FEATURE).encode()
    packer = zlib.compressobj(1, wbits=31)
    parts = [HEAD, *[b" " * MB] * 100, one, b",", *[b"\n" * MB] * 100, one, TAIL]
    path = tmp_path / "wide.geojson"
    path.write_bytes(b"".join([*map(packer.compress, parts), packer.flush()]))
    layer = load_layer(path, datum="wgs84")
    assert len(layer.shapes) == 2


def test_features_are_held_one_at_a_time() -> None:
    """A tree of the whole text takes many times the text; here it is less than the text."""
    ring = np.round(np.random.default_rng(1).uniform(0, 1, (2_000, 2)), 6).tolist()
    big = {**FEATURE, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    text = json.dumps({"type": "FeatureCollection", "features": [big] * 40})

    def peak(read: Callable[[], object]) -> int:
        tracemalloc.start()
        try:
            read()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    def one_by_one() -> None:
        for _ in Collection(text, Ledger()):
            pass

    assert peak(one_by_one) < len(text) < peak(lambda: json.loads(text))


def test_a_file_that_cannot_be_read_leaves_no_hash(tmp_path: Path) -> None:
    inputs = Inputs(tmp_path)
    (tmp_path / "folder").mkdir()
    for name in ("none.csv", "folder"):
        with pytest.raises(RegisterError, match="cannot be read"):
            inputs.text(name)
        assert inputs.missing(name)
    assert inputs.read == ()


def test_inputs_are_named_from_the_city_file_and_keep_their_hash(tmp_path: Path) -> None:
    """What sha256sum says of the files, under names that hold on any machine."""
    (tmp_path / "sub").mkdir()
    for name in ("s.csv", "sub/e.geojson"):
        (tmp_path / name).write_text("not opened")
    city = 'name = "A"\n[[cells]]\nfeed = "f"\nfile = "s.csv"\n'
    (tmp_path / "city.toml").write_text(city, encoding="utf-8")
    inputs = Inputs.beside(tmp_path / "city.toml")
    load_city_file(tmp_path / "city.toml", inputs=inputs)
    assert inputs.text("s.csv") == inputs.text("s.csv") == "not opened"
    assert inputs.text("sub/e.geojson") == "not opened"
    assert [one.file for one in inputs.read] == ["city.toml", "s.csv", "sub/e.geojson"]
    assert inputs.read[1].size_bytes == 10
    assert (
        inputs.read[1].sha256 == "55c16f078fb9aa1face873fb8c246973752a69cd20a85ca6fcd31baa7abf1bfc"
    )

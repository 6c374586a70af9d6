"""Laws of the pack: it comes back as it went, equal packs are equal bytes, damage is refused."""

import zipfile
from io import BytesIO

import msgspec
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.city import City
from geo.coverage import Coverage
from geo.duty import Duty
from geo.grid import Grid
from geo.pack import CellPlaces, Outlines, Pack
from geo.pack_read import pack_of
from geo.pack_write import pack_bytes
from geo.pack_zip import PackError, unzipped, zipped
from geo.site import PlacedSite
from geo.version import Version
from tests.geo.sample_pack import sample_own_tiles, sample_pack, sample_squares


def assert_equal(one: object, other: object) -> None:
    """Compare two values field by field, arrays by content and kind."""
    assert type(one) is type(other)
    left, right = parts(one), parts(other)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        assert one.dtype == other.dtype
        if one.dtype == object:
            one, other = shapely.to_wkb(one), shapely.to_wkb(other)
        np.testing.assert_array_equal(one, other)
    elif left is None or right is None:
        assert one == other
    else:
        for mine, yours in zip(left, right, strict=True):
            assert_equal(mine, yours)


def parts(value: object) -> list[object] | None:
    """List what a value consists of; None if it stands for itself."""
    if isinstance(value, tuple | dict):
        return [*value, *(value.values() if isinstance(value, dict) else ())]
    if isinstance(
        value, Pack | City | Grid | Version | Coverage | Duty | PlacedSite | Outlines | CellPlaces
    ):
        names = [name for name in value.__dataclass_fields__ if (type(value), name) != PACK_DIGEST]
        return [getattr(value, name) for name in names]
    return None


PACK_DIGEST = (Pack, "digest")


@pytest.mark.parametrize(
    "grid", [sample_squares(), sample_own_tiles()], ids=["squares", "own tiles"]
)
def test_a_pack_comes_back_as_it_went(grid: Grid) -> None:
    before = sample_pack(grid)
    data = pack_bytes(before)
    after = pack_of(data)
    assert_equal(before, after)
    assert pack_bytes(after) == data
    assert len(after.digest) == 64
    assert not after.ground_m2.flags.writeable


def test_a_coverage_that_acts_on_is_held_once() -> None:
    versions = pack_of(pack_bytes(sample_pack())).city.versions
    assert versions[0].feeds["cucc"] is versions[1].feeds["cucc"]
    assert versions[0].feeds["cmcc"] is not versions[1].feeds["cmcc"]


def test_any_zip_tool_and_numpy_open_a_pack() -> None:
    with zipfile.ZipFile(BytesIO(pack_bytes(sample_pack()))) as box:
        assert box.namelist()[0] == "pack.json"
        assert msgspec.json.decode(box.read("pack.json"))["schema"] == "pack/1"
        assert {info.compress_type for info in box.infolist()} == {zipfile.ZIP_STORED}
        row = np.load(BytesIO(box.read("tile/row.npy")), allow_pickle=False)
        boundary = shapely.from_wkb(box.read("outline/boundary.wkb"))
    assert row.tolist() == sample_squares().row.tolist()
    assert boundary.area == 10_000


@given(st.data())
@settings(max_examples=300)
def test_a_flipped_bit_anywhere_is_refused(data: st.DataObject) -> None:
    whole = bytearray(pack_bytes(sample_pack()))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(PackError, match="damaged"):
        pack_of(bytes(whole))


@pytest.mark.parametrize("kept", [0, 3, 63, 64, 65, 1000, -1])
def test_half_a_pack_is_refused(kept: int) -> None:
    with pytest.raises(PackError, match="damaged"):
        pack_of(pack_bytes(sample_pack())[:kept])


def changed(name: str, content: bytes | None) -> bytes:
    """Return a pack with a sound seal around other content, as another program may write it."""
    members = unzipped(pack_bytes(sample_pack()))
    if content is None:
        del members[name]
    else:
        members[name] = content
    return zipped(members)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pack.json", b"[]"),
        ("pack.json", b"{"),
        ("pack.json", b'{"schema": "pack/1"}'),
        ("tile/row.npy", None),
        ("tile/row.npy", b"\x93NUMPY"),
        ("tile/assumed.npy", b""),
        ("outline/police.wkb", b"\x01"),
        ("panel.npy", pack_bytes(sample_pack())),
    ],
)
def test_a_sealed_file_with_other_content_is_refused(name: str, content: bytes | None) -> None:
    with pytest.raises(PackError):
        pack_of(changed(name, content))


def test_an_index_beyond_its_list_is_refused() -> None:
    members = unzipped(pack_bytes(sample_pack()))
    for name in ("coverage/000/cell.npy", "site/tile.npy", "panel.npy", "tile/police_of.npy"):
        wrong = bytearray(members[name])
        wrong[-4:] = (9_999).to_bytes(4, "little")
        with pytest.raises(PackError, match="points beyond"):
            pack_of(changed(name, bytes(wrong)))


def test_rows_of_tiles_that_do_not_fit_their_cells_are_refused() -> None:
    members = unzipped(pack_bytes(sample_pack()))
    wrong = bytearray(members["coverage/000/first.npy"])
    wrong[-8] += 1
    with pytest.raises(PackError, match="does not fit its cells"):
        pack_of(changed("coverage/000/first.npy", bytes(wrong)))


def test_another_grid_than_the_digest_says_is_refused() -> None:
    members = unzipped(pack_bytes(sample_pack()))
    wrong = bytearray(members["tile/walkable_m2.npy"])
    wrong[-3] ^= 1
    with pytest.raises(PackError, match="another grid"):
        pack_of(changed("tile/walkable_m2.npy", bytes(wrong)))


def test_another_format_is_refused_with_what_to_do() -> None:
    text = unzipped(pack_bytes(sample_pack()))["pack.json"]
    with pytest.raises(PackError, match=r"is a pack/2, this version reads pack/1; build it again"):
        pack_of(changed("pack.json", text.replace(b"pack/1", b"pack/2")))

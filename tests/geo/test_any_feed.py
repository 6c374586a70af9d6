"""Cells of a city file may be those of any feed: one tiling that several feeds count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo.making.builder import build
from geo.making.city_file import load_city_file
from geo.making.gathering import BuildError
from geo.pack_read import pack_of
from geo.pack_write import pack_bytes
from geo.version import ANY_FEED

if TYPE_CHECKING:
    from pathlib import Path


def city(folder: Path, *feeds: str) -> Path:
    (folder / "c.csv").write_text("cell,lon,lat,radius_m\na,9.0,45.0,300\n")
    lists = [f'[[cells]]\nfeed = "{feed}"\nfile = "c.csv"\ndatum = "wgs84"\n' for feed in feeds]
    path = folder / "city.toml"
    path.write_text('name = "A"\n' + "".join(lists))
    return path


def test_a_star_serves_every_feed_also_after_the_pack_was_written(tmp_path: Path) -> None:
    path = city(tmp_path, "*")
    (entry,) = load_city_file(path).cells
    assert (entry.feed, entry.feed_name) == ("*", ANY_FEED)
    for pack in (made := build(path), pack_of(pack_bytes(made))):
        (version,) = pack.city.versions
        cover = version.of("cmcc")
        assert cover is not None
        assert cover is version.of("stadium")


def test_a_named_feed_serves_no_other(tmp_path: Path) -> None:
    (version,) = build(city(tmp_path, "cmcc")).city.versions
    assert version.of("cmcc") is not None
    assert version.of("stadium") is None


def test_cells_of_all_feeds_stand_beside_none_of_a_single_one(tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        build(city(tmp_path, "cmcc", "*"))
    assert str(caught.value) == (
        f'{tmp_path / "city.toml"}: cells 2: feed: is "*", all feeds, beside cells of cmcc; '
        "name the feed of these cells"
    )

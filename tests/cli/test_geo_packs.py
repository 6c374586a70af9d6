"""The packs of the project build without a fault and keep what every pack promises."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
from click.testing import CliRunner

from geo.pack_file import read_pack
from stream.cli.geo_picture import drawn
from stream.cli.group import _crowdtide

if TYPE_CHECKING:
    from geo.pack import Pack

PACKS: Final = Path(__file__).parents[2] / "geo" / "packs"
PICTURE_BYTES_MAX: Final = 300_000  # what docs/ may hold of one


@pytest.mark.parametrize("city", ["zhanjiang", "milan"])
def test_the_packs_of_the_project_build_and_every_tile_has_one_of_each(
    city: str, tmp_path: Path
) -> None:
    out = tmp_path / f"{city}.pack"
    command = ["geo", "build", str(PACKS / city / "city.toml"), "--out", str(out)]
    result = CliRunner(env={"LANG": "en"}).invoke(_crowdtide, command)
    assert (result.exit_code, result.stderr) == (0, "")
    pack = read_pack(out)
    assert_everybody_answers(pack)
    svg = drawn(pack, file=city, lang="zh-CN")
    assert len(svg) < PICTURE_BYTES_MAX
    ET.fromstring(svg)
    if city == "zhanjiang":
        assert 150_000 < len(pack.city.grid.tile_ids) < 180_000
        assert pack.report.ground_m2 == pytest.approx(1.6745e9, rel=1e-3)
    else:
        # Each square is its own cell, whole, and nothing of it is lost.
        (cover,) = pack.city.versions[0].feeds.values()
        assert (cover.share == 1).all()
        assert pack.city.grid.tile_ids[pack.city.sites[0].tiles[0]] == "san-siro"


def assert_everybody_answers(pack: Pack) -> None:
    """One police area, one fire area, one post for each tile, and people are kept."""
    duty = pack.city.duty
    assert duty is not None
    for column, named in (
        (duty.police_of, duty.police),
        (duty.fire_of, duty.fire),
        (duty.post_of, duty.posts),
    ):
        assert ((column >= 0) & (column < len(named))).all()
    assert all("示例" in post.post or "esempio" in post.post for post in duty.posts)
    for version in pack.city.versions:
        for cover in version.feeds.values():
            on_tiles = np.bincount(cover.cell, weights=cover.share, minlength=len(pack.city.cells))
            assert np.array_equal(on_tiles + cover.outside, cover.registered.astype(float))
    taken = np.concatenate([site.tiles for site in pack.city.sites])
    assert len(np.unique(taken)) == len(taken)

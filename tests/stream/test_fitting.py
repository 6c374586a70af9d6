"""Laws of settings beside a pack: what the pack says, the settings may not say otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stream.fitting import check_feeds, feeds_of, fitted, is_pack, unregistered
from stream.settings import ConfigError, settings_hash
from stream.settings_load import read
from tests.laws.crowds import discs
from tests.stream.packed import packed

if TYPE_CHECKING:
    from geo.city import City
    from stream.settings import Loaded

FEED = "feeds.cmcc.period_s=300"


@pytest.fixture(scope="module", name="plain")
def fixture_plain(tmp_path_factory: pytest.TempPathFactory) -> City:
    return discs(tmp_path_factory.mktemp("city"))


def loaded(*sets: str) -> Loaded:
    return read(None, env={}, sets=sets)


def pack_of(plain: City, *feeds: str) -> City:
    tiles = len(plain.grid.tile_ids)
    return packed(plain, feeds=feeds or ("cmcc",), assumed=[True] * tiles, assumed_share=0.25)


def test_a_cells_file_changes_no_setting(plain: City) -> None:
    given = loaded(FEED, "grid.side_m=50", "feeds.cucc.period_s=600")
    assert not is_pack(plain)
    assert fitted(given, plain) is given
    assert unregistered(given.settings, plain) == ()
    check_feeds(given.settings, plain)


def test_workers_agree_whether_or_not_one_says_again_what_the_pack_says(plain: City) -> None:
    pack = pack_of(plain)
    silent = fitted(loaded(FEED), pack)
    same = fitted(loaded(FEED, "grid.side_m=100", "grid.walkable_share=0.25"), pack)
    assert settings_hash(silent.settings) == settings_hash(same.settings)


def test_what_contradicts_a_pack_is_named_with_both_values_all_at_once(plain: City) -> None:
    given = loaded("grid.side_m=50", "grid.walkable_share=0.4", "feeds.cucc.period_s=300")
    with pytest.raises(ConfigError) as caught:
        fitted(given, pack_of(plain, "cbn", "cmcc"))
    assert [fault.line() for fault in caught.value.faults] == [
        (
            "grid.side_m: is 50, but the city pack has tiles of 100 m;"
            " instead: no such line, or a pack that is built so"
        ),
        (
            "grid.walkable_share: is 0.4, but the city pack assumes 0.25 of the ground;"
            " instead: no such line, or a pack that is built so"
        ),
        (
            "feeds.cucc: the city pack has no cell of it, only of cbn, cmcc;"
            " instead: the name of one of them, or a pack that is built with its cells"
        ),
    ]


def test_a_default_that_nobody_set_contradicts_nothing(plain: City) -> None:
    fitted(loaded(FEED), pack_of(plain))  # assumes 0.25; the default is 0.3
    fitted(loaded(FEED, "grid.walkable_share=0.4"), packed(plain))  # says nothing of a share


def test_a_feed_that_only_a_later_version_knows_may_be_registered(plain: City) -> None:
    pack = packed(plain, feeds=("cmcc",))
    later = packed(plain, feeds=("cmcc", "cucc"), later={10**13: plain.coverage}).versions[1]
    both = pack_of(plain)
    object.__setattr__(both, "versions", (*pack.versions, later))
    assert feeds_of(both) == ("cmcc", "cucc")
    fitted(loaded(FEED, "feeds.cucc.period_s=300"), both)


def test_a_feed_that_nobody_registered_is_no_fault_but_is_told(plain: City) -> None:
    pack = pack_of(plain, "cmcc", "cucc")
    assert unregistered(fitted(loaded(FEED), pack).settings, pack) == ("cucc",)


def test_a_file_without_register_is_of_the_packs_one_feed(plain: City) -> None:
    assert fitted(loaded(), pack_of(plain)).file_feed == "cmcc"
    assert fitted(loaded(), pack_of(plain, "cmcc", "cucc")).file_feed == "file"
    assert fitted(loaded(), plain).file_feed == "file"


def test_a_panel_that_is_mostly_of_a_supporting_feed_is_refused(plain: City) -> None:
    """Its cells say nothing of the city, so there would be no day curve to lean on."""
    pack = pack_of(plain, "cmcc", "out")
    both = loaded(FEED, "feeds.out.period_s=300", "feeds.out.supports=0.25")
    assert fitted(both, pack).settings.counting.keys() == {"cmcc"}
    (version,) = pack.versions
    cover = version.feeds["cmcc"]
    few = replace(cover, registered=np.arange(len(plain.cells)) < 2)
    apart = replace(pack, versions=(replace(version, feeds={**version.feeds, "cmcc": few}),))
    apart = replace(apart, panel=np.arange(8, dtype=np.int32))
    with pytest.raises(ConfigError) as caught:
        fitted(both, apart)
    ((fault),) = caught.value.faults
    assert fault.key == "feeds.out.supports"
    assert "of the 8 cells of the pack's panel only 2 are of feeds that count" in fault.what
    fitted(loaded(FEED, "feeds.out.period_s=300"), apart)

"""Laws of joining: the ground that acts by now is that with which the log was begun."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geo.coverage import coverage_of
from geo.site import PlacedSite
from stream.ground_identity import check_ground, identity
from stream.settings import ConfigError, announce
from tests.laws.crowds import settings, squares
from tests.stream.packed import duty_of, packed

if TYPE_CHECKING:
    from geo.city import City
    from geo.coverage import Coverage

NOW_MS = 1_800_000_000_000
PAST_MS, SOON_MS, LATE_MS = NOW_MS - 1, NOW_MS + 1, NOW_MS + 10**9


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return squares(tmp_path_factory.mktemp("city"))


def without(town: City, cell: int) -> Coverage:
    """Return a coverage that has lost a cell."""
    every = town.coverage
    kept = every.cell != cell
    return coverage_of(every.cell[kept], every.tile[kept], every.share[kept], len(town.cells))


def joins(ours: City, theirs: City, *, now_ms: int = NOW_MS, accept_duty: bool = False) -> str:
    """Return why a worker with our ground may not join a log of theirs; empty = it may."""
    record = announce(settings(), ground=identity(theirs))
    try:
        check_ground(record, ours, now_ms=now_ms, accept_duty=accept_duty)
    except ConfigError as fault:
        return str(fault)
    return ""


def test_equal_ground_joins_and_equal_ground_is_announced_in_equal_bytes(town: City) -> None:
    for city in (town, packed(town), packed(town, later={SOON_MS: without(town, 3)})):
        assert joins(city, replace(city)) == ""
    one, other = (announce(settings(), ground=identity(packed(town))) for _ in range(2))
    assert one == other
    assert json.loads(one)["schema"] == "settings/1"


def test_a_record_that_says_nothing_of_ground_refuses_nobody(town: City) -> None:
    check_ground(announce(settings()), packed(town), now_ms=NOW_MS)
    check_ground(announce(settings()), town, now_ms=NOW_MS)


def test_a_version_ahead_may_come_with_one_worker_after_the_other(town: City) -> None:
    old, new = packed(town), packed(town, later={SOON_MS: without(town, 3)})
    assert joins(new, old) == ""
    assert joins(old, new) == ""
    # Once it acts, who has it goes on joining a log that was begun before it was thought of.
    assert joins(new, old, now_ms=LATE_MS) == ""
    assert "another coverage that acts already" in joins(old, new, now_ms=SOON_MS)


def test_a_version_ahead_may_be_mended_until_it_acts(town: City) -> None:
    first = packed(town, later={SOON_MS: without(town, 3)})
    mended = packed(town, later={SOON_MS: without(town, 4)})
    moved = packed(town, later={LATE_MS: without(town, 3)})
    for other in (mended, moved):
        assert joins(other, first) == ""
        assert "another coverage" in joins(other, first, now_ms=SOON_MS)


def test_the_past_may_not_be_rewritten(town: City) -> None:
    before = packed(town, later={PAST_MS: without(town, 3)})
    for other in (
        packed(town),
        packed(town, later={PAST_MS: without(town, 4)}),
        packed(town, later={PAST_MS - 1: without(town, 3)}),
        packed(town, later={PAST_MS - 1: without(town, 4), PAST_MS: without(town, 3)}),
        packed(town, feeds=("cmcc", "cucc"), later={PAST_MS: without(town, 3)}),
    ):
        line = joins(other, before)
        assert "another coverage that acts already" in line
        assert len(line.splitlines()) == 1


def test_another_grid_is_refused_and_nothing_is_said_of_its_coverage(town: City) -> None:
    other = packed(town, assumed=[True] * 24, later={PAST_MS: without(town, 3)})
    line = joins(other, packed(town))
    assert "has another grid" in line
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("name", "Quay"),
        ("tiles", np.array([1, 3], np.int32)),
        ("capacity", 901.0),
        ("access_risk", ("narrow",)),
        ("rungs", (1.0, 2.0, 3.0, 4.5)),
    ],
)
def test_whatever_a_site_says_is_compared(town: City, what: str, value: object) -> None:
    site = PlacedSite(name="Pier", tiles=np.array([1, 2], np.int32), capacity=900.0)
    other = replace(site, **{what: value})  # type: ignore[arg-type]  # each with its own type
    line = joins(packed(town, sites=[other]), packed(town, sites=[site]))
    assert "has other sites" in line
    assert joins(packed(town, sites=[other]), packed(town, sites=[site]), accept_duty=True) == ""
    assert "has other sites" in joins(packed(town), packed(town, sites=[site]))


@pytest.mark.parametrize("layer", ["police", "fire", "posts"])
def test_whoever_answers_elsewhere_or_by_another_name_is_compared(town: City, layer: str) -> None:
    plain: dict[str, list[int]] = {"police": [0, 1] * 12, "fire": [0] * 24, "posts": [0, 1] * 12}
    before = packed(town, duty=duty_of(town, **plain))
    elsewhere = packed(town, duty=duty_of(town, **{**plain, layer: [1, 0] * 12}))
    duty = duty_of(town, **plain)
    first, *rest = getattr(duty, layer)
    named: dict[str, Any] = {layer: (replace(first, name="New"), *rest)}
    renamed = packed(town, duty=replace(duty, **named))
    for other in (elsewhere, renamed, packed(town)):
        assert "has other authorities or posts" in joins(other, before)
        assert joins(other, before, accept_duty=True) == ""


def test_all_differences_are_told_at_once(town: City) -> None:
    site = PlacedSite(name="Pier", tiles=np.array([1], np.int32))
    duty = duty_of(town, police=[0] * 24, fire=[0] * 24, posts=[0] * 24)
    other = packed(town, sites=[site], duty=duty, assumed=[True] * 24)
    assert len(joins(other, packed(town)).splitlines()) == 3


@pytest.mark.parametrize("ground", [3, {"grid": 1}, {"grid": "a"}, []])
def test_ground_that_cannot_be_read_is_refused_in_words(town: City, ground: object) -> None:
    record = announce(settings(), ground=ground)
    with pytest.raises(ConfigError, match="cannot be read"):
        check_ground(record, town, now_ms=NOW_MS)

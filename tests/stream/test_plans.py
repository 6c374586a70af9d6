"""Licensed events in the settings: read, hashed, laid on sites, and every fault told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stream.ground import alert_spec, build_ground
from stream.settings import ConfigError, Settings, load, settings_hash
from tests.laws.crowds import squares
from tests.stream.packed import duty_of, packed

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "id,name,site,attendance,start,end,organiser,contact\n"
ROW = "7,Fair,Quay,3000,2026-10-01T18:00+08:00,2026-10-01T22:00+08:00,Harbour Ltd,ext. 12\n"
FEED = "feeds.a.period_s=300"


def made(*sets: str, file: Path | None = None) -> Settings:
    return load(file, env={}, sets=[FEED, *sets])


def config(folder: Path, events: str) -> Path:
    (folder / "events.csv").write_text(events, encoding="utf-8")
    path = folder / "crowdtide.toml"
    path.write_text(
        f'[calendar]\nplanned_file = "{folder}/events.csv"\n'
        '[[sites]]\nname = "Quay"\ncells = ["c01", "c02"]\n',
        encoding="utf-8",
    )
    return path


def test_the_rows_of_the_file_are_events_on_the_sites(tmp_path: Path) -> None:
    settings = made(file=config(tmp_path, HEAD + ROW))
    (plan,) = build_ground(settings, squares(tmp_path)).plans
    assert (plan.id, plan.name, plan.attendance, plan.organiser) == (
        "7",
        "Fair",
        3000,
        "Harbour Ltd",
    )
    assert plan.from_ms == plan.start_ms - 7_200_000
    assert plan.until_ms == plan.end_ms + 3_600_000
    assert plan.site == 0


def test_what_it_says_decides_and_where_it_lies_does_not(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    one, other = (made(file=config(folder, HEAD + ROW)) for folder in (tmp_path, tmp_path / "b"))
    more = made(file=config(tmp_path, HEAD + ROW.replace("3000", "3001")))
    assert settings_hash(one) == settings_hash(other) != settings_hash(more)


@pytest.mark.parametrize(
    ("events", "what"),
    [
        ("event\nFair\n", "wanted the columns id,name,site,attendance,start,end"),
        (HEAD, "has no rows"),
        (HEAD + ROW.replace("3000", "many"), "row 2: attendance is 'many'"),
        (HEAD + ROW.replace("+08:00,2026", ",2026"), "row 2: '2026-10-01T18:00' is no time with"),
        (HEAD + ROW.replace("T22", "T17"), "row 2: end '2026-10-01T17:00+08:00' is not after"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_row(tmp_path: Path, events: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(file=config(tmp_path, events))
    (fault,) = caught.value.faults
    assert fault.key == "calendar.planned_file"
    assert what in fault.what


def test_an_event_on_a_site_that_is_not_there_is_told_with_the_known_ones(tmp_path: Path) -> None:
    wrong = HEAD + ROW.replace("Quay", "Kay") + ROW.replace("Fair", "Race")
    settings = made(file=config(tmp_path, wrong))
    with pytest.raises(ConfigError) as caught:
        build_ground(settings, squares(tmp_path))
    told = {fault.key: (fault.what, fault.instead) for fault in caught.value.faults}
    assert told["calendar.planned.0.site"] == ("7: there is no site 'Kay'", "one of Quay")
    assert told["calendar.planned.1.id"] == ("'7' is there twice", "")


def test_activity_is_held_against_no_licence(tmp_path: Path) -> None:
    path = config(tmp_path, HEAD + ROW)
    settings = made("feeds.a.unit=activity", file=path)
    with pytest.raises(ConfigError, match="no feed counts people"):
        build_ground(settings, squares(tmp_path))


def test_a_district_that_is_not_there_is_told_with_the_known_ones(tmp_path: Path) -> None:
    plain = squares(tmp_path)
    tiles = len(plain.grid.tile_ids)
    city = packed(
        plain, duty=duty_of(plain, police=[0] * tiles, fire=[0] * tiles, posts=[0] * tiles)
    )
    settings = made("alerts.districts={p0={fire_level=2}, old={fire_level=2}}")
    with pytest.raises(ConfigError) as caught:
        alert_spec(settings, city)
    (fault,) = caught.value.faults
    assert (fault.key, fault.instead) == ("alerts.districts.old", "one of p0")
    known = made("alerts.districts={p0={fire_level=2, rungs_per_m2=[1.0, 2.0, 3.0, 4.0]}}")
    (local,) = alert_spec(known, city).local
    assert (local.fire_level, local.rungs_per_m2, local.police_level) == (
        2,
        (1.0, 2.0, 3.0, 4.0),
        1,
    )
    assert alert_spec(made(), city).local == ()
    assert settings_hash(made()) != settings_hash(known)
    wrong = made("alerts.districts={p0={rungs_per_m2=[4.0, 3.0, 2.0, 1.0]}}")
    with pytest.raises(ConfigError, match=r"alerts\.districts\.p0.*four rising numbers"):
        alert_spec(wrong, city)

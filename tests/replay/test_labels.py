"""Laws of the join of incidents with known events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.city import load_city
from replay.badrow import FeedError
from replay.labels import Label, Span, find, off_list, read_labels, tiles_of

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3_600_000


def span(opened_h: float, closed_h: float, *tiles: int, name: str = "") -> Span:
    return Span(
        incident=name or f"{opened_h}-{closed_h}-{tiles}",
        opened_ms=int(opened_h * HOUR),
        closed_ms=int(closed_h * HOUR),
        tiles=frozenset(tiles or (0,)),
    )


def label(start_h: float, end_h: float, cell: str | None = None) -> Label:
    return Label(name="x", start_ms=int(start_h * HOUR), end_ms=int(end_h * HOUR), cell=cell)


def found_by(one: Label, *spans: Span, lateness_ms: int = 0) -> tuple[str | None, float | None]:
    tiles_of = {"here": frozenset({0}), "there": frozenset({1})}
    (found,) = find([one], spans, tiles_of=tiles_of, lateness_ms=lateness_ms)
    return found.incident, found.lead_min


def test_an_incident_that_touches_the_event_finds_it() -> None:
    assert found_by(label(10, 12), span(8, 10, name="i")) == ("i", 120.0)
    assert found_by(label(10, 12), span(12, 13, name="i")) == ("i", -120.0)
    assert found_by(label(10, 12), span(8, 9.99), span(12.01, 13)) == (None, None)


def test_the_lead_counts_from_when_it_was_told() -> None:
    assert found_by(label(10, 12), span(9, 11, name="i"), lateness_ms=60_000) == ("i", 59.0)


def test_the_earliest_of_several_counts() -> None:
    spans = span(11, 12, name="b"), span(9, 10.5, name="a")
    assert found_by(label(10, 12), *spans) == ("a", 60.0)


def test_a_label_may_name_a_tile_as_desks_do(tmp_path: Path) -> None:
    cells = tmp_path / "cells.csv"
    cells.write_text("cell,lon,lat,radius_m\nmast,110.4,21.2,300\n")
    city = load_city(cells, side_m=100.0)
    here = city.grid.tile_ids[3]
    labels = [label(10, 12, here), label(10, 12, "mast"), label(10, 12, "nowhere"), label(10, 12)]
    found = tiles_of(city, labels)
    assert found.keys() == {here, "mast"}
    assert found[here] == {3}
    assert found[here] < found["mast"]


def test_an_incident_open_for_more_than_twelve_hours_finds_nothing() -> None:
    assert found_by(label(10, 12), span(0, 12, name="i")) == ("i", 600.0)
    assert found_by(label(10, 12), span(0, 12.01)) == (None, None)


def test_a_label_with_a_cell_is_found_there_only() -> None:
    assert found_by(label(10, 12, "there"), span(10, 11, 0)) == (None, None)
    assert found_by(label(10, 12, "there"), span(10, 11, 1, name="i")) == ("i", 0.0)
    assert found_by(label(10, 12, "nowhere"), span(10, 11, 1)) == (None, None)


def test_a_long_incident_that_meets_an_event_is_not_off_the_list() -> None:
    assert off_list([label(10, 12)], [span(0, 20)], tiles_of={}) == 0
    assert off_list([label(10, 12)], [span(13, 20)], tiles_of={}) == 1


spans = st.lists(
    st.builds(
        lambda opened, lasted, tiles: span(opened / 4, (opened + lasted) / 4, *tiles),
        st.integers(0, 60),
        st.integers(0, 12),
        st.sets(st.integers(0, 3), min_size=1, max_size=2),
    ),
    max_size=12,
)


def are_near(one: Span, other: Span) -> bool:
    apart_ms = max(one.opened_ms - other.closed_ms, other.opened_ms - one.closed_ms)
    return apart_ms < HOUR and not one.tiles.isdisjoint(other.tiles)


@given(spans)
def test_nuisances_of_one_place_within_an_hour_are_counted_once(made: list[Span]) -> None:
    # The slow oracle: whoever is near a member of a chain belongs to it.
    left, chains = list(made), 0
    while left:
        chain = [left.pop()]
        for one in chain:  # it grows while it is walked
            near = [other for other in left if are_near(one, other)]
            left = [other for other in left if not are_near(one, other)]
            chain += near
        chains += 1
    assert off_list([], made, tiles_of={}) == chains


def test_labels_are_read_with_zone_name_and_cell(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text(
        "start,end,name,cell\n"
        "2026-01-05 20:00,2026-01-05 22:00,cup,here\n"
        "2026-01-05T12:00:00Z,2026-01-05T13:00:00Z,,\n",
        encoding="utf-8",
    )
    one, two = read_labels(path, tz="Asia/Shanghai")
    assert one == Label(
        name="cup", start_ms=two.start_ms, end_ms=two.start_ms + 2 * HOUR, cell="here"
    )
    assert (two.name, two.cell) == ("2", None)


def test_every_faulty_label_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("start,end\nnoon,1\n2026-01-05 20:00,1\n5,4\n1,2\n", encoding="utf-8")
    with pytest.raises(FeedError, match=r"row 2: .*; row 3: .*--tz.*; row 4: it ends before"):
        read_labels(path)
    path.write_text("begin,end\n1,2\n", encoding="utf-8")
    with pytest.raises(FeedError, match="columns start and end"):
        read_labels(path)

"""The gate closes on a loss, and what is accepted is what the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from replay.labels import Span
from tests.quality.curve import Point
from tests.quality.figure import Curve, Figure
from tests.quality.gate import accepted, lost, merged, write
from tests.quality.page import PAGE, PICTURES, page
from tests.quality.picture import picture
from tests.quality.scoring import DAY_MS, Course, score

if TYPE_CHECKING:
    from pathlib import Path


def figure(got: float, *, name: str = "a", more: bool = True, loss: float = 1.0) -> Figure:
    return Figure(set=name, what="found", got=got, shown=f"{got:g}", more=more, loss=loss)


@pytest.mark.parametrize(
    ("more", "before", "now", "closed"),
    [
        (True, 20.0, 19.0, False),
        (True, 20.0, 18.0, True),
        (True, 20.0, 30.0, False),
        (False, 1.0, 2.0, False),
        (False, 1.0, 2.5, True),
        (False, 1.0, 0.0, False),
    ],
)
def test_a_figure_that_loses_more_than_it_may_closes_the_gate(
    more: bool, before: float, now: float, closed: bool
) -> None:
    was, got = figure(before, more=more), figure(now, more=more, loss=9.0)
    assert bool(lost([was], [got])) is closed  # the accepted loss counts, not that of today


def test_a_figure_that_nobody_accepted_yet_closes_nothing() -> None:
    assert lost([], [figure(0.0)]) == []
    assert lost([figure(1.0)], []) == []


def test_accepting_keeps_places_losses_and_what_was_not_run() -> None:
    before = [figure(1.0, loss=5.0), figure(2.0, name="b")]
    got = merged(before, [figure(3.0, name="c"), figure(4.0)])
    assert [(one.set, one.got, one.loss) for one in got] == [
        ("a", 4.0, 5.0),
        ("b", 2.0, 1.0),
        ("c", 3.0, 1.0),
    ]


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "expected.json"
    assert accepted(path) == ()
    figures = (figure(1.0), figure(2.0, name="b", more=False))
    write(figures, path)
    assert accepted(path) == figures


def test_a_goal_is_met_on_its_own_side() -> None:
    least = Figure(set="a", what="found", got=22, shown="22/24", asked=22)
    most = Figure(set="a", what="false", got=1.6, shown="1.6", asked=1.5, more=False)
    assert (least.met, most.met, figure(1.0).met) == (True, False, None)


def test_the_page_is_made_of_the_accepted_figures() -> None:
    figures = accepted()
    assert len(figures) > 10
    assert PAGE.read_text(encoding="utf-8") == page(figures)


def test_every_accepted_key_is_there_once_and_every_picture_is_shown() -> None:
    keys = [one.key for one in accepted()]
    assert len(keys) == len(set(keys))
    text = PAGE.read_text(encoding="utf-8")
    assert [one.name for one in PICTURES.iterdir() if f"quality/{one.name})" not in text] == []


def test_a_picture_is_well_formed_and_draws_every_line() -> None:
    course = Course(
        begin_ms=0, end_ms=14 * DAY_MS, warm_days=7.0, tiles=1, tiles_of={}, lateness_ms=0
    )
    lone = Span(incident="i", opened_ms=8 * DAY_MS, closed_ms=8 * DAY_MS, tiles=frozenset({0}))
    point = Point(setting=1.0, score=score([lone], [], course))
    curve = Curve(
        name="a < b", events=0, weekly=True, rate_max=3.0, lines={"ours": (point,), "& peer": ()}
    )
    drawing = ET.fromstring(picture(curve))
    texts = ["".join(one.itertext()) for one in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", "ours", "& peer"} <= set(texts)

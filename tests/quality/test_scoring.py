"""The counting rules on incidents made by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.labels import Label, Span
from tests.quality.curve import Point, at_rate, auc, pooled
from tests.quality.scoring import DAY_MS, Course, Event, joined, score

HOUR, MINUTE = 3_600_000, 60_000
WEEK = 7 * DAY_MS


def course(*, tiles: int = 1, warm_days: float = 7.0) -> Course:
    return Course(
        begin_ms=0,
        end_ms=3 * WEEK,
        warm_days=warm_days,
        tiles=tiles,
        tiles_of={"a": frozenset({0}), "b": frozenset({1})},
        lateness_ms=MINUTE,
    )


def event(start_ms: int, *, hours: float = 2.0, cell: str = "a") -> Event:
    label = Label(name="cup", start_ms=start_ms, end_ms=start_ms + round(hours * HOUR), cell=cell)
    return Event(label=label, begin_ms=start_ms + HOUR // 2)


def span(opened_ms: int, *, hours: float = 1.0, tiles: tuple[int, ...] = (0,)) -> Span:
    closed_ms = opened_ms + round(hours * HOUR)
    return Span(
        incident=f"{opened_ms}/{tiles}",
        opened_ms=opened_ms,
        closed_ms=closed_ms,
        tiles=frozenset(tiles),
    )


def test_an_event_is_found_by_an_incident_on_its_tile_that_overlaps_it() -> None:
    at = 2 * WEEK
    seen = score([span(at + HOUR)], [event(at)], course())
    assert (seen.found, seen.events, seen.off) == (1, 1, 0)
    assert seen.hits == (30.0,)
    assert seen.delay_min == 31.0  # told when the hop has been late enough


@pytest.mark.parametrize(
    "stray",
    [
        span(2 * WEEK - 2 * HOUR),
        span(2 * WEEK + 3 * HOUR),
        span(2 * WEEK, tiles=(1,)),
    ],
    ids=["before", "after", "elsewhere"],
)
def test_an_incident_beside_the_label_is_off_the_list(stray: Span) -> None:
    seen = score([stray], [event(2 * WEEK)], course())
    assert (seen.found, seen.off, seen.delay_min) == (0, 1, None)


def test_nothing_counts_before_the_warm_up_is_over() -> None:
    seen = score([span(DAY_MS), span(WEEK - HOUR // 2)], [event(WEEK - 1)], course())
    assert (seen.events, seen.found) == (0, 0)
    assert (seen.runs, seen.off) == (1, 0)  # the second reaches beyond, and meets the label


def test_incidents_less_than_an_hour_apart_are_one() -> None:
    at = 2 * WEEK
    near = [span(at), span(at + 2 * HOUR - 1), span(at + 4 * HOUR - 1)]
    assert score(near, [], course()).off == 2
    assert [one.closed_ms - one.opened_ms for one in joined(near)] == [3 * HOUR - 1, HOUR]


def test_off_list_incidents_on_overlapping_tiles_are_one_but_find_apart() -> None:
    at = 2 * WEEK
    seen = score([span(at), span(at + HOUR, tiles=(0, 1))], [], course(tiles=2))
    assert (seen.runs, seen.off) == (2, 1)


def test_an_alarm_that_never_ends_finds_nothing_and_costs_every_half_day() -> None:
    at = 2 * WEEK
    seen = score([span(at, hours=37)], [event(at + HOUR)], course())
    assert (seen.found, seen.off) == (0, 3)  # it meets the label, so only the further 3 count
    assert score([span(at, hours=12)], [event(at + HOUR)], course()).found == 1


def test_rates_are_a_tile_week_after_the_warm_up() -> None:
    spans = [span(2 * WEEK), span(2 * WEEK + DAY_MS)]
    assert score(spans, [], course()).rate == 1.0
    assert score(spans, [], course(tiles=4)).rate == 0.25


def test_a_wide_incident_finds_the_events_of_all_its_tiles_once() -> None:
    at = 2 * WEEK
    events = [event(at), event(at, cell="b")]
    seen = score([span(at, tiles=(0, 1))], events, course(tiles=2))
    assert (seen.found, seen.off, seen.runs) == (2, 0, 1)


@given(
    st.lists(st.tuples(st.integers(0, 3 * WEEK), st.floats(0.1, 40.0), st.sampled_from([0, 1]))),
    st.lists(st.tuples(st.integers(0, 3 * WEEK), st.sampled_from("ab")), max_size=6),
)
def test_found_and_off_list_agree_with_asking_every_pair(
    made: list[tuple[int, float, int]], known: list[tuple[int, str]]
) -> None:
    spans = [span(at, hours=hours, tiles=(tile,)) for at, hours, tile in made]
    events = [event(at, cell=cell) for at, cell in known]
    rules = course(tiles=2)
    runs = [one for one in joined(spans) if one.closed_ms >= WEEK]

    def meets(run: Span, one: Event) -> bool:
        on = run.tiles == rules.tiles_of[one.label.cell or ""]
        return on and run.opened_ms <= one.label.end_ms and run.closed_ms >= one.label.start_ms

    short = [one for one in runs if one.closed_ms - one.opened_ms <= 12 * HOUR]
    counted = [one for one in events if one.label.start_ms >= WEEK]
    found = sum(any(meets(run, one) for run in short) for one in counted)
    alone = sum(not any(meets(run, one) for one in events) for run in runs)
    seen = score(spans, events, rules)
    assert (seen.found, seen.events) == (found, len(counted))
    longest = sum(max(one.closed_ms - one.opened_ms - 1, 0) // (12 * HOUR) for one in runs)
    assert seen.off <= alone + longest
    assert seen.off >= longest
    assert (seen.off == longest) == (alone == 0)


def point(found: int, off: int) -> Point:
    spans = [span(2 * WEEK + day * DAY_MS) for day in range(off)]
    hits = [event(WEEK + n * DAY_MS) for n in range(4)]
    spans += [span(one.begin_ms) for one in hits[:found]]
    return Point(setting=float(off), score=score(spans, hits, course()))


def test_the_best_within_a_rate_is_taken_and_of_equals_the_quietest() -> None:
    points = [point(1, 0), point(3, 4), point(3, 2), point(4, 6)]
    best = at_rate(points, 2.0)
    assert best is not None
    assert (best.score.found, best.score.off) == (3, 2)
    assert at_rate(points[1:], 0.5) is None


def test_the_mean_share_is_that_of_the_steps() -> None:
    assert auc([point(4, 0)], rate_max=3.0) == 1.0
    assert auc([point(4, 2)], rate_max=2.0) == pytest.approx(16 / 30)  # from a rate of 1 on


def test_sets_together_are_read_under_one_setting() -> None:
    lines = [[point(1, 0), point(4, 2)], [point(2, 2), point(3, 6)]]
    both = pooled(lines)
    assert [(one.score.found, one.score.events) for one in both] == [(3, 8), (7, 8)]
    assert [one.score.off for one in both] == [2, 8]
    assert [one.score.rate for one in both] == [
        sum(line[at].score.rate for line in lines) / 2 for at in range(2)
    ]
    assert len(both[0].score.hits) == sum(len(line[0].score.hits) for line in lines)

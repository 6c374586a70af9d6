"""Laws of notify, as timetables: one a minute, newest wins, no step is lost, silence is told."""

from __future__ import annotations

from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.desk import Desk
from alerts.notify import Quiet
from alerts.notify.outbox import KEPT_MS, MINUTE_MS
from alerts.notify.wording import Wording
from tests.alerts.mailman import BASE_MS, Mailman, police
from tests.alerts.scenario import Scenario, crowd, grid

if TYPE_CHECKING:
    from alerts.message import Alert


def life(*densities: float) -> list[Alert]:
    """Return what police hear of a crowd of these densities, hop by hop, and of its end."""
    scene = Scenario(grid(1, 2))
    for dense in densities:
        scene.hop(crowd({0: dense}))
    scene.until(300)
    return [alert for alert in scene.sent if alert.desk == Desk.POLICE]


LIFE = life(2.2, 3.3, 4.2, 5.2)
RAISED, YELLOW, ORANGE, RED, *_, OVER = LIFE
ID = [alert.id for alert in LIFE]


def changed(alert: Alert, revision: int, **fields: object) -> Alert:
    """Return a later revision of a message that only brings new figures."""
    desk_id = alert.id.rsplit("/", 1)[0]
    data = msgspec.structs.replace(
        alert.data,
        **{
            "revision": revision,
            "alert_id": f"{desk_id}/{revision}",
            "kind": "updated",
            "changed": ["people"],
            **fields,
        },
    )
    return msgspec.structs.replace(alert, revision=revision, data=data, kind=data.kind)


def test_the_life_that_is_told_here() -> None:
    assert [str(alert.kind) for alert in LIFE] == ["raised"] + ["escalated"] * 3 + ["resolved"]
    assert [alert.data.level for alert in LIFE] == [1, 2, 3, 4, 4]


def test_a_first_message_goes_at_once_and_the_next_ones_a_minute_later_as_one() -> None:
    man = Mailman()
    man.push(0, RAISED)
    man.push(10, YELLOW)
    man.push(20, ORANGE)
    assert man.until(59) == [(0, ID[0], ())]
    assert man.until(60)[1:] == [(60, ID[2], (ID[1],))]


def test_a_later_revision_replaces_one_that_only_brings_figures() -> None:
    man = Mailman()
    man.push(0, RAISED)
    man.push(5, changed(RAISED, 2))
    man.push(10, changed(RAISED, 3))
    assert man.until(200)[1:] == [(60, f"{ID[0][:-1]}3", ())]


def test_a_rise_that_waits_is_carried_by_what_replaces_it() -> None:
    man = Mailman()
    man.push(0, RAISED)
    man.push(5, YELLOW)
    man.push(10, changed(YELLOW, 3))
    assert man.until(200)[1:] == [(60, f"{ID[0][:-1]}3", (ID[1],))]


def test_an_end_waits_a_minute_at_most_and_nothing_waits_after_it() -> None:
    man = Mailman()
    man.push(0, RAISED)
    man.push(30, OVER)
    assert man.until(10_000) == [(0, ID[0], ()), (60, OVER.id, ())]


def test_incidents_do_not_wait_for_each_other() -> None:
    other = life(2.5)[0]
    data = msgspec.structs.replace(other.data, incident="other", alert_id="other/police/1")
    other = msgspec.structs.replace(other, incident="other", data=data)
    man = Mailman()
    man.push(0, RAISED)
    man.push(1, other)
    assert [second for second, *_ in man.until(5)] == [0, 1]


def test_what_comes_again_is_no_news() -> None:
    man = Mailman()
    man.push(0, RAISED)
    man.push(100, YELLOW)
    man.push(200, RAISED, YELLOW)
    assert [seen[1] for seen in man.until(1000)] == ID[:2]


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (police(), [0, 1, 2, 3, 4]),
        (police(least_level=3), [2, 3, 4]),
        (police(desks=frozenset({"fire"})), []),
        (police(kinds=frozenset({"raised"})), [0, 4]),
        (police(posts=frozenset({"Post 7"})), []),
        (police(posts=frozenset({"duty_officer"})), [0, 1, 2, 3, 4]),
    ],
    ids=["all", "from orange", "another desk", "first messages", "another post", "this post"],
)
def test_a_target_hears_what_it_wants_from_first_to_end(target: object, wanted: list[int]) -> None:
    man = Mailman(target)  # type: ignore[arg-type]
    for number, alert in enumerate(LIFE):
        man.push(number * 300, alert)
    assert [seen[1] for seen in man.until(10_000)] == [ID[number] for number in wanted]


def test_posts_hear_what_one_of_them_is_to_answer_and_then_all_of_it() -> None:
    man = Mailman(police(posts=frozenset({"Post 7"})))
    with_post = changed(RAISED, 1, duty_post="Post 1", kind="raised")
    handed = changed(RAISED, 2, duty_post="Post 7", changed=["handed_up"])
    later = changed(RAISED, 3, duty_post="Post 9")
    for number, alert in enumerate((with_post, handed, later)):
        man.push(number * 100, alert)
    assert [int(seen[1][-1]) for seen in man.until(1000)] == [2, 3]


def test_the_end_of_what_was_never_told_is_not_told() -> None:
    man = Mailman()
    man.push(0, OVER)
    assert man.until(1000) == []


def test_a_failure_is_tried_again_ever_more_slowly_and_then_given_up() -> None:
    man = Mailman(police(retries=4), takes=lambda _second, _note: False)
    man.push(0, RAISED)
    man.until(10_000)
    assert [second for second, _ in man.attempts] == [0, 2, 6, 14, 30]
    assert man.given_up == [ID[0]]
    man.push(10_000, YELLOW)
    man.until(20_000)
    assert man.given_up == ID[:2]


def test_what_came_meanwhile_goes_with_the_next_attempt_and_carries_the_first() -> None:
    man = Mailman(takes=lambda second, _note: second > 100)
    man.push(0, RAISED)
    man.push(50, OVER)
    man.until(1000)
    assert man.sent == [(126, OVER.id, (ID[0],))]


def test_of_a_night_s_backlog_only_what_is_still_so_is_told() -> None:
    man = Mailman()
    man.outbox.behind()
    man.push(0, *LIFE, late_s=7200)
    assert man.until(600) == []
    man.outbox.caught_up()
    assert man.until(1000) == [], "it began and ended while nobody listened"

    man = Mailman()
    man.outbox.behind()
    man.push(0, *LIFE[:4], late_s=7200)
    assert man.until(600) == [], "held until all is read"
    man.outbox.caught_up()
    assert [seen[1:] for seen in man.until(1000)] == [(ID[3], ())]


def test_the_end_of_what_was_told_is_told_however_late() -> None:
    man = Mailman()
    man.push(0, RAISED)
    man.until(10)
    man.outbox.behind()
    man.push(10_000, *LIFE[1:], late_s=7200)
    man.outbox.caught_up()
    assert [seen[1:] for seen in man.until(20_000)] == [(ID[0], ()), (OVER.id, ())]


NIGHT = Quiet(from_min=14 * 60, to_min=15 * 60, zone=UTC)
"""The clock of these tests begins at 14:13:20; it is quiet until second 2,800."""


def test_in_quiet_hours_only_red_is_told_and_the_rest_comes_folded() -> None:
    man = Mailman(police(quiet=NIGHT))
    man.push(0, RAISED)
    man.push(100, YELLOW)
    assert man.until(2799) == []
    assert man.until(3000) == [(2800, ID[1], (ID[0],))]

    man = Mailman(police(quiet=NIGHT))
    man.push(0, RAISED)
    man.push(100, RED)
    assert man.until(3000) == [(100, RED.id, (ID[0],))]


def test_red_goes_before_what_is_older() -> None:
    man = Mailman()
    note = Wording(lang="en", zone=UTC).own("returned", key="a", at_ms=1, ends=False)
    man.give(msgspec.structs.replace(note, key="old", incident="old", id="old", urgent=False))
    man.give(msgspec.structs.replace(note, key="new", incident="new", id="new", urgent=True))
    assert [seen[1] for seen in man.until(10)] == ["new", "old"]


@settings(max_examples=60)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 4), st.booleans()), min_size=1, max_size=12
    ),
    deaf=st.sets(st.integers(0, 12), max_size=8),
    crashes=st.sets(st.integers(0, 11), max_size=4),
)
def test_whatever_fails_or_crashes_every_step_is_told_and_no_minute_has_two(
    steps: list[tuple[int, int, bool]], deaf: set[int], crashes: set[int]
) -> None:
    tries = iter(range(10_000))
    man = Mailman(police(retries=100), takes=lambda _second, _note: next(tries) not in deaf)
    second, musts = 0, []
    for number, (wait_s, level, rises) in enumerate(steps):
        second += wait_s
        alert = changed(
            RAISED,
            number + 1,
            kind="escalated" if rises or not number else "updated",
            level=level + 1,
        )
        if rises or not number:
            musts.append(alert.id)
        man.push(second, alert)
        if number in crashes:
            man.crash()
    man.until(second + 100_000)
    told = [one for _, first, carried in man.sent for one in (*carried, first)]
    assert set(musts) <= set(told)
    assert len(told) == len(set(told)), "nothing twice where nothing was cut off in between"
    at = [one for one, *_ in man.sent]
    assert all(later - earlier >= 60 for earlier, later in pairwise(at))


def test_a_crash_while_a_note_is_sent_sends_it_again_under_its_id() -> None:
    man = Mailman()
    man.push(0, RAISED)
    note = man.outbox.take(now_ms=man.now_ms)
    assert note is not None
    man.crash()
    assert man.until(10) == [(0, ID[0], ())]
    man = Mailman()
    man.push(0, RAISED)
    man.outbox.take(now_ms=man.now_ms)
    man.push(5, YELLOW)
    man.crash()
    assert man.until(100) == [(5, ID[1], (ID[0],))]


def test_slots_are_forgotten_after_a_week() -> None:
    man = Mailman()
    man.push(0, RAISED)
    man.until(10)
    assert man.outbox.forget(now_ms=BASE_MS + KEPT_MS) == []
    assert man.outbox.forget(now_ms=BASE_MS + KEPT_MS + MINUTE_MS) == [f"police/{RAISED.incident}"]

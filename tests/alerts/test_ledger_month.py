"""Laws of a month's figures: what counts where, and on what numbers a share rests."""

from __future__ import annotations

import msgspec
import pytest

from alerts.action import Action, Outcome
from alerts.ledger.month import Month
from tests.alerts.booked import Records
from tests.alerts.bookkeeping import Evening
from tests.alerts.november import DAY_MS, SINCE_MS, counted, crowded, day, judged, of
from tests.alerts.scenario import MINUTE_MS, crowd

UNUSUAL = {"score": {0: 9.0}, "expected": 100.0}


def test_a_month_without_an_alert_is_a_report_that_says_so() -> None:
    figures = counted(Records())
    assert figures.is_empty
    police = of("police", figures)
    assert (police.incidents, police.messages, police.unfounded_ratio) == (0, 0, None)
    assert police.answers.first.median_min is None
    assert len(police.days) == 30
    assert msgspec.json.decode(msgspec.json.encode(figures), type=Month) == figures


def test_a_month_the_ledger_knows_nothing_of_promises_nothing() -> None:
    figures = counted(Records(), known=(SINCE_MS + 40 * DAY_MS, SINCE_MS + 41 * DAY_MS))
    assert (figures.days, of("police", figures).budget.promised) == (0, 0)
    figures = counted(Records(), known=(0, 5))
    assert (figures.days, of("police", figures).budget.promised) == (0, 0)


def test_a_month_of_which_a_part_is_known_promises_for_that_part() -> None:
    figures = counted(Records(), known=(day(11), day(21)))
    assert (figures.known_since_ms, figures.known_until_ms) == (day(11), day(21))
    assert (figures.days, of("police", figures).budget.promised) == (10.0, 10.0)


def test_an_incident_counts_on_the_day_it_was_first_told_at_its_worst_colour() -> None:
    book = Records()
    evening, _ = crowded(book, day(3), 2.3)
    evening.see({0: 3.3}, {0: 4.3}, *[None] * 12)
    police, fire = counted(book).desks
    third = police.days[2]
    assert (third.incidents, third.by_level) == (1, (0, 0, 1, 0))
    assert (police.incidents, police.by_level) == (1, (0, 0, 1, 0))
    assert police.messages == third.messages == sum(one.desk == "police" for one in book.entries())
    # Fire heard of it from orange on; one incident in the list of the worst.
    assert (fire.incidents, fire.by_level) == (1, (0, 0, 1, 0))
    (worst,) = counted(book).worst
    assert set(worst.verdicts) == {"police", "fire"}


def test_what_was_first_told_last_month_is_none_of_this_but_its_messages_are() -> None:
    book = Records()
    evening, _ = crowded(book, SINCE_MS - 7 * MINUTE_MS)
    evening.see({0: 3.3}, *[None] * 12)
    police = of("police", counted(book))
    assert police.incidents == 0
    assert police.messages == police.days[0].messages > 0


def test_what_a_desk_said_after_the_month_still_counts() -> None:
    book = Records()
    evening, incident = crowded(book, SINCE_MS + 30 * DAY_MS - 7 * MINUTE_MS)
    evening.see(*[None] * 12)
    evening.do(Action.CLOSE, incident, level=1, outcome=Outcome.REAL)
    assert of("police", counted(book)).verdicts["real"] == 1


def test_the_share_of_false_alarms_rests_on_what_was_judged() -> None:
    book = Records()
    judged(book, day(1), Outcome.REAL)
    judged(book, day(2), Outcome.REAL)
    judged(book, day(3), Outcome.UNFOUNDED)
    judged(book, day(4), Outcome.EXERCISE)
    judged(book, day(5), Outcome.UNKNOWN)
    judged(book, day(6), None)
    crowded(book, day(7))
    police = of("police", counted(book))
    assert police.verdicts == {
        "real": 2,
        "unfounded": 1,
        "exercise": 1,
        "unknown": 1,
        "unsaid": 1,
        "open": 1,
        "merged": 0,
    }
    assert (police.judged, police.unjudged) == (3, 2)
    assert police.unfounded_ratio == pytest.approx(1 / 3, abs=1e-4)
    assert [one.unjudged for one in police.days[:7]] == [0, 0, 0, 0, 1, 1, 0]


def test_an_incident_that_merged_is_not_asked_what_came_of_it() -> None:
    book = Records()
    evening = Evening(book, day(1))
    evening.see({0: 2.3}, {0: 2.3, 2: 2.3}, {0: 2.3, 1: 2.3, 2: 2.3}, *[None] * 12)
    police = of("police", counted(book))
    assert (police.verdicts["merged"], police.verdicts["unsaid"]) == (1, 1)
    assert police.unjudged == 1


def test_first_answers_are_timed_and_what_had_none_is_told_apart() -> None:
    book = Records()
    for number, minutes in enumerate((1.0, 2.0, 40.0), 1):
        evening, incident = crowded(book, day(number))
        if minutes > 5:
            evening.see(*[{0: 2.3}] * 7)
        evening.do(Action.ACK, incident, level=1, after_min=minutes if minutes < 5 else 0.5)
    over, _ = crowded(book, day(4))  # ends in 20 minutes, of the 30 that blue has
    over.see(*[None] * 6)
    never, _ = crowded(book, day(5))
    never.see(*[{0: 2.3}] * 8)
    crowded(book, day(6))
    found = of("police", counted(book, known=(0, day(6, 20)))).answers
    assert (found.asked, found.answered, found.late) == (6, 3, 1)
    assert (found.never, found.over_first, found.waiting) == (1, 1, 1)
    assert found.passed_on == 2  # the one that was answered late, too
    assert (found.first.n, found.first.median_min, found.first.p90_min) == (3, 2.0, 35.5)


def test_a_real_one_tells_how_long_it_grew_and_when_people_came() -> None:
    book = Records()
    evening, incident = crowded(book, day(1))
    evening.see({0: 3.3}, {0: 4.3}, {0: 2.3})
    told_ms = evening.sent[0].data.decided_ms
    evening.do(
        Action.CLOSE, incident, level=3, outcome=Outcome.REAL, arrived=told_ms + 12 * MINUTE_MS
    )
    evening.see(*[None] * 12)
    soon, incident = crowded(book, day(2))
    before_ms = soon.sent[0].data.decided_ms - 3 * MINUTE_MS
    soon.do(Action.CLOSE, incident, level=1, outcome=Outcome.REAL, arrived=before_ms)
    wrong, incident = crowded(book, day(3))
    wrong.do(Action.CLOSE, incident, level=1, outcome=Outcome.REAL, arrived=1)
    wrong.see(*[None] * 12)
    found = of("police", counted(book)).response
    assert (found.peak.n, found.arrival.n, found.there_before) == (3, 2, 1)
    assert found.arrival.median_min == -3.0
    assert found.peak.p90_min == 10.0


def test_the_budget_answers_for_what_was_unusual_and_nothing_more() -> None:
    book = Records()
    judged(book, day(1), Outcome.UNFOUNDED)  # dense: the ladder, not the budget
    odd = Evening(book, day(2))
    first = odd.see(crowd({0: 0.5}, **UNUSUAL))[0]  # type: ignore[arg-type]
    odd.do(Action.CLOSE, first.incident, level=first.data.level, outcome=Outcome.UNFOUNDED)
    odd.see(*[None] * 12)
    other = Evening(book, day(3))
    other.see(crowd({0: 0.5}, **UNUSUAL), *[None] * 12)  # type: ignore[arg-type]
    budget = of("police", counted(book)).budget
    assert (budget.per_day, budget.promised, budget.told) == (1, 30.0, 2)
    assert (budget.real, budget.unfounded, budget.unjudged) == (0, 1, 1)


def test_the_worst_are_the_gravest_then_the_fullest_and_at_most_ten() -> None:
    book = Records()
    for number in range(1, 13):
        dense = 5.5 if number == 5 else 2.0 + number / 20
        evening, _ = crowded(book, day(number), dense)
        evening.see(*[None] * 12)
    figures = counted(book, desks=["police"])
    assert len(figures.worst) == 10
    assert figures.worst[0].case.level == 4
    people = [one.case.people or 0 for one in figures.worst[1:]]
    assert people == sorted(people, reverse=True)
    assert [one.desk for one in figures.desks] == ["police"]

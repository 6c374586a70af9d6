"""Laws of what notify tells of the system itself, and of the words of its notes."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import msgspec
import pytest

from alerts.desk import Desk
from alerts.heard import hear
from alerts.message import envelope
from alerts.notify import Watch
from alerts.notify.watch import Matter
from alerts.notify.wording import TEXTS, Wording
from alerts.phrases import STATUS
from alerts.system import FeedBlind, HostTrouble, system_envelope
from tests.alerts.mailman import BASE_MS, Mailman, police
from tests.alerts.scenario import Scenario, crowd, grid

if TYPE_CHECKING:
    from alerts.message import Alert
    from alerts.notify.wording import Note
    from alerts.system import SystemAlert


def red() -> Alert:
    """Return the first message to police of the worst crowd."""
    sent = Scenario(grid(1, 2)).hop(crowd({0: 5.2}))
    return next(alert for alert in sent if alert.desk == Desk.POLICE)


RED = red()


# -- the system itself ---------------------------------------------------------------------


def matters(watch: Watch, *seconds: int) -> list[tuple[int, str]]:
    return [
        (second, matter.form)
        for second in seconds
        for matter in watch.step(now_ms=BASE_MS + second * 1000)
    ]


def test_silence_is_told_once_after_two_minutes_and_so_is_its_return() -> None:
    watch = Watch(heard_ms=BASE_MS)
    assert matters(watch, 60, 120, 121, 200) == [(121, "silent")]
    watch.heartbeat(BASE_MS + 300_000)
    assert matters(watch, 301, 400) == [(301, "returned")]


def test_a_start_is_no_silence_and_ends_none() -> None:
    watch = Watch(heard_ms=BASE_MS - 10_000_000)
    watch.listen(BASE_MS)
    assert matters(watch, 0, 120, 121) == [(121, "silent")]
    watch.listen(BASE_MS + 200_000)
    assert matters(watch, 200, 1000) == []


def test_a_self_test_that_does_not_come_back_is_told_once_and_so_is_the_next_that_does() -> None:
    watch = Watch(heard_ms=BASE_MS + 10**9)
    assert watch.due(["fire", "police"], now_ms=BASE_MS, every_s=3600) == ["fire", "police"]
    watch.posted("police", "a", now_ms=BASE_MS)
    assert matters(watch, 120, 121, 3000) == [(121, "path_broken")]
    assert watch.due(["police"], now_ms=BASE_MS + 3_599_000, every_s=3600) == []
    assert watch.due(["police"], now_ms=BASE_MS + 3_600_000, every_s=3600) == ["police"]
    watch.posted("police", "b", now_ms=BASE_MS + 3_600_000)
    assert list(watch.came_back("police", "a")) == [], "an old one proves nothing"
    assert [one.form for one in watch.came_back("police", "b")] == ["path_whole"]
    assert list(watch.came_back("police", "b")) == []
    assert watch.due(["police"], now_ms=BASE_MS + 10**9, every_s=0) == []


def test_a_broken_path_and_its_mending_are_both_news() -> None:
    wording = Wording(lang="en", zone=UTC)
    broken = Matter(form="path_broken", key="k", at_ms=5, ends=False, desk="police")
    whole = Matter(form="path_whole", key="k", at_ms=6, ends=True, desk="police")
    man = Mailman()
    for one in (broken, whole):
        man.give(wording.own(one.form, key=one.key, at_ms=one.at_ms, ends=one.ends, desk="police"))
        man.until(man.second + 100)
    assert [seen[1] for seen in man.sent] == ["notify/k/path_broken/5", "notify/k/path_whole/6"]


def test_troubles_of_the_system_reach_those_who_look_after_it() -> None:
    blind = FeedBlind(feed="cmcc", blind=True, since_ms=BASE_MS, hop_ms=BASE_MS)
    back = msgspec.structs.replace(blind, blind=False, hop_ms=BASE_MS + 1)
    lag = HostTrouble(worker="w0", at_ms=BASE_MS, hop_ms=0, trouble="lag", what="10 behind")
    for desks, wanted in ((frozenset({"system"}), 3), (frozenset({"police"}), 0)):
        man = Mailman(police(desks=desks))
        troubles: tuple[SystemAlert, ...] = (blind, lag, back)
        for number, news in enumerate(troubles):
            event = hear(system_envelope(news, source="/", status="Test"))
            assert event is not None
            man.until(number * 100)
            man.offer(event)
        assert len(man.until(1000)) == wanted
    man = Mailman(police(desks=frozenset({"system"})))
    event = hear(system_envelope(back, source="/", status="Test"))
    assert event is not None
    man.offer(event)
    assert man.until(100) == [], "it was never said that it was blind"


# -- words ---------------------------------------------------------------------------------


def note(alert: Alert, *, lang: str = "zh-CN", status: str = "Actual") -> Note:
    event = hear(envelope(alert, source="/", status=status))  # type: ignore[arg-type]
    assert event is not None
    assert event.alert is not None
    return Wording(lang=lang, zone=UTC).alert(event, event.alert, must=True, stale=False)


@pytest.mark.parametrize(("lang", "status"), [(a, b) for a in STATUS for b in STATUS[a]])
def test_what_is_not_meant_in_earnest_says_so_first(lang: str, status: str) -> None:
    assert note(RED, lang=lang, status=status).title.startswith(STATUS[lang][status])
    assert note(RED, lang=lang).title == RED.data.headline[lang]


def test_a_note_says_who_answers_by_when_how_and_under_which_id() -> None:
    data = msgspec.structs.replace(
        RED.data,
        duty_post="二岗",
        ack_by_ms=BASE_MS,
        spoken={"zh-CN": "红色。", "en": "Red."},
        recommended_response={"zh-CN": "疏导。", "en": "Open the gates."},
    )
    alert = msgspec.structs.replace(RED, data=data)
    assert note(alert).body.splitlines() == [
        "红色。",
        "建议：疏导。",
        "应答岗位：二岗",
        "请在 09-21 14:13 前确认",
        f"确认：crowdtide ack {RED.incident} --desk police --as 岗位",
        f"编号：{RED.id}",
    ]
    assert note(alert).urgent


def test_both_catalogues_say_the_same_things() -> None:
    for texts in (TEXTS, STATUS):
        assert texts["zh-CN"].keys() == texts["en"].keys()

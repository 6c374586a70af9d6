"""What headlines and spoken sentences say, held as somebody at a desk would hear them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from alerts.action import Action
from alerts.moment import iso
from alerts.spec import AlertSpec
from tests.alerts.scenario import Scenario, crowd, grid

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.message import AlertData


def town(cols: int = 4, **more: object) -> Ground:
    """Return a row of tiles whose clock shows the time of day alone."""
    ground = replace(grid(1, cols), clock=lambda at_ms: iso(at_ms)[11:16])
    return replace(ground, **more)  # type: ignore[arg-type]  # fields of the ground


def said(data: AlertData) -> tuple[str, str]:
    assert data.spoken is not None
    return data.spoken["zh-CN"], data.spoken["en"]


def test_an_all_clear_says_the_worst_it_was_and_from_when_to_when() -> None:
    day = Scenario(town())
    day.hop({1: 4.0})
    day.until(60, {1: 2.0})
    last = day.until(90)[-1].data
    assert (last.kind, last.level, last.peak.level) == ("resolved", 1, 3)
    assert last.headline == {
        "zh-CN": "r0c1：预警解除，11:05至12:15，最高橙色II级",
        "en": "r0c1: all clear; 11:05 to 12:15, orange II at worst",
    }
    zh, en = said(last)
    assert zh.startswith("r0c1，预警解除，11:05至12:15，最高橙色二级预警。")
    assert en.startswith("r0c1, all clear; 11:05 to 12:15, orange warning, grade two at worst.")


def test_an_end_a_day_later_is_not_told_as_if_it_were_today() -> None:
    day = Scenario(town(), hop_min=60)
    day.hop({1: 2.0})
    last = day.until(60 * 30, blind=(1,))[-1].data
    assert last.kind == "expired"
    assert (
        last.headline["zh-CN"] == "r0c1：预警失效（长时间无数据），12:00至1天后12:00，最高蓝色IV级"
    )
    assert "12:00 to 12:00 (1 d later), blue IV at worst" in last.headline["en"]


def test_of_what_is_in_the_dark_nothing_is_told_as_of_now() -> None:
    day = Scenario(town())
    day.hop({1: 3.0})
    dark = day.until(15, blind=(1,))[-1].data
    assert "11:05最后所见3000人" in dark.headline["zh-CN"]
    assert "3000 people when last seen at 11:05" in dark.headline["en"]
    zh, en = said(dark)
    assert zh.startswith("r0c1，黄色三级预警。该处现无数据，11:05最后所见约3000人。平时")
    assert "NO DATA from there now: about 3000 people when last seen at 11:05." in en
    assert "现有" not in zh
    assert "steady" not in en


def test_a_merge_names_the_place_into_which_it_went() -> None:
    day = Scenario(town(3))
    day.hop({0: 2.0})
    day.hop({0: 2.0, 2: 2.0})
    (merged,) = [one for one in day.hop({0: 2.0, 1: 2.0, 2: 2.0}) if one.kind == "merged"]
    assert merged.data.merged_place == "r0c0"
    assert merged.data.headline["zh-CN"] == "r0c2：预警并入r0c0预警，11:10至11:15，最高蓝色IV级"
    assert said(merged.data)[1].startswith("r0c2, merged into the warning at r0c0; 11:10 to 11:15")


def test_where_both_are_called_alike_it_went_into_the_one_beside_it() -> None:
    day = Scenario(town(3, names=("Square",) * 3))
    day.hop({0: 2.0})
    day.hop({0: 2.0, 2: 2.0})
    (merged,) = [one for one in day.hop({0: 2.0, 1: 2.0, 2: 2.0}) if one.kind == "merged"]
    assert "并入相邻预警" in merged.data.headline["zh-CN"]
    assert "merged into the warning beside it" in merged.data.headline["en"]


def test_people_who_come_back_are_not_called_fewer() -> None:
    day = Scenario(town(), AlertSpec(update_s=300, hold_s=3600))
    day.hop({1: 2.0})
    fallen = day.hop({1: 1.0})[0].data
    assert "已回落，尚在观察" in fallen.headline["zh-CN"]
    assert "About 1000 people there now (about 2000 in the last message)" in said(fallen)[1]
    back = day.hop(crowd({1: 1.7}, slope_per_min={1: 60.0}))[0].data
    assert "曾回落，人数又在增加" in back.headline["zh-CN"]
    assert "had fallen, people are coming back" in back.headline["en"]
    zh, en = said(back)
    assert "现有约1700人（上次通报约1000人），又在增加" in zh
    assert "（" in zh
    assert "已回落" not in zh
    assert "growing again" in en
    assert en.endswith("People are coming back: keep looking.")
    assert back.response_type == "Assess"


def test_what_is_only_just_seen_again_is_not_called_lower() -> None:
    day = Scenario(town())
    day.hop({1: 2.0})
    day.until(15, blind=(1,))
    seen = day.hop({1: 1.9})[0].data
    assert seen.changed == ["seen_again"]
    assert "数据刚恢复，尚在观察" in seen.headline["zh-CN"]
    assert said(seen)[1].endswith("It is only just seen again: look what is there.")


def test_after_an_acknowledgement_it_says_who_has_it_and_asks_nobody_to_look() -> None:
    day = Scenario(town())
    incident = day.hop({1: 3.0})[0].incident
    (seen,), _ = day.act(Action.ACK, incident, level=2, by="王警官")
    assert "黄色III级预警已由王警官确认" in seen.data.headline["zh-CN"]
    assert "warning acknowledged by 王警官" in seen.data.headline["en"]
    zh, en = said(seen.data)
    assert zh.startswith("r0c1，黄色三级预警。王警官已于11:07确认。现有约3000人")
    assert zh.endswith("请持续关注。")
    assert en.endswith("Keep watching.")
    told = seen.data.recommended_response
    assert told == {
        "zh-CN": "王警官已于11:07确认。请持续关注",
        "en": "王警官 acknowledged at 11:07. Keep watching",
    }
    assert seen.data.response_type == "Monitor"
    (acting,), _ = day.act(Action.CONFIRM, incident, level=2, by="巡逻3组")
    assert "黄色III级预警正由巡逻3组处置" in acting.data.headline["zh-CN"]
    assert said(acting.data)[0].startswith("r0c1，黄色三级预警。巡逻3组自11:07起处置。")


def test_what_is_to_be_done_at_orange_is_said_after_an_acknowledgement_too() -> None:
    day = Scenario(town())
    incident = day.hop({1: 4.0})[0].incident
    (seen,), _ = day.act(Action.ACK, incident, level=3, by="chief")
    assert said(seen.data)[1].endswith("Limit entry, open the exits, guide people away.")
    assert seen.data.response_type == "Execute"


def test_what_rose_above_the_acknowledgement_is_asked_again() -> None:
    day = Scenario(town())
    incident = day.hop({1: 2.0})[0].incident
    day.act(Action.ACK, incident, level=1, by="chief")
    risen = day.hop({1: 3.0})[0].data
    assert "chief" not in said(risen)[1]
    assert said(risen)[1].endswith("Send an officer to look, prepare to slow the inflow.")


def test_nobody_calls_usual_what_he_does_not_know() -> None:
    seen = crowd({1: 1.0}, expected=100.0, score={1: 9.0}, sightings={1: 0})
    young = Scenario(town()).hop(seen)[0].data
    assert "明显多于估计（尚无本地往日数据）" in young.headline["zh-CN"]
    assert "far more than estimated (no days of its own yet)" in young.headline["en"]
    (why,) = young.why
    assert "estimated 100 ± 10, it has no days of its own yet" in why.text["en"]
    for text in (*young.headline.values(), *why.text.values()):
        assert "usually" not in text
        assert "平时" not in text


def test_figures_of_a_feed_in_doubt_are_told_with_the_doubt() -> None:
    day = Scenario(town())
    day.hop({1: 2.0})
    risen = day.hop({1: 3.0}, feeds=(("cmcc", "suspect"), ("cucc", "ok")))[0].data
    zh, en = said(risen)
    assert "数据源cmcc存疑，数字待核实。现有约3000人" in zh
    assert "Feed cmcc is in doubt, its figures are unconfirmed. About 3000 people" in en


def test_what_a_desk_put_off_says_who_did_and_until_when() -> None:
    day = Scenario(town())
    incident = day.hop({1: 2.0})[0].incident
    more: dict[str, Any] = {"text": "known", "until": day.now_ms + 600_000, "by": "chief"}
    (shelved,), _ = day.act(Action.SHELVE, incident, level=1, **more)
    zh, en = said(shelved.data)
    assert zh.startswith("r0c1，蓝色四级预警。chief暂缓提醒至11:17。现有约2000人")
    assert zh.endswith("请持续关注。")
    assert "chief put it off until 11:17. About 2000 people there now" in en


def test_silenced_ground_is_told_with_who_silenced_it() -> None:
    day = Scenario(town())
    incident = day.hop({1: 2.0})[0].incident
    more: dict[str, Any] = {"text": "fair", "until": day.now_ms + 600_000, "by": "chief"}
    (silenced,), _ = day.act(Action.SILENCE, incident, level=1, **more)
    assert "chief已将该区域静默至11:17。" in said(silenced.data)[0]


def test_where_people_come_back_after_a_flight_it_is_not_called_lower() -> None:
    few, more = (
        crowd({1: here}, expected=1000.0, score={1: 0.0}, drop={1: drop}, fewer={1: 900.0})
        for here, drop in ((0.1, 9.0), (0.9, 0.0))
    )
    day = Scenario(town(), AlertSpec(update_s=300), drop_h=3.0)
    left = day.hop(few)[0].data
    assert "People are LEAVING: about 100 people there now." in said(left)[1]
    back = day.hop(more)[0].data
    assert "人数正在恢复，尚在观察" in back.headline["zh-CN"]
    assert "people are coming back, still watched" in back.headline["en"]


def test_what_is_reached_within_a_minute_is_expected_at_any_moment() -> None:
    seen = crowd({1: 4.2}, rolling={1: 2.1}, slope_per_min={1: 150.0})
    zh, en = said(Scenario(town()).hop(seen)[0].data)
    assert "0 min" not in en
    assert "约0分钟" not in zh
    assert "expected at any moment" in en
    assert "即将达到" in zh

"""One headline for people, in Chinese and in English, from catalogues with the same keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.direction import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.figures import People

__all__ = ["CATALOGUES", "GRADES", "SEVERITIES", "colours", "headlines", "news", "post_name"]

GRADES: Final = {1: "IV", 2: "III", 3: "II", 4: "I"}
"""Level to the grade people are shown; the number of the level itself is never shown."""

SEVERITIES: Final = {1: "Minor", 2: "Moderate", 3: "Severe", 4: "Extreme"}
"""Level to CAP severity."""

CATALOGUES: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "line": "{place}：{colour}色{grade}级{kind}，{now}，平时{usual}，{why}，{since}起",
        "ended": "{place}：{colour}色{grade}级{kind}，{since}起",
        "drop.line": "{place}：{colour}色{grade}级{kind}，人群离开，{fewer}，{now}，平时{usual}，"
        "{why}，{since}起；可能是疏散、逃散，也可能是信号故障",
        "drop.ended": "{place}：{colour}色{grade}级{kind}（人群离开），{since}起",
        "fewer.people": "比平时少{number}人",
        "fewer.activity": "活跃度比平时低{number}",
        "fewer.unknown": "远少于平时",
        "stop": "、",
        "colour.1": "蓝",
        "colour.2": "黄",
        "colour.3": "橙",
        "colour.4": "红",
        "unit.people": "现有{number}人",
        "unit.activity": "现有活跃度{number}",
        "unknown": "现有人数不明",
        "usual.people": "{number}人",
        "usual.activity": "{number}",
        "usual.unknown": "不明",
        "below": "不足{number}",
        "reason.density": "密度高",
        "reason.occupancy": "接近或超过核定容量",
        "reason.baseline_ratio": "明显多于平时",
        "reason.neighbourhood": "与周边合计明显多于平时",
        "reason.drop": "人数骤减",
        "reason.rate_of_change": "聚集速度快",
        "reason.planned": "有计划活动",
        "reason.beyond_plan": "超出计划活动规模",
        "reason.hold": "已回落，尚在观察",
        "reason.blind": "部分区域无数据",
        "post.duty_officer": "值班员",
        "post.shift_chief": "值班领导",
        "post.city_desk": "市指挥中心",
        "kind.raised": "预警",
        "kind.updated": "预警更新",
        "kind.escalated": "预警升级",
        "kind.acknowledged": "预警已确认",
        "kind.merged": "预警已并入另一事件",
        "kind.resolved": "预警解除",
        "kind.apart": "合并通报结束，改为逐处通报",
        "kind.expired": "预警失效（长时间无数据）",
        "kind.withdrawn": "预警撤回（数据更正）",
        "kind.reopened": "预警再次触发",
        "kind.overdue": "预警超时无人确认，转{post}",
        "kind.unanswered": "预警自{asked}起无人确认，第{times}次呼叫，请{post}确认",
        "kind.handed_up": "预警转{post}",
        "kind.ack_expired": "预警确认已过期，请重新确认",
        "kind.confirmed": "预警处置中",
        "kind.comment": "预警（有备注）",
        "kind.shelved": "预警暂缓提醒至{until}",
        "kind.silenced": "预警区域静默至{until}",
        "kind.loud": "预警区域静默解除",
        "kind.hold_ended": "预警恢复提醒",
        "kind.closed": "预警已由本台关闭",
        "kind.returned_by_desk": "预警由本台重新打开",
        "kind.outcome": "预警已登记结果",
        "kind.blind": "预警持续，但该处已无数据",
        "kind.seen_again": "预警持续，数据已恢复",
    },
    "en": {
        "line": "{place}: {colour} {grade}, {kind}: {now}, usually {usual}; {why}; since {since}",
        "ended": "{place}: {colour} {grade}, {kind}; since {since}",
        "drop.line": "{place}: {colour} {grade}, {kind}: people LEFT, {fewer}: {now}, usually "
        "{usual}; {why}; since {since}; an evacuation, people fleeing, or a failing signal",
        "drop.ended": "{place}: {colour} {grade}, {kind} (people had left); since {since}",
        "fewer.people": "{number} fewer than usual",
        "fewer.activity": "activity {number} lower than usual",
        "fewer.unknown": "far fewer than usual",
        "stop": ", ",
        "colour.1": "blue",
        "colour.2": "yellow",
        "colour.3": "orange",
        "colour.4": "red",
        "unit.people": "{number} people now",
        "unit.activity": "activity {number} now",
        "unknown": "number now unknown",
        "usual.people": "{number}",
        "usual.activity": "{number}",
        "usual.unknown": "unknown",
        "below": "fewer than {number}",
        "reason.density": "dense",
        "reason.occupancy": "near or over capacity",
        "reason.baseline_ratio": "far more than usual",
        "reason.neighbourhood": "far more than usual together with the tiles around",
        "reason.drop": "sudden drop",
        "reason.rate_of_change": "filling fast",
        "reason.planned": "a planned event",
        "reason.beyond_plan": "more than the planned event allows",
        "reason.hold": "lower now, still watched",
        "reason.blind": "partly without data",
        "post.duty_officer": "duty officer",
        "post.shift_chief": "shift chief",
        "post.city_desk": "city desk",
        "kind.raised": "warning",
        "kind.updated": "warning updated",
        "kind.escalated": "warning escalated",
        "kind.acknowledged": "warning acknowledged",
        "kind.merged": "merged into another incident",
        "kind.resolved": "all clear",
        "kind.apart": "told as one no longer, each place is told by itself",
        "kind.expired": "expired, no data for long",
        "kind.withdrawn": "withdrawn, data corrected",
        "kind.reopened": "warning raised again",
        "kind.overdue": "warning not answered in time, passed to the {post}",
        "kind.unanswered": "warning nobody has acknowledged since {asked}, call {times}, for the "
        "{post}",
        "kind.handed_up": "warning passed to the {post}",
        "kind.ack_expired": "acknowledgement expired, please acknowledge again",
        "kind.confirmed": "warning being handled",
        "kind.comment": "warning, with a comment",
        "kind.shelved": "warning put off until {until}",
        "kind.silenced": "warning, its ground silenced until {until}",
        "kind.loud": "warning, its ground silent no longer",
        "kind.hold_ended": "warning rings again",
        "kind.closed": "warning closed by this desk",
        "kind.returned_by_desk": "warning opened again by this desk",
        "kind.outcome": "warning, outcome noted",
        "kind.blind": "warning stands, but nothing is seen there any more",
        "kind.seen_again": "warning stands, and it is seen again",
    },
}
"""Language to texts; a test holds their keys, and the names inside them, equal."""

_ENDED: Final = {"merged", "resolved", "apart", "expired", "withdrawn", "outcome"}
_NEWS: Final = {
    "overdue",
    "unanswered",
    "handed_up",
    "ack_expired",
    "confirmed",
    "comment",
    "shelved",
    "silenced",
    "hold_ended",
    "closed",
    "outcome",
    "blind",
    "seen_again",
}
"""Changes that say more to a person than the kind of the message does."""


def post_name(post: str, texts: dict[str, str]) -> str:
    """Return a post as people read it: three have names in each language, others are as written."""
    return texts.get(f"post.{post}", post)


def news(kind: str, changed: Sequence[str]) -> str:
    """Return what a headline says has happened: a key of the catalogues without `kind.`.

    >>> news("updated", ["shelved"]), news("updated", ["people"]), news("reopened", ["reopened"])
    ('shelved', 'updated', 'returned_by_desk')
    """
    if "reopened" in changed:
        return "returned_by_desk"
    return kind if kind in _ENDED else next((one for one in changed if one in _NEWS), kind)


def colours(level: int) -> dict[str, str]:
    """Return the colour of a level in each language.

    >>> colours(4)
    {'zh-CN': '红', 'en': 'red'}
    """
    return {language: texts[f"colour.{level}"] for language, texts in CATALOGUES.items()}


def headlines(
    *,
    places: Mapping[str, str],
    kind: str,
    level: int,
    people: People,
    usual: float | None,
    usual_below: int | None = None,
    reasons: Sequence[str],
    since: str,
    direction: Direction = Direction.RISE,
    missing: float | None = None,
    post: str = "",
    until: str = "",
    asked: str = "",
    times: int = 1,
) -> dict[str, str]:
    """Return the headline in each language, from figures as published (floor applied).

    places: what the place is called in each language. usual_below: usually fewer than this are
    there, and how many is not told. missing: of a drop, how many fewer than usual are there; None
    = not told. post: who is to answer. until: when a hold ends. asked, times: since
    when nobody answered, and how often it rang since then.
    """
    # Where people are coming back the words of a crowd fit better than those of a flight.
    head = "drop." if direction is Direction.DROP and "hold" not in reasons else ""
    lines: dict[str, str] = {}
    for language, texts in CATALOGUES.items():
        form = texts[f"{head}ended" if kind in _ENDED else f"{head}line"]
        lines[language] = form.format(
            place=places[language],
            colour=texts[f"colour.{level}"],
            grade=GRADES[level],
            kind=texts[f"kind.{kind}"].format(
                post=post_name(post, texts), until=until, asked=asked, times=times
            ),
            now=_now(texts, people),
            usual=_usual(texts, people, usual, usual_below),
            why=texts["stop"].join(texts[f"reason.{reason}"] for reason in reasons),
            since=since,
            fewer=_fewer(texts, people, missing),
        )
    return lines


def _now(texts: dict[str, str], people: People) -> str:
    if people.best is not None:
        return texts[f"unit.{people.unit}"].format(number=people.best)
    if people.high is None:
        return texts["unknown"]
    below = texts["below"].format(number=people.high + 1)
    return texts[f"unit.{people.unit}"].format(number=below)


def _fewer(texts: dict[str, str], people: People, missing: float | None) -> str:
    if missing is None:
        return texts["fewer.unknown"]
    return texts[f"fewer.{people.unit}"].format(number=missing)


def _usual(texts: dict[str, str], people: People, usual: float | None, below: int | None) -> str:
    if below is not None:
        return texts[f"usual.{people.unit}"].format(number=texts["below"].format(number=below))
    if usual is None:
        return texts["usual.unknown"]
    return texts[f"usual.{people.unit}"].format(number=usual)

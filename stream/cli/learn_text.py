"""What `learn` says, in Chinese and in English."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from stream.topics import Topic

if TYPE_CHECKING:
    from replay.learn import Learnt
    from stream.settings import Settings

__all__ = ["TEXTS", "begun_text", "learn_text"]

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "span": "历史：{first} 至 {last}（{zone}），{hops:,} 个统计周期",
        "days": "其中工作日 {working} 天，周日与节日以外的休息日 {off} 天，周日与节日 {holiday} 天",
        "missing": "注意：历史中没有{kinds}；首次遇到时，按其他日子估计",
        "kind.working": "工作日",
        "kind.off": "周日与节日以外的休息日",
        "kind.holiday": "周日或节日",
        "and": "、",
        "readings": "读数：采用 {accepted:,} 条，共 {rows:,} 行",
        "places": "网格：{tiles:,} 个中 {known:,} 个已有日常曲线",
        "none": "注意：没有一个网格有日常曲线；历史太短，或与小区文件不符",
        "incidents": "其间会报 {incidents} 起事件；它们已结束，不带入新部署",
        "threshold": "起始阈值 {own:g}",
        "near": "，含周边 {near:g}",
        "file": "已写入 {path}，{kb:,.0f} kB，校验 {seal}，设置 {hash}，{seconds:.1f} 秒",
        "note": "说明：{note}",
        "begun": "已写入 Kafka：{topic}，{kb:,.0f} kB；现在可以启动工作进程（crowdtide run）",
    },
    "en": {
        "span": "history: {first} to {last} ({zone}), {hops:,} hops",
        "days": "days in it: {working} working, {off} off before another day off, "
        "{holiday} Sundays and holidays",
        "missing": "note: no {kinds} in the history; the first one is judged by the other days",
        "kind.working": "working day",
        "kind.off": "day off before another",
        "kind.holiday": "Sunday or holiday",
        "and": ", no ",
        "readings": "readings: {accepted:,} accepted, of {rows:,} rows",
        "places": "tiles: {known:,} of {tiles:,} have a day profile",
        "none": "note: no tile has a day profile: the history is too short, or not of these cells",
        "incidents": "incidents meanwhile: {incidents}; they have ended and are not taken along",
        "threshold": "threshold to begin with: {own:g}",
        "near": ", with those around {near:g}",
        "file": "written to {path}, {kb:,.0f} kB, seal {seal}, settings {hash}, {seconds:.1f} s",
        "note": "note: {note}",
        "begun": "written to Kafka: {topic}, {kb:,.0f} kB; workers may start now (crowdtide run)",
    },
}


def learn_text(found: Learnt, lang: str, *, path: str, tz: str) -> str:
    """Return what a history has taught, for a person; tz: zone in which times are shown."""
    words, zone = TEXTS[lang], ZoneInfo(tz)
    first, last = (
        datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M")
        for moment in found.span
    )
    account = found.account
    threshold = words["threshold"].format(own=found.threshold)
    if found.near_threshold is not None:
        threshold += words["near"].format(near=found.near_threshold)
    lines = [
        words["span"].format(first=first, last=last, zone=tz, hops=found.hops),
        words["days"].format(**found.days),
        words["readings"].format(accepted=account.accepted, rows=account.rows),
        words["places"].format(known=found.known, tiles=found.tiles),
        words["incidents"].format(incidents=found.incidents),
        threshold,
        words["file"].format(
            path=path,
            kb=found.bytes / 1000,
            seal=found.seal[:16],
            hash=found.settings_hash,
            seconds=found.wall_s,
        ),
        *_warnings(found, words),
        *(words["note"].format(note=note) for note in found.notes),
    ]
    return "\n".join(lines) + "\n"


def begun_text(settings: Settings, lang: str, *, size: int) -> str:
    """Return that a deployment has its state to begin in; size: bytes."""
    topic = settings.topics.prefix + Topic.SNAPSHOTS
    return TEXTS[lang]["begun"].format(topic=topic, kb=size / 1000)


def _warnings(found: Learnt, words: dict[str, str]) -> list[str]:
    """Return what the history could not teach."""
    if not found.known:
        return [words["none"]]
    unseen = [words[f"kind.{kind}"] for kind, days in found.days.items() if not days]
    return [words["missing"].format(kinds=words["and"].join(unseen))] if unseen else []

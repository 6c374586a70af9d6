"""What `ack` and `open` say to a person, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alerts.text import GRADES, colours
from stream.calendar import Calendar
from stream.cli.alert_handling import Handling
from stream.cli.alert_text import PAINT
from stream.cli.paint import BETWEEN, Line, Span, paint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from alerts.heard import Heard
    from stream.cli.ack_post import Answer

__all__ = ["TEXTS", "WHY", "AckText"]

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "none": "没有符合的事件；{desk} 近 48 小时共收到 {known} 起，open 命令可列出在办事件",
        "many": "符合的事件不止一起，请写全编号：",
        "no_open": "{desk}：无在办事件",
        "posted": "已提交 {action}（编号 {id}），等待答复……",
        "accepted": "已受理：{why}",
        "refused": "未受理：{why}",
        "now": "现状：{badge}，第 {revision} 版",
        "rings": "仍需确认",
        "silent": "{wait:g} 秒内没有答复，该操作稍后仍可能执行。"
        "重新提交时加上 --id {id}，只会执行一次。",
        "by": "由 {by}",
        "opened": "{time} 起",
        "acked": "{by} 已确认",
        "acts": "{by} 处置中",
        "open": "待确认",
        "escalated": "已升级，待确认",
        "acknowledged": "已确认",
        "closed": "本岗已办结",
        "resolved": "已解除",
        "expired": "已失效",
        "withdrawn": "已撤回",
        "merged": "已并入另一事件",
    },
    "en": {
        "none": "no such incident; {desk} heard of {known} in 48 hours, see: crowdtide open",
        "many": "several incidents begin so; give the whole id:",
        "no_open": "{desk}: nothing is open",
        "posted": "posted {action} (id {id}), waiting for the answer ...",
        "accepted": "accepted: {why}",
        "refused": "refused: {why}",
        "now": "now: {badge}, revision {revision}",
        "rings": "still to be acknowledged",
        "silent": "no answer within {wait:g} s: it may still be carried out. Running it again with "
        "--id {id} does it once.",
        "by": "by {by}",
        "opened": "since {time}",
        "acked": "acknowledged by {by}",
        "acts": "{by} acts on it",
        "open": "to be acknowledged",
        "escalated": "escalated, to be acknowledged",
        "acknowledged": "acknowledged",
        "closed": "closed by this desk",
        "resolved": "over",
        "expired": "expired",
        "withdrawn": "withdrawn",
        "merged": "merged into another incident",
    },
}
"""Language to texts; a test holds their keys equal."""

WHY: Final[dict[str, str]] = {
    "acknowledged": "已确认",
    "already acknowledged": "此前已确认",
    "closed; held until one level higher or over": "已办结；升级或结束前不再响",
    "outcome noted": "结果已登记",
    "unknown incident: no such id, or it ended long ago": "无此事件，或早已结束",
    "this desk was not told of this incident": "本岗未收到过此事件",
    "no such revision was sent to this desk": "本岗未收到过这一版",
    "the incident is over; only close with an outcome is still taken": "事件已结束，只能登记结果",
    "the level is higher than the one you saw; look again": "级别已高于你看到的，请再看一遍",
    "this desk closed it already": "本岗此前已办结",
    "level_seen must be 1 to 4": "所见级别须为 1 至 4",
    "not supported yet": "暂不支持此操作",
    "confirmed: somebody acts on it": "已有人处置",
    "comment noted": "备注已登记",
    "passed to the next post": "已转上一级岗位",
    "shelved; it rings again when that ends, or at once if it rises": "已暂缓；到时再响，"
    "升级则立即响",
    "silenced on the ground of this incident, red excepted": "此地已静默，红色除外",
    "the hold is over": "暂缓已结束",
    "open again at this desk": "本岗已重新受理",
    "self-test alert sent": "自检消息已发出",
    "this action was taken before; nothing is done twice": "此操作先前已执行，不会重复",
    "a reason is required in text": "请用 --text 写明原因",
    "until must be a time ahead: epoch ms, or ISO 8601 with an offset": "--until 须为将来的时间",
    "until lies too far ahead for this grade": "就此等级而言 --until 太久",
    "never at red (grade I)": "红色（I 级）不可",
    "there is no further post in the chain": "已无更上一级岗位",
    "this desk has not closed it; there is nothing to reopen": "本岗并未办结，无须重新受理",
    "arrived and left must be times, arrival first": "到场、离场须为时间，且先到后离",
}
"""A reason as the reply gives it, to Chinese; a test holds it complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AckText:
    """Says it in one language. width: columns, None = no wrapping. now: wall clock, epoch ms."""

    lang: str
    tz: str
    width: int | None
    now: Callable[[], int]

    def say(self, form: str, /, **values: object) -> str:
        """Return one text of the catalogue."""
        return TEXTS[self.lang][form].format(**values)

    def incidents(self, many: Iterable[Heard]) -> str:
        """Return incidents, each with what it asks of this desk."""
        return paint([line for one in many for line in self._incident(one)], self.width)

    def answer(self, told: Answer) -> str:
        """Return what became of an action, and how the incident stands now."""
        why = told.why if self.lang == "en" else WHY.get(told.why, told.why)
        verdict = "accepted" if told.accepted else "refused"
        tint = "green" if told.accepted else "red"
        lines = [Line((Span(self.say(verdict, why=why), fg=tint, bold=True),), 2)]
        if told.level in GRADES:
            state = self._state(told.lifecycle) if told.lifecycle else ""
            rings = self.say("rings") if told.needs_ack else ""
            badge = f"{colours(told.level)[self.lang]} {GRADES[told.level]}"
            now = self.say("now", badge=badge, revision=told.revision)
            now = BETWEEN.join(filter(None, [now, state, rings]))
            lines.append(Line((Span(now),), 2))
        return paint(lines, self.width)

    def _incident(self, one: Heard) -> Iterator[Line]:
        back, front = PAINT.get(one.level, ("white", "black"))
        badge = f" {one.colour.get(self.lang, '')} {one.grade} "
        tint = Span(badge, dim=True, whole=True) if one.is_over else Span(badge, front, back)
        headline = one.headline.get(self.lang, one.place)
        yield Line((tint, Span(f" {headline}", bold=one.needs_ack)), 4)
        facts = [Span(one.incident, bold=True), *map(Span, self._facts(one))]
        told = [part for fact in facts for part in (Span(BETWEEN), fact)][1:]
        yield Line((Span("    "), *told), 4)

    def _facts(self, one: Heard) -> Iterator[str]:
        yield one.desk
        yield self.say("opened", time=self._clock(one.opened_ms))
        handling = Handling(self.lang, self._clock, self.now)
        if one.needs_ack:
            data = {
                "needs_ack": True,
                "duty_post": one.duty_post,
                "ack_by_ms": one.ack_by_ms,
            }
            yield from (span.text for span in handling.urgent(data))
        elif one.acknowledged is None or one.lifecycle != "acknowledged":
            yield self._state(one.lifecycle)
        if one.confirmed is not None:
            yield self.say("acts", by=one.confirmed.by)
        elif one.acknowledged is not None:
            yield self.say("acked", by=one.acknowledged.by)

    def _state(self, lifecycle: str) -> str:
        return TEXTS[self.lang].get(lifecycle, lifecycle)

    def _clock(self, at_ms: int) -> str:
        calendar = Calendar(tz=self.tz, country="none")
        return calendar.local_iso(at_ms)[5:16].replace("T", " ")

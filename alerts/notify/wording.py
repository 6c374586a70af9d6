"""What a note says: a title, some lines, the id; in the language of its target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from alerts.phrases import STATUS
from alerts.system import kind_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from alerts.heard import Heard, HeardEvent

__all__ = ["TEXTS", "Note", "Step", "Wording"]

Tone = Literal["info", "success", "warning", "failure"]
RED: Final = 4
ORANGE: Final = 3
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "duty": "应答岗位：{post}",
        "ack_by": "请在 {time} 前确认",
        "ack": "请确认",
        "response": "建议：{text}",
        "how": "确认：crowdtide ack {incident} --desk {desk} --as 岗位",
        "before": "此前：",
        "id": "编号：{id}",
        "silent": "系统静默：{time} 起收不到心跳。即使有险情，你也不会收到预警，请转人工值守。",
        "returned": "系统恢复：{time} 重新收到心跳。",
        "path_broken": "{desk} 预警通路中断：{time} 发出的自检没有返回。"
        "预警可能到不了你，请转人工值守。",
        "path_whole": "{desk} 预警通路恢复：自检已返回。",
        "police": "公安",
        "fire": "消防",
        "feed_blind": "数据源 {subject} 中断：看不见，不等于平静",
        "feed_back": "数据源 {subject} 恢复",
        "feed_suspect": "数据源 {subject} 整体跳变，暂不据此判异常",
        "feed_trusted": "数据源 {subject} 恢复可信",
        "feed_sunk": "数据源 {subject} 整体下沉，暂不据此判人群离开",
        "feed_up": "数据源 {subject} 回升",
        "budget_overspent": "{subject} 误报预算超支",
        "host": "工作进程 {subject} 异常：{kind}。{what}",
    },
    "en": {
        "duty": "answers: {post}",
        "ack_by": "acknowledge by {time}",
        "ack": "please acknowledge",
        "response": "do: {text}",
        "how": "acknowledge: crowdtide ack {incident} --desk {desk} --as POST",
        "before": "before that:",
        "id": "id: {id}",
        "silent": "The system is silent: no heartbeat since {time}. You would not be warned; watch "
        "by other means.",
        "returned": "The system is back: a heartbeat at {time}.",
        "path_broken": "The alert path to {desk} is broken: the self-test of {time} did not come "
        "back. Alerts may not reach you; watch by other means.",
        "path_whole": "The alert path to {desk} is whole again: the self-test came back.",
        "police": "police",
        "fire": "fire",
        "feed_blind": "feed {subject} is blind: not seen is not calm",
        "feed_back": "feed {subject} is back",
        "feed_suspect": "feed {subject} jumps as a whole; nothing unusual is raised from it",
        "feed_trusted": "feed {subject} is trusted again",
        "feed_sunk": "feed {subject} sinks as a whole; no drop is raised from it",
        "feed_up": "feed {subject} is up again",
        "budget_overspent": "{subject} was told more than its false-alarm budget allows",
        "host": "worker {subject} in trouble: {kind}. {what}",
    },
}
"""Language to texts; a test holds their keys equal."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What a later note tells along: an event that must not be dropped, in one line."""

    id: str
    line: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What one target is to be told of one event.

    key: what paces it with others (desk and incident). id: of the event. must: never dropped for
    a later one. ends: what it is about is over. urgent: told in quiet hours, too. stale: read long
    after it was published, and may be overtaken by what is still to be read. carried: steps
    before it that must be told and were not.
    """

    key: str
    incident: str
    id: str
    revision: int
    title: str
    body: str
    line: str
    must: bool = True
    ends: bool = False
    urgent: bool = False
    stale: bool = False
    tone: Tone = "warning"
    carried: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Writes notes in one language. zone: of the city; times in notes are local and absolute."""

    lang: str
    zone: tzinfo

    def alert(self, event: HeardEvent, alert: Heard, *, must: bool, stale: bool) -> Note:
        """Return the note of an alert."""
        headline = alert.headline.get(self.lang) or alert.place
        title = STATUS[self.lang].get(event.status, "") + headline
        lines = [*self._advice(alert), self._say("id", id=event.id)]
        return Note(
            key=f"{alert.desk}/{alert.incident}",
            incident=alert.incident,
            id=event.id,
            revision=alert.revision,
            title=title,
            body="\n".join(lines),
            line=f"{self.clock(alert.hop_ms)} {headline} [{event.id}]",
            must=must,
            ends=alert.is_over,
            urgent=alert.level >= RED,
            stale=stale,
            tone="success" if alert.is_over else "failure" if alert.level >= ORANGE else "warning",
        )

    def own(self, form: str, *, key: str, at_ms: int, ends: bool, **values: object) -> Note:
        """Return a note of our own: of silence, or of the path to a desk."""
        told = {name: TEXTS[self.lang].get(str(value), value) for name, value in values.items()}
        text = self._say(form, time=self.clock(at_ms), **told)
        event_id = f"notify/{key}/{form}/{at_ms}"
        return self._plain(text, key=key, event_id=event_id, revision=at_ms, ends=ends)

    def system(self, event: HeardEvent, *, key: str, ends: bool, at_ms: int) -> Note:
        """Return the note of a message of the system topic."""
        kind = kind_of(event.type)
        form = kind if kind in TEXTS[self.lang] else "host"
        text = self._say(form, subject=event.subject, kind=kind, what=event.raw.get("what", ""))
        text = STATUS[self.lang].get(event.status, "") + text
        return self._plain(text, key=key, event_id=event.id, revision=at_ms, ends=ends)

    def whole(self, note: Note) -> tuple[str, str]:
        """Return title and text as they are sent: with the steps the note carries."""
        if not note.carried:
            return note.title, note.body
        before = [self._say("before"), *(step.line for step in note.carried)]
        return note.title, "\n".join([note.body, *before])

    def clock(self, at_ms: int) -> str:
        """Return local month, day and time, to the minute."""
        local = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(self.zone)
        return local.strftime("%m-%d %H:%M")

    def _plain(self, text: str, *, key: str, event_id: str, revision: int, ends: bool) -> Note:
        return Note(
            key=key,
            incident=key,
            id=event_id,
            revision=revision,
            title=text,
            body=self._say("id", id=event_id),
            line=f"{text} [{event_id}]",
            ends=ends,
            urgent=True,
            tone="success" if ends else "failure",
        )

    def _advice(self, alert: Heard) -> list[str]:
        """Return what to do, by whom and until when."""
        lines: list[str] = []
        if alert.spoken:
            lines.append(alert.spoken.get(self.lang, ""))
        if alert.recommended_response:
            text = alert.recommended_response.get(self.lang, "")
            lines.append(self._say("response", text=text))
        if alert.needs_ack:
            if alert.duty_post:
                lines.append(self._say("duty", post=alert.duty_post))
            by_ms = alert.ack_by_ms
            ask = "ack_by" if by_ms else "ack"
            lines.append(self._say(ask, time=self.clock(by_ms or 0)))
            lines.append(self._say("how", incident=alert.incident, desk=alert.desk))
        return [line for line in lines if line]

    def _say(self, form: str, /, **values: Any) -> str:  # noqa: ANN401 - into a text
        return TEXTS[self.lang][form].format(**values)

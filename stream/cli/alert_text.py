"""An alert as a person at a terminal reads it: colour and grade, place, now and usual, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from stream.calendar import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TEXTS", "Speaker"]

# The level's colour, and a text colour that can be read on it.
ORANGE: Final = 208  # of the 256 colours; the 16 named ones have no orange
PAINT: Final[dict[int, tuple[int | str, str]]] = {
    1: ("blue", "white"),
    2: ("yellow", "black"),
    3: (ORANGE, "black"),
    4: ("red", "white"),
}

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "now": "现有 {now}（{low} 至 {high}）",
        "activity": "现有活跃度 {now}（{low} 至 {high}）",
        "usual": "平时 {usual} ± {spread}",
        "score": "评分 {score}，阈值 {threshold}",
        "density": "密度 {density} 人/平方米",
        "occupancy": "{site} 容量占用 {ratio}",
        "next": "约 {minutes} 分钟后升至下一级",
        "likely": "{minutes} 分钟后达到下一级的概率 {likely}",
        "tiles": "{tiles} 个网格",
        "merged": "并入 {incident}",
        "answers": "{post}（{unit}，{contact}）",
        "more": "等{total}个岗位",
        "risk": "通道受限：{kinds}",
        "narrow": "狭窄",
        "one_exit": "单一出口",
        "slope": "坡道",
        "water_edge": "临水",
        "ack": "请确认",
        "unknown": "不明",
    },
    "en": {
        "now": "now {now} people ({low} to {high})",
        "activity": "activity now {now} ({low} to {high})",
        "usual": "usually {usual} ± {spread}",
        "score": "score {score}, threshold {threshold}",
        "density": "{density} people/m²",
        "occupancy": "{site} {ratio} full",
        "next": "next level in about {minutes} min",
        "likely": "next level in {minutes} min: {likely} likely",
        "tiles": "{tiles} tiles",
        "merged": "merged into {incident}",
        "answers": "{post} ({unit}, {contact})",
        "more": "first of {total} posts",
        "risk": "access at risk: {kinds}",
        "narrow": "narrow",
        "one_exit": "one exit",
        "slope": "slope",
        "water_edge": "water edge",
        "ack": "please acknowledge",
        "unknown": "unknown",
    },
}
"""Language to texts; a test holds their keys equal."""


class _Event(msgspec.Struct, frozen=True):
    """What is read of an envelope; other versions may have more in it, or less."""

    id: str
    type: str
    subject: str = ""
    time: str = ""
    data: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Says records to a person. lang: a key of TEXTS. tz: zone in which times are shown."""

    lang: str
    tz: str

    def say(self, value: bytes | None) -> str:
        """Return a record as text of some lines; bytes that are no alert are named as such."""
        try:
            event = msgspec.json.decode(value or b"", type=_Event)
        except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
            return click.style(f"no alert: {fault}", fg="red")
        if event.type.startswith("crowd.system."):
            return self._system(event)
        try:
            return "\n".join(self._alert(event.data))
        except (KeyError, TypeError, ValueError) as fault:
            return click.style(f"{event.id}: not understood: {fault!r}", fg="red")

    def _system(self, event: _Event) -> str:
        kind = event.type.removeprefix("crowd.system.").removesuffix(".v1")
        facts = " ".join(
            f"{name}={msgspec.json.encode(fact).decode()}"
            for name, fact in event.data.items()
            if name != "schema"
        )
        tint = None if kind in {"heartbeat", "feed_back", "feed_trusted", "feed_up"} else "yellow"
        return click.style(f"{event.time}  {kind}  {event.subject}", fg=tint) + f"  {facts}"

    def _alert(self, data: dict[str, Any]) -> Iterator[str]:
        """Yield the headline behind its colour, then the figures."""
        back, front = PAINT[int(data["level"])]
        badge = f" {data['colour'][self.lang]} {data['grade']} "
        local = Calendar(tz=self.tz, country="none").local_iso(data["hop_ms"])
        ended = data["lifecycle"] in {"resolved", "merged", "expired", "withdrawn"}
        painted = click.style(badge, dim=True) if ended else click.style(badge, bg=back, fg=front)
        headline = click.style(data["headline"][self.lang], bold=not ended)
        yield f"{local[:16].replace('T', ' ')} {painted} {headline}"
        yield f"{'':17}{' · '.join(self._figures(data))}"
        if answers := " · ".join(self._answers(data)):
            yield f"{'':17}{answers}"
        yield click.style(f"{'':17}{data['alert_id']}", dim=True)

    def _figures(self, data: dict[str, Any]) -> Iterator[str]:
        texts, people, usual = TEXTS[self.lang], data["people"], data["baseline"]
        form = "activity" if people["unit"] == "activity" else "now"
        yield texts[form].format(
            now=self._number(people["best"]),
            low=self._number(people["low"]),
            high=self._number(people["high"]),
        )
        yield texts["usual"].format(
            usual=self._number(usual["expected"]), spread=self._number(usual["spread"])
        )
        if usual["score"] is not None and usual["threshold"] is not None:
            yield texts["score"].format(score=usual["score"], threshold=usual["threshold"])
        if data["density"] and people["unit"] == "people":
            newest = self._number(data["density"]["newest_per_m2"])
            yield texts["density"].format(density=newest)
        if data["occupancy"] and data["occupancy"]["ratio"] is not None:
            full = f"{data['occupancy']['ratio']:.0%}"
            yield texts["occupancy"].format(site=data["occupancy"]["site"], ratio=full)
        yield from self._next(data)
        if data["area"]["tiles_total"] > 1:
            yield texts["tiles"].format(tiles=data["area"]["tiles_total"])
        if data["merged_into"]:
            yield texts["merged"].format(incident=data["merged_into"])
        if data["needs_ack"]:
            yield click.style(texts["ack"], bold=True)

    def _next(self, data: dict[str, Any]) -> Iterator[str]:
        """Yield when the next level is reached, and how likely."""
        texts, minutes = TEXTS[self.lang], data["trend"]["next_level_min"]
        if minutes is not None:
            yield texts["next"].format(minutes=minutes)
        if data.get("probability"):
            likely = f"{data['probability']:.0%}"
            yield texts["likely"].format(likely=likely, minutes=data["horizon_min"])

    def _answers(self, data: dict[str, Any]) -> Iterator[str]:
        """Yield where that is for the authorities, who answers first, and what stands in the way.

        The desk's own area comes first in a message; one without areas or posts says nothing.
        """
        texts = TEXTS[self.lang]
        if data.get("jurisdiction"):
            yield str(data["jurisdiction"][0]["name"])
        if data.get("responsible"):
            yield texts["answers"].format(**data["responsible"][0])
            if data["responsible_total"] > 1:
                yield texts["more"].format(total=data["responsible_total"])
        if data.get("fire") and data["fire"].get("hazards"):
            kinds = ", ".join(texts.get(kind, kind) for kind in data["fire"]["hazards"])
            yield texts["risk"].format(kinds=kinds)

    def _number(self, value: float | None) -> str:
        """Return a figure as published, grouped; None is unknown, never 0."""
        return TEXTS[self.lang]["unknown"] if value is None else f"{value:,}"

"""An answer of `explain` in sentences: what a terminal and a page both show, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from alerts.catalogue import CATALOGUES
from alerts.text import GRADES
from replay.explain_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replay.explain_report import Explanation, NeedRow, RuleRow

__all__ = ["RuleSaid", "Said", "ages", "digits_of", "figure", "needs_said"]

_HOLD: Final = {"hold", "blind"}
_SHARES: Final = {"occupancy", "likely"}  # told in per cent
_NO_FIGURES: Final = {"level", "sure"}
_SHARE_DIGITS: Final = 4
_WHOLE: Final = 100.0
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSaid:
    """One rule: title, how near (0 to 1), its needs as (text, met), and what would meet it."""

    title: str
    met: bool
    share: float
    needs: list[tuple[str, bool]]
    remedy: str


def figure(value: float | None, unknown: str, *, digits: int = 2) -> str:
    """Return a number as people read it: no decimals from 100 on, `digits` of them below.

    >>> figure(55225.0, "?"), figure(6.135, "?"), figure(None, "?"), figure(-0.004, "?")
    ('55,225', '6.14', '?', '0')
    """
    if value is None:
        return unknown
    text = f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def ages(seconds: int, words: dict[str, str]) -> str:
    """Return a span of time in its two largest units.

    >>> ages(3900, WORDS["en"]), ages(45, WORDS["en"])
    ('1 h 5 min', '45 s')
    """
    if seconds < _MINUTE_S:
        return words["seconds"].format(seconds=seconds)
    if seconds < _HOUR_S:
        return words["minutes"].format(minutes=seconds // _MINUTE_S)
    if seconds < 2 * _DAY_S:
        hours, rest = divmod(seconds, _HOUR_S)
        return words["hours"].format(hours=hours, minutes=rest // _MINUTE_S)
    return words["days"].format(days=seconds // _DAY_S)


def needs_said(rule: RuleRow, lang: str) -> str:
    """Return the needs of a rule in a line; those it missed alone, where it missed some."""
    words = WORDS[lang]
    told = [need for need in rule.needs if not need.met] or rule.needs
    return words["list"].join(_need_said(need, words) for need in told)


def _need_said(need: NeedRow, words: dict[str, str]) -> str:
    if need.what == "minutes" and need.have is None:
        return words["need.still"]
    if need.what == "sure" and not need.met:
        return words["need.unsure"]
    have, want = _apart(need, words["unknown"])
    form = words.get(f"need.{need.what}", need.what + " {have} / {want}")
    line = form.format(have=have, want=want)
    if need.met or need.have is None or need.want is None or need.what in _NO_FIGURES:
        return line
    short = abs(need.want - need.have)
    told = words["need.late" if need.under else "need.short"]
    text = f"{short:.0%}" if need.what in _SHARES else figure(short, "", digits=digits_of(short))
    return words["need.aside"].format(line=line, aside=told.format(short=text))


class Said:
    """One answer in one language (`zh-CN` or `en`)."""

    def __init__(self, found: Explanation, lang: str) -> None:
        """Take the words."""
        self.found, self.lang = found, lang
        self.words = WORDS[lang]
        self._desk = CATALOGUES[lang]

    def title(self) -> str:
        """Return place and time."""
        found = self.found
        day = datetime.fromisoformat(found.hop[0])
        return self.words["head"].format(
            place=found.place,
            tile=found.tile,
            date=day.date().isoformat(),
            weekday=self.words["weekdays"].split()[day.weekday()],
            begin=found.hop[0][11:16],
            end=found.hop[1][11:16],
            tz=found.tz,
        )

    def verdict(self) -> list[str]:
        """Return what happened, and what happened instead: the one thing to read."""
        found, words, level = self.found, self.words, self.found.level
        if level.now:
            return self._standing()
        silent = f"silent.{found.seen.state}"
        if level.asked:
            first = words["silent.waits"]
        else:
            first = words[silent] if silent in words else words["silent"]
        return [first, *self._missing(), self._instead()]

    def _missing(self) -> list[str]:
        """Return what the rule that was nearest at the hop still missed, if one was near."""
        missed = [rule for rule in self.found.rules if not rule.met]
        nearest = max(missed, key=lambda rule: rule.share, default=None)
        if nearest is None or nearest.share <= 0 or self.found.level.asked:
            return []
        needs = needs_said(nearest, self.lang)
        return [
            self.words["missing"].format(rule=f"{self._ruled(nearest)}{self.words['colon']}{needs}")
        ]

    def _standing(self) -> list[str]:
        found, words, level = self.found, self.words, self.found.level
        grade, reasons = self.grade(level.now), self.reasons(level.reasons)
        since = found.incidents[0].opened if found.incidents else found.hop[1]
        lines = [words["alert"].format(grade=grade, since=self.when(since), reasons=reasons)]
        if _HOLD & set(level.reasons):
            lines = [words["alert.held"].format(grade=grade, reasons=reasons)]
            if level.dim:
                lines.append(words["held.dim"])
            elif level.below_hops:
                lines.append(
                    words["held.hold"].format(
                        below=level.below_s // _MINUTE_S,
                        hold=level.hold_s // _MINUTE_S,
                        hops=level.below_hops,
                        of=level.hold_hops,
                    )
                )
        if found.raised is not None:
            at, rule = found.raised
            lines.append(f"{self.when(at)}{words['colon']}{self.in_short(rule)}")
        return lines

    def _instead(self) -> str:
        """Return when a level rose later on, or when one came nearest."""
        found, words = self.found, self.words
        if found.raised is not None:
            at, rule = found.raised
            ahead = datetime.fromisoformat(at) - datetime.fromisoformat(found.hop[1])
            return words["later"].format(
                ahead=ages(int(ahead.total_seconds()), words),
                time=self.when(at),
                rule=self.in_short(rule),
            )
        if found.nearest is None:
            return words["never"]
        at, rule = found.nearest
        return words["nearest"].format(time=self.when(at), rule=self.in_short(rule))

    def in_short(self, rule: RuleRow) -> str:
        """Return a rule and its needs in one line."""
        stop = self.words["list"]
        needs = stop.join(self._need(one) for one in rule.needs)
        return f"{self._ruled(rule)}{self.words['colon']}{needs}"

    def rules(self) -> list[RuleSaid]:
        """Return of each kind the highest rule that is met and the next one that is not."""
        shown = [
            *(rule for rule in self.found.rules if rule.met and rule is self._last(rule)),
            *(rule for rule in self.found.rules if not rule.met and rule is self._next(rule)),
        ]
        order = {id(rule): number for number, rule in enumerate(self.found.rules)}
        return [self._rule(rule) for rule in sorted(shown, key=lambda rule: order[id(rule)])]

    def _last(self, like: RuleRow) -> RuleRow:
        return [one for one in self.found.rules if one.code == like.code and one.met][-1]

    def _next(self, like: RuleRow) -> RuleRow:
        return next(one for one in self.found.rules if one.code == like.code and not one.met)

    def _rule(self, rule: RuleRow) -> RuleSaid:
        remedy = ""
        if rule.remedy:
            settings = " ".join(f"--set {one}" for one in rule.remedy)
            remedy = self.words["remedy"].format(settings=settings)
        return RuleSaid(
            title=self._ruled(rule),
            met=rule.met,
            share=rule.share,
            needs=[(self._need(need), need.met) for need in rule.needs],
            remedy=remedy,
        )

    def _ruled(self, rule: RuleRow) -> str:
        reason = self._desk.get(f"reason.{rule.code}", rule.code)
        return self.words["rule.line"].format(reason=reason, grade=self.grade(rule.level))

    def _need(self, need: NeedRow) -> str:
        return _need_said(need, self.words)

    def grade(self, level: int) -> str:
        """Return a level as people are shown it, colour and grade; never its number."""
        if not level:
            return self.words["level.none"]
        return self.words["grade"].format(colour=self._desk[f"colour.{level}"], grade=GRADES[level])

    def reasons(self, codes: Iterable[str]) -> str:
        """Return reasons as desks read them."""
        return self.words["list"].join(self._desk.get(f"reason.{one}", one) for one in codes)

    def when(self, moment: str) -> str:
        """Return the local time of day, with the date where it is another day than the hop's."""
        same = moment[:10] == self.found.hop[1][:10]
        return moment[11:16] if same else f"{moment[5:10]} {moment[11:16]}"


def digits_of(value: float) -> int:
    """Return how many decimals a small number needs to be seen at all."""
    return 2 if abs(value) >= 0.01 or value == 0 else 4  # noqa: PLR2004 - two decimals show 0.01


def _apart(need: NeedRow, absent: str) -> tuple[str, str]:
    """Return have and want with as many decimals as it takes to tell them apart."""
    if need.what in _SHARES:
        return _percent(need.have, absent), _percent(need.want, absent)
    texts = [
        (figure(need.have, absent, digits=digits), figure(need.want, absent, digits=digits))
        for digits in range(2, _SHARE_DIGITS + 1)
    ]
    return next((both for both in texts if need.met or both[0] != both[1]), texts[-1])


def _percent(value: float | None, absent: str) -> str:
    return absent if value is None else f"{value:.0%}"

"""Which kind of day a hop lies in, and why: weekday, holiday by its name, make-up workday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

import holidays

from stream.calendar import Calendar
from stream.day_kinds import WORKING_DAY

if TYPE_CHECKING:
    from stream.settings import Settings

__all__ = ["Day", "Why", "day_of"]

Why = Literal["workday", "make_up", "holiday", "weekend", "last_off"]

_SATURDAY: Final = 5
_SUNDAY: Final = 6
_LANGUAGES: Final = {"zh-CN": "zh_CN", "en": "en_US"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A local day as the detectors take it. kind: 0, 1 or 2, see `stream.calendar`.

    weekday: 0 = Monday. name: of the holiday in each language, where the table has one.
    """

    date: date
    weekday: int
    kind: int
    why: Why
    name: dict[str, str]


def day_of(settings: Settings, begin_ms: int) -> Day:
    """Return the day of a hop that begins then, epoch ms."""
    zone, country = settings.calendar.tz, settings.calendar.country
    day = datetime.fromtimestamp(begin_ms / 1000, ZoneInfo(zone)).date()
    kind = Calendar(tz=zone, country=country, days=settings.calendar.days).kind(day)
    name = {} if country == "none" else _names(country, day)
    return Day(
        date=day, weekday=day.weekday(), kind=kind, why=_why(day, kind, named=bool(name)), name=name
    )


def _why(day: date, kind: int, *, named: bool) -> Why:
    if kind == WORKING_DAY:
        return "make_up" if day.weekday() >= _SATURDAY else "workday"
    if named:
        return "holiday"
    return "weekend" if day.weekday() in {_SATURDAY, _SUNDAY} else "last_off"


def _names(country: str, day: date) -> dict[str, str]:
    """Return a holiday's name in each language that its table has; its own where it has not."""
    own = holidays.country_holidays(country)
    plain = own.get(day)
    if plain is None:
        return {}
    known = getattr(type(own), "supported_languages", ())
    told: dict[str, str] = {}
    for language, code in _LANGUAGES.items():
        table = holidays.country_holidays(country, language=code) if code in known else own
        told[language] = table.get(day) or plain
    return told

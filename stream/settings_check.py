"""Checks across settings: what each value alone cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from stream.settings_days import is_day
from stream.settings_detectors import baseline_limits
from stream.settings_factors import feed_clashes
from stream.settings_fault import ConfigError, Fault
from stream.settings_notify import clashes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from stream.settings_deciding import Site
    from stream.settings_feed import Feed
    from stream.settings_model import Settings

__all__ = ["checked", "faults_across"]

BEAT_S: Final = 10  # desk actions take effect at multiples of it, so hops must meet them
DAY_S: Final = 86_400
LON_MAX: Final = 180.0
LAT_MAX: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clash:
    """One contradiction. keys: the settings it rests on; the first one is blamed."""

    keys: tuple[str, ...]
    what: str
    instead: str = ""


def checked(settings: Settings) -> Settings:
    """Return the settings as they are; raises ConfigError if they contradict themselves."""
    faults = faults_across(settings, where=lambda _: "", broken=())
    if faults:
        raise ConfigError(faults)
    return settings


def faults_across(
    settings: Settings, *, where: Callable[[str], str], broken: Collection[str]
) -> list[Fault]:
    """Return the contradictions in a fixed order.

    where: where a key came from. broken: keys that are faulty already and stand at their
    defaults; a check that rests on one of them would only repeat the fault in other words.
    """
    return [
        Fault(where=where(clash.keys[0]), key=clash.keys[0], what=clash.what, instead=clash.instead)
        for clash in _clashes(settings)
        if not any(_touches(key, bad) for key in clash.keys for bad in broken)
    ]


def _touches(key: str, bad: str) -> bool:
    return key == bad or key.startswith(bad + ".") or bad.startswith(key + ".")


def _clashes(settings: Settings) -> Iterator[_Clash]:
    yield from _of_time(settings)
    yield from _of_login(settings)
    yield from _of_calendar(settings)
    yield from _of_detectors(settings)
    yield from _of_alerts(settings)
    for name in sorted(settings.feeds):
        yield from _of_feed(settings, name, settings.feeds[name])
    yield from (_Clash(keys=k, what=w, instead=i) for k, w, i in feed_clashes(settings.feeds))
    yield from _of_sites(settings)
    yield from (_Clash(keys=k, what=w, instead=i) for k, w, i in clashes_of(settings.notify))


def _of_time(settings: Settings) -> Iterator[_Clash]:
    for key, value in (
        ("time.hop_s", settings.time.hop_s),
        ("time.lateness_s", settings.time.lateness_s),
    ):
        if value is not None and value % BEAT_S:
            above = -(-value // BEAT_S) * BEAT_S
            yield _Clash(
                keys=(key,), what=f"{value} is no multiple of {BEAT_S}", instead=f"{above}"
            )
    if settings.time.hop_s is None and not settings.feeds:
        return
    hop_s, slot_s = settings.hop_s_resolved, settings.slot_min * 60
    if slot_s % hop_s:
        yield _Clash(
            keys=("time.hop_s", "feeds"),
            what=f"a hop of {hop_s} s does not divide the baseline slot of {slot_s} s",
            instead="for example 300, 600 or 1800",
        )
    elif DAY_S % slot_s:
        yield _Clash(
            keys=("time.hop_s", "feeds"),
            what=f"a baseline slot of {slot_s} s (the hop or the longest period, at least half "
            "an hour) does not divide a day",
            instead="1800, 3600, 7200, 10800, 14400, 21600, 28800, 43200 or 86400",
        )


def _of_login(settings: Settings) -> Iterator[_Clash]:
    kafka = settings.kafka
    protocol = kafka.security_protocol
    for key in ("sasl_mechanism", "username", "password", "ca_file", "cert_file", "key_file"):
        given, is_file = bool(getattr(kafka, key)), key.endswith("_file")
        useful = protocol.endswith("SSL") if is_file else protocol.startswith("SASL")
        keys = (f"kafka.{key}", "kafka.security_protocol")
        if useful and not given and not is_file:
            yield _Clash(keys=keys, what=f"needed with security_protocol {protocol}")
        elif given and not useful:
            fitting = "SSL or SASL_SSL" if is_file else "SASL_SSL or SASL_PLAINTEXT"
            yield _Clash(
                keys=keys,
                what=f"has no effect with security_protocol {protocol}",
                instead=f"kafka.security_protocol = {fitting}, or leave it out",
            )
    if kafka.key_file and not kafka.cert_file:
        yield _Clash(keys=("kafka.cert_file", "kafka.key_file"), what="needed with key_file")


def _of_calendar(settings: Settings) -> Iterator[_Clash]:
    try:
        ZoneInfo(settings.calendar.tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield _Clash(
            keys=("calendar.tz",),
            what=f"{settings.calendar.tz!r} is no known time zone",
            instead='an IANA name such as "Asia/Shanghai" or "UTC"',
        )
    country = settings.calendar.country
    if country != "none" and country not in holidays.list_supported_countries():
        yield _Clash(
            keys=("calendar.country",),
            what=f"no table of public holidays for {country!r}",
            instead='an ISO 3166 code in capitals such as "CN", or "none"',
        )
    for number, row in enumerate(settings.calendar.days):
        if not is_day(row.date):
            yield _Clash(
                keys=(f"calendar.days.{number}.date",),
                what=f"{row.date!r} is no day of the calendar",
                instead='a day such as "2027-02-20"',
            )


def _of_detectors(settings: Settings) -> Iterator[_Clash]:
    if "rise" not in settings.detectors.directions:
        yield _Clash(
            keys=("detectors.directions",),
            what="rises always alarm; drops come beside them",
            instead='["rise", "drop"]',
        )
    for knob, what in baseline_limits(settings.detectors.baseline):
        yield _Clash(keys=(f"detectors.baseline.{knob}",), what=what)


def _of_alerts(settings: Settings) -> Iterator[_Clash]:
    alerts = settings.alerts
    if not _rising(alerts.rungs_per_m2):
        yield _Clash(keys=("alerts.rungs_per_m2",), what="wanted four rising numbers above 0")
    if alerts.occupancy_yellow_ratio >= alerts.occupancy_red_ratio:
        yield _Clash(
            keys=("alerts.occupancy_yellow_ratio", "alerts.occupancy_red_ratio"),
            what="must be below occupancy_red_ratio",
        )
    if alerts.keep_s < alerts.reopen_s:
        yield _Clash(
            keys=("alerts.keep_s", "alerts.reopen_s"),
            what=f"must be at least reopen_s ({alerts.reopen_s})",
        )


def _of_feed(settings: Settings, name: str, feed: Feed) -> Iterator[_Clash]:
    base = f"feeds.{name}"
    hop_s, period_s = settings.hop_s_resolved, feed.period_s
    if period_s % hop_s and hop_s % period_s:
        yield _Clash(
            keys=(f"{base}.period_s", "time.hop_s"),
            what=f"{period_s} neither divides the hop of {hop_s} s nor is a multiple of it",
        )
    if settings.time.hop_s is None and period_s % BEAT_S:
        yield _Clash(
            keys=(f"{base}.period_s", "time.hop_s"),
            what=f"{period_s} is no multiple of {BEAT_S}, and the hop follows it",
            instead=f"time.hop_s, a multiple of {BEAT_S}",
        )
    if feed.phase_s >= period_s:
        yield _Clash(
            keys=(f"{base}.phase_s", f"{base}.period_s"),
            what=f"{feed.phase_s} is not below the period",
            instead=f"{feed.phase_s % period_s}",
        )
    least_s = feed.delay_s + hop_s
    if feed.max_age_s is not None and feed.max_age_s < least_s:
        yield _Clash(
            keys=(f"{base}.max_age_s", f"{base}.delay_s", "time.hop_s"),
            what=f"{feed.max_age_s} is below delay and one hop; every reading would be late",
            instead=f"at least {least_s}",
        )


def _of_sites(settings: Settings) -> Iterator[_Clash]:
    seen: set[str] = set()
    for index, site in enumerate(settings.sites):
        base = f"sites.{index}"
        if site.name in seen:
            yield _Clash(keys=(f"{base}.name",), what=f"a second site named {site.name!r}")
        seen.add(site.name)
        yield from _of_site(base, site)


def _of_site(base: str, site: Site) -> Iterator[_Clash]:
    given = [part for part in (site.polygon, site.cells, site.tiles) if part is not None]
    if len(given) != 1:
        yield _Clash(
            keys=(base,),
            what=f"site {site.name!r} has {len(given)} of polygon, cells and tiles",
            instead="exactly one of them",
        )
    for lon, lat in site.polygon or ():
        if not (abs(lon) <= LON_MAX and abs(lat) <= LAT_MAX):
            yield _Clash(
                keys=(f"{base}.polygon",),
                what=f"[{lon}, {lat}] is no place",
                instead="[longitude, latitude] in degrees",
            )
            break
    if site.rungs is not None and not _rising(site.rungs):
        yield _Clash(keys=(f"{base}.rungs",), what="wanted four rising numbers above 0")


def _rising(rungs: tuple[float, ...]) -> bool:
    return rungs[0] > 0 and all(low < high for low, high in pairwise(rungs))

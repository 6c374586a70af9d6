"""Which settings decide, their hash, and how a running deployment announces them.

Two workers whose hashes differ would publish different alerts from the same log, so a worker
refuses to join a log that was begun under another hash. Kafka, topics and worker
are left out: they say where, not what.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stream.settings_check import checked
from stream.settings_fault import ConfigError, Fault
from stream.settings_feed import Feed

if TYPE_CHECKING:
    from stream.settings_model import Settings

__all__ = [
    "FILE_FEED",
    "SCHEMA",
    "adopt",
    "announce",
    "deciding",
    "differing",
    "settings_hash",
    "with_file_feed",
]

SCHEMA: Final = "settings/1"
FILE_FEED: Final = "file"
HASH_DIGITS: Final = 16
SECTIONS: Final = (
    "alerts",
    "calendar",
    "desks",
    "detectors",
    "feeds",
    "grid",
    "privacy",
    "sites",
    "time",
)


def deciding(settings: Settings) -> dict[str, Any]:
    """Return what decides alerts, as plain values in sorted order.

    Values that follow from others (the hop, the greatest age of a reading) stand there resolved:
    writing a default down changes no hash. What came later and is not set (a feed's factor, what
    the map protects, single days, drops) is left out: a log that was begun without it goes on.
    """
    # Through JSON, so that a value is equal to the one that was announced: lists, no tuples.
    sections = {name: getattr(settings, name) for name in SECTIONS}
    content = msgspec.json.encode(sections, order="sorted")
    tree = msgspec.json.decode(content, type=dict[str, Any])
    del tree["time"]["ticks"]
    del tree["calendar"]["days_file"]  # Its rows are among the days.
    del tree["calendar"]["planned_file"]
    tree["detectors"]["directions"] = sorted(set(settings.detectors.directions), reverse=True)
    _leave_out(settings, tree)
    if settings.feeds:
        tree["time"]["hop_s"] = settings.hop_s_resolved
    if tree["privacy"]["protects"] == "tiles":
        del tree["privacy"]["protects"]
    for name, feed in tree["feeds"].items():
        _resolve(settings, name, feed)
    return tree


def _leave_out(settings: Settings, tree: dict[str, Any]) -> None:
    """Leave out what came later and is not set."""
    calendar, alerts = tree["calendar"], tree["alerts"]
    for table, rows in ((calendar, "days"), (calendar, "planned"), (alerts, "districts")):
        if not table[rows]:
            del table[rows]
    if "planned" not in calendar:
        del alerts["planned_before_s"], alerts["planned_after_s"]
    if not settings.detectors.has_drops:
        del alerts["drop_budget_ratio"]


def _resolve(settings: Settings, name: str, feed: dict[str, Any]) -> None:
    """Write what follows from other settings into a feed, and leave out what is not set."""
    feed["max_age_s"] = settings.max_age_ms(name) // 1000
    feed["min_excess"] = settings.min_excess(name)
    if feed["market_share"] is None:
        del feed["market_share"], feed["phone_on_ratio"]
    for later in ("factor_date", "supports"):
        if feed[later] is None:
            del feed[later]
    if "supports" in feed:
        del feed["min_excess"]


def settings_hash(settings: Settings) -> str:
    """Return 16 hex digits over the deciding settings.

    >>> from stream.settings_model import Settings
    >>> len(settings_hash(Settings()))
    16
    """
    content = msgspec.json.encode(deciding(settings), order="sorted")
    return hashlib.sha256(content).hexdigest()[:HASH_DIGITS]


def with_file_feed(
    settings: Settings,
    *,
    period_s: int,
    explicit_min_people: bool,
    delay_s: int = 0,
    name: str = FILE_FEED,
) -> Settings:
    """Return what a file without a feed register runs under: one feed, `file`, expansion 1.

    The unit of its counts is not known to be people, so `alerts.min_people` is 0 unless somebody
    has set it. Raises ConfigError where the period does not fit the other settings.
    """
    alerts = settings.alerts
    if not explicit_min_people:
        alerts = msgspec.structs.replace(alerts, min_people=0.0)
    feeds = {name: Feed(period_s=period_s, delay_s=delay_s)}
    return checked(msgspec.structs.replace(settings, feeds=feeds, alerts=alerts))


def announce(settings: Settings, *, ground: object = None) -> bytes:
    """Return the `settings/1` record of a deployment: hash and deciding settings, JSON.

    ground: what identifies the city, where it is known (see `stream.ground_identity`).
    """
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "hash": settings_hash(settings),
        "settings": deciding(settings),
    }
    if ground is not None:
        record["ground"] = ground
    return msgspec.json.encode(record)


def adopt(settings: Settings, record: bytes, *, explicit: frozenset[str] = frozenset()) -> Settings:
    """Return the settings under which a worker may join a log that `record` announces.

    A worker on a replay (`time.ticks = "feed"`) without a feed register takes the feeds and
    `alerts.min_people` (unless it is in `explicit`) from the record; everything else must agree.
    Raises ConfigError with one fault for each deciding key that differs.
    """
    told = _decoded(record)
    joined = settings
    if settings.time.ticks == "feed" and not settings.feeds:
        joined = _with_announced(settings, told, explicit)
    if settings_hash(joined) == told.get("hash"):
        return joined
    faults = [
        Fault(
            where="settings of this log",
            key=key,
            what=f"is {ours!r} here, but the log was begun with {theirs!r}",
            instead="the same value, or another topics.prefix",
        )
        for key, theirs, ours in differing(joined, record)
    ]
    raise ConfigError(faults or [_unreadable("its hash does not fit its content")])


def differing(settings: Settings, record: bytes) -> list[tuple[str, object, object]]:
    """Return (key, theirs, ours) of each deciding setting that `record` announces otherwise.

    Raises ConfigError where the record cannot be read.
    """
    theirs, ours = _flat(_decoded(record)["settings"]), _flat(deciding(settings))
    return [
        (key, theirs.get(key, "absent"), ours.get(key, "absent"))
        for key in sorted(theirs.keys() | ours.keys())
        if theirs.get(key) != ours.get(key)
    ]


def _decoded(record: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(record, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise ConfigError([_unreadable(str(fault))]) from None
    if told.get("schema") != SCHEMA or not isinstance(told.get("settings"), dict):
        raise ConfigError([_unreadable(f"schema is {told.get('schema')!r}, known is {SCHEMA!r}")])
    return told


def _with_announced(settings: Settings, told: dict[str, Any], explicit: frozenset[str]) -> Settings:
    alerts = settings.alerts
    try:
        feeds = msgspec.convert(told["settings"]["feeds"], dict[str, Feed])
        if "alerts.min_people" not in explicit:
            least = msgspec.convert(told["settings"]["alerts"]["min_people"], float)
            alerts = msgspec.structs.replace(alerts, min_people=least)
    except (KeyError, TypeError, msgspec.ValidationError) as fault:
        raise ConfigError([_unreadable(str(fault))]) from None
    return checked(msgspec.structs.replace(settings, feeds=feeds, alerts=alerts))


def _unreadable(what: str) -> Fault:
    return Fault(
        where="settings of this log",
        key="",
        what=f"the record cannot be used: {what}",
        instead="another topics.prefix, or run the version that began the log",
    )


def _flat(tree: object, base: str = "") -> dict[str, object]:
    if not isinstance(tree, dict):
        return {base: tree}
    flat: dict[str, object] = {}
    for name, value in tree.items():
        flat |= _flat(value, f"{base}.{name}" if base else str(name))
    return flat

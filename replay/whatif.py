"""What other settings would have done: the same feed under both, and every difference named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from replay.badrow import FeedError
from replay.engine import offline
from replay.labels import tiles_of
from replay.log import sources
from replay.register import registered
from replay.whatif_compare import Joined, differences, figures
from replay.whatif_report import SettingDiff, WhatIf
from replay.whatif_run import run_both
from stream.calendar import Calendar
from stream.fitting import check_feeds
from stream.ground import unit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo.city import City
    from replay.feed import Feed
    from replay.labels import Label
    from replay.progress import Progress
    from stream.settings import Loaded, Settings

__all__ = ["setting_diffs", "whatif"]

# They are of the host, or made for every run alike: they decide no alert.
_ASIDE: Final = ("kafka.", "worker.", "topics.")


def whatif(
    feed: Feed,
    city: City,
    base: Loaded,
    other: Loaded,
    *,
    labels: Sequence[Label] = (),
    says: Callable[[str], str] = lambda _: "",
    progress: Progress | None = None,
) -> WhatIf:
    """Run a feed under two settings and compare what desks would have got.

    says: what a setting means, by its key, for people.

    Raises FeedError where nothing differs or nothing in the feed can be used, and ConfigError
    where feed and settings do not fit.
    """
    read, one, notes = registered(feed, base)
    _, two, more = registered(feed, other)
    for settings in (one, two):
        check_feeds(settings, city)
    changed = setting_diffs(one, two, says=says)
    if not changed:
        raise FeedError("both sides have the same settings: give --set KEY=VALUE or --against")
    counts = sources(read)
    one, two = offline(one, counts=counts), offline(two, counts=counts)
    sides = run_both(read, city, one, two, progress=progress)
    if sides[0].first_ms < 0:
        raise FeedError(f"{feed.name}: no hop was decided: no usable row")
    joined = [Joined(side, labels, tiles_of(city, labels), city) for side in sides]
    return _compared(joined, read, one, changed, notes=(*read.notes, *notes, *more))


def _compared(
    joined: Sequence[Joined],
    feed: Feed,
    settings: Settings,
    changed: list[SettingDiff],
    *,
    notes: Sequence[str],
) -> WhatIf:
    """Return the answer; settings: of the base."""
    base, other = joined
    gained, lost, moved = differences(base, other)
    local = Calendar(tz=settings.calendar.tz, country="none").local_iso
    return WhatIf(
        feed=feed.name,
        tz=settings.calendar.tz,
        unit=unit_of(settings),
        span=(local(base.side.first_ms - settings.hop_ms), local(base.side.last_ms)),
        tiles=len(base.tile_ids),
        settings=changed,
        base=figures(base),
        other=figures(other),
        gained=gained,
        lost=lost,
        moved=moved,
        events=base.events(other),
        notes=list(dict.fromkeys(notes)),
    )


def setting_diffs(
    base: Settings, other: Settings, *, says: Callable[[str], str]
) -> list[SettingDiff]:
    """Return every deciding setting that differs, by its dotted key."""
    one, two = (_flat(msgspec.to_builtins(settings)) for settings in (base, other))
    return [
        SettingDiff(key=key, base=_toml(one.get(key)), other=_toml(two.get(key)), says=says(key))
        for key in sorted({*one, *two})
        if one.get(key) != two.get(key) and not key.startswith(_ASIDE)
    ]


def _flat(tree: object, path: str = "") -> dict[str, object]:
    """Return the leaves of a tree by dotted key.

    >>> _flat({"time": {"hop_s": 300}})
    {'time.hop_s': 300}
    """
    if not isinstance(tree, dict):
        return {path: tree}
    parts = [_flat(value, f"{path}.{name}" if path else str(name)) for name, value in tree.items()]
    return {key: value for part in parts for key, value in part.items()}


def _toml(value: object) -> str:
    return "unset" if value is None else msgspec.json.encode(value).decode()

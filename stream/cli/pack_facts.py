"""What `check-config` tells of a city pack: what one wants to know before workers get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.calendar import Calendar
from stream.fitting import unregistered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geo.pack import Pack
    from geo.version import Version
    from stream.settings import Settings

__all__ = ["fact_lines", "pack_facts"]


def pack_facts(pack: Pack, settings: Settings) -> dict[str, Any]:
    """Return name, grid, coverage by time, what was assumed, and which feeds nobody registered.

    assumed_ratio: part of the tiles whose walkable ground is assumed; assumed_share: of the
    ground, null where nothing was assumed or not the same everywhere.
    """
    city = pack.city
    calendar = Calendar(tz=settings.calendar.tz, country="none")
    return {
        "name": pack.name,
        "digest": pack.digest,
        "grid": city.digest,
        "side_m": city.grid.side_m,
        "tiles": len(city.grid.tile_ids),
        "versions": [_version_facts(one, calendar) for one in city.versions],
        "assumed_ratio": pack.report.assumed_ratio,
        "assumed_share": city.assumed_share,
        "sites": len(city.sites),
        "posts": len(city.duty.posts) if city.duty else 0,
        "unregistered": list(unregistered(settings, city)) if settings.feeds else [],
    }


def _version_facts(version: Version, calendar: Calendar) -> dict[str, Any]:
    """Return since when it acts (null = from the beginning), and how many cells a feed has."""
    begins = version.valid_from_ms >= 0
    return {
        "valid_from": calendar.local_iso(version.valid_from_ms) if begins else None,
        "digest": version.digest,
        "cells": {feed: int(cover.registered.sum()) for feed, cover in version.feeds.items()},
    }


def fact_lines(facts: Mapping[str, Any], *, indent: str = "  ") -> Iterator[str]:
    """Yield facts as lines for people, tables below their names.

    >>> list(fact_lines({"tiles": 4, "cells": {"a": 1, "b": 2}, "side_m": None}, indent=""))
    ['tiles: 4', 'cells: a 1, b 2', 'side_m: none']
    """
    for name, fact in facts.items():
        if not isinstance(fact, list):
            yield f"{indent}{name}: {_told(fact)}"
            continue
        yield f"{indent}{name}:{'' if fact else ' none'}"
        for one in fact:
            yield f"{indent}  {_version_line(one) if isinstance(one, dict) else one}"


def _version_line(facts: Mapping[str, Any]) -> str:
    since = facts["valid_from"] or "the beginning"
    return f"from {since}: {_told(facts['cells'])} cells, digest {facts['digest']}"


def _told(fact: object) -> str:
    if isinstance(fact, dict):
        return ", ".join(f"{name} {value}" for name, value in fact.items())
    return "none" if fact is None else str(fact)

"""A fortnight of two places with a crowd on one evening, as a feed file and its city."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo.city import load_city
from replay.feed import read_feed
from replay.times import iso
from stream.settings_load import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from geo.city import City
    from replay.feed import Feed
    from stream.settings import Loaded

T0: Final = 1_767_571_200_000  # Monday, 2026-01-05 00:00 UTC
HALF_HOUR: Final = 1_800_000
DAYS: Final = 10
CROWD: Final = range(8 * 48 + 36, 8 * 48 + 42)  # the evening of the ninth day, 18:00 to 21:00


def settings(*sets: str) -> Loaded:
    return read(None, env={}, sets=["calendar.tz=UTC", "calendar.country=none", *sets])


def at(slot: int) -> str:
    """Return the moment in the middle of a half hour, as the command takes it."""
    return iso(T0 + slot * HALF_HOUR + HALF_HOUR // 2)


def counts(*, crowd: int = 400) -> list[tuple[str, list[int]]]:
    usual = [30 + 20 * (slot % 48 > 16) + slot * 7 % 5 for slot in range(DAYS * 48)]
    here = [count + crowd * (slot in CROWD) for slot, count in enumerate(usual)]
    return [("park", usual), ("square", here)]


def city(folder: Path, *, area_m2: float = 90_000) -> City:
    path = folder / "cells.csv"
    path.write_text(
        f"cell,area_m2,name\npark,{area_m2},North park\nsquare,{area_m2},Old square\n", "utf-8"
    )
    return load_city(path, side_m=100.0)


def feed(folder: Path, places: Iterable[tuple[str, Sequence[int | None]]] | None = None) -> Feed:
    rows = [
        f"{T0 + slot * HALF_HOUR},{cell},{'' if count is None else count},1800"
        for cell, values in (counts() if places is None else places)
        for slot, count in enumerate(values)
    ]
    path = folder / "feed.csv"
    path.write_text("\n".join(["start,cell,count,period_s", *rows]) + "\n", "utf-8")
    return read_feed(path)

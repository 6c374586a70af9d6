"""Settings that decide which alerts come out: time, calendar, ground, privacy and sites.

All keys of this file but `time.ticks` enter the settings hash. Knobs of levels and desks are in
`settings_alerts`, those of the detector in `settings_detectors`, those of feeds in `settings_feed`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stream.settings_days import LocalDay
from stream.settings_planned import Licensed

__all__ = ["Calendar", "Grid", "Privacy", "Site", "Time"]


class Time(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Event time: hops, windows, lateness."""

    hop_s: (
        Annotated[
            int,
            Meta(
                ge=10,
                le=86_400,
                description="Seconds from one frame to the next, a multiple of 10; unset = the "
                "shortest period of the feeds. Raise it to save work with many fast feeds.",
            ),
        ]
        | None
    ) = None
    window_s: Annotated[
        int,
        Meta(
            ge=10,
            le=86_400,
            description="Seconds the rolling density looks back (at least one hop); raise it if "
            "single readings are noisy, lower it to hear of a filling place sooner.",
        ),
    ] = 900
    lateness_s: Annotated[
        int,
        Meta(
            ge=0,
            le=86_400,
            description="Seconds a hop stays open after its end, a multiple of 10. Every alert "
            "waits that long; raise it only if much of a feed comes later than this.",
        ),
    ] = 60
    future_s: Annotated[
        int,
        Meta(
            ge=0,
            le=86_400,
            description="Seconds an interval may end after the clock of its source, as the next "
            "tick tells it, before it is refused as `from_future`; raise it if an operator's clock "
            "runs ahead.",
        ),
    ] = 300
    ticks: Annotated[
        Literal["worker", "feed"],
        Meta(
            description="Who says what time it is: `worker` live; `feed` where a replay brings "
            "its own ticks. Decides no alert, so it is not in the settings hash."
        ),
    ] = "worker"


class Calendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Local time and days off: what "this hour on a day like this" means.

    days: single days that are otherwise here than the tables say. planned: licensed events.
    """

    tz: Annotated[
        str,
        Meta(
            min_length=1,
            description="IANA zone of the city's local time, such as `Europe/Rome` or `UTC`.",
        ),
    ] = "Asia/Shanghai"
    country: Annotated[
        str,
        Meta(
            min_length=1,
            description="ISO 3166 code of the country whose public holidays and make-up workdays "
            "count; `none` = only weekends are days off.",
        ),
    ] = "CN"
    days: tuple[LocalDay, ...] = ()
    days_file: (
        Annotated[
            str,
            Meta(
                min_length=1,
                description="CSV `date,kind[,name]` of such days, read at the start and laid after "
                "`days`. What it says decides and is in the settings hash; its path is not.",
            ),
        ]
        | None
    ) = None
    planned: tuple[Licensed, ...] = ()
    planned_file: (
        Annotated[
            str,
            Meta(
                min_length=1,
                description="CSV `id,name,site,attendance,start,end[,organiser,contact]` of "
                "licensed events, read at the start and laid after `planned`. What it says "
                "decides and is in the settings hash; its path is not.",
            ),
        ]
        | None
    ) = None


class Grid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Our squares of ground."""

    side_m: Annotated[
        float,
        Meta(
            ge=10,
            le=10_000,
            description="Side of a tile in metres; lower it where cells are smaller than that. "
            "A cells file with `area_m2` makes each cell its own tile instead; a city pack has "
            "its own grid, and another side here is refused.",
        ),
    ] = 100.0
    walkable_share: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="Part of a square tile on which people can stand; lower it in built-up "
            "cities. Not used where the cells file gives `area_m2`: that is walkable area; a "
            "city pack has its own, and another share here is refused.",
        ),
    ] = 0.3


class Privacy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What published numbers may tell."""

    floor: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="Fewer people than this, on a tile or in a cell, are never published as a "
            "number, nor can they be worked out from others; raise it where the law asks for "
            "more, and less of the map is told. Activity feeds are not people.",
        ),
    ] = 20
    protects: Annotated[
        Literal["tiles", "cells"],
        Meta(
            description="What the map (`density/1`) must not narrow: `tiles` = no cell and no tile "
            "below the floor, at the price of a map with large holes where footprints overlap; "
            "`cells` = no cell, so every tile above the floor is told, with cells below it taken "
            "as withheld. A tile is only worked out from cells. Alerts always protect cells."
        ),
    ] = "tiles"


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One named place with limits of its own: a stadium, a square, a promenade."""

    name: Annotated[
        str, Meta(min_length=1, max_length=200, description="Name shown to the desks, unique.")
    ]
    polygon: (
        Annotated[
            tuple[tuple[float, float], ...],
            Meta(min_length=3, description="Outline as `[[lon, lat], ...]` in WGS 84 degrees."),
        ]
        | None
    ) = None
    cells: (
        Annotated[
            tuple[str, ...],
            Meta(min_length=1, description="The site as a list of cells, instead of an outline."),
        ]
        | None
    ) = None
    tiles: (
        Annotated[
            tuple[str, ...],
            Meta(min_length=1, description="The site as a list of tiles, instead of an outline."),
        ]
        | None
    ) = None
    capacity: (
        Annotated[
            float,
            Meta(
                gt=0,
                description="People the place may hold; gives occupancy: yellow and red rungs "
                "that need no walkable area.",
            ),
        ]
        | None
    ) = None
    access_risk: Annotated[
        bool,
        Meta(
            description="Set it where fire engines could be shut out: fire then hears from "
            "`alerts.fire_level_at_risk` on."
        ),
    ] = False
    rungs: (
        Annotated[
            tuple[float, float, float, float],
            Meta(
                description="The four rungs in people per m2 for this place; unset = "
                "`alerts.rungs_per_m2`. Lower them on stairs and slopes."
            ),
        ]
        | None
    ) = None

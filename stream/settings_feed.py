"""Settings of one feed: its rhythm, what it withholds, and how its counts become people.

All of them enter the settings hash.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

__all__ = ["Feed"]

DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class Feed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One upstream source of cell counts."""

    period_s: Annotated[
        int,
        Meta(
            ge=10,
            le=86_400,
            description="Seconds one reading covers; a divisor or a multiple of the hop.",
        ),
    ]
    phase_s: Annotated[
        int,
        Meta(
            ge=0,
            description="Seconds by which the intervals start after multiples of the period; set "
            "it for a feed that is off the grid of the clock.",
        ),
    ] = 0
    delay_s: Annotated[
        int,
        Meta(
            ge=0,
            le=604_800,
            description="Seconds after an interval's end at which the feed usually arrives; it "
            "keeps a slow feed from counting as late (see `max_age_s`).",
        ),
    ] = 0
    max_age_s: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=2_592_000,
                description="Seconds after its end for which a reading may stand for the present; "
                "unset = 2 periods, at least the delay and one hop. Lower it to go blind sooner.",
            ),
        ]
        | None
    ) = None
    floor: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="The operator withholds counts below this; a withheld cell is taken as 0 "
            "to floor - 1. It must be the operator's own number.",
        ),
    ] = 20
    expansion: Annotated[
        float,
        Meta(
            gt=0,
            le=1e6,
            description="People one counted device stands for, where feeds count people of "
            "their own and are summed. Everything in people follows it. Where several operators "
            "count parts of the same people, set `market_share` instead.",
        ),
    ] = 1.0
    market_share: (
        Annotated[
            float,
            Meta(
                gt=0,
                le=1,
                description="Part of all phones that this operator serves. Set it for all feeds "
                "of people or for none: they are then fused, so that a feed which is absent is "
                "made up for by the others; it takes the place of `expansion`.",
            ),
        ]
        | None
    ) = None
    phone_on_ratio: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="Phones of this operator that are switched on and counted, for each "
            "person it serves; lower it where children or second phones shift the count. Only "
            "with `market_share`.",
        ),
    ] = 1.0
    factor_date: (
        Annotated[
            str,
            Meta(
                pattern=DATE,
                description="Day on which expansion or market share was measured, as "
                "`2026-03-31`; it stands beside the factor, so that the desks see its age.",
            ),
        ]
        | None
    ) = None
    supports: (
        Annotated[
            float,
            Meta(
                gt=0,
                le=1,
                description="Makes this a supporting feed: a second signal of the same places "
                "(those who leave beside those who enter, messages beside calls), which counts "
                "nobody. It is held against its own usual, and this part of its score is added to "
                "the tile's. 0.25 was right where it was tried; one feed at most.",
            ),
        ]
        | None
    ) = None
    unit: Annotated[
        Literal["people", "activity"],
        Meta(
            description="What the counts are: `people` (or devices), or `activity` (calls, bytes) "
            "which is never rounded to people nor held against the privacy floor."
        ),
    ] = "people"
    min_excess: (
        Annotated[
            float,
            Meta(
                ge=0,
                description="As `alerts.min_people`, for this feed alone and in its own unit; "
                "unset = that setting for people, 0 for activity.",
            ),
        ]
        | None
    ) = None

"""Settings of levels, incidents and desks: every knob of `alerts.spec.AlertSpec` and the budget."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from alerts.spec import AlertSpec

__all__ = ["Alerts", "District"]

Ratio = Annotated[float, Meta(gt=0, le=1000)]
Seconds = Annotated[int, Meta(ge=0, le=31_536_000)]
Level = Annotated[int, Meta(ge=1, le=4)]
Hold = Annotated[int, Meta(ge=0, le=43_200)]


class District(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one police area of the city pack does otherwise than the city; unset = as the city.

    The table is named by the id of the area. A site's own rungs go before those of its area.
    """

    rungs_per_m2: (
        Annotated[
            tuple[float, float, float, float],
            Meta(
                description="Rungs of this area, as `alerts.rungs_per_m2`; lower them where its "
                "ground is narrow, old or steep."
            ),
        ]
        | None
    ) = None
    police_level: (
        Annotated[Level, Meta(description="Police hear of it from this level.")] | None
    ) = None
    fire_level: Annotated[Level, Meta(description="Fire hears of it from this level.")] | None = (
        None
    )
    fire_level_at_risk: (
        Annotated[
            Level, Meta(description="Or from this one where access is at risk, or a site is full.")
        ]
        | None
    ) = None


class Alerts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When places count as filling up, who hears of it, and how often."""

    false_alarms_per_day: Annotated[
        float,
        Meta(
            gt=0,
            le=1000,
            description="Budget of one desk for incidents that are unusual and nothing more; the "
            "threshold follows from it. Lower it if desks tire, raise it to miss less.",
        ),
    ] = 1.0
    near_budget_ratio: Annotated[
        float,
        Meta(
            ge=0,
            lt=1,
            description="Part of that budget for tiles that are unusual only together with those "
            "around them, where the ground has such; the rest is for tiles alone. Raise it where "
            "crowds are wider than a tile, 0 looks at tiles alone.",
        ),
    ] = 0.15
    drop_budget_ratio: Annotated[
        float,
        Meta(
            gt=0,
            lt=1,
            description="Part of that budget for places that people left, taken off first, and "
            "only where `detectors.directions` has `drop`. Lower it if failing signals ring, "
            "raise it to hear sooner that a place empties.",
        ),
    ] = 0.2
    min_people: Annotated[
        float,
        Meta(
            ge=0,
            le=1e9,
            description="People above the usual count (count x expansion), or for a drop below it, "
            "under which nothing is unusual; raise it if small places alarm, 0 for activity.",
        ),
    ] = 100.0
    watch_s: Annotated[
        Seconds,
        Meta(
            description="Seconds for which a tile that was a candidate is still reported to the "
            "incident stage; raise it only if incidents lose their edges overnight."
        ),
    ] = 21_600
    rungs_per_m2: Annotated[
        tuple[float, float, float, float],
        Meta(
            description="People per walkable m2 of levels 1 to 4, rising; lower them where ground "
            "is uneven, narrow or sloping (a site may bring its own)."
        ),
    ] = (2.0, 3.0, 4.0, 5.0)
    occupancy_yellow_ratio: Annotated[
        Ratio,
        Meta(description="People over a site's capacity that is level 2; lower it to hear sooner."),
    ] = 0.8
    occupancy_red_ratio: Annotated[
        Ratio,
        Meta(
            description="People over a site's capacity that is level 4; lower it if capacities "
            "were stated generously."
        ),
    ] = 1.0
    lower_ratio: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            description="A level is kept while its thresholds times this are met; raise it "
            "towards 1 if levels outlive their crowd, lower it if they flap.",
        ),
    ] = 0.85
    hold_s: Annotated[
        Seconds,
        Meta(
            description="Seconds a tile must stay below before its level falls; raise it if "
            "levels flap."
        ),
    ] = 900
    hold_hops: Annotated[
        int,
        Meta(
            ge=0,
            le=1000,
            description="And for how many hops that were seen, so that one odd hop ends nothing.",
        ),
    ] = 2
    rise_hops: Annotated[
        int,
        Meta(
            ge=1,
            le=2,
            description="1 = a level rises at once; 2 = only where two of the last three hops ask "
            "for it (fewer false alarms, one hop of warning lost).",
        ),
    ] = 1
    large_people_ratio: Annotated[
        Ratio,
        Meta(
            description="An excess of this many times `min_people` is large (level 2); lower it "
            "to hear of big crowds as yellow sooner."
        ),
    ] = 5.0
    large_expected_ratio: Annotated[
        Ratio,
        Meta(
            description="So is an excess of this many times the usual count; lower it where "
            "places are quiet and crowds stand out."
        ),
    ] = 3.0
    large_score_ratio: Annotated[
        Ratio,
        Meta(
            description="A large excess gives level 2 only if the score is this many times the "
            "budget's threshold; raise it if yellow comes too easily."
        ),
    ] = 2.0
    fast_min: Annotated[
        float,
        Meta(
            gt=0,
            le=1440,
            description="Minutes: filling fast = the next rung is nearer than this at the present "
            "slope; raise it to hear earlier of crowds that may yet stop growing.",
        ),
    ] = 30.0
    forecast_ratio: Annotated[
        float,
        Meta(
            gt=0.5,
            le=1,
            description="A tile that is on a level asks for the next one where the forecast makes "
            "its rung this likely in half an hour; lower it to hear sooner of what may not come, "
            "1 = never.",
        ),
    ] = 0.9
    update_s: Annotated[
        Seconds,
        Meta(
            description="Seconds after a message before changed figures alone bring another; "
            "raise it if desks get too many updates. Rising levels never wait."
        ),
    ] = 900
    update_people_ratio: Annotated[
        Ratio,
        Meta(description="People must have changed by more than this part for such an update."),
    ] = 0.2
    update_area_ratio: Annotated[
        Ratio,
        Meta(description="Or the tiles by more than this part (came and gone over tiles told)."),
    ] = 0.3
    reopen_s: Annotated[
        Seconds,
        Meta(
            description="Seconds within which a place raised again is the same incident; raise "
            "it if one evening comes as several incidents."
        ),
    ] = 1800
    repeat_s: Annotated[
        int,
        Meta(
            ge=60,
            le=31_536_000,
            description="Seconds after its last message at which an open incident is told again, "
            "for readers that come late; below what late readers read back (48 h).",
        ),
    ] = 43_200
    expire_s: Annotated[
        int,
        Meta(
            ge=60,
            le=31_536_000,
            description="Seconds after which an incident whose every tile is blind ends as "
            "expired; raise it if feeds fail for days.",
        ),
    ] = 86_400
    keep_s: Annotated[
        Seconds,
        Meta(
            description="Seconds an ended incident can still be given an outcome, at least "
            "`reopen_s`; raise it if desks write their reports the day after next."
        ),
    ] = 86_400
    police_level: Annotated[
        Level, Meta(description="Police hear from this level; raise it to hear less.")
    ] = 1
    fire_level: Annotated[
        Level,
        Meta(
            description="Fire hears from this level; lower it where a station asks to hear early."
        ),
    ] = 3
    fire_level_at_risk: Annotated[
        Level,
        Meta(
            description="Or from this one where access is at risk or a site is at its yellow "
            "occupancy and over."
        ),
    ] = 2
    ack_expires_s: Annotated[
        Seconds,
        Meta(
            description="Seconds after which an acknowledged incident that is still open rings "
            "again, also for the next shift; 0 = never. Lower it where shifts change often."
        ),
    ] = 3600
    shelve_max_s: Annotated[
        tuple[Hold, Hold, Hold, Hold],
        Meta(
            description="Longest time for which a desk may put one incident off, of blue, yellow, "
            "orange and red; 0 = never. What rises rings at once, however long it was put off."
        ),
    ] = (1800, 1800, 600, 0)
    silence_max_s: Annotated[
        Hold,
        Meta(
            description="Longest time for which a desk may silence a ground for a known cause; "
            "red is never silent. Lower it if silences outlive their cause."
        ),
    ] = 43_200
    planned_before_s: Annotated[
        Hold,
        Meta(
            description="Seconds before its start from which a licensed event "
            "(`calendar.planned`) explains a crowd; raise it if people come early."
        ),
    ] = 7200
    planned_after_s: Annotated[
        Hold, Meta(description="And seconds after its end; raise it if people are slow to leave.")
    ] = 3600
    flood_messages: Annotated[
        int,
        Meta(
            ge=2,
            le=1000,
            description="Most messages that a desk gets one by one in ten minutes; what would be "
            "more is told as one city-wide incident with its parts. Lower it for desks with few "
            "people.",
        ),
    ] = 10
    districts: dict[str, District] = msgspec.field(default_factory=dict)

    def spec(self) -> AlertSpec:
        """Return these knobs as the alerts room takes them; those of desks come from `desks`."""
        names = AlertSpec.__dataclass_fields__.keys() & self.__struct_fields__
        return AlertSpec(**{name: getattr(self, name) for name in sorted(names)})

"""Settings of the alerts room: every threshold and every wait, with why one would turn it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from alerts.desk import Desk

__all__ = ["RING_AGAIN_MIN_S", "AlertSpec", "DeskSpec"]

LEVEL_MAX: Final = 4
CHAIN_MAX: Final = 10
RING_AGAIN_MIN_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSpec:
    """Who at a desk answers, and how soon.

    chain: posts in the order in which they are asked; the last one is the city's. A desk with
        one post rings there for ever.
    ack_deadline_s: seconds for each of them to acknowledge, by level 1 to 4; shorter ones bring
        the next post in sooner, and ring more people.
    ring_again_s: seconds after which the last post rings again while nobody acknowledged, by level
        1 to 4; 0 = never. Shorter ones wake a desk that sleeps, and tire one that does not.
    ring_growth_ratio: it rings again at once where people grew by more than this part since it
        last rang, and by `min_people`.
    """

    chain: tuple[str, ...] = ("duty_officer", "shift_chief", "city_desk")
    ack_deadline_s: tuple[int, int, int, int] = (1800, 900, 300, 120)
    ring_again_s: tuple[int, int, int, int] = (1800, 900, 600, 300)
    ring_growth_ratio: float = 0.5

    def faults(self, desk: str) -> list[str]:
        """Return what contradicts itself in these settings."""
        found = []
        if not 1 <= len(self.chain) <= CHAIN_MAX or len(set(self.chain)) < len(self.chain):
            found.append(f"{desk}.chain: wanted 1 to {CHAIN_MAX} different posts")
        if min(self.ack_deadline_s) <= 0:
            found.append(f"{desk}.ack_deadline_s: wanted four numbers above 0")
        if any(0 < wait_s < RING_AGAIN_MIN_S or wait_s < 0 for wait_s in self.ring_again_s):
            found.append(f"{desk}.ring_again_s: wanted four numbers, 0 (never) or from 60 on")
        if self.ring_growth_ratio <= 0:
            found.append(f"{desk}.ring_growth_ratio: wanted above 0")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSpec:
    """How levels rise and fall, who hears of them, and how often.

    rungs_per_m2: people per walkable m2 of levels 1 to 4; lower them where ground is uneven,
        narrow or sloping (a site may bring its own).
    occupancy_yellow_ratio: people over a site's capacity that is level 2 (LB/T 034: 80 %).
    occupancy_red_ratio: likewise level 4; lower it if a site's capacity was stated generously.
    lower_ratio: a level is kept while its thresholds times this are met; raise it towards 1 if
        levels outlive their crowd, lower it if they flap.
    hold_s: how long a tile must stay below before its level falls; raise it if levels flap.
    hold_hops: and for how many hops that were seen, so that one odd hop ends nothing.
    rise_hops: 1 = a level rises at once; 2 = only where two of the last three hops ask for it
        (fewer false alarms, one hop of warning lost).
    min_people: excess over the baseline, in the feed's unit, below which nothing is unusual;
        raise it if small places alarm, 0 for activity.
    large_people_ratio: an excess of this many times `min_people` is large.
    large_expected_ratio: so is one of this many times the expected count.
    large_score_ratio: a large excess gives level 2 only if the score is this many times the
        budget's threshold.
    fast_min: filling fast = the next rung is nearer than this at the present slope; raise it to
        be told earlier of crowds that may yet stop growing.
    forecast_ratio: a tile on a level asks for the next one where the forecast makes its rung this
        likely in half an hour; lower it to hear sooner of what may not come, 1 = never.
    update_s: no `updated` for changed figures sooner than this after the last message.
    update_people_ratio: people must have changed by more than this for such an `updated`.
    update_area_ratio: or the tiles by more than this (tiles that came and went over tiles told).
    reopen_s: raised again on overlapping tiles within this time is the same incident.
    repeat_s: an open incident is told again this long after its last message, for late readers.
    expire_s: an incident whose every tile is blind this long ends as expired.
    keep_s: how long an ended incident can still be given an outcome; never below `reopen_s`.
    police_level: police hear from this level.
    fire_level: fire hears from this level; lower it where a fire station asks to be told early.
    fire_level_at_risk: or from this one where access is at risk or a site is at 80 % and over.
    ack_expires_s: an acknowledged incident that is still open rings again after this; 0 = never.
        Lower it where shifts change without a word.
    shelve_max_s: longest time for which a desk may put off one incident, by level; 0 = never.
    silence_max_s: longest time for which a desk may silence a ground for a known cause.
    flood_messages: most messages that a desk gets one by one in ten minutes; more are told as one
        city-wide incident. Lower it for desks with few people.
    police, fire: who answers at these desks, and how soon.
    local: what holds in each police area, where one has rungs or desk levels of its own.

    >>> AlertSpec().rungs_per_m2
    (2.0, 3.0, 4.0, 5.0)
    """

    rungs_per_m2: tuple[float, float, float, float] = (2.0, 3.0, 4.0, 5.0)
    occupancy_yellow_ratio: float = 0.8
    occupancy_red_ratio: float = 1.0
    lower_ratio: float = 0.85
    hold_s: int = 900
    hold_hops: int = 2
    rise_hops: int = 1
    min_people: float = 100.0
    large_people_ratio: float = 5.0
    large_expected_ratio: float = 3.0
    large_score_ratio: float = 2.0
    fast_min: float = 30.0
    forecast_ratio: float = 0.9
    update_s: int = 900
    update_people_ratio: float = 0.2
    update_area_ratio: float = 0.3
    reopen_s: int = 1800
    repeat_s: int = 43_200
    expire_s: int = 86_400
    keep_s: int = 86_400
    police_level: int = 1
    fire_level: int = 3
    fire_level_at_risk: int = 2
    ack_expires_s: int = 3600
    shelve_max_s: tuple[int, int, int, int] = (1800, 1800, 600, 0)
    silence_max_s: int = 43_200
    flood_messages: int = 10
    police: DeskSpec = DeskSpec()
    fire: DeskSpec = DeskSpec()
    local: tuple[AlertSpec, ...] = ()

    def at(self, area: int) -> AlertSpec:
        """Return what holds in a police area (index); -1, or nothing of its own = the city's."""
        return self.local[area] if self.local and area >= 0 else self

    def desk(self, name: Desk) -> DeskSpec:
        """Return the settings of one desk."""
        return self.police if name is Desk.POLICE else self.fire

    def __post_init__(self) -> None:
        """Refuse settings that contradict themselves; the message names all of them."""
        faults = [text for wrong, text in self._checks() if wrong]
        faults += self.police.faults("police") + self.fire.faults("fire")
        if faults:
            raise ValueError("; ".join(faults))

    def _checks(self) -> tuple[tuple[bool, str], ...]:
        rungs = self.rungs_per_m2
        rising = all(low < high for low, high in pairwise(rungs))
        waits = (self.hold_s, self.hold_hops, self.update_s, self.reopen_s)
        levels = (self.police_level, self.fire_level, self.fire_level_at_risk)
        return (
            (not rising or rungs[0] <= 0, "rungs_per_m2: wanted four rising numbers above 0"),
            (not 0 < self.lower_ratio <= 1, "lower_ratio: wanted above 0 and at most 1"),
            (
                not 0 < self.occupancy_yellow_ratio < self.occupancy_red_ratio,
                "occupancy: wanted 0 < yellow < red",
            ),
            (self.rise_hops not in {1, 2}, "rise_hops: wanted 1 (at once) or 2 (two of three)"),
            (min(waits) < 0, "hold_s, hold_hops, update_s, reopen_s: wanted 0 or more"),
            (min(self.repeat_s, self.expire_s) <= 0, "repeat_s, expire_s: wanted above 0"),
            (self.min_people < 0, "min_people: wanted 0 or more"),
            (self.keep_s < self.reopen_s, "keep_s: wanted at least reopen_s"),
            (self.flood_messages < 2, "flood_messages: wanted 2 or more"),  # noqa: PLR2004 - said
            (not all(1 <= level <= LEVEL_MAX for level in levels), "desk levels: wanted 1 to 4"),
            (
                min(self.ack_expires_s, self.silence_max_s, *self.shelve_max_s) < 0,
                "ack_expires_s, shelve_max_s, silence_max_s: wanted 0 or more",
            ),
        )

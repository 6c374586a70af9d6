"""Licensed events of the settings, laid on the sites of the city."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from alerts.planned import Plan
from stream.settings import ConfigError
from stream.settings_fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stream.settings import Settings

__all__ = ["lay_plans"]

NAMED_MAX = 20
"""Known sites listed beside one that is not known."""


def lay_plans(settings: Settings, sites: Sequence[str]) -> tuple[Plan, ...]:
    """Return the events, in the order of their start.

    sites: names of all sites, in their order. Raises ConfigError listing every event whose site is
    not there, or whose id is another one's, and events where no feed counts people.
    """
    faults = list(_faults(settings, sites))
    if faults:
        raise ConfigError(faults)
    before_ms = settings.alerts.planned_before_s * 1000
    after_ms = settings.alerts.planned_after_s * 1000
    plans = [
        Plan(
            id=one.id,
            name=one.name,
            site=sites.index(one.site),
            attendance=one.attendance,
            start_ms=one.start_ms,
            end_ms=one.end_ms,
            from_ms=one.start_ms - before_ms,
            until_ms=one.end_ms + after_ms,
            organiser=one.organiser or None,
            contact=one.contact or None,
        )
        for one in settings.calendar.planned
    ]
    return tuple(sorted(plans, key=lambda plan: (plan.start_ms, plan.id)))


def _faults(settings: Settings, sites: Sequence[str]) -> Iterator[Fault]:
    planned = settings.calendar.planned
    ids = Counter(one.id for one in planned)
    known = ", ".join(sites[:NAMED_MAX]) or "none: give [[sites]], or a pack with sites"
    for number, one in enumerate(planned):
        key = f"calendar.planned.{number}"
        if one.site not in sites:
            what = f"{one.id}: there is no site {one.site!r}"
            yield Fault(where="", key=f"{key}.site", what=what, instead=f"one of {known}")
        if ids[one.id] > 1:
            yield Fault(where="", key=f"{key}.id", what=f"{one.id!r} is there twice", instead="")
    units = {feed.unit for feed in settings.counting.values()}
    if planned and units == {"activity"}:
        what = "no feed counts people, so nothing can be held against a licence"
        yield Fault(where="", key="calendar.planned", what=what, instead="leave it out")

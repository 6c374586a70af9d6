"""Licensed events: inside its plan a crowd is expected, beyond it it is worse than it looks.

A plan stands on a site, from some time before its start to some time after its end, counted on
the hops of the log. While people on the site are no more than were licensed, what is merely
unusual there asks for blue at most; the ladder of density and occupancy is untouched, for ground
gives way whether or not somebody had a licence. When more are there than were licensed, whatever
is raised on the site asks for yellow at least and one grade more, up to orange. Events at one
time on one site add up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.handling import PlannedEvent
from alerts.levels import BEYOND
from alerts.moment import iso
from alerts.publish import number, under_floor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.ground import Ground
    from alerts.incident import Incident

__all__ = ["Plan", "is_acting", "planned_event", "verdicts"]

RATIO_DECIMALS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A licensed event on a site (index). attendance: people it was licensed for.

    start_ms, end_ms: as licensed; it acts on hops that end after from_ms, up to until_ms.
    """

    id: str
    name: str
    site: int
    attendance: int
    start_ms: int
    end_ms: int
    from_ms: int
    until_ms: int
    organiser: str | None = None
    contact: str | None = None

    def acts(self, hop_ms: int) -> bool:
        """Return whether people come for it at the hop that ends then."""
        return self.from_ms < hop_ms <= self.until_ms


def is_acting(ground: Ground, hop_ms: int) -> bool:
    """Return whether any plan acts at the hop that ends then."""
    return any(plan.acts(hop_ms) for plan in ground.plans)


def verdicts(
    ground: Ground, people: NDArray[np.float64], *, hop_ms: int, scale: float
) -> NDArray[np.int8]:
    """Return of each site, and last of all other ground, how it stands to its plan.

    people: on each site as counted, NaN = unknown, shape (sites,). scale: 1, or the lower ratio by
    which a level is kept. 0 = no plan acts, 1 = within it, 2 = beyond it.
    """
    allowed = np.zeros(len(ground.sites) + 1)
    for plan in ground.plans:
        if plan.acts(hop_ms):
            allowed[plan.site] += plan.attendance
    beyond = np.append(people, np.nan) > allowed * scale
    return np.where(allowed > 0, np.where(beyond, 2, 1), 0).astype(np.int8)


def planned_event(ground: Ground, incident: Incident, *, hop_ms: int) -> PlannedEvent | None:
    """Return the event on the site of the incident's worst tile, as its desk is told.

    Of several at once the first to start is named, with the attendance of all of them.
    """
    picture = incident.picture
    site = int(ground.site[picture.worst_tile])
    here = [plan for plan in ground.plans if plan.site == site and plan.acts(hop_ms)]
    if site < 0 or not here:
        return None
    first = min(here, key=lambda plan: (plan.start_ms, plan.id))
    allowed = sum(plan.attendance for plan in here)
    people = picture.site_people
    hidden = people is None or under_floor(ground, people)
    # What keeps a level may lie under the licensed number, and another site's crowd over its own.
    beyond = bool(picture.why & BEYOND) and (hidden or (people or 0.0) > allowed)
    over = None if hidden or people is None or not beyond else people - allowed
    return PlannedEvent(
        id=first.id,
        name=" / ".join(plan.name for plan in here)[:200],
        organiser=first.organiser,
        contact=first.contact,
        attendance=allowed,
        start=iso(first.start_ms),
        start_ms=first.start_ms,
        end=iso(first.end_ms),
        end_ms=first.end_ms,
        verdict="beyond" if beyond else "within",
        people=None if hidden else number(people, ground.unit),
        ratio=None if hidden or people is None else round(people / allowed, RATIO_DECIMALS),
        excess=None if over is None else number(over, ground.unit),
    )

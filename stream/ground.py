"""The ground of alerts, from settings and city: who answers for it, units, local time of day."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from alerts.ground import Ground
from stream.calendar import Calendar
from stream.districts import local_specs
from stream.feeds_factor import factor
from stream.fitting import is_pack
from stream.plans import lay_plans
from stream.sites import lay_sites

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.ground import Ring, Unit
    from alerts.spec import AlertSpec
    from geo.city import City
    from geo.grid import Grid
    from stream.settings import Settings

__all__ = ["alert_spec", "build_ground", "min_excess", "unit_of"]


def unit_of(settings: Settings) -> Unit:
    """Return the unit of the deployment's counts: people, if any feed counts people."""
    units = {feed.unit for feed in settings.counting.values()}
    return "activity" if units == {"activity"} else "people"


def min_excess(settings: Settings) -> float:
    """Return the size gate of anomalies in the feeds' unit: the smallest of all feeds."""
    return min((settings.min_excess(name) for name in settings.counting), default=0.0)


def alert_spec(settings: Settings, city: City | None = None) -> AlertSpec:
    """Return the alerts room's settings, with the size gate in the feeds' own unit.

    city: whose police areas may have a say of their own. Raises ConfigError for districts that it
    does not have.
    """
    desks = settings.desks
    spec = replace(
        settings.alerts.spec(),
        min_people=min_excess(settings),
        police=desks.police.spec(),
        fire=desks.fire.spec(),
    )
    return spec if city is None else replace(spec, local=local_specs(settings, spec, city))


def build_ground(settings: Settings, city: City) -> Ground:
    """Lay sites, authorities and assumptions on the city's tiles.

    Raises ConfigError with every fault of the sites, see `lay_sites`.
    """
    grid, duty = city.grid, city.duty
    sites, of_tile = lay_sites(settings, city)
    calendar = Calendar(tz=settings.calendar.tz, country="none")
    unit = unit_of(settings)
    assumed, share = _assumed(settings, city)
    people_each, measured = factor(settings)
    return Ground(
        tile_ids=grid.tile_ids,
        row=grid.row,
        col=grid.col,
        walkable_m2=grid.walkable_m2,
        # Without areas all ground is one: the column is -1 throughout.
        area=np.zeros(len(grid.tile_ids), np.int32) if duty is None else duty.police_of,
        site=of_tile,
        sites=sites,
        names=grid.names,
        outline=partial(_outline, grid) if grid.mapped else None,
        unit=unit,
        floor=0 if unit == "activity" else settings.privacy.floor,
        duty=duty,
        side_m=grid.side_m,
        assumed=assumed,
        assumed_share=share,
        expansion=people_each,
        expansion_date=measured,
        clock=partial(_clock, calendar),
        plans=lay_plans(settings, tuple(site.name for site in sites)),
    )


def _assumed(settings: Settings, city: City) -> tuple[NDArray[np.bool_], float | None]:
    """Return where walkable area is assumed, and which share of the ground was taken for it.

    A cells file that gives `area_m2` has measured it; one that gives footprints has not.
    """
    if city.assumed is not None:
        return city.assumed, city.assumed_share
    tiles = len(city.grid.tile_ids)
    if city.grid.side_m is None or is_pack(city):
        return np.zeros(tiles, np.bool_), None
    return np.ones(tiles, np.bool_), settings.grid.walkable_share


def _outline(grid: Grid, tiles: NDArray[np.int32]) -> list[Ring] | None:
    rings = grid.outline(tiles)
    return None if rings is None else [[(lon, lat) for lon, lat in ring] for ring in rings]


def _clock(calendar: Calendar, at_ms: int) -> str:
    """Return the local time of day, as headlines show it."""
    return calendar.local_iso(at_ms)[11:16]

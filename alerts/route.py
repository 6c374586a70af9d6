"""Which desk hears of an incident."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.desk import Desk

if TYPE_CHECKING:
    from alerts.incident import Picture
    from alerts.spec import AlertSpec

__all__ = ["hears"]


def hears(spec: AlertSpec, desk: Desk, picture: Picture) -> bool:
    """Return whether this desk is to be told of such a picture, if it was not told before.

    Police hear early, to watch and assess. Fire commits appliances, so it hears later, save
    where rescue could come too late: access at risk, or a site at 80 % of its capacity. From
    which level on is for the police area of its worst tile to say, where it has a say of its own.
    """
    spec = spec.at(picture.area)
    if desk is Desk.POLICE:
        return picture.level >= spec.police_level
    full = picture.fullest is not None and picture.fullest >= spec.occupancy_yellow_ratio
    if picture.access_risk or full:
        return picture.level >= min(spec.fire_level, spec.fire_level_at_risk)
    return picture.level >= spec.fire_level

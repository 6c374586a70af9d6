"""Which desks hear of an incident: one police and one fire desk serve the whole city today."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from alerts.incident import Picture
    from alerts.spec import AlertSpec

__all__ = ["DESKS", "Desk", "hears"]


class Desk(StrEnum):
    """The desks on duty; a closed set, the label of metrics and part of alert ids."""

    POLICE = "police"
    FIRE = "fire"


DESKS: Final = (Desk.POLICE, Desk.FIRE)
"""In the order in which alerts of one moment are told."""


def hears(spec: AlertSpec, desk: Desk, picture: Picture) -> bool:
    """Return whether this desk is to be told of such a picture, if it was not told before.

    Police hear early, to watch and assess. Fire commits appliances, so it hears later, save
    where rescue could come too late: access at risk, or a site at 80 % of its capacity.
    """
    if desk is Desk.POLICE:
        return picture.level >= spec.police_level
    full = picture.occupancy is not None and picture.occupancy >= spec.occupancy_yellow_ratio
    if picture.access_risk or full:
        return picture.level >= min(spec.fire_level, spec.fire_level_at_risk)
    return picture.level >= spec.fire_level

"""What figures rest on: ground that was measured or assumed, and the factor from phones to people.

A figure on an assumption must say so wherever it goes: a density of 4 on a third of the ground
that somebody took for walkable is another thing than one on a surveyed square.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alerts import publish
from alerts.incident import unpack_tiles

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.incident import Incident

__all__ = ["factor", "walkable"]


def walkable(ground: Ground, incident: Incident) -> dict[str, Any]:
    """Return where the incident's walkable area comes from: assumed, if any of its tiles' is.

    Nothing where nobody said.
    """
    if ground.assumed is None:
        return {}
    if not ground.assumed[unpack_tiles(incident.tiles)].any():
        return {"walkable_source": "measured"}
    return {"walkable_source": "assumed", "assumed_share": ground.assumed_share}


def factor(ground: Ground) -> dict[str, Any]:
    """Return the factor by which counted devices became people, and its date, as told."""
    if ground.expansion is None:
        return {}
    expansion = round(ground.expansion, publish.DECIMALS)
    return {"expansion": expansion, "expansion_date": ground.expansion_date}

"""What a cell that is a point says of its reach: a disc, a sector, or nothing (a bare point)."""

from collections.abc import Mapping
from math import nan
from typing import Final, NamedTuple

from geo.ledger import Ledger, shown

__all__ = ["SECTOR", "Reach", "reach_of"]

SECTOR: Final = ("azimuth_deg", "beam_deg")
NAMES: Final = ("radius_m", *SECTOR)
# What people write for them. Not read: metres or kilometres, half or whole beam, who knows.
_LIKE: Final = {"radius_m": "radius", "azimuth_deg": "azimuth", "beam_deg": "beam"}


class Reach(NamedTuple):
    """Metres and degrees; NaN for what is not said."""

    radius_m: float
    azimuth_deg: float
    beam_deg: float


def reach_of(where: str, row: Mapping[str, object], ledger: Ledger) -> Reach:
    """Read the reach of a site from its columns or properties; faults go to the ledger.

    Radius alone: a disc. Radius, azimuth and beam: a sector. None of them: a bare point, which
    only a pack can hold, for its footprint depends on all the others.
    """
    said = {name for name in NAMES if row.get(name) not in (None, "")}
    if not said:
        _nothing(where, row, ledger)
        return Reach(nan, nan, nan)
    radius_m = ledger.positive(where, "radius_m", row.get("radius_m"))
    angles = [name for name in SECTOR if name in said]
    if len(angles) == 1:
        (other,) = set(SECTOR) - said
        says = f"is missing beside {angles[0]}"
        ledger.fault(where, other, says, "write both for a sector, neither for a disc")
    azimuth_deg, beam_deg = (
        ledger.angle(where, name, row[name]) if name in said else nan for name in SECTOR
    )
    return Reach(radius_m, azimuth_deg, beam_deg)


def _nothing(where: str, row: Mapping[str, object], ledger: Ledger) -> None:
    """Check that a site may be a bare point, and was meant to be one."""
    if not ledger.pack:
        says = f"{shown(row.get('radius_m'))} is not a size"
        write = "write metres above 0, or build a city pack: it takes bare points, too"
        ledger.fault(where, "radius_m", says, write)
        return
    for name in row:
        means = [known for known in NAMES if name.strip().lower().startswith(_LIKE[known])]
        if means and row[name] not in (None, ""):
            says = f"is not read; the name is {means[0]}"
            ledger.fault(where, name, says, f"rename it to {means[0]}, or take it out")

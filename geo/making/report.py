"""The report of a build, from what was built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyproj
import shapely

from geo.making.coverages import reports
from geo.pack_report import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo.city_value import City
    from geo.making.coverages import Covered
    from geo.pack_report import Slivers

__all__ = ["report_of"]

M2_DECIMALS: Final = 1
RATIO_DECIMALS: Final = 6


def report_of(
    city: City,
    *,
    ground_m2: NDArray[np.float64],
    covered: Sequence[Covered],
    slivers: tuple[Slivers, ...],
    repaired: tuple[str, ...],
) -> Report:
    """Make the report. ground_m2: shape (tiles,), NaN where unknown."""
    assumed = np.zeros(1) if city.assumed is None else city.assumed
    whole = not np.isnan(ground_m2).any()
    return Report(
        tiles=len(city.grid.tile_ids),
        blocks=len(city.grid.block_ids),
        ground_m2=round(float(ground_m2.sum()), M2_DECIMALS) if whole else None,
        walkable_m2=round(float(city.grid.walkable_m2.sum()), M2_DECIMALS),
        assumed_ratio=round(float(assumed.mean()), RATIO_DECIMALS),
        coverages=reports(covered),
        repaired=repaired,
        slivers=slivers,
        panel=int(city.panel.size),
        tools=(f"GEOS {shapely.geos_version_string}", f"PROJ {pyproj.proj_version_str}"),
    )

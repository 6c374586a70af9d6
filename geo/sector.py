"""Sectors as polygons in the plane, of exactly the area that beam and radius say.

A sector of beam b and radius r covers b/360 of the disc. Its rim is drawn in chords, pushed out
so far that the polygon has that area; 360 degrees are a disc.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.disc import CORNERS, discs

__all__ = ["sectors"]

FULL_DEG: Final = 360.0
# From here on the two straight sides nearly touch: a disc of the same area, without the slit.
CLOSED_DEG: Final = 359.9
# Two chords at least: a beam of one degree is still a wedge, not a splinter without a rim.
CHORDS_MIN: Final = 2


def sectors(
    centre: NDArray[np.float64],
    radius_m: NDArray[np.float64],
    azimuth_deg: NDArray[np.float64],
    beam_deg: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Polygons of the sectors around centres, shape (cells, 2), metres; the rest shape (cells,).

    azimuth_deg: where the middle of the beam looks, clockwise from north (of the plane: within
    40 km of a city's centre it differs from true north by less than a degree).
    beam_deg: above 0 to 360.

    >>> east = sectors(np.zeros((1, 2)), *np.array([[100.0], [90.0], [60.0]]))[0]
    >>> round(float(east.area) / 1e4, 6), round(float(east.centroid.x)), round(east.centroid.y)
    (0.523599, 64, 0)
    """
    made = np.empty(len(centre), np.object_)
    whole = beam_deg >= CLOSED_DEG
    made[whole] = discs(centre[whole], radius_m[whole] * np.sqrt(beam_deg[whole] / FULL_DEG))
    chords = np.maximum(np.ceil(beam_deg / FULL_DEG * CORNERS), CHORDS_MIN).astype(np.int64)
    for count in np.unique(chords[~whole]).tolist():
        some = ~whole & (chords == count)
        made[some] = _wedges(
            centre[some], radius_m[some], azimuth_deg[some], beam_deg[some], chords=count
        )
    return made


def _wedges(
    centre: NDArray[np.float64],
    radius_m: NDArray[np.float64],
    azimuth_deg: NDArray[np.float64],
    beam_deg: NDArray[np.float64],
    *,
    chords: int,
) -> NDArray[np.object_]:
    """Polygons of sectors whose rims have so many chords."""
    # As many triangles of two sides R and one step between them make chords * R^2 * sin(step) / 2,
    # and should make chords * r^2 * step / 2.
    step_turns = beam_deg / FULL_DEG / chords
    reach_m = radius_m * np.round(1.0 / np.sqrt(np.sinc(2.0 * step_turns)), 12)
    along = np.arange(chords + 1) / chords - 0.5
    angle = np.radians(azimuth_deg[:, None] + beam_deg[:, None] * along)
    # Rounded, because two machines may differ in the last bit of a sine.
    rim = np.round(np.stack((np.sin(angle), np.cos(angle)), axis=-1), 12)
    points = np.concatenate((np.zeros((len(centre), 1, 2)), rim * reach_m[:, None, None]), axis=1)
    # Clockwise seen from above, as azimuths go; turned round to be like every other outline.
    return np.asarray(
        shapely.polygons(np.round(centre[:, None, :] + points, 6)[:, ::-1]), dtype=np.object_
    )

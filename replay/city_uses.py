"""How places are used: daily curves of four land uses, on working days and on days off.

Work, homes, leisure and transport, mixed in each tile. Curves are shares of the tile's level,
with the shapes that counts of phones have in published city data: two humps at work, nights at
home, afternoons and evenings out, two rush hours.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.city_chance import Purpose, chance_of
from stream.calendar import Calendar
from stream.day_kinds import WORKING_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from replay.city_spec import CitySpec

__all__ = ["USES", "curves", "days_off", "mixes", "unlisted_days"]

USES: Final = ("work", "homes", "leisure", "transport")

# For each use, on working days and on days off: the floor and its humps (height, hour, width).
_Hump = tuple[float, float, float]
_HUMPS: Final[tuple[tuple[tuple[float, tuple[_Hump, ...]], ...], ...]] = (
    (
        (0.15, ((1.0, 10.5, 2.2), (1.0, 15.5, 2.2), (0.2, 19.0, 2.0))),
        (0.12, ((0.12, 14.0, 4.0),)),
    ),
    (
        (1.10, ((-0.5, 12.0, 4.0), (-0.1, 17.0, 2.0))),
        (1.10, ((-0.15, 14.0, 4.0),)),
    ),
    (
        (0.12, ((0.5, 13.0, 1.5), (0.9, 19.5, 2.5))),
        (0.15, ((1.3, 15.5, 3.0), (1.2, 20.0, 2.5))),
    ),
    (
        (0.10, ((1.4, 8.3, 0.8), (1.3, 18.0, 1.2), (0.4, 13.0, 3.0))),
        (0.10, ((0.6, 14.0, 4.0),)),
    ),
)
# How unlike tiles are: half a unit to each use leaves most tiles with one or two uses.
_MIXED: Final = 0.5
# Unlisted days off come after the detector has seen all kinds of day, if the city lives so long.
_UNLISTED_FROM: Final = 26


def curves(spec: CitySpec) -> NDArray[np.float64]:
    """Shares of the level, shape (2, uses, hops): [0] working days, [1] days off."""
    hour = np.arange(spec.hops) * spec.hop_s / 3_600.0
    found = np.empty((2, len(USES), spec.hops))
    for use, both in enumerate(_HUMPS):
        for off, (floor, humps) in enumerate(both):
            found[off, use] = floor + sum(
                height * np.exp(-0.5 * ((hour - middle + turn) / width) ** 2)
                for height, middle, width in humps
                for turn in (-24.0, 0.0, 24.0)
            )
    return found


def mixes(spec: CitySpec) -> NDArray[np.float64]:
    """Share of each use in each tile; shape (tiles, uses), rows sum to 1."""
    shares: NDArray[np.float64] = chance_of(spec.seed, Purpose.MIX).dirichlet(
        np.full(len(USES), _MIXED), spec.tiles
    )
    return shares


def unlisted_days(spec: CitySpec) -> list[int]:
    """Days off that no calendar lists, numbered from the first day; ascending."""
    first = min(_UNLISTED_FROM, spec.days // 2)
    some = min(spec.unlisted, spec.days - first)
    drawn = chance_of(spec.seed, Purpose.UNLISTED).choice(
        np.arange(first, spec.days), some, replace=False
    )
    return sorted(drawn.tolist())


def days_off(spec: CitySpec) -> NDArray[np.bool_]:
    """Which days people live as days off: weekends, listed holidays, unlisted days; (days,)."""
    calendar = Calendar(tz=spec.tz, country=spec.country)
    off = np.array(
        [calendar.kind(spec.start + timedelta(days=day)) != WORKING_DAY for day in range(spec.days)]
    )
    off[unlisted_days(spec)] = True
    return off

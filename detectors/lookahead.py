"""What the baseline expects at other moments, as known now; nothing moves by asking.

The profile of that hour times today's level. The city's day curve of now stands in for that of
then, where it weighs one day among the tile's own; the factor of the moment holds on within the
same kind of day, since "like a day off" means something else on the next.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np

from detectors import city as city_part
from detectors import profile
from detectors.baseline import Baseline
from detectors.contract import CityNow, Moment, Tiles
from detectors.exact import exp

# Kind, weekday, slot, whether between slots, version of the state, and the city's day curve.
_Key: TypeAlias = tuple[int, int, int, bool, int, tuple[float, float, float]]
# Moments whose profile is remembered until a slot ends: three horizons and their next slots.
KEPT_MAX: Final = 6


class LookAhead:
    """The look ahead of one baseline; remembers what it derived until a slot ends."""

    def __init__(self, baseline: Baseline) -> None:
        """Look ahead with the memory of this baseline, as it is at each call."""
        self._baseline = baseline
        self._kept: dict[_Key, profile.Terms] = {}

    def expected(self, moments: Sequence[Moment], *, now: Moment, city: CityNow) -> Tiles:
        """Return people expected, shape (moments, tiles); city: what the panel says of `now`."""
        spec, rows = self._baseline.spec, self._baseline.rows
        level = exp(rows.level.astype(np.float64)).astype(np.float32)
        found = np.empty((len(moments), self._baseline.state.tiles), np.float32)
        for row, moment in zip(found, moments, strict=True):
            terms = self._terms(moment, city)
            base, _ = profile.base(spec.profile, terms, self._baseline.place(moment))
            if moment.kind == now.kind and (city.whole != 0.0 or city.off != 0.0):
                base *= city_part.factor(spec.city, city.whole, city.off, terms.day_off)
            np.multiply(base, level, out=row)
        return found

    def _terms(self, moment: Moment, city: CityNow) -> profile.Terms:
        """Return the profile around a moment."""
        spec, state = self._baseline.spec, self._baseline.state
        place, curve = self._baseline.place(moment), (city.left, city.right, city.mean)
        between = place.share > 0.0
        key = (place.kind, moment.weekday, place.left, between, state.version, curve)
        terms = self._kept.get(key)
        if terms is None:
            if len(self._kept) >= KEPT_MAX:
                self._kept.clear()
            terms = profile.terms(
                spec.profile,
                spec.weekday,
                state,
                self._baseline.rows,
                place,
                weekday=moment.weekday,
                city=city,
            )
            self._kept[key] = terms
        return terms

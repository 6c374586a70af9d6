"""Laws of where a layer lies: swapped positions are named, a far country beside them is not."""

from __future__ import annotations

import numpy as np
import shapely

from geo.making.home import misplaced

HOME = (9.2, 45.5)


def test_a_feature_that_is_at_home_only_when_swapped_is_named() -> None:
    """In Europe swapped positions stay on the globe: only the other layers tell."""
    square = shapely.box(9.1, 45.4, 9.2, 45.5)
    swapped = shapely.box(45.4, 9.1, 45.5, 9.2)
    country = shapely.box(6.6, 36.6, 18.5, 47.1)
    sicily = shapely.box(13, 36.9, 14, 38)
    assert not misplaced(np.array([square, country, sicily]), ["1", "2", "3"], home=HOME)
    assert not misplaced(np.array([shapely.box(-10, 30, 40, 60)]), ["1"], home=HOME)
    (fault,) = misplaced(np.array([square, swapped]), ["feature 1", "feature 2"], home=HOME)
    assert fault.where == "feature 2"
    (fault,) = misplaced(np.array([sicily, shapely.box(0, 0, 1, 1)]), ["1", "2"], home=HOME)
    assert fault.says == "lies 7.5 degrees from the city or more, all of it"
    across = shapely.box(-179.9, -17.1, -179.8, -17.0)
    assert not misplaced(np.array([across]), ["feature 1"], home=(179.9, -17.0))

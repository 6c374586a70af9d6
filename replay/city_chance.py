"""The chance of a simulated city: one generator for each purpose and day, all from one seed.

What is drawn for one purpose or day never moves what is drawn for another: a city without
crowds is the same city with its crowds taken away.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

__all__ = ["Purpose", "chance_of"]


class Purpose(IntEnum):
    """What chance is for; numbers are part of what a seed means and never change."""

    MIX = 1
    LEVEL = 2
    WEEKDAY = 3
    UNLISTED = 4
    SHIFT = 5
    MEMORY = 6
    DAY = 7
    CROWDS = 8
    OUTAGES = 9


def chance_of(seed: int, purpose: Purpose, day: int = 0) -> np.random.Generator:
    """Return the generator of a purpose (and of a day, where it is drawn day by day)."""
    sequence = np.random.SeedSequence(seed, spawn_key=(int(purpose), day))
    return np.random.Generator(np.random.PCG64(sequence))

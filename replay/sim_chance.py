"""The simulator's one chance: seeded, so that a seed is a run."""

from __future__ import annotations

from random import Random

__all__ = ["Chance"]


class Chance(Random):
    """Seeded draws, the same on any machine.

    >>> Chance(7).randrange(100), Chance(7).hits(1.0)
    (41, True)
    """

    def hits(self, share: float) -> bool:
        """Return True in this share of all cases, 0 to 1."""
        return self.random() < share

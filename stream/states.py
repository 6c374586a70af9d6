"""The states of a tile at a hop: a closed set, told apart because silence is not calm."""

from typing import Final

__all__ = ["BLIND", "MISSING", "OK", "STATES", "WARMING", "WITHHELD"]

STATES: Final = ("ok", "warming", "withheld", "missing", "blind")
"""By number: known and judged; this hour not seen yet; below the floor; no coverage; dark."""

OK, WARMING, WITHHELD, MISSING, BLIND = range(5)

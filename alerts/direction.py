"""Which way people left what is usual: too many came, or too few are left."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Direction"]


class Direction(StrEnum):
    """Ways to be unusual; each has active tiles and incidents of its own."""

    RISE = "rise"
    DROP = "drop"

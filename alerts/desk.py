"""The desks on duty: one police and one fire desk serve the whole city today."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["DESKS", "Desk"]


class Desk(StrEnum):
    """The desks on duty; a closed set, the label of metrics and part of alert ids."""

    POLICE = "police"
    FIRE = "fire"


DESKS: Final = (Desk.POLICE, Desk.FIRE)
"""In the order in which alerts of one moment are told."""

"""What scoring one hop leaves behind for the parts that learn from it."""

from dataclasses import dataclass

from detectors.contract import Mask, Tiles
from detectors.slots import Place


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Due:
    """How many people are due now and how far counts scatter around it; shape (tiles,).

    base: profile value before the level; factor: the level as a factor; expected: their product.
    variance, spread: of the count around `expected`, people^2 and people.
    """

    base: Tiles
    factor: Tiles
    expected: Tiles
    variance: Tiles
    spread: Tiles


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """One scored hop; arrays of shape (tiles,).

    place, slot_ends: where in the day. learnt: the city's day curve in a slot that ended. due: what was expected.
    point: people, the expected value where none came. z: normal score the alarms used.
    own: own days behind the profile value. withheld: part of the point is withheld.
    moving: something new or nothing at all came; elsewhere nothing moves.
    good: fresh, known and not blind. taught: fresh, learnable and not blind, known or not.
    """

    place: Place
    slot_ends: bool
    learnt: float
    point: Tiles
    due: Due
    z: Tiles
    own: Tiles
    moving: Mask
    good: Mask
    taught: Mask
    withheld: Mask

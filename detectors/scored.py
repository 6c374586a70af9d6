"""What scoring one hop leaves behind for the parts that learn from it."""

from dataclasses import dataclass

from detectors.contract import Mask, Tiles
from detectors.slots import Place


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Due:
    """How many people are due now and how far counts scatter around it; shape (tiles,).

    week: weekday factor. own: profile value x week. base: the same x city, before the level.
    factor: the level as a factor; expected: base times it.
    variance, spread: of the count around `expected`, people^2 and people.
    """

    week: Tiles
    own: Tiles
    base: Tiles
    factor: Tiles
    expected: Tiles
    variance: Tiles
    spread: Tiles


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """One scored hop; arrays of shape (tiles,).

    place, weekday, slot_ends: where in day and week. due: what was expected.
    learnt: the city's day curve in the slot that ended; NaN = not known.
    point: people, the expected value where none came. z: normal score the alarms used.
    own: own days behind the profile value. withheld: part of the point is withheld.
    moving: something new or nothing at all came; elsewhere nothing moves.
    good: fresh, known and not blind. taught: fresh, learnable and not blind, known or not.
    hidden: fresh and not blind, but so much is withheld that only the profile learns. told: what
    it learns of a count: the point, or where hidden what it likely was (`censored`).
    """

    place: Place
    weekday: int
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
    told: Tiles
    hidden: Mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foreseen:
    """What memory alone says of a moment, for the panel that pools over tiles; shape (tiles,).

    expected: people before the city's factor. unsure: people^2, variance of the counts; relative:
    variance of level and newness, relative to expected^2. day_off, known: as in `profile.Terms`.
    """

    expected: Tiles
    unsure: Tiles
    relative: Tiles
    day_off: Tiles
    known: Mask

"""Slots of the day: which slot a hop lies in and between which two slot centres.

A day has 1440 / slot_min slots, the same for each kind of day. Learning goes into the slot the
hop lies in; the expected value runs in straight lines between slot centres, so that it does not
jump at slot edges.
"""

from dataclasses import dataclass

DAY_MIN = 1440

# Kinds of day: 0 working, 1 day off before another day off, 2 Sunday or public holiday.
KINDS = 3
# Monday to Friday: only these have deviations of their own.
WEEKDAYS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a hop lies in the day.

    kind: kind of day. here: the slot it lies in. left, right: the slots around its middle.
    share: 0 to 1, how far its middle lies from the centre of `left` towards that of `right`.
    """

    kind: int
    here: int
    left: int
    right: int
    share: float


def slots_a_day(slot_min: int) -> int:
    """Return the number of slots; ValueError unless slots divide the day.

    >>> slots_a_day(30)
    48
    """
    if slot_min <= 0 or DAY_MIN % slot_min:
        raise ValueError(f"a slot of {slot_min} min does not divide the day of {DAY_MIN} min")
    return DAY_MIN // slot_min


def place(kind: int, minute: float, *, hop_min: float, slot_min: int) -> Place:
    """Place the hop that starts at a local minute of the day (both in minutes).

    >>> place(0, 10.0, hop_min=10.0, slot_min=30)
    Place(kind=0, here=0, left=0, right=1, share=0.0)
    >>> place(0, 0.0, hop_min=10.0, slot_min=30).left
    47
    """
    slots = slots_a_day(slot_min)
    if not (0 <= kind < KINDS and 0.0 <= minute < DAY_MIN):
        raise ValueError(f"no such moment: kind {kind}, minute {minute}")
    position = (minute + hop_min / 2.0) / slot_min - 0.5
    left = int(position // 1.0)
    return Place(
        kind=kind,
        here=int(minute // slot_min),
        left=left % slots,
        right=(left + 1) % slots,
        share=position - left,
    )

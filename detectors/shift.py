"""Shift: a place whose counts changed for good keeps the shape of its days and gets another size.

A cell that is moved, a street that closes, an operator that doubles its market: every hour of the
day is off by one factor, and slot by slot it takes weeks to learn that. Where a place lay far off
on one side for more than a day (for three if it fell), the shift is sure, and the whole profile is
multiplied by what was seen over what was due. A place where nobody ever was has no shape to keep:
it is blank, its empty slots count as never seen, and it warms up anew. No crowd is learnt by this:
what ends within a day is soon contradicted, and each slot that contradicts takes back several.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from detectors.contract import Mask, Tiles
from detectors.exact import at_least, clamp
from detectors.masked import chosen, kept, put
from detectors.scored import Scored
from detectors.slots import DAY_MIN
from detectors.state import Rows

# Limits of one shift, and of all of them together, so that numbers stay finite.
FACTOR_MAX: Final = 1024.0
SCALE_MAX: Final = 4096.0
# Least people due, so that a ratio is one.
DUE_MIN: Final = 1e-3
HOUR_MIN: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSpec:
    """Settings of the shift.

    rise_ratio: a slot is far above if it holds more than so many times what is due; lower it if
        small shifts ring for weeks, raise it in moody places.
    fall_ratio: it is far below if so many times its count is less than what is due. What lies
        between, the level follows; lower it if that is too slow.
    people: slots in which fewer are due and seen say nothing; raise it if small counts decide.
    own_days_min: days of its kind a slot needs to say anything; raise it if days off mislead.
    days_min: days of any kind it needs: a young place learns fast by itself, and its few days may
        not have been like others; lower it if young places ring for long.
    against: a slot that contradicts takes back as much as so many that agree; raise it if crowds
        are learnt, lower it if noise hides the shifts of small places.
    rise_h: hours far above after which a shift is sure. Above a day, or a feed that counts one
        day many times over is learnt.
    fall_h: hours far below after which it is; lower it if closed streets drop for too long, raise
        it if long holidays are in no calendar.
    blank_days: days for which the empty slots of a blank place count as never seen; lower than a
        week, and the first days off ring.
    """

    rise_ratio: float = 1.5
    fall_ratio: float = 4.0
    people: float = 10.0
    own_days_min: float = 2.0
    days_min: float = 10.0
    against: float = 4.0
    rise_h: float = 30.0
    fall_h: float = 72.0
    blank_days: float = 8.0


def against_due(rows: Rows, scored: Scored) -> tuple[Tiles, Tiles, Mask]:
    """Return counts and what the profile alone made due, means of the slot; and where it was seen.

    What was expected holds level and city of each hop; those of the last are taken out again.
    """
    times: Tiles = np.maximum(rows.slot_n, np.float32(1.0))
    due = scored.due
    alone: Tiles = rows.slot_expected / times * due.week * (due.own / due.expected)
    return rows.slot_raw / times, alone, rows.slot_n > 0.0


def step(
    spec: ShiftSpec,
    rows: Rows,
    *,
    count: Tiles,
    due: Tiles,
    own: Tiles,
    days: Tiles,
    seen: Mask,
    good: Mask,
    lost: Mask,
    blank_people: float,
    slot_min: int,
) -> None:
    """Take one slot that ended, and rescale the places of which it makes a shift sure.

    count, due: people, means over the slot; due by the profile alone, without level and city. own:
    own days behind it, days: of any kind. seen: there was a count; good: it is believed. lost: none
    came, and no old one stands; it takes back one slot, so that nothing outlasts a long silence.
    blank_people: a place that fills is blank where fewer were due on average. Shapes (tiles,).
    """
    slot, before = np.float32(slot_min), rows.shift_min
    put(rows.blank_min, at_least(rows.blank_min - slot, 0.0), seen)
    says = seen & good & (own >= spec.own_days_min) & (days >= spec.days_min)
    says &= np.maximum(count, due) >= spec.people
    side = (count > np.float32(spec.rise_ratio) * due).astype(np.float32)
    side -= np.float32(spec.fall_ratio) * count < due
    agrees = says & ((side * before > 0.0) | (before == 0.0))
    less = chosen(says, np.full_like(before, spec.against), lost.astype(np.float32))
    back = at_least(np.abs(before) - slot * less, 0.0) * np.sign(before)
    run = chosen(agrees, before + side * slot, back)
    for row, news in ((rows.shift_seen, count), (rows.shift_due, due)):
        row[...] = kept(run != 0.0, row + kept(says, news))
    before[...] = kept(run != 0.0, run)
    sure = (before >= HOUR_MIN * spec.rise_h) | (before <= -HOUR_MIN * spec.fall_h)
    if sure.any():
        least_due = np.float32(blank_people / slot_min) * np.abs(before) * rows.scale
        shapeless = (before > 0.0) & (rows.shift_due < least_due)
        _begin_anew(spec, rows, sure, blank=sure & shapeless)


def _begin_anew(spec: ShiftSpec, rows: Rows, sure: Mask, *, blank: Mask) -> None:
    """Rescale the places of a sure shift; the level starts at 0 and the scatter at that of chance.

    Counts scatter otherwise about another size, and a level of the last days is in the factor.
    """
    moved = sure & ~blank
    factor = clamp(rows.shift_seen / at_least(rows.shift_due, DUE_MIN), 1 / FACTOR_MAX, FACTOR_MAX)
    put(rows.scale, clamp(rows.scale * factor, 1 / SCALE_MAX, SCALE_MAX), moved)
    put(rows.size_sum, rows.size_sum * factor, moved)
    for row, value in (
        (rows.scale, 1.0),
        (rows.size_sum, 0.0),
        (rows.size_den, 0.0),
        (rows.blank_min, spec.blank_days * DAY_MIN),
    ):
        np.copyto(row, np.float32(value), where=blank)
    np.copyto(rows.dispersion, at_least(rows.dispersion, 1.0), where=sure)
    for row in (
        rows.dispersion_n,
        rows.level,
        rows.level_var,
        rows.shift_min,
        rows.shift_seen,
        rows.shift_due,
    ):
        np.copyto(row, np.float32(0.0), where=sure)

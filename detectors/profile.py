"""Day profile: the mean count of each tile per slot and kind of day, and a prior where it is thin.

A slot with few own days leans on the other kinds of day at that hour and on the city's day
curve (`panel`) times the tile's size of the last weeks. It learns winsorised slot means: crowds
only add, so the upper side is cut short; a slot that stays on one side for more than five days
has a new normal and moves faster. Means are kept in units of the tile's scale: a place that
changes its size as a whole (`shift`) changes one number.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors import weekday as weekday_part
from detectors.contract import CityNow, Mask, Tiles
from detectors.exact import at_least, clamp, decay, log
from detectors.masked import chosen, kept
from detectors.scored import Scored
from detectors.slots import DAY_MIN, KINDS, Place
from detectors.state import BaselineState, Rows
from detectors.weekday import WeekdaySpec

# How much a kind of day (row) borrows from the days of each kind (column), itself included:
# a working day takes half of what days off say, a day off a quarter of what working days say.
BORROW: Final = ((1.0, 0.5, 0.5), (0.25, 1.0, 1.0), (0.25, 1.0, 1.0))
# A kind lends with the weight of at most this many days; more would drown the prior for nothing.
LENT_DAYS_MAX: Final = 20.0
# Of one new day a slot takes at most half, however long it stayed on one side.
STEP_MAX_RATIO: Final = 0.5
# Runs of days with one sign are counted up to here; it only has to be far above run_days.
RUN_DAYS_MAX: Final = 60
# Least day curve, so that the size of a tile that is empty at night stays finite.
CURVE_MIN: Final = 1e-3
# Days off over working days: people added to both, working days needed, limits of ratio and log.
OFF_PEOPLE: Final = 3.0
OFF_DAYS_MIN: Final = 2.0
OFF_RATIO_MIN: Final = 1e-3
OFF_LOG_MAX: Final = 2.0
# Days are counted in one byte, which must not run over when one more is added.
DAYS_MAX: Final = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSpec:
    """Settings of the day profile.

    prior_days: weight of the city's day curve in the prior; raise it if new tiles swing.
    shrink_days: weight of the prior against own days; raise it if single days leave a mark.
    days_max: memory in own days (1 to 254); lower it to follow seasons, raise it for calm.
    people_min: least expected count, in the feed's unit. Not below 1: without this floor small
        counts alarm at random (ranking falls from .90 to .22).
    blank_people: fewer people than this are no history: where a place that was as good as empty
        fills for good (`shift`), such slots count as never seen.
    winsor_down, winsor_up: spreads a count may lie off and still be learnt whole; lower `up` if
        repeated crowds become the normal too fast.
    run_days: days of one sign before a slot counts as changed; lower it to follow moves sooner.
    run_gain, run_max: growth of the step per further day, and its limit; 0 switches it off.
    whole_first_day: a slot's first day is its mean, not half of it. Off as in the laboratory; on,
        flat traffic is flat from the second week and young tiles ring far less, while the events
        found on labelled sets change by one or two either way.
    size_days: memory of the tile's size; lower it if whole tiles grow and shrink within a week.
    """

    prior_days: float = 1.0
    shrink_days: float = 1.0
    days_max: int = 20
    people_min: float = 2.0
    blank_people: float = 4.0
    winsor_down: float = 2.5
    winsor_up: float = 0.7
    run_days: float = 5.0
    run_gain: float = 1.0
    run_max: float = 6.0
    whole_first_day: bool = False
    size_days: float = 14.0

    def __post_init__(self) -> None:
        """Refuse what the memory cannot hold or the scores cannot bear."""
        if not 1 <= self.days_max <= DAYS_MAX:
            raise ValueError(f"days_max is {self.days_max}, it must lie in 1 to {DAYS_MAX}")
        if not self.people_min > 0.0:
            raise ValueError(f"people_min is {self.people_min}, it must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """What the profile says around one moment; changes only with the slot. Shape (tiles,).

    left, right: people at the two slot centres. left_week, right_week: weekday factors there.
    day_off: log of days off over working days, clipped; 0 where not known.
    known: some kind of day was seen in `left`.
    own: own days in `left`. thin: weight 1 / (shrink + own) of a single day there.
    typical: size times the mean of the city's curve, people.
    """

    left: Tiles
    right: Tiles
    left_week: Tiles
    right_week: Tiles
    day_off: Tiles
    known: Mask
    own: Tiles
    thin: Tiles
    typical: Tiles


def terms(
    spec: ProfileSpec,
    week: WeekdaySpec,
    state: BaselineState,
    rows: Rows,
    place: Place,
    *,
    weekday: int,
    city: CityNow,
) -> Terms:
    """Derive the profile around a moment from state and city alone, so a loaded one gives it."""
    size, trusted = size_of(rows), weekday_part.trust(week, rows)
    kinds, days = (spec, state, rows, place.kind), (week, state, weekday)
    left, known = _slot_value(*kinds, place.left, prior=np.float32(city.left) * size)
    left_week = weekday_part.factor(*days, place.left, trusted=trusted)
    right, right_week = left, left_week
    if place.share > 0.0:
        right, _ = _slot_value(*kinds, place.right, prior=np.float32(city.right) * size)
        right_week = weekday_part.factor(*days, place.right, trusted=trusted)
    own = _own_days(spec, state, rows, place.kind, place.left)
    return Terms(
        left=left,
        right=right,
        left_week=left_week,
        right_week=right_week,
        day_off=_day_off(state, rows, place.left),
        known=known,
        own=own,
        thin=1.0 / (spec.shrink_days + own),
        typical=size * np.float32(city.mean),
    )


def base(spec: ProfileSpec, found: Terms, place: Place) -> tuple[Tiles, Tiles]:
    """Return expected people before city and level, and the weekday factor that is in them.

    Both run on the line between the slot centres.
    """
    if place.share == 0.0:
        value, week = found.left.copy(), found.left_week
    else:
        value = (1.0 - place.share) * found.left
        value += place.share * found.right
        week = (1.0 - place.share) * found.left_week
        week += place.share * found.right_week
    value = at_least(value, spec.people_min)
    value *= week
    return value, week


def gather(spec: ProfileSpec, rows: Rows, scored: Scored) -> None:
    """Add one hop to the running slot: winsorised, raw and expected people."""
    due = scored.due
    lowest: Tiles = spec.winsor_down * due.spread
    np.subtract(due.expected, lowest, out=lowest)
    highest: Tiles = spec.winsor_up * due.spread
    highest += due.expected
    bounded = chosen(scored.good, clamp(scored.told, lowest, highest), scored.told)
    # The sums are of people and never negative: adding 0 changes none of their bits.
    taught = scored.taught | scored.hidden
    for row, people in (
        (rows.slot_sum, bounded),
        (rows.slot_raw, scored.told),
        (rows.slot_expected, due.expected / due.week),
    ):
        row += kept(taught, people)  # noqa: PLW2901 - in place
    np.add(rows.slot_n, taught, out=rows.slot_n)


def slot_mean(rows: Rows) -> tuple[Tiles, Mask]:
    """Return the winsorised mean of the running slot, people, and where there is one."""
    times: Tiles = np.maximum(rows.slot_n, np.float32(1.0))
    return rows.slot_sum / times, rows.slot_n > 0.0


def learn_slot(
    spec: ProfileSpec, week: WeekdaySpec, state: BaselineState, rows: Rows, scored: Scored
) -> None:
    """Learn the slot that ended from what it gathered, and empty the gatherer.

    The weekday part learns what the working day's profile missed; the profile the rest.
    """
    kind, slot = scored.place.kind, scored.place.here
    mean, seen = slot_mean(rows)
    times: Tiles = np.maximum(rows.slot_n, np.float32(1.0))
    plain: Tiles = rows.slot_expected / times
    if scored.weekday >= 0:
        weekday_part.learn_slot(week, state, rows, scored, mean=mean, plain=plain, seen=seen)
    mean /= scored.due.week
    mean /= rows.scale
    n = state.n[kind, slot]
    np.copyto(n, np.uint8(0), where=seen & _blank(spec, rows, state.mu[kind, slot]))
    np.minimum(n + seen.astype(np.uint8), np.uint8(spec.days_max), out=n)
    off = rows.slot_raw / times - plain
    run = _longer(state.run[kind, slot], np.sign(off).astype(np.int8))
    np.copyto(state.run[kind, slot], run, where=seen)
    days = np.abs(run).astype(np.float32) - spec.run_days
    step = clamp(1.0 + spec.run_gain * days, 1.0, spec.run_max)
    share: Tiles = 1.0 / np.maximum(n.astype(np.float32), np.float32(1.0))
    step *= share
    most = np.maximum(share, STEP_MAX_RATIO) if spec.whole_first_day else np.float32(STEP_MAX_RATIO)
    mu = state.mu[kind, slot]
    np.add(mu, np.minimum(step, most) * (mean - mu), out=mu, where=seen)
    for row in (rows.slot_sum, rows.slot_raw, rows.slot_expected, rows.slot_n):
        row[...] = 0.0


def learn_size(
    spec: ProfileSpec, rows: Rows, scored: Scored, *, learnt: float, slot_min: int
) -> None:
    """Learn the tile's size from the slot that ended, before `learn_slot` empties it.

    learnt: the city's day curve in that slot; NaN = the panel saw nothing, and nothing is learnt.
    """
    if math.isnan(learnt):
        return
    mean, seen = slot_mean(rows)
    mean /= scored.due.week
    keep = decay(slot_min / DAY_MIN / spec.size_days)
    curve = np.float32(max(learnt, CURVE_MIN))
    np.copyto(rows.size_sum, rows.size_sum * keep + mean, where=seen)
    np.copyto(rows.size_den, rows.size_den * keep + curve, where=seen)


def _blank(spec: ProfileSpec, rows: Rows, mu: Tiles) -> Mask:
    """Return where a slot is an empty one of a blank place: it counts as never seen."""
    return (rows.blank_min > 0.0) & (mu * rows.scale < spec.blank_people)


def _own_days(spec: ProfileSpec, state: BaselineState, rows: Rows, kind: int, slot: int) -> Tiles:
    """Return the own days of a slot; none where it is an empty one of a blank place."""
    days: Tiles = state.n[kind, slot].astype(np.float32)
    if rows.blank_min.any():
        days = kept(~_blank(spec, rows, state.mu[kind, slot]), days)
    return days


def _day_off(state: BaselineState, rows: Rows, slot: int) -> Tiles:
    """Return the log of days off over working days in a slot; 0 until both are known."""
    days = state.n[:, slot].astype(np.float32)
    off = days[1] + days[2]
    mean: Tiles = (days[1] * state.mu[1, slot] + days[2] * state.mu[2, slot]) / np.maximum(off, 1)
    ratio = (mean * rows.scale + OFF_PEOPLE) / (state.mu[0, slot] * rows.scale + OFF_PEOPLE)
    known = (days[0] >= OFF_DAYS_MIN) & (off > 0.0)
    logs = log(np.maximum(ratio, np.float32(OFF_RATIO_MIN)).astype(np.float64)).astype(np.float32)
    return np.where(known, clamp(logs, -OFF_LOG_MAX, OFF_LOG_MAX), np.float32(0.0))


def _longer(run: NDArray[np.int8], sign: NDArray[np.int8]) -> NDArray[np.int8]:
    """Count days in a row with one sign; any other day starts again.

    >>> _longer(np.array([3, 3, -3, 60], np.int8), np.array([1, 0, 1, 1], np.int8))
    array([ 4,  0,  1, 60], dtype=int8)
    """
    on = np.minimum(np.maximum(run + sign, -RUN_DAYS_MAX), RUN_DAYS_MAX)
    longer = np.where(run * sign > 0, on, sign)
    return longer.astype(np.int8)


def size_of(rows: Rows) -> Tiles:
    """Return the tile's size of the last weeks: people per unit of the city's curve; 1 if unseen.

    The curve is in units of a size, so that a city of one tile has the curve of that tile.
    """
    ratio = rows.size_sum / np.maximum(rows.size_den, np.float32(1e-9))
    return np.where(rows.size_den > 0.0, ratio, np.float32(1.0))


def _slot_value(
    spec: ProfileSpec, state: BaselineState, rows: Rows, kind: int, slot: int, *, prior: Tiles
) -> tuple[Tiles, Mask]:
    """Return people expected at a slot centre, and whether any kind of day was seen there.

    prior: what the city's curve and the tile's size make expect, people.
    """
    total = spec.prior_days * prior / rows.scale
    weight = np.full_like(total, spec.prior_days)
    for other in range(KINDS):
        days = np.minimum(_own_days(spec, state, rows, other, slot), LENT_DAYS_MAX)
        days *= BORROW[kind][other]
        total += days * state.mu[other, slot]
        weight += days
    known = weight > spec.prior_days
    n = _own_days(spec, state, rows, kind, slot)
    value = (spec.shrink_days * (total / weight) + n * state.mu[kind, slot]) / (
        spec.shrink_days + n
    )
    value *= rows.scale
    return value, known

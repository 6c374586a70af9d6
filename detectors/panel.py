"""The panel: what the whole city does now, pooled over a few cells that stand for it.

Two things are pooled. The *day curve*: how full an hour of a kind of day is, in units of each
member's own size. The *factor of the moment*: by how much everybody is out of the usual now, and
how much like a day off it is, from a ridge regression of the members' relative residuals on the
log ratio of their days off to their working days, with a short memory. Members are judged like
tiles and keep baselines of their own. All sums are exact (`fsum`), so no order decides.
"""

import math
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from detectors import slots
from detectors.baseline import Baseline
from detectors.contract import CityNow, Moment, Observation
from detectors.exact import clamp, decay
from detectors.profile import size_of
from detectors.slots import KINDS
from detectors.state import BaselineState

if TYPE_CHECKING:
    from detectors.baseline import BaselineSpec
    from detectors.scored import Scored

# Fewer members say nothing of the city.
MEMBERS_MIN: Final = 8
MEMORY_MIN: Final = 30.0
# Members that the two numbers weigh against being zero.
RIDGE: Final = 60.0
HUBER_SD: Final = 2.5
PEOPLE_SLACK: Final = 3.0
RESIDUAL_MIN: Final = -1.0
RESIDUAL_MAX: Final = 1.5
VARIANCE_SLACK: Final = 0.01
# "Like a day off" means something else on another kind of day: then so much of the past is left.
OTHER_KIND_LEFT: Final = 0.05
CURVE_DAYS_MAX: Final = 20
_POOLED: Final = struct.Struct("<5dq")


@dataclass(slots=True, kw_only=True, eq=False)
class PanelState:
    """Everything a panel remembers.

    members: their baselines. curve, days: day curve and days behind it, float64, (kinds, slots).
    sums: float64 (5,): of the ridge, weight, weight x off, weight x off^2, weight x residual,
    weight x off x residual. kind: of the newest day, -1 before any.
    """

    members: BaselineState
    curve: NDArray[np.float64]
    days: NDArray[np.float64]
    sums: NDArray[np.float64]
    kind: int = -1

    @classmethod
    def empty(cls, members: int, slots_a_day: int) -> Self:
        """Return the memory of a panel that saw nothing."""
        shape = (KINDS, slots_a_day)
        return cls(
            members=BaselineState.empty(members, slots_a_day),
            curve=np.zeros(shape),
            days=np.zeros(shape),
            sums=np.zeros(5),
        )

    def hot_bytes(self) -> bytes:
        """Return what changes every hop, and the curve."""
        pooled = _POOLED.pack(*self.sums.tolist(), self.kind)
        curve = self.curve.astype("<f8").tobytes() + self.days.astype("<f8").tobytes()
        return pooled + curve + self.members.hot_bytes(0, self.members.tiles)

    def load_hot(self, data: bytes) -> None:
        """Load what `hot_bytes` gave; ValueError if the length is not that of these members."""
        cut = _POOLED.size + 2 * self.curve.nbytes
        if len(data) < cut:
            raise ValueError(f"{len(data)} bytes of a panel, wanted at least {cut}")
        *sums, kind = _POOLED.unpack(data[: _POOLED.size])
        tables = np.frombuffer(data[_POOLED.size : cut], "<f8").reshape(2, *self.curve.shape)
        self.members.load_hot(0, self.members.tiles, data[cut:])
        self.sums[:], self.kind = sums, kind
        self.curve[:], self.days[:] = tables

    def slot_bytes(self, kind: int, slot: int) -> bytes:
        """Return one slot of all members."""
        return self.members.slot_bytes(kind, slot, 0, self.members.tiles)

    def load_slot(self, kind: int, slot: int, data: bytes) -> None:
        """Load what `slot_bytes` gave; ValueError if the length is not that of these members."""
        self.members.load_slot(kind, slot, 0, self.members.tiles, data)

    def adopt(self, before: Self, place: NDArray[np.int64]) -> None:
        """Take up the memory of a panel of other members.

        place: int64, where each of its members is among ours; -1 = nowhere any more.
        """
        stays = np.flatnonzero(place >= 0)
        self.members.put(place[stays], before.members.take(stays))
        self.curve[:], self.days[:] = before.curve, before.days
        self.sums[:], self.kind = before.sums, before.kind


class Panel:
    """The panel of a city; `hop` does everything of a hop.

    members: how many cells. Other arguments as of `Baseline`.
    """

    def __init__(
        self,
        spec: "BaselineSpec",
        *,
        members: int,
        hop_min: float,
        slot_min: int,
        state: PanelState | None = None,
    ) -> None:
        """Start with an empty or a given memory; ValueError if sizes do not fit."""
        count = slots.slots_a_day(slot_min)
        self.state = PanelState.empty(members, count) if state is None else state
        self._baseline = Baseline(
            spec, tiles=members, hop_min=hop_min, slot_min=slot_min, state=self.state.members
        )
        self._hop_min, self._slot_min = hop_min, slot_min
        self._curvature = np.float32(spec.spread.curvature)

    def hop(self, seen: Observation, moment: Moment) -> CityNow:
        """Take in one hop of all members; return what it says of the city."""
        place = slots.place(
            moment.kind, moment.minute, hop_min=self._hop_min, slot_min=self._slot_min
        )
        city = self._curve_at(place)
        whole, off = self._factor(seen, moment, city)
        city = replace(city, whole=whole, off=off)
        self._baseline.score(seen, moment, city)
        scored = self._baseline.gather()
        if scored is not None and scored.slot_ends:
            city = replace(city, learnt=self._learn_curve(scored))
            self._baseline.settle(scored, city.learnt)
        return city

    def _curve_at(self, place: slots.Place) -> CityNow:
        seen = self.state.days > 0
        mean = _mean(self.state.curve[seen]) if seen.any() else 0.0
        left, right = (self._value(place.kind, slot, mean) for slot in (place.left, place.right))
        return CityNow(left=left, right=right, mean=mean, whole=0.0, off=0.0, learnt=math.nan)

    def _value(self, kind: int, slot: int, mean: float) -> float:
        """Return the curve of this kind, else of the kinds seen there, else of the whole day."""
        days, curve = self.state.days[:, slot], self.state.curve[:, slot]
        if days[kind] > 0:
            return float(curve[kind])
        if days.any():
            return _mean(curve[days > 0])
        return mean if self.state.days.any() else 1.0

    def _factor(self, seen: Observation, moment: Moment, city: CityNow) -> tuple[float, float]:
        """Move the regression by one hop and return its two numbers."""
        state = self.state
        if state.members.tiles < MEMBERS_MIN or not state.days.any():
            return 0.0, 0.0
        if state.kind != moment.kind:
            state.sums *= OTHER_KIND_LEFT
            state.kind = moment.kind
        present = np.isfinite(seen.point)
        if (seen.fresh & present).any() or not present.any():
            self._move(seen, moment, city)
        return self._solved()

    def _move(self, seen: Observation, moment: Moment, city: CityNow) -> None:
        due = self._baseline.foresee(moment, city)
        usable = np.isfinite(seen.point) & seen.fresh & due.known & ~seen.withheld
        m, room = due.expected, due.expected + np.float32(PEOPLE_SLACK)
        r = clamp((np.where(usable, seen.point, m) - m) / room, RESIDUAL_MIN, RESIDUAL_MAX)
        noise = self.state.members.rows().dispersion * (m + self._curvature * m * m)
        var = (noise + due.typical) / (room * room) + due.unsure
        whole, off = self._solved()
        guess = np.float32(whole) + np.float32(off) * due.off
        limit = np.float32(HUBER_SD) * np.sqrt(var)
        r = guess + clamp(r - guess, -limit, limit)
        w = np.where(usable, 1.0 / (var + np.float32(VARIANCE_SLACK)), np.float32(0))
        wg, wr = w * due.off, w * r
        columns = (w, wg, wg * due.off, wr, wr * due.off)
        news = [math.fsum(column.tolist()) for column in columns]
        keep = decay(self._hop_min / MEMORY_MIN)
        self.state.sums *= keep
        self.state.sums += (1.0 - keep) * np.array(news)

    def _solved(self) -> tuple[float, float]:
        """Solve the ridge by Cramer's rule."""
        w, wg, wgg, wr, wgr = self.state.sums.tolist()
        a, d = w + RIDGE, wgg + RIDGE
        det = a * d - wg * wg
        return (wr * d - wgr * wg) / det, (a * wgr - wg * wr) / det

    def _learn_curve(self, scored: "Scored") -> float:
        """Learn the day curve from what the members' slot gathered; NaN where they saw nothing."""
        rows, state = self.state.members.rows(), self.state
        seen = rows.slot_n > 0
        if not seen.any():
            return math.nan
        mean = rows.slot_sum[seen] / rows.slot_n[seen]
        size = max(math.fsum(size_of(rows)[seen].tolist()), 1e-9)
        at = scored.place.kind, scored.place.here
        state.days[at] = min(state.days[at] + 1, CURVE_DAYS_MAX)
        state.curve[at] += (math.fsum(mean.tolist()) / size - state.curve[at]) / state.days[at]
        return float(state.curve[at])


def _mean(values: NDArray[np.float64]) -> float:
    return math.fsum(values.tolist()) / values.size

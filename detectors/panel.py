"""Panel: what the whole city does now, from a few hundred cells that every block hears of.

A block sees only its own tiles, and no result may depend on how blocks are spread over workers.
So a fixed panel of cells is scored as tiles of its own, with memory of its own; what is pooled
over them (`city`) is the only thing that a tile learns of places outside its block. Every
partition computes the same panel, bit by bit.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from detectors import city, profile, slots
from detectors.baseline import Baseline, BaselineSpec
from detectors.city import CityPool
from detectors.contract import CityNow, Moment, Observation, TileIndex
from detectors.state import BaselineState

_LITTLE_F8: Final = np.dtype("<f8")


@dataclass(slots=True, kw_only=True, eq=False)
class PanelState:
    """Everything a panel remembers: its members, as any tile, and what is pooled over them."""

    members: BaselineState
    pool: CityPool

    @classmethod
    def empty(cls, members: int, slots_a_day: int) -> Self:
        """Return the memory of a panel never heard."""
        return cls(
            members=BaselineState.empty(members, slots_a_day), pool=city.empty_pool(slots_a_day)
        )

    def lasting(self) -> Self:
        """Return a copy that keeps the members' places and the city's days, not its last hours."""
        rested = type(self)(
            members=self.members.lasting(), pool=city.empty_pool(self.members.slots)
        )
        rested.pool.curve[:], rested.pool.days[:] = self.pool.curve, self.pool.days
        return rested

    def take(self, index: TileIndex | slice) -> Self:
        """Return a copy with some members and the whole pool."""
        pool = self.pool
        return type(self)(
            members=self.members.take(index),
            pool=CityPool(
                curve=pool.curve.copy(), days=pool.days.copy(), figures=pool.figures.copy()
            ),
        )

    def adopt(self, before: "PanelState", place: TileIndex) -> None:
        """Take up the memory of a panel of other members, and all that was pooled over them.

        place: int, where each of its members is among ours; -1 = nowhere any more.
        """
        stays = np.flatnonzero(place >= 0)
        self.members.put(place[stays], before.members.take(stays))
        ours, theirs = self.pool, before.pool
        ours.curve[:], ours.days[:] = theirs.curve, theirs.days
        ours.figures[:] = theirs.figures

    def hot_bytes(self) -> bytes:
        """Return all that changes every hop, and the curve: pool first, then the members."""
        pool = self.pool
        parts = (pool.figures, pool.curve, pool.days)
        pooled = b"".join(np.ascontiguousarray(part, _LITTLE_F8).tobytes() for part in parts)
        return pooled + self.members.hot_bytes(0, self.members.tiles)

    def load_hot(self, data: bytes) -> None:
        """Load what `hot_bytes` gave; ValueError if the length is not that of these members."""
        pool, at = self.pool, 0
        least = 8 * (pool.figures.size + pool.curve.size + pool.days.size)
        if len(data) < least:
            raise ValueError(f"panel state: expected at least {least} bytes, got {len(data)}")
        self.members.load_hot(0, self.members.tiles, data[least:])
        for part in (pool.figures, pool.curve, pool.days):
            part[...] = np.frombuffer(data, _LITTLE_F8, part.size, at).reshape(part.shape)
            at += 8 * part.size

    def slot_bytes(self, kind: int, slot: int) -> bytes:
        """Return one slot of all members."""
        return self.members.slot_bytes(kind, slot, 0, self.members.tiles)

    def load_slot(
        self, kind: int, slot: int, data: bytes, *, place: TileIndex | None = None
    ) -> None:
        """Load what `slot_bytes` gave; ValueError if the length is not that of the members.

        place: int, where each member of then is among ours, -1 = nowhere any more; None = all are
        where they were. Of members that were not there then nothing changes.
        """
        if place is None:
            self.members.load_slot(kind, slot, 0, self.members.tiles, data)
            return
        before = BaselineState.empty(len(place), self.members.slots)
        before.load_slot(kind, slot, 0, len(place), data)
        stays = np.flatnonzero(place >= 0)
        self.members.put_slot(kind, slot, place[stays], before.take(stays))


class Panel:
    """The panel of a city; holds the state and changes it in place.

    spec: as of the tiles, so that members are judged alike. members: how many. hop_min, slot_min:
    minutes of a hop and of a slot. state: memory to go on with, else an empty one.
    """

    def __init__(
        self,
        spec: BaselineSpec,
        *,
        members: int,
        hop_min: float,
        slot_min: int,
        state: PanelState | None = None,
    ) -> None:
        """Start with an empty or a given memory; ValueError if sizes do not fit."""
        slots_a_day = slots.slots_a_day(slot_min)
        self.spec = spec
        self.state = PanelState.empty(members, slots_a_day) if state is None else state
        self.finished: tuple[int, int] | None = None
        self._members = Baseline(
            spec, tiles=members, hop_min=hop_min, slot_min=slot_min, state=self.state.members
        )

    def hop(self, seen: Observation, moment: Moment) -> CityNow:
        """Score the members, pool, learn; return what the panel says of this hop.

        Afterwards `finished` is the slot (kind, index) that ended with the hop, None = none did.
        """
        members, pool = self._members, self.state.pool
        place = members.place(moment)
        before = CityNow(
            left=city.curve_at(pool, place.kind, place.left),
            right=city.curve_at(pool, place.kind, place.right),
            mean=city.curve_mean(pool),
            whole=0.0,
            off=0.0,
            learnt=float("nan"),
        )
        whole, off = self._factor(seen, moment, before)
        members.score(seen, moment, _said(before, whole=whole, off=off))
        learnt = self._learn(place)
        return _said(before, whole=whole, off=off, learnt=learnt)

    def _factor(self, seen: Observation, moment: Moment, before: CityNow) -> tuple[float, float]:
        """Move the factor of the moment by what the members show of it now, and return it.

        Where all readings are held ones, nothing new was said and the factor stands.
        """
        spec, members, pool = self.spec.city, self._members, self.state.pool
        if members.state.tiles < spec.members_min:
            return 0.0, 0.0
        present = np.isfinite(seen.point)
        fresh = present & seen.fresh
        if present.any() and not fresh.any():
            return city.solve(spec, pool)
        due = members.foresee(moment, before)
        lost = (seen.point <= 0.0) & (due.expected > self.spec.residual.blind_people)
        city.move(
            spec,
            pool,
            members.place(moment),
            count=seen.point,
            expected=due.expected,
            variance=due.unsure / (due.expected + np.float32(city.SOFT_PEOPLE)) ** 2 + due.relative,
            day_off=due.day_off,
            used=fresh & ~seen.withheld & due.known & ~lost,
            hop_min=members.hop_min,
        )
        return city.solve(spec, pool)

    def _learn(self, place: slots.Place) -> float:
        """Let the members learn, and the curve between their counts and their sizes."""
        members, learnt = self._members, float("nan")
        scored = members.gather()
        if scored is None or not scored.slot_ends:
            self.finished = None
            return learnt
        mean, seen = profile.slot_mean(members.rows)
        size = profile.size_of(members.rows)
        mean /= scored.due.week
        learnt = city.learn(self.spec.city, self.state.pool, place, mean=mean, size=size, seen=seen)
        self.finished = members.settle(scored, learnt)
        return learnt


def _said(before: CityNow, *, whole: float, off: float, learnt: float = float("nan")) -> CityNow:
    """Return what the panel says, with the factor and what it learnt."""
    return CityNow(
        left=before.left,
        right=before.right,
        mean=before.mean,
        whole=whole,
        off=off,
        learnt=learnt,
    )

"""Unusual for here: the baseline detector, put together from its parts.

One expected count per tile and moment (profile x weekday x city x level), one normal score z,
and from it the alarm of a tile, of a tile with those around it, and of too few people; the
threshold comes from a budget elsewhere.

Theory of operation. `score` derives the expected value from memory, scores the reading and
moves the filters of the alarm; `learn` then moves the memory. A tile with a new interval goes
through all of it. A tile that is present without a new interval keeps everything as it was,
its last z and score included: the same reading must not count twice. A missing tile scores
z = 0, its filters drain, nothing is learnt. Each tile's numbers depend on that tile, on its
neighbours' z and on what the panel says of the hop; any part of the tiles that keeps neighbours
together gives the same bits as the whole.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detectors import (
    censored,
    city,
    closure,
    level,
    profile,
    residual,
    shift,
    slots,
    spread,
    standing,
)
from detectors.contract import CityNow, Ended, Mask, Moment, Observation, Tiles, Verdict
from detectors.exact import exp
from detectors.layers import Layers
from detectors.masked import chosen, kept
from detectors.residual import Residual
from detectors.scored import Due, Foreseen, Scored
from detectors.spec import BaselineSpec
from detectors.state import BaselineState, Rows

__all__ = ["Baseline", "BaselineSpec"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Around:
    """What the memory says around one moment, and for which moment and state that holds."""

    key: tuple[object, ...]
    terms: profile.Terms
    slot: spread.SlotSpread


class Baseline:
    """The detector of a set of tiles; holds the state and changes it in place.

    spec: settings. tiles: how many. hop_min: minutes of a hop; slot_min: minutes of a slot, at
    least a hop and a divisor of the day. neighbours: (tiles, 8) indices of the tiles around each,
    -1 = none; None = no neighbour layer. state: memory to go on with, else an empty one.
    """

    def __init__(
        self,
        spec: BaselineSpec,
        *,
        tiles: int,
        hop_min: float,
        slot_min: int,
        neighbours: NDArray[np.int32] | None = None,
        state: BaselineState | None = None,
    ) -> None:
        """Start with an empty or a given memory; ValueError if sizes do not fit."""
        count = slots.slots_a_day(slot_min)
        if not 0.0 < hop_min <= slot_min:
            raise ValueError(f"a hop of {hop_min} min does not fit into a slot of {slot_min} min")
        self.spec = spec
        self.hop_min = float(hop_min)
        self.slot_min = slot_min
        self.state = BaselineState.empty(tiles, count) if state is None else state
        if (self.state.tiles, self.state.slots) != (tiles, count):
            have, want = (self.state.tiles, self.state.slots), (tiles, count)
            raise ValueError(f"state of (tiles, slots) {have} does not fit a detector of {want}")
        self.rows: Rows = self.state.rows()
        self._layers = Layers(spec, self.rows, beside=neighbours, hop_min=self.hop_min)
        self._around: _Around | None = None
        self._scored: Scored | None = None
        self._held: Mask = np.ones(tiles, np.bool_)

    @property
    def last_z(self) -> Tiles:
        """The newest z of every tile, as a copy: what the next hop is compared with."""
        return self.rows.z.copy()

    def on(self, state: BaselineState) -> Self:
        """Return a detector with the same settings on another memory, without neighbours.

        The memory may be of some tiles of this one only, whose neighbours would be others.
        """
        return type(self)(
            self.spec,
            tiles=state.tiles,
            hop_min=self.hop_min,
            slot_min=self.slot_min,
            state=state,
        )

    def place(self, moment: Moment) -> slots.Place:
        """Return where a moment lies among the slots of the day."""
        return slots.place(moment.kind, moment.minute, hop_min=self.hop_min, slot_min=self.slot_min)

    def echo(self, root: Tiles) -> None:
        """Say from now on what the sum over each tile and those around it scatters by chance.

        root: in scatters of one tile, shape (tiles,); see `neighbours.Around`.
        """
        self._layers.echo(root)

    def score(self, seen: Observation, moment: Moment, city: CityNow) -> Verdict:
        """Judge one hop: expected value, z and alarm statistics; nothing is learnt yet."""
        place = self.place(moment)
        around = self._look_around(place, moment.weekday, city)
        due = self._due(around, place, city)
        present = np.isfinite(seen.point)
        fresh = present & seen.fresh
        found = self._judged(seen, due, around.terms.known, fresh)
        self._held = present & ~seen.fresh
        point = chosen(present, seen.point, due.expected)
        told = point
        if seen.hidden.any():
            told = chosen(seen.hidden & present, censored.likely(seen, due), point)
        self._scored = Scored(
            place=place,
            weekday=moment.weekday,
            slot_ends=moment.slot_ends,
            learnt=city.learnt,
            point=point,
            due=due,
            z=found.z,
            own=around.terms.own,
            moving=~self._held,
            good=found.good & fresh,
            taught=fresh & seen.learnable & ~found.blind,
            told=told,
            hidden=fresh & seen.hidden & ~found.blind,
            withheld=seen.withheld,
        )
        clear = seen.learnable & ~seen.withheld
        sure = self._layers.step(found, clear=clear, moving=~self._held)
        excess = chosen(present, seen.low, due.expected)
        excess -= due.expected
        judged, hop_min = found.good & fresh, self.hop_min
        standing.step(
            self.spec.standing, self.rows, excess, due.spread, judged=judged, hop_min=hop_min
        )
        return self._verdict(due, kept(around.terms.known, excess), around, place, sure=sure)

    def _judged(self, seen: Observation, due: Due, known: Mask, fresh: Mask) -> Residual:
        """Return the normal scores; a place that has been empty for days is believed."""
        shut = closure.step(
            self.spec.closure, self.rows, seen.low, fresh=fresh, hop_min=self.hop_min
        )
        return residual.residual(
            self.spec.residual,
            seen,
            expected=due.expected,
            variance=due.variance,
            known=known,
            shut=shut,
        )

    def ended(
        self,
        gate: Mask,
        near_gate: Mask,
        drop_gate: Mask | None = None,
        *,
        score: Tiles | None = None,
    ) -> Ended:
        """Return the runs of high scores that have ended, by layer; once a hop, after score.

        score: of tiles alone, where another signal of the same places has its part in it.
        """
        return self._layers.ended(gate, near_gate, drop_gate, held=self._held, score=score)

    def learn(self) -> tuple[int, int] | None:
        """Learn from the hop just scored, once; return the slot (kind, index) it finished."""
        scored = self.gather()
        if scored is None or not scored.slot_ends:
            return None
        return self.settle(scored, scored.learnt)

    def foresee(self, moment: Moment, city: CityNow) -> Foreseen:
        """Return what is due at a moment before the city's factor; nothing moves."""
        place = self.place(moment)
        around = self._look_around(place, moment.weekday, city)
        base, _ = profile.base(self.spec.profile, around.terms, place)
        expected = base * exp(self.rows.level.astype(np.float64)).astype(np.float32)
        curved = self.spec.spread.curvature * expected * expected
        return Foreseen(
            expected=expected,
            unsure=self.rows.dispersion * (expected + curved) + around.slot.typical,
            relative=around.slot.novelty + level.variance(self.spec.level, self.rows),
            day_off=around.terms.day_off,
            known=around.terms.known,
        )

    def gather(self) -> Scored | None:
        """Learn all but the slot from the hop just scored, once; None if there is no such hop."""
        scored, self._scored = self._scored, None
        if scored is None:
            return None
        spec, rows = self.spec, self.rows
        noise = spread.relative(spec.spread, rows, scored.due.base)
        level.step(spec.level, rows, scored, noise, hop_min=self.hop_min)
        spread.step(spec.spread, rows, scored)
        profile.gather(spec.profile, rows, scored)
        return scored

    def settle(self, scored: Scored, learnt: float) -> tuple[int, int]:
        """Learn the slot that ended; learnt: the city's curve there, NaN = not known."""
        spec, rows = self.spec, self.rows
        profile.learn_size(spec.profile, rows, scored, learnt=learnt, slot_min=self.slot_min)
        count, due, seen = shift.against_due(rows, scored)
        days = self.state.n[:, scored.place.here].sum(axis=0, dtype=np.float32)
        profile.learn_slot(spec.profile, spec.weekday, self.state, rows, scored)
        shift.step(
            spec.shift,
            rows,
            count=count,
            due=due,
            own=scored.own,
            days=days,
            seen=seen,
            good=scored.good,
            lost=scored.moving & ~seen,
            blank_people=spec.profile.blank_people,
            slot_min=self.slot_min,
        )
        self.state.version += 1  # what was derived of it, is of before
        return scored.place.kind, scored.place.here

    def _look_around(self, place: slots.Place, weekday: int, city: CityNow) -> _Around:
        """Return what the memory says around a moment; derived anew when slot or state changed."""
        curve = (city.left, city.right, city.mean)
        key = (place.kind, weekday, place.left, place.share == 0.0, self.state.version, curve)
        if self._around is None or self._around.key != key:
            spec, state = self.spec, self.state
            terms = profile.terms(
                spec.profile, spec.weekday, state, self.rows, place, weekday=weekday, city=city
            )
            slot = spread.of_slot(spec.spread, terms, shrink_days=spec.profile.shrink_days)
            self._around = _Around(key=key, terms=terms, slot=slot)
        return self._around

    def _due(self, around: _Around, place: slots.Place, now: CityNow) -> Due:
        """Return what is due now: profile x weekday x city x level, and the scatter around it."""
        spec, rows = self.spec, self.rows
        own, week = profile.base(spec.profile, around.terms, place)
        base = own
        if now.whole != 0.0 or now.off != 0.0:
            base = own * city.factor(spec.city, now.whole, now.off, around.terms.day_off)
        factor = exp(rows.level.astype(np.float64)).astype(np.float32)
        expected = base * factor
        variance = spread.variance(
            spec.spread,
            rows,
            around.slot,
            expected=expected,
            level_var=level.variance(spec.level, rows),
        )
        return Due(
            week=week,
            own=own,
            base=base,
            factor=factor,
            expected=expected,
            variance=variance,
            spread=np.sqrt(variance),
        )

    def _verdict(
        self, due: Due, excess: Tiles, around: _Around, place: slots.Place, *, sure: Mask
    ) -> Verdict:
        """Copy out what callers may keep; the last z and score stand where nothing moved."""
        rows = self.rows
        return Verdict(
            expected=due.expected.copy(),
            spread=due.spread.copy(),
            z=rows.z.copy(),
            score=rows.score.copy(),
            known=around.terms.known.copy(),
            sightings=self.state.n[place.kind, place.here].astype(np.int32),
            blind=rows.blind > 0.0,
            near=self._layers.near_score(),
            near_excess=self._layers.near_excess(excess),
            drop=rows.drop_score.copy(),
            sure=sure,
            standing_min=rows.standing_min.copy(),
        )

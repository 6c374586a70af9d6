"""Unusual for here: the baseline detector, put together from its parts.

One expected count per tile and moment (profile x level), one normal score z, two alarm
statistics (slow build-up, fast surge); the threshold comes from a budget elsewhere. Rises only.

Theory of operation. `score` derives the expected value from memory, scores the reading and
moves the filters of the alarm; `learn` then moves the memory. A tile with a new interval goes
through all of it. A tile that is present without a new interval keeps everything as it was,
its last z and score included: the same reading must not count twice. A missing tile scores
z = 0, its filters drain, nothing is learnt. Each tile's numbers depend on that tile alone, so
any part of the tiles gives the same bits as the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self, TypeAlias

import numpy as np

from detectors import buildup, level, own_scale, profile, residual, runs, slots, spread, surge
from detectors.buildup import BuildUpSpec
from detectors.contract import (
    Mask,
    Moment,
    Observation,
    TileIndex,
    Tiles,
    Verdict,
    quantised,
    CityNow,
    Ended,
)
from detectors.exact import exp
from detectors.level import LevelSpec
from detectors.own_scale import OwnScaleSpec
from detectors.profile import ProfileSpec
from detectors.residual import ResidualSpec
from detectors.runs import RunSpec
from detectors.scored import Due, Scored
from detectors.spread import SpreadSpec
from detectors.state import BaselineState
from detectors.surge import SurgeSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineSpec:
    """Settings of the baseline detector, one group per part; each says why to turn its knobs."""

    profile: ProfileSpec = field(default_factory=ProfileSpec)
    level: LevelSpec = field(default_factory=LevelSpec)
    spread: SpreadSpec = field(default_factory=SpreadSpec)
    residual: ResidualSpec = field(default_factory=ResidualSpec)
    own_scale: OwnScaleSpec = field(default_factory=OwnScaleSpec)
    buildup: BuildUpSpec = field(default_factory=BuildUpSpec)
    surge: SurgeSpec = field(default_factory=SurgeSpec)
    runs: RunSpec = field(default_factory=RunSpec)


# Kind, slot, whether between slots, version of the state, and the city's day curve.
_Key: TypeAlias = tuple[int, int, bool, int, tuple[float, float, float]]
# Moments ahead whose profile is remembered until a slot ends: three horizons and their next slots.
AHEAD_KEPT: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Around:
    """What the memory says around one moment, and for which moment and state that holds."""

    key: _Key
    terms: profile.Terms
    slot: spread.SlotSpread


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foreseen:
    """What memory says of a moment, for who pools over tiles; shape (tiles,).

    expected: people. typical: people^2, scatter of a typical hour. unsure: relative variance of
    level and newness. known, off: as in `profile.Terms`.
    """

    expected: Tiles
    typical: Tiles
    unsure: Tiles
    known: Mask
    off: Tiles


class Baseline:
    """The detector of a set of tiles; holds the state and changes it in place.

    spec: settings. tiles: how many. hop_min: minutes of a hop; slot_min: minutes of a slot, at
    least a hop and a divisor of the day. state: memory to go on with, else an empty one.
    """

    def __init__(
        self,
        spec: BaselineSpec,
        *,
        tiles: int,
        hop_min: float,
        slot_min: int,
        neighbours: object = None,
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
        self._rows = self.state.rows()
        self._around: _Around | None = None
        self._ahead: dict[_Key, profile.Terms] = {}
        self._scored: Scored | None = None
        self._held: Mask = np.ones(tiles, np.bool_)

    def on(self, state: BaselineState) -> Self:
        """Return a detector with the same settings on another memory (some tiles of this one)."""
        return type(self)(
            self.spec,
            tiles=state.tiles,
            hop_min=self.hop_min,
            slot_min=self.slot_min,
            state=state,
        )

    def score(self, seen: Observation, moment: Moment, city: CityNow) -> Verdict:
        """Judge one hop: expected value, z and alarm statistics; nothing is learnt yet."""
        kind, minute = moment.kind, moment.minute
        place = slots.place(kind, minute, hop_min=self.hop_min, slot_min=self.slot_min)
        around = self._look_around(place, city)
        due = self._due(around, place, city)
        found = residual.residual(
            self.spec.residual,
            seen,
            expected=due.expected,
            variance=due.variance,
            known=around.terms.known,
        )
        present = np.isfinite(seen.point)
        fresh = present & seen.fresh
        self._held = present & ~seen.fresh
        self._raise_alarm(found)
        self._scored = Scored(
            place=place,
            slot_ends=moment.slot_ends,
            learnt=city.learnt,
            point=np.where(present, seen.point, due.expected),
            due=due,
            z=found.z,
            own=around.terms.own,
            moving=~self._held,
            good=found.good & fresh,
            taught=fresh & seen.learnable & ~found.blind,
            withheld=seen.withheld,
        )
        return self._verdict(due, around.terms, place)

    def ended(self, gate: Mask, near_gate: Mask) -> Ended:
        """Return tiles whose run of high scores has ended and its peak; once a hop, after score."""
        tiles, peaks = runs.advance(
            self.spec.runs, self._rows, gate=gate, held=self._held, hop_min=self.hop_min
        )
        return Ended(tiles=tiles, peaks=peaks, near_tiles=tiles[:0], near_peaks=peaks[:0])

    def learn(self) -> tuple[int, int] | None:
        """Learn from the hop just scored, once; return the slot (kind, index) it finished."""
        scored = self.gather()
        if scored is None or not scored.slot_ends:
            return None
        return self.settle(scored, scored.learnt)

    def foresee(self, moment: Moment, city: CityNow) -> Foreseen:
        """Return what is due at a moment by memory alone; nothing moves."""
        place = slots.place(
            moment.kind, moment.minute, hop_min=self.hop_min, slot_min=self.slot_min
        )
        around = self._look_around(place, city)
        return Foreseen(
            expected=self._due(around, place, city).expected,
            typical=around.slot.typical,
            unsure=around.slot.novelty + level.variance(self.spec.level, self._rows),
            known=around.terms.known,
            off=around.terms.off,
        )

    def gather(self) -> Scored | None:
        """Learn from the hop just scored all but its slot; None if there is no such hop."""
        scored, self._scored = self._scored, None
        if scored is None:
            return None
        spec, rows = self.spec, self._rows
        noise = spread.relative(spec.spread, rows, scored.due.base)
        level.step(spec.level, rows, scored, noise, hop_min=self.hop_min)
        spread.step(spec.spread, rows, scored)
        profile.gather(spec.profile, rows, scored)
        return scored

    def settle(self, scored: Scored, learnt: float) -> tuple[int, int]:
        """Learn the slot that ended; learnt: the city's day curve there, NaN = not known."""
        profile.learn_slot(
            self.spec.profile,
            self.state,
            self._rows,
            scored.place,
            learnt=learnt,
            slot_min=self.slot_min,
        )
        self._around = None
        self._ahead.clear()
        return scored.place.kind, scored.place.here

    def ahead(self, moments: Sequence[Moment], *, now: Moment, city: CityNow) -> Tiles:
        """Return people expected at other moments, as known now; nothing moves by asking.

        Shape (moments, tiles). Of a moment only kind and minute matter. city: of `now`; its day
        curve stands in for that of the other hours, where it weighs one day among the tile's own,
        and its factor holds on within the same kind of day.
        """
        factor = exp(self._rows.level.astype(np.float64)).astype(np.float32)
        other_day = replace(city, whole=0.0, off=0.0)
        found = np.empty((len(moments), self.state.tiles), np.float32)
        for row, moment in zip(found, moments, strict=True):
            place = slots.place(
                moment.kind, moment.minute, hop_min=self.hop_min, slot_min=self.slot_min
            )
            then = city if moment.kind == now.kind else other_day
            base = profile.base(self.spec.profile, self._terms_ahead(place, city), place, then)
            np.multiply(base, factor, out=row)
        return found

    def _terms_ahead(self, place: slots.Place, city: CityNow) -> profile.Terms:
        """Return the profile around another moment; remembered until a slot ends."""
        curve = (city.left, city.right, city.mean)
        key = (place.kind, place.left, place.share == 0.0, self.state.version, curve)
        terms = self._ahead.get(key)
        if terms is None:
            if len(self._ahead) >= AHEAD_KEPT:
                self._ahead.clear()
            terms = profile.terms(self.spec.profile, self.state, self._rows, place, city)
            self._ahead[key] = terms
        return terms

    def _look_around(self, place: slots.Place, city: CityNow) -> _Around:
        """Return what the memory says around a moment; derived anew when slot or state changed."""
        curve = (city.left, city.right, city.mean)
        key = (place.kind, place.left, place.share == 0.0, self.state.version, curve)
        if self._around is None or self._around.key != key:
            terms = profile.terms(self.spec.profile, self.state, self._rows, place, city)
            slot = spread.of_slot(
                self.spec.spread, terms, shrink_days=self.spec.profile.shrink_days
            )
            self._around = _Around(key=key, terms=terms, slot=slot)
        return self._around

    def _due(self, around: _Around, place: slots.Place, city: CityNow) -> Due:
        """Return what is due now: profile x city x level, and the scatter around it."""
        spec, rows = self.spec, self._rows
        base = profile.base(spec.profile, around.terms, place, city)
        factor = exp(rows.level.astype(np.float64)).astype(np.float32)
        expected = base * factor
        level_var = level.variance(spec.level, rows)
        variance = spread.variance(
            spec.spread, rows, around.slot, expected=expected, level_var=level_var
        )
        return Due(
            base=base,
            factor=factor,
            expected=expected,
            variance=variance,
            spread=np.sqrt(variance),
        )

    def _raise_alarm(self, found: residual.Residual) -> None:
        """Move build-up, surge, own scale and the held verdict where something moves."""
        spec, rows, hop_min, moving = self.spec, self._rows, self.hop_min, ~self._held
        z = own_scale.scaled(spec.own_scale, rows, found.z)
        own_scale.step(
            spec.own_scale, rows, found.z, good=found.good & moving, moving=moving, hop_min=hop_min
        )
        total = buildup.step(spec.buildup, rows.buildup, z, hop_min=hop_min)
        mean = surge.step(spec.surge, rows.surge, z, hop_min=hop_min)
        score = quantised(np.maximum(total, mean / spec.surge.divisor))
        np.copyto(rows.buildup, total, where=moving)
        np.copyto(rows.surge, mean, where=moving)
        np.copyto(rows.score, score, where=moving)
        np.copyto(rows.z, found.z, where=moving)
        np.copyto(rows.blind, found.blind, where=moving)

    def _verdict(self, due: Due, terms: profile.Terms, place: slots.Place) -> Verdict:
        """Copy out what callers may keep; the last z and score stand where nothing moved."""
        rows = self._rows
        return Verdict(
            expected=due.expected.copy(),
            spread=due.spread.copy(),
            z=rows.z.copy(),
            score=rows.score.copy(),
            known=terms.known.copy(),
            sightings=self.state.n[place.kind, place.here].astype(np.int32),
            blind=rows.blind > 0.0,
            near=rows.score.copy(),
            near_excess=np.zeros_like(rows.score),
            drop=np.zeros_like(rows.score),
            standing_min=np.zeros_like(rows.score),
        )

"""The answer of `crowdtide explain` as a value: schema `explain/1`, read by texts and pages."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = [
    "BudgetRow",
    "Curve",
    "DayRow",
    "Explanation",
    "FeedRow",
    "IncidentRow",
    "LabelRow",
    "LevelRow",
    "NeedRow",
    "RuleRow",
    "SeenRow",
]


class NeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One condition: what it is of, what there is, what is wanted. null = unknown, or no limit.

    under: met where have lies under want; else where it reaches it.
    """

    what: str
    have: float | None
    want: float | None
    met: bool
    under: bool


class RuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """One way to a level, and how near it is (0 to 1; 1 = met).

    remedy: settings that would have met it at this hop; none where no setting would.
    """

    code: str
    level: int
    met: bool
    share: float
    needs: list[NeedRow]
    remedy: list[str]


class FeedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One feed at this tile. newest: end of the newest reading; age_s: at the deciding moment."""

    feed: str
    cells: int
    usual: int
    present: int
    withheld: int
    blind: bool
    newest: str | None
    age_s: int | None
    supports: float | None = None


class SeenRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the tile showed at the hop; null = unknown. state: one of `stream.states.STATES`.

    people: low, best, high. density: newest, rolling, walkable_m2; null for activity. occupancy:
    of its site. expected, spread: null while warming up. excess: of the low end over the expected.
    sightings: own days behind it. withheld_ratio: part of the people that is a guess.
    """

    state: str
    people: dict[str, float | None]
    density: dict[str, float | None] | None
    occupancy: float | None
    expected: float | None
    spread: float | None
    excess: float | None
    slope_per_min: float | None
    sightings: int
    present_ratio: float
    withheld_ratio: float


class DayRow(msgspec.Struct, frozen=True, kw_only=True):
    """Which day its baseline is of. kind: 0 to 2. slot: first and last minute, local."""

    date: str
    weekday: int
    kind: int
    why: str
    holiday: dict[str, str]
    slot: tuple[str, str]


class BudgetRow(msgspec.Struct, frozen=True, kw_only=True):
    """How a threshold came about: the lowest score that is reached at most per_tile_week.

    share: part of the desk's budget that this layer may spend. relaxed: times that, because fewer
    incidents were opened than promised; in per_tile_week already. rates: how often a tile-week the
    mark and each eighth above it are reached, from `runs` seen in `tile_weeks` and from a prior
    that fades.
    """

    threshold: float
    mark: float
    rates: list[float]
    per_tile_week: float
    false_alarms_per_day: float
    share: float
    relaxed: float
    tiles: int
    runs: int
    tile_weeks: float


class LevelRow(msgspec.Struct, frozen=True, kw_only=True):
    """Level at the hop: what stood, what was asked for, what the lower thresholds would keep.

    below_s, below_hops: hold so far, of hold_s and hold_hops. dim: badly seen, nothing falls.
    """

    now: int
    before: int
    asked: int
    kept: int
    below_s: int
    below_hops: int
    hold_s: int
    hold_hops: int
    rise_hops: int
    dim: bool
    reasons: list[str]


class IncidentRow(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that stands on the tile. told: desk to the level it knows, 0 = never told."""

    incident: str
    place: str
    opened: str
    level: int
    level_max: int
    reasons: list[str]
    tiles: int
    told: dict[str, int]


class LabelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A known event near the moment."""

    name: str
    start: str
    end: str


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """The hours around, hop by hop; null = unknown.

    near: score with the tiles around, null where nobody looks so. share: of the nearest rule,
    1 = met.
    """

    end: list[str]
    people: list[float | None]
    expected: list[float | None]
    spread: list[float | None]
    rolling: list[float | None]
    score: list[float]
    threshold: list[float | None]
    near: list[float | None]
    near_threshold: list[float | None]
    level: list[int]
    share: list[float]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why there was, or was not, an alert at one tile and hop.

    asked: the word and the time as they were given. tiles: all tiles that the word means; tile:
    the one told of, the worst of them then. hop: begin and end. decided: on the clock of the log.
    channels: every score. near_budget: of tiles with those around; null where nobody looks so.
    drop_budget: of people who left; absent where they alarm nobody. raised: where a level stands
    now, the hop at which it rose; else the next hop of the curve at which one rose; and the rule.
    nearest: the hop at which some rule was nearest, where none rose.
    """

    schema: Literal["explain/1"] = "explain/1"
    asked: tuple[str, str]
    tz: str
    place: str
    tile: str
    tiles: list[str]
    hop: tuple[str, str]
    decided: str
    unit: str
    seen: SeenRow
    day: DayRow
    channels: dict[str, float]
    budget: BudgetRow
    near_budget: BudgetRow | None
    drop_budget: BudgetRow | msgspec.UnsetType = msgspec.UNSET
    feeds: list[FeedRow]
    level: LevelRow
    incidents: list[IncidentRow]
    rules: list[RuleRow]
    raised: tuple[str, RuleRow] | None
    nearest: tuple[str, RuleRow] | None
    labels: list[LabelRow]
    curve: Curve
    notes: list[str]
    settings_hash: str

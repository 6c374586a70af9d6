"""Two finished runs side by side: figures of each, incidents gained and lost, incidents moved."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, Final

from alerts.direction import Direction
from replay.explain_rows import number, rule_row
from replay.labels import Span, find, off_list
from replay.whatif_report import DiffRow, EventPair, Figures, Moved, RuleCost
from stream.calendar import Calendar
from stream.settings import settings_hash
from stream.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from alerts.summary import Episode
    from geo.city import City
    from replay.labels import Label
    from replay.whatif_side import Side

__all__ = ["Joined", "differences", "figures"]

_DAY_MS: Final = 86_400_000
_WEEK_MS: Final = 7 * _DAY_MS
_MINUTE_MS: Final = 60_000
_DESKS: Final = {"police": Topic.POLICE, "fire": Topic.FIRE}


class Joined:
    """One side's incidents in order of opening, joined with the labels as a backtest joins them.

    tiles_of: tiles that each labelled cell touches.
    """

    def __init__(
        self,
        side: Side,
        labels: Sequence[Label],
        tiles_of: Mapping[str, frozenset[int]],
        city: City,
    ) -> None:
        self.side, self.tile_ids = side, city.grid.tile_ids
        self.local = Calendar(tz=side.settings.calendar.tz, country="none").local_iso
        self.episodes = sorted(
            side.episodes.values(), key=lambda one: (one.opened_ms, one.incident)
        )
        self.spans = [self._span(one) for one in self.episodes]
        self.labels, self._tiles_of = labels, tiles_of
        self.found = find(
            labels, self.spans, tiles_of=tiles_of, lateness_ms=side.settings.lateness_ms
        )

    def _span(self, one: Episode) -> Span:
        return Span(
            incident=one.incident,
            opened_ms=one.opened_ms,
            closed_ms=one.ended_ms or self.side.last_ms,
            tiles=frozenset(one.tiles.tolist()),
            rise=one.direction is Direction.RISE,
        )

    @property
    def span_ms(self) -> int:
        """How long the run was."""
        return self.side.last_ms - self.side.first_ms + self.side.settings.hop_ms

    def event(self, span: Span) -> str | None:
        """Return the known event that an incident met; None = it is off the list."""
        for label in self.labels:
            if span.rise and not off_list([label], [span], tiles_of=self._tiles_of):
                return label.name
        return None

    def off_list(self) -> int:
        """Return incidents that met no label, those of one place near in time counted once."""
        return off_list(self.labels, self.spans, tiles_of=self._tiles_of)

    def events(self, other: Joined) -> list[EventPair]:
        """Return every label with the lead of both sides."""
        return [
            EventPair(
                name=one.label.name,
                start=self.local(one.label.start_ms),
                lead_min=(one.lead_min, two.lead_min),
            )
            for one, two in zip(self.found, other.found, strict=True)
        ]


def figures(joined: Joined) -> Figures:
    """Return one side in figures."""
    side, off = joined.side, joined.off_list()
    leads = sorted(one.lead_min for one in joined.found if one.lead_min is not None)
    levels = Counter(one.level_max for one in joined.episodes)
    days = joined.span_ms / _DAY_MS
    weeks = joined.span_ms / _WEEK_MS * len(joined.tile_ids)
    first, last = side.thresholds[0], side.thresholds[-1]
    return Figures(
        settings_hash=settings_hash(side.settings),
        incidents=len(joined.episodes),
        incidents_per_day=round(len(joined.episodes) / days, 4),
        found=len(leads),
        total=len(joined.found),
        lead_min=(leads[0], median(leads), leads[-1]) if leads else None,
        off_list=off,
        off_list_per_week=round(off / weeks, 4),
        by_level=(levels[1], levels[2], levels[3], levels[4]),
        messages_per_day={
            desk: round(side.messages[topic] / days, 4) for desk, topic in _DESKS.items()
        },
        threshold=(number(first), number(last)),
        rules=_costs(joined),
    )


def _costs(joined: Joined) -> list[RuleCost]:
    """Return incidents by the rule that opened them, the dearest in false alarms first."""
    every: Counter[str] = Counter()
    off: Counter[str] = Counter()
    for one, span in zip(joined.episodes, joined.spans, strict=True):
        opening = joined.side.openings.get(one.incident)
        code = opening.rule.code if opening is not None else "unknown"
        every[code] += 1
        off[code] += bool(joined.labels) and joined.event(span) is None
    order = sorted(every, key=lambda code: (-off[code], -every[code], code))
    return [RuleCost(code=code, incidents=every[code], off_list=off[code]) for code in order]


def differences(base: Joined, other: Joined) -> tuple[list[DiffRow], list[DiffRow], list[Moved]]:
    """Return incidents gained, lost, and moved in time or level.

    Two incidents are the same where they share a tile and some time.
    """
    ours, theirs = _met(base.spans, other.spans), _met(other.spans, base.spans)
    gained = [_diff(other, at) for at, met in enumerate(theirs) if met is None]
    lost = [_diff(base, at) for at, met in enumerate(ours) if met is None]
    pairs = [(at, met) for at, met in enumerate(ours) if met is not None and theirs[met] == at]
    return gained, lost, list(_moved(base, other, pairs))


def _met(spans: Sequence[Span], others: Sequence[Span]) -> list[int | None]:
    """Return of each span the first of the others that shares a tile and some time with it."""
    by_tile: dict[int, list[int]] = {}
    for at, span in enumerate(others):
        for tile in span.tiles:
            by_tile.setdefault(tile, []).append(at)
    found: list[int | None] = []
    for span in spans:
        near = sorted({at for tile in span.tiles for at in by_tile.get(tile, ())})
        found.append(next((at for at in near if _overlap(span, others[at])), None))
    return found


def _overlap(one: Span, two: Span) -> bool:
    return one.opened_ms <= two.closed_ms and two.opened_ms <= one.closed_ms


def _diff(joined: Joined, at: int) -> DiffRow:
    one, span = joined.episodes[at], joined.spans[at]
    opening = joined.side.openings.get(one.incident)
    tile = one.tiles[0] if opening is None else opening.tile
    there = None if opening is None else opening.there
    return DiffRow(
        incident=one.incident,
        place=one.place,
        tile=joined.tile_ids[int(tile)],
        opened=joined.local(one.opened_ms),
        closed=joined.local(one.ended_ms) if one.ended_ms else None,
        level_max=one.level_max,
        people_max=one.people_max,
        event=joined.event(span),
        rule=None if opening is None else rule_row(opening.rule),
        there=None if there is None else rule_row(there),
    )


def _moved(base: Joined, other: Joined, pairs: Sequence[tuple[int, int]]) -> Iterator[Moved]:
    for at, met in pairs:
        one, two = base.episodes[at], other.episodes[met]
        if (one.opened_ms, one.level_max) != (two.opened_ms, two.level_max):
            yield Moved(
                incident=one.incident,
                place=one.place,
                opened=(base.local(one.opened_ms), other.local(two.opened_ms)),
                minutes=(two.opened_ms - one.opened_ms) / _MINUTE_MS,
                level_max=(one.level_max, two.level_max),
                event=base.event(base.spans[at]),
            )

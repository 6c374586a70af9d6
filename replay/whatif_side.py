"""One of the two runs of a what-if, seen hop by hop: its incidents, and which rule raised each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from replay.explain_rules import Bench, best_rule, row_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.shortfall import Rule
    from alerts.summary import Episode
    from geo.city import City
    from replay.explain_rules import HopBench
    from stream.block_state import BlockState, HopSeen
    from stream.incident import IncidentMachine
    from stream.incident_state import HopJoined
    from stream.machine import Outgoing
    from stream.settings import Settings
    from stream.topics import Topic

__all__ = ["Opening", "Side"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How an incident began. tile: of its tiles the one that asked for most. rule: that it met.

    there: the nearest rule of the other side, at the same tile and hop; None where it saw none.
    """

    hop_ms: int
    tile: int
    rule: Rule
    there: Rule | None = None


class Side:
    """Watches one engine; see `replay.engine.Watch`.

    openings: by incident. episodes: all incidents ever, by id. messages: to each topic.
    thresholds: of the budget, first and newest. first_ms, last_ms: hops decided.
    """

    def __init__(self, settings: Settings, city: City) -> None:
        self.settings = settings
        self.openings: dict[str, Opening] = {}
        self.episodes: dict[str, Episode] = {}
        self.messages: Counter[Topic] = Counter()
        self.thresholds: list[float] = []
        self.first_ms = self.last_ms = -1
        self.fresh: list[str] = []
        self._bench = Bench(settings, city)
        self._saw: dict[int, list[tuple[BlockState, HopSeen]]] = {}
        self._hops: dict[int, tuple[list[tuple[BlockState, HopSeen]], HopBench]] = {}

    def saw(self, state: BlockState, seen: HopSeen) -> None:
        """Keep a hop until its record has gone through."""
        self._saw.setdefault(seen.hop_ms, []).append((state, seen))

    def decided(self, hop: HopJoined, machine: IncidentMachine) -> None:
        """Note the incidents that opened at a hop, and the rule that raised each of them."""
        bench = self._bench.sit(hop, machine)
        self._hops[hop.hop_ms] = self._saw.pop(hop.hop_ms, []), bench
        self.thresholds = [*self.thresholds[:1], bench.limits.own]
        self.last_ms = hop.hop_ms
        if self.first_ms < 0:
            self.first_ms = hop.hop_ms
        if not bench.table.incidents:
            return
        for one in machine.table.episodes():
            self.episodes[one.incident] = one
            if one.opened_ms == hop.hop_ms and one.incident not in self.openings:
                self._open(one)

    def _open(self, one: Episode) -> None:
        tile, rule = self._nearest(one.opened_ms, one.tiles.tolist())
        if rule is not None:
            self.openings[one.incident] = Opening(hop_ms=one.opened_ms, tile=tile, rule=rule)
            self.fresh.append(one.incident)

    def nearest(self, hop_ms: int, tile: int) -> Rule | None:
        """Return the rule that was met, or nearest, at a tile and hop of the newest record."""
        return self._nearest(hop_ms, [tile])[1]

    def _nearest(self, hop_ms: int, tiles: list[int]) -> tuple[int, Rule | None]:
        if hop_ms not in self._hops:
            return -1, None
        parts, bench = self._hops[hop_ms]
        found = [
            (int(rows.tile[at]), best_rule(bench.rules(row_of(rows, at))))
            for state, seen in parts
            for rows in (rows_of(state, seen, np.array(sorted(tiles), np.int32)),)
            for at in range(len(rows))
        ]
        if not found:
            return -1, None
        return max(found, key=lambda one: (one[1].level * one[1].met, one[1].share, -one[0]))

    def published(self, records: Iterable[Outgoing]) -> None:
        """Count the messages that desks and system would have got."""
        self.messages.update(record.topic for record in records)

    def forget(self) -> None:
        """Let go of the hops of the newest record: both sides have asked."""
        self.fresh.clear()
        self._hops.clear()

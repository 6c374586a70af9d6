"""One pass of a feed through an engine: everything a backtest writes while it runs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, TYPE_CHECKING, Final

from replay.alert_line import alert_line
from replay.beginning import COLD
from replay.checkpoint import Saving, Stand, pack, read_tape, unpack, write_tape
from replay.engine import Engine
from replay.log import input_log, log_span
from replay.outcomes import Outcomes
from replay.scores import Scores
from replay.scores_table import ScoresTable
from stream.budgets import Budgets
from stream.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alerts.summary import Episode
    from geo.city import City
    from replay.beginning import Beginning
    from replay.checkpoint import Folder
    from replay.curves import Curves
    from replay.engine import HopRow
    from replay.feed import Feed
    from replay.progress import Progress
    from stream.budgets import Thresholds
    from stream.machine import Delivered
    from stream.settings import Settings

__all__ = ["Resume", "Run"]

_DESKS: Final = (Topic.POLICE, Topic.FIRE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """How a run saves where it stands. every_s: seconds of run time between two savings.

    Lower it if interruptions are frequent; each saving writes the whole state (some KB a tile).
    """

    folder: Folder
    every_s: float = 300.0
    clock: Callable[[], float] = field(default=time.monotonic)


class Run:
    """A run over one engine.

    files: `scores` (or `table`, the same as Parquet) and `alerts`, where asked for; `tape`, where
    one outlives interruptions.
    curves: for the pictures; None: none are made.
    tape: what the incident stage reads, for a sweep; None: not kept.
    begins: what it knows before its first hop, unless it goes on where another one stopped.
    """

    def __init__(
        self,
        settings: Settings,
        city: City,
        begins: Beginning = COLD,
        *,
        files: Mapping[str, IO[bytes]],
        curves: Curves | None = None,
        tape: list[Delivered] | None = None,
        resume: Resume | None = None,
    ) -> None:
        """Make the engine, and where there is something to go on from, load it."""
        self.settings, self.city, self.begins = settings, city, begins
        self._files, self._curves = files, curves
        self._budgets = Budgets(settings, city)
        stand = None if resume is None else resume.folder.stand
        self._scores: Scores | ScoresTable | None = None
        if "scores" in files:
            begun = stand is not None
            self._scores = Scores(files["scores"], city.grid.tile_ids, begun=begun)
        elif "table" in files:
            self._scores = ScoresTable(files["table"], city.grid.tile_ids)
        looks = self._scores is not None or curves is not None
        self.outcomes = Outcomes(len(city.grid.tile_ids), hop_ms=settings.hop_ms)
        on_hop = self._hop if looks else None
        self.engine = Engine(settings, city, on_hop=on_hop, tape=tape, watch=self.outcomes)
        self._resume, self._saving, self._tape = resume, Saving(self.engine), tape
        self._taped = 0
        self._known: dict[str, Episode] = {}
        self._done = 0
        self.told: dict[str, int] = {}
        if stand is not None:
            self._go_on(stand)
        elif begins.start is not None:
            self._saving.load(begins.start)
        self._threshold = self._next_threshold()

    def _go_on(self, stand: Stand) -> None:
        self._saving.load(stand.machines)
        self.engine.resume(stand.heads)
        self._known = {one.incident: one for one in unpack(stand.episodes)}
        self._done, self.told = stand.records, dict(stand.told)
        self.outcomes.load(stand.outcomes)
        if self._tape is not None:
            self._tape += read_tape(self._files["tape"])
            self._taped = len(self._tape)

    def _next_threshold(self) -> float:
        """Return the threshold under which the next hop will be judged."""
        return self.thresholds().own

    def thresholds(self) -> Thresholds:
        """Return both thresholds of the next hop."""
        return self._budgets.thresholds(self.engine.incident.state)

    def _hop(self, row: HopRow) -> None:
        if self._scores is not None:
            self._scores.hop(row)
        if self._curves is not None:
            self._curves.hop(row, threshold=self._threshold)
        self._threshold = self._next_threshold()

    def all(self, feed: Feed, progress: Progress | None) -> None:
        """Feed the whole log, or what is left of it."""
        hop_ms, lateness_ms = self.settings.hop_ms, self.settings.lateness_ms
        first_ms, last_ms = log_span(feed, hop_ms=hop_ms, lateness_ms=lateness_ms)
        log = islice(input_log(feed, hop_ms=hop_ms, lateness_ms=lateness_ms), self._done, None)
        due_s = self._due()
        for record in log:
            self.engine.feed(record)
            self._done += 1
            if self.engine.published:
                self._take()
            if record.is_tick and progress is not None:
                progress.at((record.at_ms - first_ms) / max(last_ms - first_ms, 1))
            if record.is_tick and self._is_due(due_s):
                self._save()
                due_s = self._due()
        self._take()
        if isinstance(self._scores, ScoresTable):
            self._scores.close()
        if progress is not None:
            progress.done()

    def _due(self) -> float:
        return 0.0 if self._resume is None else self._resume.clock() + self._resume.every_s

    def _is_due(self, due_s: float) -> bool:
        resume = self._resume
        return resume is not None and self.engine.is_whole and resume.clock() >= due_s

    def _save(self) -> None:
        assert self._resume is not None
        if self._tape is not None:
            write_tape(self._files["tape"], self._tape[self._taped :])
            self._taped = len(self._tape)
        lengths = {}
        for name, file in self._files.items():
            file.flush()
            lengths[name] = file.tell()
        if self._curves is not None:
            lengths["curves"] = self._curves.end()
        stand = Stand(
            key=self._resume.folder.key,
            records=self._done,
            heads=self.engine.heads(),
            machines=self._saving.entries(),
            episodes=pack(self.episodes()),
            lengths=lengths,
            told=self.told,
            outcomes=self.outcomes.dump(),
        )
        self._resume.folder.save(stand)

    def _take(self) -> None:
        """Write the desks' alerts down and remember incidents before the table forgets them."""
        prefix = self.settings.topics.prefix
        file = self._files.get("alerts")
        for record in self.engine.published:
            if record.topic not in _DESKS:
                continue
            self.told[record.topic.value] = self.told.get(record.topic.value, 0) + 1
            if file is not None:
                file.write(alert_line(prefix + record.topic, record.key, record.value))
        self.engine.published.clear()
        self._known.update((one.incident, one) for one in self.engine.incident.table.episodes())

    def episodes(self) -> list[Episode]:
        """Return all incidents, in order of opening."""
        self._take()
        return sorted(self._known.values(), key=lambda one: (one.opened_ms, one.incident))

"""The backtest: a feed through the very stages that run live, and a report of what they did."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from replay.alert_line import alert_line
from replay.badrow import FeedError
from replay.engine import Engine, offline
from replay.log import first_hop_ms, input_log, log_span, sources
from replay.register import registered
from replay.report import Account, Course, encode_report, make_report
from replay.scores import Scores
from replay.whole_file import whole_file
from stream.fitting import check_feeds
from stream.readings import FATES
from stream.settings import settings_hash
from stream.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alerts.summary import Episode
    from geo.city import City
    from replay.feed import Feed
    from replay.labels import Label
    from replay.progress import Progress
    from replay.report import BacktestReport
    from stream.settings import Loaded, Settings

__all__ = ["backtest"]

_DESKS: Final = (Topic.POLICE, Topic.FIRE)


def backtest(
    feed: Feed,
    city: City,
    loaded: Loaded,
    *,
    out: Path | None = None,
    scores: Path | None = None,
    alerts: Path | None = None,
    labels: Sequence[Label] = (),
    progress: Progress | None = None,
) -> BacktestReport:
    """Run a feed through the engine; write the files asked for, whole or not at all.

    out: the report as JSON. scores: CSV of every tile and hop. alerts: what the desks would have
    received, one line each as `tail --json` prints it.

    Raises FeedError where nothing in the feed can be used or a file cannot be written, and
    ConfigError where feed and settings do not fit.
    """
    feed, settings, notes = registered(feed, loaded)
    check_feeds(settings, city)
    _refuse_strangers(feed, city)
    settings = offline(settings, counts=sources(feed))
    begun = time.perf_counter()
    with ExitStack() as files:
        written = {
            name: files.enter_context(whole_file(path))
            for name, path in (("out", out), ("scores", scores), ("alerts", alerts))
            if path is not None
        }
        run = _Run(settings, city, scores=written.get("scores"), alerts=written.get("alerts"))
        run.all(feed, progress)
        course = run.course(feed, labels, begun=begun, notes=(*feed.notes, *notes))
        report = make_report(course, run.episodes(), labels)
        if "out" in written:
            written["out"].write(encode_report(report))
    return report


class _Run:
    """One pass of a feed through an engine."""

    def __init__(
        self, settings: Settings, city: City, *, scores: IO[bytes] | None, alerts: IO[bytes] | None
    ) -> None:
        table = None if scores is None else Scores(scores, city.grid.tile_ids)
        self._settings = settings
        self._city = city
        self._engine = Engine(settings, city, on_hop=None if table is None else table.hop)
        self._alerts = alerts
        self._known: dict[str, Episode] = {}

    def all(self, feed: Feed, progress: Progress | None) -> None:
        """Feed the whole log."""
        hop_ms, lateness_ms = self._settings.hop_ms, self._settings.lateness_ms
        first_ms, last_ms = log_span(feed, hop_ms=hop_ms, lateness_ms=lateness_ms)
        for record in input_log(feed, hop_ms=hop_ms, lateness_ms=lateness_ms):
            self._engine.feed(record)
            if self._engine.published:
                self._take()
            if progress is not None and record.is_tick:
                progress.at((record.at_ms - first_ms) / max(last_ms - first_ms, 1))
        if progress is not None:
            progress.done()

    def _take(self) -> None:
        """Write the desks' alerts down and remember incidents before the table forgets them."""
        prefix = self._settings.topics.prefix
        for record in self._engine.published:
            if self._alerts is not None and record.topic in _DESKS:
                self._alerts.write(alert_line(prefix + record.topic, record.key, record.value))
        self._engine.published.clear()
        self._known.update((one.incident, one) for one in self._engine.incident.table.episodes())

    def episodes(self) -> list[Episode]:
        """Return all incidents, in order of opening."""
        self._take()
        return sorted(self._known.values(), key=lambda one: (one.opened_ms, one.incident))

    def course(
        self, feed: Feed, labels: Sequence[Label], *, begun: float, notes: tuple[str, ...]
    ) -> Course:
        """Return what the report is made from. Raises FeedError where no reading was accepted."""
        settings, city = self._settings, self._city
        account = self._account(feed)
        if not account.accepted:
            raise FeedError(f"{feed.name}: no usable row: {_reasons(account)}")
        return Course(
            settings_hash=settings_hash(settings),
            hop_ms=settings.hop_ms,
            lateness_ms=settings.lateness_ms,
            first_hop_ms=first_hop_ms(feed, hop_ms=settings.hop_ms),
            last_hop_ms=self._engine.incident.state.closed_hop_ms,
            tile_ids=tuple(city.grid.tile_ids),
            tiles_of=_tiles_of(city, labels),
            wall_s=time.perf_counter() - begun,
            account=account,
            readings=len(feed),
            notes=notes,
        )

    def _account(self, feed: Feed) -> Account:
        """Return where every row went."""
        states = [state for block in self._engine.blocks for state in block.states]
        fates = dict.fromkeys(FATES, 0)
        refused: dict[str, int] = {}
        for state in states:
            totals = np.add.reduce(state.readings.fates, axis=(0, 1)).tolist()
            for fate, count in zip(FATES, totals, strict=True):
                fates[fate] += count
            for reason, count in sorted(state.refused.items()):
                refused[reason] = refused.get(reason, 0) + count
        return Account(
            rows=feed.rows,
            waiting=len(feed) - sum(fates.values()) - sum(refused.values()),
            bad_rows={bad.reason.value: bad.count for bad in feed.rejects},
            refused=refused,
            **fates,
        )


def _refuse_strangers(feed: Feed, city: City) -> None:
    """Refuse a feed of which the register knows no cell: the wrong file was named."""
    if not any(cell in city.cell_index for cell in feed.cells):
        raise FeedError(
            f"{feed.name}: no usable row: the cells file knows none of its {len(feed.cells)}"
            f" cells; the first is {feed.cells[0]!r}, the cells file begins with"
            f" {city.cells[0]!r}"
        )


def _reasons(account: Account) -> str:
    counts = {**account.bad_rows, **account.refused, "late": account.late}
    counts["from_future"] = account.from_future
    return ", ".join(f"{count} {reason}" for reason, count in counts.items() if count)


def _tiles_of(city: City, labels: Sequence[Label]) -> dict[str, frozenset[int]]:
    cells = {label.cell for label in labels if label.cell is not None}
    return {
        cell: frozenset(city.tiles_of(np.array([city.cell_index[cell]])).tolist())
        for cell in sorted(cells)
        if cell in city.cell_index
    }

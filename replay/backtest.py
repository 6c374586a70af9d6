"""The backtest: a feed through the very stages that run live, and a report of what they did."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from replay.backtest_account import account_of, reasons
from replay.backtest_run import Resume, Run
from replay.badrow import FeedError
from replay.beginning import begin_with
from replay.checkpoint import Folder
from replay.curves import Curves, followed
from replay.engine import offline
from replay.labels import tiles_of, within
from replay.log import BATCH_CELLS, first_hop_ms, log_digest, log_span, sources
from replay.register import registered
from replay.report import Course, encode_report, make_report
from replay.report_page import report_page
from replay.report_seen import Seen
from replay.sweep import Tape, sweep
from replay.whole_file import whole_file
from stream.fitting import check_feeds
from stream.settings import settings_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from geo.city import City
    from replay.beginning import Beginning
    from replay.feed import Feed
    from replay.labels import Label
    from replay.progress import Progress
    from replay.report import BacktestReport
    from replay.sweep import Point
    from stream.machine import Delivered
    from stream.settings import Loaded, Settings

__all__ = ["Page", "Saved", "backtest"]

_GROWING: Final = ("scores", "table", "alerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A report page that is asked for, and its language."""

    path: Path
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The folder in which an interrupted run goes on.

    every_s: seconds of run time between two savings; each writes the whole state (some KB a
    tile), so raise it for a large city and lower it where interruptions are frequent.
    """

    path: Path
    every_s: float = 300.0


def backtest(
    feed: Feed,
    city: City,
    loaded: Loaded,
    *,
    out: Path | None = None,
    scores: Path | None = None,
    alerts: Path | None = None,
    page: Page | None = None,
    labels: Sequence[Label] = (),
    trade_off: bool = False,
    saved: Saved | None = None,
    memory: Path | None = None,
    progress: Progress | None = None,
) -> BacktestReport:
    """Run a feed through the engine; write the files asked for, whole or not at all.

    out: the report as JSON. scores: every tile and hop, CSV, or Parquet by its name (and then no
    going on). alerts: what the desks would have received, one line each as `tail --json` prints
    it. page: the report for people, HTML.
    trade_off: try other budgets, too. memory: what `learn` wrote, to begin with.

    Raises FeedError where nothing in the feed can be used, a file cannot be written, memory or
    folder are of another run, and ConfigError where feed and settings do not fit.
    """
    feed, settings, notes = _fitting(feed, city, loaded)
    begins = begin_with(memory, settings, city, feed=feed)
    begun, tape = time.perf_counter(), _reel(trade_off=trade_off)
    kind = _kind_of(scores, saved)
    paths = {"out": out, "page": page.path if page else None, kind: scores, "alerts": alerts}
    with ExitStack() as opened:
        outs = {n: opened.enter_context(whole_file(p)) for n, p in paths.items() if p is not None}
        grown = {"curves": page, "tape": trade_off or None, **{n: outs.get(n) for n in _GROWING}}
        names = {name for name, wanted in grown.items() if wanted is not None}
        tiles = _followed(feed, settings, city, labels)
        resume = _resume(saved, feed, settings, city, begins, names=names, tiles=tiles)
        files = _files(opened, resume, outs, names)
        curves = Curves(files.pop("curves"), tiles) if page else None
        run = Run(settings, city, begins, files=files, curves=curves, tape=tape, resume=resume)
        run.all(feed, progress)
        course = _course(run, feed, settings, labels, begun=begun, notes=notes)
        points = _swept(run, course, tape, labels, progress)
        report = make_report(course, run.episodes(), labels, sweep=points)
        _write(outs, run, course, report, feed=feed, labels=labels, page=page, curves=curves)
        _deliver(resume, files, outs)
    if resume is not None:
        resume.folder.remove()
    return report


def _kind_of(scores: Path | None, saved: Saved | None) -> str:
    """Return under which name the scores are written: `scores`, or `table` for Parquet."""
    if scores is None or scores.suffix != ".parquet":
        return "scores"
    if saved is not None:
        message = (
            f"{scores}: Parquet cannot go on after an interruption; write .csv.gz, or no --resume"
        )
        raise FeedError(message)
    return "table"


def _fitting(feed: Feed, city: City, loaded: Loaded) -> tuple[Feed, Settings, tuple[str, ...]]:
    """Return the feed and the settings as they fit each other, and what was assumed for it."""
    feed, settings, notes = registered(feed, loaded)
    check_feeds(settings, city)
    _refuse_strangers(feed, city)
    return feed, offline(settings, counts=sources(feed)), notes


def _reel(*, trade_off: bool) -> list[Delivered] | None:
    return [] if trade_off else None


def _write(
    outs: Mapping[str, IO[bytes]],
    run: Run,
    course: Course,
    report: BacktestReport,
    *,
    feed: Feed,
    labels: Sequence[Label],
    page: Page | None,
    curves: Curves | None,
) -> None:
    """Write the report and its page, where they are asked for."""
    if "out" in outs:
        outs["out"].write(encode_report(report))
    if page is None or curves is None:
        return
    seen = Seen(
        report=report,
        course=course,
        settings=run.settings,
        city=run.city,
        feed=feed,
        curves=curves,
        episodes=tuple(run.episodes()),
        labels=tuple(labels),
    )
    outs["page"].write(report_page(seen, page.lang).encode())


def _resume(
    saved: Saved | None,
    feed: Feed,
    settings: Settings,
    city: City,
    begins: Beginning,
    *,
    names: set[str],
    tiles: NDArray[np.int64],
) -> Resume | None:
    """Open the folder to go on in, for this very run."""
    if saved is None:
        return None
    log = log_digest(
        feed, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms, batch_cells=BATCH_CELLS
    )
    key = {
        "feed": log,
        "settings": settings_hash(settings),
        "cells file": city.digest,
        "set of output files": " ".join(sorted(names)),
        "set of followed places": f"{tiles.size} {tiles.sum()}",
    }
    if begins.seal:
        key["memory"] = begins.seal
    return Resume(folder=Folder(saved.path, key), every_s=saved.every_s)


def _files(
    opened: ExitStack, resume: Resume | None, outs: Mapping[str, IO[bytes]], grown: set[str]
) -> dict[str, IO[bytes]]:
    """Open what grows during the run: in the folder to go on in, else where it belongs."""
    if resume is not None:
        return {name: opened.enter_context(resume.folder.growing(name)) for name in sorted(grown)}
    files = {name: outs[name] for name in sorted(grown & outs.keys())}
    if "curves" in grown:
        files["curves"] = opened.enter_context(TemporaryFile())  # noqa: SIM115 - the stack closes it
    return files


def _deliver(
    resume: Resume | None, files: Mapping[str, IO[bytes]], outs: Mapping[str, IO[bytes]]
) -> None:
    """Copy what grew in the folder to go on in, if there is one, to where it belongs."""
    if resume is None:
        return
    for name in files.keys() & outs.keys():
        files[name].seek(0)
        shutil.copyfileobj(files[name], outs[name])


def _followed(
    feed: Feed, settings: Settings, city: City, labels: Sequence[Label]
) -> NDArray[np.int64]:
    first_ms, last_ms = log_span(feed, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms)
    labelled = sorted({tile for tiles in tiles_of(city, labels).values() for tile in tiles})
    hops = (last_ms - first_ms) // settings.hop_ms + 1
    return followed(len(city.grid.tile_ids), hops, np.array(labelled, np.int64))


def _swept(
    run: Run,
    course: Course,
    tape: list[Delivered] | None,
    labels: Sequence[Label],
    progress: Progress | None,
) -> tuple[Point, ...]:
    """Return the trade-off of budgets, if it was asked for."""
    if tape is None:
        return ()
    inside, _ = within(labels, begin_ms=course.begin_ms, end_ms=course.last_hop_ms)
    reel = Tape(
        settings=run.settings,
        city=run.city,
        records=tape,
        begin_ms=course.begin_ms,
        end_ms=course.last_hop_ms,
        memory=run.begins.memory,
    )
    told = (lambda _: None) if progress is None else (lambda share: progress.at(share, "budgets"))
    points = sweep(reel, inside, tiles_of=course.tiles_of, told=told)
    if progress is not None:
        progress.done()
    return points


def _course(
    run: Run,
    feed: Feed,
    settings: Settings,
    labels: Sequence[Label],
    *,
    begun: float,
    notes: tuple[str, ...],
) -> Course:
    """Return what the report is made from. Raises FeedError where no reading was accepted."""
    account = account_of(run.engine, feed)
    if not account.accepted:
        raise FeedError(f"{feed.name}: no usable row: {reasons(account)}")
    return Course(
        settings_hash=settings_hash(settings),
        hop_ms=settings.hop_ms,
        lateness_ms=settings.lateness_ms,
        first_hop_ms=first_hop_ms(feed, hop_ms=settings.hop_ms),
        last_hop_ms=run.engine.incident.state.closed_hop_ms,
        tile_ids=tuple(run.city.grid.tile_ids),
        tiles_of=tiles_of(run.city, labels),
        wall_s=time.perf_counter() - begun,
        account=account,
        readings=len(feed),
        notes=(*feed.notes, *notes, *run.begins.notes),
        budget_per_day=settings.alerts.false_alarms_per_day,
        messages=dict(sorted(run.told.items())),
        forecast=tuple(run.outcomes.rows()),
    )


def _refuse_strangers(feed: Feed, city: City) -> None:
    """Refuse a feed of which the register knows no cell: the wrong file was named."""
    if not any(cell in city.cell_index for cell in feed.cells):
        raise FeedError(
            f"{feed.name}: no usable row: the cells file knows none of its {len(feed.cells)}"
            f" cells; the first is {feed.cells[0]!r}, the cells file begins with"
            f" {city.cells[0]!r}"
        )

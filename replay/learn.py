"""History through the engine, for what it teaches: the run behind `crowdtide learn`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from replay.backtest_account import account_of, reasons
from replay.backtest_run import Run
from replay.badrow import FeedError
from replay.engine import offline
from replay.log import first_hop_ms, sources
from replay.memory import write_memory
from replay.register import registered
from replay.report import Account
from replay.times import iso
from replay.warm_start import learnt
from stream.fitting import check_feeds
from stream.settings_hash import settings_hash

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from replay.feed import Feed
    from replay.memory import Memory
    from replay.progress import Progress
    from stream.settings import Loaded

__all__ = ["DAYS", "Learnt", "learn"]

DAYS: Final = ("working", "off", "holiday")
"""Kinds of day as a deployment knows them: working days, days off before another, and Sundays."""


class Learnt(msgspec.Struct, frozen=True, kw_only=True):
    """What a history has taught.

    seal: sha256 of the memory, hex. span: begin of the first hop and end of the last one. tiles:
    all there are. known: tiles of which at least one slot of the day is known. days: days of each
    kind in the history. incidents: what it would have raised meanwhile. threshold: score at which
    the deployment will begin. near_threshold: of tiles with those around them; null without them.
    """

    schema: str = "learn/1"
    seal: str
    bytes: int
    settings_hash: str
    feeds: list[str]
    span: tuple[str, str]
    hops: int
    tiles: int
    known: int
    days: dict[str, int]
    account: Account
    incidents: int
    threshold: float
    near_threshold: float | None
    notes: list[str]
    wall_s: float


def learn(
    feed: Feed, city: City, loaded: Loaded, *, out: Path, progress: Progress | None = None
) -> tuple[Learnt, Memory]:
    """Run a feed through the engine and write what it has learnt to a file, whole or not at all.

    Raises FeedError where nothing in the feed can be used or the file cannot be written, and
    ConfigError where feed and settings do not fit.
    """
    feed, settings, notes = registered(feed, loaded)
    check_feeds(settings, city)
    settings = offline(settings, counts=sources(feed))
    begun = time.perf_counter()
    run = Run(settings, city, files={})
    run.all(feed, progress)
    account = account_of(run.engine, feed)
    if not account.accepted:
        raise FeedError(f"{feed.name}: no usable row: {reasons(account)}")
    begin_ms = first_hop_ms(feed, hop_ms=settings.hop_ms) - settings.hop_ms
    memory = learnt(run.engine, settings, city, begin_ms=begin_ms)
    seal = write_memory(out, memory)
    limits = run.thresholds()
    found = Learnt(
        seal=seal,
        bytes=out.stat().st_size,
        settings_hash=settings_hash(settings),
        feeds=memory.feeds,
        span=(iso(memory.begin_ms), iso(memory.end_ms)),
        hops=memory.hops,
        tiles=len(city.grid.tile_ids),
        known=_known(run),
        days=_days(memory),
        account=account,
        incidents=len(run.episodes()),
        threshold=limits.own,
        near_threshold=limits.near if np.isfinite(limits.near) else None,
        notes=[*feed.notes, *notes],
        wall_s=time.perf_counter() - begun,
    )
    return found, memory


def _known(run: Run) -> int:
    states = [state for block in run.engine.blocks for state in block.states]
    return sum(int(state.baseline.state.n.any(axis=(0, 1)).sum()) for state in states)


def _days(memory: Memory) -> dict[str, int]:
    """Return how many days of each kind some slot of the day has seen."""
    visits = np.frombuffer(memory.panel.visits, "<u4").reshape(len(DAYS), -1)
    return dict(zip(DAYS, visits.max(axis=1).tolist(), strict=True))

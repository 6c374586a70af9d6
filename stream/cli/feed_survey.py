"""What a feed file is like: periods, delays, gaps, strangers, and what the gateway would refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from replay.times import iso
from stream.records import COUNT_MAX, Reason

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from replay.feed import Feed
    from stream.settings import Settings

__all__ = ["FeedFacts", "Gap", "Refused", "Survey", "survey"]

EXAMPLES: Final = 5


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """The longest silence of one cell. missing: intervals that did not come."""

    cell: str
    start: str
    end: str
    missing: int


class FeedFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One feed of the file.

    phase_s: seconds by which intervals start after multiples of the period. delay_s: from an
    interval's end to its reading: half, 95 %, all of them within. missing_ratio: intervals that
    did not come, of those between each cell's first and last. count_median, count_max: of counts
    that are numbers; null where there are none.
    """

    feed: str
    readings: int
    cells: int
    start: str
    end: str
    period_s: int
    other_periods: int
    phase_s: int
    delay_s: tuple[float, float, float]
    missing_ratio: float
    cells_with_gaps: int
    longest_gap: Gap | None
    repeated: int
    withheld_ratio: float
    zero_ratio: float
    count_median: float | None
    count_max: float | None


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Rows refused for one reason, by the reader of the file or by the gateway."""

    by: Literal["reader", "gateway"]
    reason: str
    count: int
    example: str


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """All that `feed check` says. unknown_cells: null without a cells file."""

    schema: Literal["feed-check/1"] = "feed-check/1"
    file: str
    rows: int
    readings: int
    refused_ratio: float
    refused: list[Refused]
    unknown_cells: int | None
    feeds: list[FeedFacts]
    notes: list[str]


def survey(feed: Feed, settings: Settings, *, known: Collection[str] | None) -> Survey:
    """Look a feed file over.

    settings: if feeds are registered there, intervals and names are held against them. known:
    cells of the cells file, or None.
    """
    facts = [_facts(feed, index) for index in range(len(feed.feeds))]
    refused = [
        Refused(
            by="reader", reason=bad.reason, count=bad.count, example=f"row {bad.row}: {bad.what}"
        )
        for bad in feed.rejects
    ]
    refused += _by_gateway(feed, settings, known, {one.feed: one for one in facts})
    strangers = None if known is None else sum(cell not in known for cell in feed.cells)
    return Survey(
        file=feed.name,
        rows=feed.rows,
        readings=len(feed),
        refused_ratio=round(sum(one.count for one in refused) / max(feed.rows, 1), 6),
        refused=refused,
        unknown_cells=strangers,
        feeds=facts,
        notes=list(feed.notes),
    )


def _facts(feed: Feed, index: int) -> FeedFacts:
    mine = feed.feed == index
    start, cell = feed.start_ms[mine], feed.cell[mine]
    period_s = feed.period_s[feed.feeds[index]]
    phases, times = np.unique(start % (period_s * 1000), return_counts=True)
    phase_ms = int(phases[np.argmax(times)])
    counts = feed.count[mine]
    numbers = counts[np.isfinite(counts)]
    delay = np.sort((feed.received_ms - feed.start_ms - feed.period_ms)[mine]) / 1000.0
    missing_ratio, with_gaps, longest, repeated = _gaps(
        feed, cell, (start - phase_ms) // (period_s * 1000), period_s * 1000, phase_ms
    )
    return FeedFacts(
        feed=feed.feeds[index],
        readings=len(start),
        cells=len(np.unique(cell)),
        start=iso(int(start.min())),
        end=iso(int(start.max()) + period_s * 1000),
        period_s=period_s,
        other_periods=int(np.count_nonzero(feed.period_ms[mine] != period_s * 1000)),
        phase_s=phase_ms // 1000,
        delay_s=(_rank(delay, 0.5), _rank(delay, 0.95), _rank(delay, 1.0)),
        missing_ratio=missing_ratio,
        cells_with_gaps=with_gaps,
        longest_gap=longest,
        repeated=repeated,
        withheld_ratio=round(float(np.isnan(counts).mean()), 6),
        zero_ratio=round(float((counts == 0).mean()), 6),
        count_median=float(np.median(numbers)) if len(numbers) else None,
        count_max=float(numbers.max()) if len(numbers) else None,
    )


def _rank(ordered: NDArray[np.float64], share: float) -> float:
    return float(ordered[min(len(ordered) - 1, int(share * len(ordered)))])


def _gaps(
    feed: Feed,
    cell: NDArray[np.int64],
    interval: NDArray[np.int64],
    period_ms: int,
    phase_ms: int,
) -> tuple[float, int, Gap | None, int]:
    """Return missing share, cells with gaps, the longest gap, and readings that came again."""
    order = np.lexsort((interval, cell))
    cell, interval = cell[order], interval[order]
    step = np.diff(interval)
    same = cell[1:] == cell[:-1]
    holes = np.where(same & (step > 1), step - 1, 0)
    present = len(cell) - int(np.count_nonzero(same & (step == 0)))
    missing = int(holes.sum())
    longest = None
    if missing:
        at = int(np.argmax(holes))
        longest = Gap(
            cell=feed.cells[cell[at]],
            start=iso(int(interval[at] + 1) * period_ms + phase_ms),
            end=iso(int(interval[at + 1]) * period_ms + phase_ms),
            missing=int(holes[at]),
        )
    with_gaps = len(np.unique(cell[1:][holes > 0]))
    ratio = round(missing / max(missing + present, 1), 6)
    return ratio, with_gaps, longest, len(cell) - present


def _by_gateway(
    feed: Feed, settings: Settings, known: Collection[str] | None, facts: dict[str, FeedFacts]
) -> list[Refused]:
    """Return what the gateway would refuse of the readings, each for its first reason."""
    left = np.ones(len(feed), dtype=np.bool_)
    found: list[Refused] = []

    def refuse(reason: Reason, bad: NDArray[np.bool_], example: str) -> None:
        bad = bad & left
        if bool(bad.any()):
            left[bad] = False
            count = int(np.count_nonzero(bad))
            found.append(Refused(by="gateway", reason=reason, count=count, example=example))

    for index, name in enumerate(feed.feeds):
        mine = feed.feed == index
        register = settings.feeds.get(name)
        if settings.feeds and register is None:
            names = ", ".join(sorted(settings.feeds))
            refuse(Reason.UNKNOWN_FEED, mine, f"feed {name}; known are {names}")
            continue
        period_s = facts[name].period_s if register is None else register.period_s
        phase_s = 0 if register is None else register.phase_s
        off = (feed.period_ms != period_s * 1000) | (
            (feed.start_ms - phase_s * 1000) % (period_s * 1000) != 0
        )
        what = (
            f"feed {name}: not {period_s} s long, or off multiples of it by other than {phase_s} s"
        )
        refuse(Reason.BAD_INTERVAL, mine & off, what)
    withheld = np.isnan(feed.count)
    unfit = ~withheld & ~((feed.count >= 0) & (feed.count <= COUNT_MAX))
    refuse(Reason.BAD_COUNT, unfit, f"no finite number from 0 to {COUNT_MAX:.0f}")
    if known is not None:
        strange = np.array([cell not in known for cell in feed.cells], dtype=np.bool_)
        names = ", ".join(cell for cell in feed.cells if cell not in known)[:200]
        refuse(Reason.UNKNOWN_CELL, strange[feed.cell], names)
    return found

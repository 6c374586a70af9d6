"""`crowdtide feed check`: a table of what a feed file is like, before anything is run on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stream.cli.options import (
    FILE,
    as_json,
    cells,
    city_of,
    examples,
    feed_file,
    feed_options,
    settings_file,
    settings_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stream.cli.feed_survey import FeedFacts, Survey

__all__ = ["feed"]


@click.group()
def feed() -> None:
    """Look at feed files."""


@feed.command()
@click.argument("file", type=FILE)
@cells
@feed_file
@settings_file
@as_json
@examples(
    "crowdtide feed check feed.csv.gz --cells cells.csv",
    "crowdtide feed check counts.csv --columns start=时间,cell=小区,count=人数 \\",
    "  --encoding gbk --tz Asia/Shanghai",
)
def check(
    file: Path,
    *,
    cells: Path | None,
    config: Path | None,
    sets: tuple[str, ...],
    json: bool,
    **reading: Any,  # noqa: ANN401 - the options of a feed file, each with its own type
) -> None:
    """Say what the feed FILE is like: period, delay, gaps, unknown cells, rejects.

    If the settings register feeds, names and intervals are held against them. Exit codes:
    0 done, 1 nothing usable in the file, 2 usage or settings.
    """
    from replay.feed import read_feed
    from stream.cli.feed_survey import survey

    loaded = settings_of(config, sets)
    known = None
    if cells is not None or loaded.settings.worker.cells is not None:
        city, loaded = city_of(loaded, cells)
        known = city.cell_index
    settings = loaded.settings
    found = survey(read_feed(file, feed_options(settings, reading)), settings, known=known)
    if json:
        import msgspec

        click.echo(msgspec.json.encode(found))
    else:
        for line in _lines(found):
            click.echo(line)


def _lines(found: Survey) -> Iterator[str]:
    yield f"{found.file}: {found.rows:,} rows, {found.readings:,} readings"
    for facts in found.feeds:
        yield f"feed {facts.feed}"
        width = max(len(name) for name, _ in _table(facts))
        yield from (f"  {name:<{width}}  {value}" for name, value in _table(facts))
    if found.unknown_cells is not None:
        yield f"cells not in the cells file: {found.unknown_cells:,}"
    yield f"refused: {found.refused_ratio:.2%}"
    for one in found.refused:
        yield f"  {one.count:,} {one.reason} ({one.by}), e.g. {one.example}"
    yield from (f"note: {note}" for note in found.notes)
    yield "as settings:"
    for facts in found.feeds:
        yield from _settings(facts)


def _table(facts: FeedFacts) -> Iterator[tuple[str, str]]:
    half, most, all_of_them = facts.delay_s
    yield "readings", f"{facts.readings:,} of {facts.cells:,} cells"
    yield "from, to", f"{facts.start}, {facts.end}"
    others = f", {facts.other_periods:,} rows have another" if facts.other_periods else ""
    yield "period", f"{facts.period_s} s{others}"
    yield "phase", f"{facts.phase_s} s"
    yield "delay", f"half within {half:g} s, 95 % within {most:g} s, all within {all_of_them:g} s"
    yield "missing", f"{facts.missing_ratio:.2%}, in {facts.cells_with_gaps:,} cells"
    gap = facts.longest_gap
    if gap is not None:
        yield "longest gap", f"{gap.missing:,} intervals, cell {gap.cell}, {gap.start} to {gap.end}"
    yield "came again", f"{facts.repeated:,}"
    yield "withheld", f"{facts.withheld_ratio:.2%}"
    yield "zero", f"{facts.zero_ratio:.2%}"
    if facts.count_max is not None:
        yield "count", f"median {facts.count_median:g}, greatest {facts.count_max:g}"


def _settings(facts: FeedFacts) -> Iterator[str]:
    yield f"  [feeds.{facts.feed}]"
    yield f"  period_s = {facts.period_s}"
    if facts.phase_s:
        yield f"  phase_s = {facts.phase_s}"
    delay_s = max(0, -(-int(facts.delay_s[1]) // 1))
    if delay_s:
        yield f"  delay_s = {delay_s}"

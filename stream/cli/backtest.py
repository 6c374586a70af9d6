"""`crowdtide backtest`: history through the very engine that runs live."""

from __future__ import annotations

import sys
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
    known_events,
    language,
    settings_file,
    settings_of,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["backtest"]


@click.command()
@click.argument("feed", type=FILE)
@cells
@known_events
@click.option("--out", type=FILE, metavar="FILE", help="Report as JSON (backtest/1).")
@click.option(
    "--scores", type=FILE, metavar="FILE", help="A row for each tile and hop: CSV, or .parquet."
)
@click.option("--alerts", type=FILE, metavar="FILE", help="Alerts as published, as `tail --json`.")
@click.option("--html", type=FILE, metavar="FILE", help="Report as one HTML page.")
@click.option(
    "--tradeoff", is_flag=True, help="Try other budgets, too: found against false alarms."
)
@click.option(
    "--memory",
    type=FILE,
    metavar="FILE",
    help="Begin with what `crowdtide learn` wrote, instead of knowing nothing.",
)
@click.option(
    "--resume",
    type=FILE,
    metavar="FOLDER",
    help="Save there now and then; the same command goes on where an interrupted one stopped.",
)
@click.option(
    "--save-every",
    type=click.FloatRange(0),
    default=5.0,
    show_default=True,
    metavar="MIN",
    help="Minutes of run time between two savings.",
)
@feed_file
@settings_file
@as_json
@language
@examples(
    "crowdtide backtest feed.csv.gz --cells cells.csv --out report.json",
    "crowdtide backtest feed.csv --cells cells.csv --labels events.csv --tradeoff \\",
    "  --html report.html --lang en",
    "crowdtide backtest feed.csv --cells cells.csv --labels events.csv \\",
    "  --set calendar.country=IT --set alerts.false_alarms_per_day=0.5",
)
def backtest(
    feed: Path,
    *,
    cells: Path | None,
    labels: Path | None,
    html: Path | None,
    tradeoff: bool,
    resume: Path | None,
    save_every: float,
    lang: str,
    config: Path | None,
    sets: tuple[str, ...],
    json: bool,
    **rest: Any,  # noqa: ANN401 - output files and the options of a feed file, each of its type
) -> None:
    """Run the feed file FEED through the engine and report what it would have raised.

    Exit codes: 0 done, 1 nothing usable in the input, 2 usage or settings.
    """
    from replay.backtest import Page, Saved
    from replay.backtest import backtest as run
    from replay.feed import read_feed
    from replay.labels import read_labels
    from replay.progress import Progress
    from replay.report import encode_report
    from replay.summary import summary

    city, loaded = city_of(settings_of(config, sets), cells)
    history = read_feed(feed, feed_options(loaded.settings, rest))
    told: Any = {name: rest[name] for name in ("out", "scores", "alerts", "memory")}
    report = run(
        *(history, city, loaded),
        **told,
        page=None if html is None else Page(path=html, lang=lang),
        labels=read_labels(labels, tz=rest["tz"]) if labels else (),
        trade_off=tradeoff,
        saved=None if resume is None else Saved(path=resume, every_s=save_every * 60.0),
        progress=Progress(sys.stderr, "backtest"),
    )
    if json:
        click.echo(encode_report(report), nl=False)
    else:
        text = summary(report, history.rejects, tz=loaded.settings.calendar.tz)
        click.echo(text, nl=False)

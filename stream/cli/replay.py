"""`crowdtide replay`: history into Kafka, at any pace, under a prefix of its own."""

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
    settings_file,
    settings_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from replay.feed import Feed
    from replay.push import Pushed

__all__ = ["replay"]


@click.command()
@click.argument("feed", type=FILE)
@cells
@click.option("--to-kafka", is_flag=True, required=True, help="Say that it goes into Kafka.")
@click.option(
    "--prefix",
    metavar="PREFIX",
    help="Prefix of the topics, never the live one; default: the setting topics.prefix.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    metavar="X",
    help="Times the log's own clock; 0 = as fast as it goes.",
)
@feed_file
@settings_file
@as_json
@click.pass_context
@examples(
    "crowdtide replay feed.csv --cells cells.csv --to-kafka --prefix trial. --speed 600",
)
def replay(
    ctx: click.Context,
    /,
    feed: Path,
    *,
    cells: Path | None,
    to_kafka: bool,  # noqa: ARG001 - it must be said, and that is all
    prefix: str | None,
    speed: float,
    config: Path | None,
    sets: tuple[str, ...],
    json: bool,
    **reading: Any,  # noqa: ANN401 - the options of a feed file, each with its own type
) -> None:
    """Send the feed file FEED into Kafka with its own ticks; end when all is delivered.

    Ended by Ctrl-C or a crash, it goes on where it was when it is called again. Workers follow
    it with --set time.ticks=feed. Exit codes: 0 done, 1 not (one line says why), 2 usage.
    """
    from replay.feed import read_feed
    from replay.progress import Progress
    from replay.push import push

    loaded = settings_of(config, sets)
    history = read_feed(feed, feed_options(loaded.settings, reading))
    city = None
    if cells is not None or loaded.settings.worker.cells is not None:
        city, loaded = city_of(loaded, cells)
        _note_strangers(history, city)
    done = push(
        history,
        loaded,
        prefix=loaded.settings.topics.prefix if prefix is None else prefix,
        city=city,
        speed=speed,
        progress=Progress(sys.stderr, "replay"),
    )
    _tell(done, json=json)
    ctx.exit(0 if done.finished else 1)


def _tell(done: Pushed, *, json: bool) -> None:
    """Print what the push did."""
    if json:
        import msgspec

        click.echo(msgspec.json.encode(done))
        return
    for note in done.notes:
        click.echo(f"note: {note}")
    how = "all is delivered" if done.finished else "ended by hand; call it again to go on"
    went_on = f", went on at {done.resumed_at:,}" if done.resumed_at else ""
    click.echo(
        f"{done.records:,} records sent{went_on}, the log stands at {done.reached:,}, "
        f"{done.wall_s:.1f} s: {how}"
    )


def _note_strangers(history: Feed, city: City) -> None:
    """Say how many cells of the feed no worker with this cells file will know."""
    strangers = [cell for cell in history.cells if cell not in city.cell_index]
    if strangers:
        click.echo(
            f"note: {len(strangers):,} of {len(history.cells):,} cells are not in the cells file, "
            f"e.g. {strangers[0]}",
            err=True,
        )

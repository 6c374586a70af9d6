"""`crowdtide learn`: a deployment begins knowing its places, from history."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from stream.cli.options import (
    FILE,
    as_json,
    cells,
    city_of,
    examples,
    feed_file,
    feed_options,
    language,
    settings_file,
    settings_of,
)

__all__ = ["learn"]


@click.command()
@click.argument("feed", type=FILE)
@cells
@click.option(
    "--out",
    type=FILE,
    metavar="FILE",
    default=Path("memory.crowd"),
    show_default=True,
    help="Where to write what was learnt.",
)
@feed_file
@settings_file
@as_json
@language
@examples(
    "crowdtide learn last-weeks.csv.gz --cells city.pack --config crowdtide.toml",
    "crowdtide backtest this-week.csv.gz --cells city.pack --config crowdtide.toml \\",
    "  --memory memory.crowd",
)
def learn(
    feed: Path,
    *,
    cells: Path | None,
    out: Path,
    lang: str,
    config: Path | None,
    sets: tuple[str, ...],
    json: bool,
    **reading: Any,  # noqa: ANN401 - the options of a feed file, each with its own type
) -> None:
    """Run the history FEED through the engine and keep what it teaches of each place.

    Use the settings of the deployment that is to begin with it: under others it is refused. Two
    weeks teach the working days, four the days off as well; see docs/warm-start.md.

    Exit codes: 0 done, 1 nothing usable in the input, 2 usage or settings.
    """
    import msgspec

    from replay.feed import read_feed
    from replay.learn import learn as run
    from replay.progress import Progress
    from stream.cli.learn_text import learn_text

    city, loaded = city_of(settings_of(config, sets), cells)
    history = read_feed(feed, feed_options(loaded.settings, reading))
    found, _ = run(history, city, loaded, out=out, progress=Progress(sys.stderr, "learn"))
    if json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    else:
        tz = loaded.settings.calendar.tz
        click.echo(learn_text(found, lang, path=str(out), tz=tz), nl=False)

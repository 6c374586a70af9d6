"""`crowdtide learn`: a deployment begins knowing its places, from history."""

from __future__ import annotations

import sys
from pathlib import Path
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
    language,
    settings_file,
    settings_of,
)

if TYPE_CHECKING:
    from geo.city import City
    from replay.memory import Memory
    from stream.settings import Loaded

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
@click.option(
    "--to-kafka",
    is_flag=True,
    help="Also begin the deployment of topics.prefix with it, before its first worker starts.",
)
@feed_file
@settings_file
@as_json
@language
@examples(
    "crowdtide learn last-weeks.csv.gz --cells city.pack --config crowdtide.toml",
    "crowdtide backtest this-week.csv.gz --cells city.pack --config crowdtide.toml \\",
    "  --memory memory.crowd",
    "crowdtide topics ensure --config crowdtide.toml && \\",
    "  crowdtide learn last-weeks.csv.gz --config crowdtide.toml --to-kafka",
)
def learn(
    feed: Path,
    *,
    cells: Path | None,
    out: Path,
    to_kafka: bool,
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
    from stream.cli.learn_text import begun_text, learn_text

    city, loaded = city_of(settings_of(config, sets), cells)
    if to_kafka:
        _look(loaded, city)
    history = read_feed(feed, feed_options(loaded.settings, reading))
    found, memory = run(history, city, loaded, out=out, progress=Progress(sys.stderr, "learn"))
    if json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    else:
        tz = loaded.settings.calendar.tz
        click.echo(learn_text(found, lang, path=str(out), tz=tz), nl=False)
    if to_kafka:
        size = _begin(loaded, city, memory)
        click.echo(begun_text(loaded.settings, lang, size=size), err=json)


def _look(loaded: Loaded, city: City) -> None:
    """Refuse what cannot be begun, before history runs for an hour in vain."""
    from stream.settings_fault import ConfigError
    from stream.worker.beginning import check_unbegun
    from stream.worker.deployment import Deployment

    if not loaded.settings.feeds:
        raise ConfigError.one("a deployment on Kafka needs its feeds registered", key="feeds")
    check_unbegun(Deployment(loaded, city))


def _begin(loaded: Loaded, city: City, memory: Memory) -> int:
    """Write the state to begin in; return its bytes."""
    from replay.warm_start import start
    from stream.worker.beginning import check_unbegun, write_start
    from stream.worker.deployment import Deployment

    deployment = Deployment(loaded, city)
    check_unbegun(deployment)
    return write_start(deployment, start(memory, loaded.settings, city))

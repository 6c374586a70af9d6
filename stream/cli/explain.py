"""`crowdtide explain`: why there was, or was not, an alert at one place and time."""

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

    from replay.explain_report import Explanation

__all__ = ["explain"]


@click.command()
@click.argument("feed", type=FILE)
@cells
@click.option(
    "--tile", required=True, metavar="PLACE", help="Id of a tile or cell, or a place's name."
)
@click.option(
    "--at",
    required=True,
    metavar="TIME",
    help="ISO 8601; without an offset local time in --tz, else in calendar.tz.",
)
@known_events
@click.option("--html", type=FILE, metavar="FILE", help="The answer with its picture, one page.")
@feed_file
@settings_file
@language
@as_json
@examples(
    "crowdtide explain feed.csv.gz --cells cells.csv --tile 'San Siro stadium' \\",
    "  --at '2013-11-23 19:30' --set calendar.tz=Europe/Rome --set calendar.country=IT",
)
def explain(
    feed: Path,
    *,
    cells: Path | None,
    tile: str,
    at: str,
    labels: Path | None,
    html: Path | None,
    config: Path | None,
    sets: tuple[str, ...],
    lang: str,
    json: bool,
    **reading: Any,  # noqa: ANN401 - the options of a feed file, each with its own type
) -> None:
    """Say why there was, or was not, an alert at a tile and time of the feed file FEED.

    The engine runs to that time; what it saw, what it judged by and what each rule missed is
    told. Exit codes: 0 done, 1 nothing usable in the input, 2 usage or settings, or a place or
    time that is not in the feed.
    """
    from replay.explain import explain as run
    from replay.feed import read_feed
    from replay.labels import read_labels
    from replay.progress import Progress

    city, loaded = city_of(settings_of(config, sets), cells)
    zone = reading["tz"] or loaded.settings.calendar.tz
    events = read_labels(labels, tz=zone) if labels else ()
    history = read_feed(feed, feed_options(loaded.settings, reading))
    found = run(
        history,
        city,
        loaded,
        word=tile,
        at=at,
        tz=zone,
        labels=events,
        progress=Progress(sys.stderr, "explain"),
    )
    _show(found, lang, html=html, json=json)


def _show(found: Explanation, lang: str, *, html: Path | None, json: bool) -> None:
    """Write the page, where one is wanted, and print the answer."""
    import msgspec

    from replay.explain_page import explain_page
    from replay.explain_text import explain_text
    from replay.whole_file import whole_file

    if html is not None:
        with whole_file(html) as file:
            file.write(explain_page(found, lang).encode())
    if json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    else:
        click.echo(explain_text(found, lang), nl=False)

"""`crowdtide whatif`: what other settings would have raised, against what these do."""

from __future__ import annotations

import re
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
    settings_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from replay.whatif_report import WhatIf

__all__ = ["whatif"]


@click.command()
@click.argument("feed", type=FILE)
@cells
@click.option("--config", type=FILE, metavar="FILE", help="Settings file (TOML) of both sides.")
@click.option(
    "--base",
    multiple=True,
    metavar="KEY=VALUE",
    help="One setting of both sides, as --set of the other commands. Repeatable.",
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="One setting that the other side has instead. Repeatable.",
)
@click.option("--against", type=FILE, metavar="FILE", help="Settings file of the other side alone.")
@known_events
@click.option("--html", type=FILE, metavar="FILE", help="The answer as one page.")
@feed_file
@language
@as_json
@examples(
    "crowdtide whatif feed.csv.gz --cells cells.csv --labels events.csv \\",
    "  --base calendar.tz=Europe/Rome --set alerts.false_alarms_per_day=0.5",
    "crowdtide whatif feed.csv.gz --cells cells.csv --config now.toml --against other.toml",
)
def whatif(
    feed: Path,
    *,
    cells: Path | None,
    config: Path | None,
    base: tuple[str, ...],
    sets: tuple[str, ...],
    against: Path | None,
    labels: Path | None,
    html: Path | None,
    lang: str,
    json: bool,
    **reading: Any,  # noqa: ANN401 - the options of a feed file, each with its own type
) -> None:
    """Run the feed file FEED under two settings and tell every alert gained and lost, and why.

    Exit codes: 0 done, 1 nothing usable in the input, 2 usage or settings.
    """
    from replay.feed import read_feed
    from replay.labels import read_labels
    from replay.progress import Progress
    from replay.whatif import whatif as run

    if not sets and against is None:
        raise click.UsageError("nothing differs: give --set KEY=VALUE or --against FILE")
    city, one = city_of(settings_of(config, base), cells)
    _, two = city_of(settings_of(against or config, (*base, *sets)), cells)
    zone = reading["tz"] or one.settings.calendar.tz
    events = read_labels(labels, tz=zone) if labels else ()
    found = run(
        read_feed(feed, feed_options(one.settings, reading)),
        city,
        one,
        two,
        labels=events,
        says=meanings(),
        progress=Progress(sys.stderr, "whatif"),
    )
    _show(found, lang, html=html, json=json)


def _show(found: WhatIf, lang: str, *, html: Path | None, json: bool) -> None:
    """Write the page, where one is wanted, and print the answer."""
    import msgspec

    from replay.whatif_page import whatif_page
    from replay.whatif_text import whatif_text
    from replay.whole_file import whole_file

    if html is not None:
        with whole_file(html) as file:
            file.write(whatif_page(found, lang).encode())
    if json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    else:
        click.echo(whatif_text(found, lang), nl=False)


def meanings() -> Callable[[str], str]:
    """Return what tells the meaning of a setting by its key, from the page of all settings.

    >>> meanings()("alerts.false_alarms_per_day")[:20]
    'Budget of one desk f'
    """
    from stream.cli.settings_page import settings_text

    said: dict[str, str] = {}
    section = ""
    for line in settings_text().splitlines():
        if head := re.match(r"## `\[+([^\]]+)\]", line):
            section = head[1]
        elif row := re.match(r"\| `([^`]+)` \|.*\| (.*) \|$", line):
            said[f"{section}.{row[1]}"] = row[2]

    def says(key: str) -> str:
        named = re.sub(r"^(feeds|desks)\.[^.]+", r"\1.NAME", key)
        return said.get(key, said.get(named, ""))

    return says

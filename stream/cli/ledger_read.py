"""What is read out of the ledger: a handover, one incident, outcomes, and whether it is whole."""

from __future__ import annotations

import csv
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

import click

from stream.cli.options import FILE, as_json, examples, language, settings_file, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from alerts.ledger.judged import Judged
    from alerts.ledger.story import Story
    from stream.cli.ledger_text import LedgerText
    from stream.ledger.store import Store
    from stream.settings import Settings

__all__ = ["handover", "outcomes", "show", "verify"]

HOUR_MS: Final = 3_600_000
DESKS: Final = ("police", "fire")


@contextmanager
def book_of(config: Path | None, sets: tuple[str, ...]) -> Iterator[tuple[Settings, Store]]:
    """Open the ledger of the settings for reading."""
    from stream.ledger.store import open_store

    settings = settings_of(config, sets).settings
    with closing(open_store(settings)) as store:
        yield settings, store


def _text(settings: Settings, lang: str, *, now_ms: int = 0) -> LedgerText:
    from stream.cli.ledger_text import LedgerText
    from stream.cli.tail import terminal_width

    tz = settings.calendar.tz
    return LedgerText(lang=lang, tz=tz, width=terminal_width(), now_ms=now_ms)


@click.command()
@click.argument("desk", type=click.Choice(DESKS), required=False)
@click.option(
    "--hours",
    type=click.IntRange(1, 24 * 31),
    default=12,
    show_default=True,
    metavar="N",
    help="Length of the shift that ends.",
)
@click.option("--at", metavar="WHEN", help="As things stood then: 08:00, or ISO 8601; now without.")
@language
@as_json
@settings_file
@examples(
    "crowdtide ledger handover",
    "crowdtide ledger handover police --hours 8 --at 06:00 --lang en",
)
def handover(
    desk: str | None,
    *,
    hours: int,
    at: str | None,
    lang: str,
    json: bool,
    config: Path | None,
    sets: tuple[str, ...],
) -> None:
    """Say what the next shift must know: open, unanswered, held, unjudged, troubles, drills.

    Exit codes: 0 done, 1 the database does not answer, 2 usage or settings, or no ledger yet.
    """
    import msgspec

    from alerts.ledger import handover as room
    from stream.cli.deed import Moments
    from stream.cli.duty_board import BACK_MS
    from stream.ledger.scribe import heartbeat_of
    from stream.wall import wall_ms

    with book_of(config, sets) as (settings, store):
        moments = Moments(tz=settings.calendar.tz, now_ms=wall_ms())
        at_ms = moments.past(at, option="--at") if at else wall_ms()
        since_ms = at_ms - hours * HOUR_MS
        told = room.handover(
            # The note of a silence is written at its end, which may be later.
            list(store.between(min(since_ms, at_ms - BACK_MS), at_ms + BACK_MS)),
            heartbeat_of(store),
            desks=[desk] if desk else DESKS,
            since_ms=since_ms,
            at_ms=at_ms,
        )
        if json:
            click.echo(msgspec.json.encode(told))
        else:
            click.echo(_text(settings, lang, now_ms=at_ms).handover(told))


@click.command()
@click.argument("incident")
@language
@as_json
@settings_file
@examples(
    "crowdtide ledger show 20261001T1105Z-r3c4",
    "crowdtide ledger show 20261001T11 --json",
)
def show(
    incident: str, *, lang: str, json: bool, config: Path | None, sets: tuple[str, ...]
) -> None:
    """Tell an incident from its first message to its outcome: told what, asked what, by whom.

    INCIDENT is an id, or its beginning. With --json one line each entry: seq, kind, at_ms,
    stamp_ms, topic, partition, offset, and the record as it came.

    Exit codes: 0 done, 1 no such incident, or the database does not answer; 2 usage or settings.
    """
    with book_of(config, sets) as (settings, store):
        entries = list(store.of_incident(incident))
        text = _text(settings, lang)
        if not entries:
            click.echo(text.say("nothing", what=incident), err=True)
            raise click.exceptions.Exit(1)
        from stream.cli.ledger_show import as_line, lines

        if json:
            for entry in entries:
                click.echo(as_line(entry))
        else:
            click.echo(lines(text, entries))


@click.command()
@click.option("--out", type=FILE, metavar="FILE", help="Where to write it; stdout without.")
@click.option(
    "--all", "every", is_flag=True, help="Unfounded and unknown ones, too, and of any status."
)
@language
@as_json
@settings_file
@examples(
    "crowdtide ledger outcomes --out labels.csv",
    "crowdtide backtest counts.csv --cells city.pack --labels labels.csv",
)
def outcomes(
    *,
    out: Path | None,
    every: bool,
    lang: str,
    json: bool,
    config: Path | None,
    sets: tuple[str, ...],
) -> None:
    """Write what desks say was real as the labels of a backtest: CSV start,end,name,cell, and more.

    An event lasts from the first message to the end of the incident, so it says what other
    settings would find or miss, and nothing of how early. cell is the tile that was fullest.

    Exit codes: 0 done, 1 there is none, or the database does not answer; 2 usage or settings.
    """
    import msgspec

    from alerts.ledger.judged import judged_of
    from alerts.ledger.story import stories_of

    with book_of(config, sets) as (settings, store):
        stories: Iterable[Story] = stories_of(one.entry for one in store.every()).values()
        judged = [
            one
            for one in judged_of(stories)
            if every or (one.outcome == "real" and one.status == "Actual")
        ]
        if not judged:
            what = "outcomes" if lang == "en" else "已登记的结果"
            click.echo(_text(settings, lang).say("nothing", what=what), err=True)
            raise click.exceptions.Exit(1)
        if json:
            for one in judged:
                click.echo(msgspec.json.encode(one))
            return
        _write_labels(judged, out, tz=settings.calendar.tz)


def _write_labels(judged: list[Judged], out: Path | None, *, tz: str) -> None:
    import io

    from replay.whole_file import whole_file
    from stream.calendar import Calendar

    calendar = Calendar(tz=tz, country="none")
    paper = io.StringIO()
    rows = csv.writer(paper, lineterminator="\n")
    rows.writerow(("start", "end", "name", "cell", "outcome", "desks", "place", "people"))
    for one in judged:
        span = (calendar.local_iso(one.start_ms), calendar.local_iso(one.end_ms))
        people = "" if one.people is None else f"{one.people:g}"
        what = (one.outcome, "+".join(one.desks), one.place, people)
        rows.writerow((*span, one.incident, one.tile, *what))
    if out is None:
        sys.stdout.write(paper.getvalue())
    else:
        with whole_file(out) as file:
            file.write(paper.getvalue().encode())


@click.command()
@click.option(
    "--expect", metavar="DIGEST", help="A digest printed earlier, or its beginning: it must be in."
)
@language
@as_json
@settings_file
@examples(
    "crowdtide ledger verify",
    "crowdtide ledger verify --expect 3f9a61c2d07b",
)
def verify(
    *,
    expect: str | None,
    lang: str,
    json: bool,
    config: Path | None,
    sets: tuple[str, ...],
) -> None:
    """Read every entry and say whether any was changed, removed or put in since it was written.

    A ledger whose newest entries were cut off looks whole by itself: note the digest that this
    command or a monthly report prints, elsewhere, and give it to --expect next time.

    Exit codes: 0 whole, 1 not whole, or the database does not answer; 2 usage or settings.
    """
    import msgspec

    from stream.ledger.verify import verified

    with book_of(config, sets) as (settings, store):
        found = verified(store, expect=expect)
        if json:
            click.echo(msgspec.json.encode(found))
        else:
            text = _text(settings, lang)
            for told in text.verdict(found, where=store.where):
                click.echo(told)
        if not found.is_whole:
            raise click.exceptions.Exit(1)

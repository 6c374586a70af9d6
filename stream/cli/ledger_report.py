"""`crowdtide ledger report`: a month of the book in figures, as text, table, page or JSON."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from stream.cli.ledger_read import DESKS, book_of
from stream.cli.options import FILE, as_json, examples, language, settings_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from alerts.ledger.month import Month
    from alerts.ledger.month_desk import DaySpan
    from stream.ledger.store import Store
    from stream.settings import Settings

__all__ = ["days_of", "report"]

MONTH: Final = re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2])")
STATUSES: Final = ("Actual", "Exercise", "Test", "System")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def days_of(month: str, zone: ZoneInfo) -> list[DaySpan]:
    """Return the local days of a month `YYYY-MM`; where clocks change one has 23 or 25 hours.

    >>> days = days_of("2026-03", ZoneInfo("Europe/Rome"))
    >>> len(days), days[28].date, (days[28].until_ms - days[28].since_ms) // 3_600_000
    (31, '2026-03-29', 23)
    """
    from alerts.ledger.month_desk import DaySpan

    year, number = map(int, month.split("-"))
    first = date(year, number, 1)
    dates = [first + timedelta(days=at) for at in range(32)]
    dates = [one for one in dates if one.month == number]
    edges = [_midnight_ms(one, zone) for one in (*dates, dates[-1] + timedelta(days=1))]
    return [
        DaySpan(date=one.isoformat(), since_ms=since_ms, until_ms=until_ms)
        for one, (since_ms, until_ms) in zip(dates, pairwise(edges), strict=True)
    ]


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    begin = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (begin.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)


@click.command()
@click.option("--month", metavar="YYYY-MM", help="A local month; default: the one of now.")
@click.option("--desk", type=click.Choice(DESKS), help="One desk alone; default: both.")
@click.option(
    "--status",
    type=click.Choice(STATUSES),
    default="Actual",
    show_default=True,
    help="Of which messages; what came under others is told apart.",
)
@click.option(
    "--csv",
    "table",
    type=FILE,
    metavar="FILE",
    help="A row for each desk and local day; without figures where the ledger knows nothing.",
)
@click.option("--html", type=FILE, metavar="FILE", help="Write the report as one HTML page.")
@language
@as_json
@settings_file
@examples(
    "crowdtide ledger report --month 2026-11",
    "crowdtide ledger report --month 2026-11 --desk police --html november.html --lang en",
    "crowdtide ledger report --csv days.csv --json",
)
def report(
    *,
    month: str | None,
    desk: str | None,
    status: str,
    table: Path | None,
    html: Path | None,
    lang: str,
    json: bool,
    config: Path | None,
    sets: tuple[str, ...],
) -> None:
    """Tell a month: what desks were told, how soon they answered, and what came of it.

    An incident counts in the month and on the local day (calendar.tz) on which a desk first heard
    of it; what was answered or judged later still counts. The last line names the newest entry of
    the ledger: `crowdtide ledger verify --expect` holds the book against it later.

    Exit codes: 0 done (also for a month in which nothing happened), 1 the database does not
    answer, or a file cannot be written; 2 usage or settings, or no ledger yet.
    """
    import msgspec

    from stream.cli.month_say import MonthSpeaker
    from stream.cli.month_text import days_csv, month_text
    from stream.cli.tail import terminal_width

    if month is not None and not MONTH.fullmatch(month):
        raise click.BadParameter(f"{month!r} is no month, as in 2026-11", param_hint="--month")
    with book_of(config, sets) as (settings, store):
        zone = ZoneInfo(settings.calendar.tz)
        days = days_of(month or _month_of_now(zone), zone)
        told = month_of(store, settings, days, desks=[desk] if desk else DESKS, status=status)
    say = MonthSpeaker(told, lang, zone)
    if table is not None:
        _write(table, days_csv(told, say.dark_days()))
    if html is not None:
        from stream.cli.month_page import month_page

        _write(html, month_page(say).encode())
    if json:
        click.echo(msgspec.json.encode(told))
    else:
        click.echo(month_text(say, terminal_width()))


def _month_of_now(zone: ZoneInfo) -> str:
    from stream.wall import wall_ms

    return f"{datetime.fromtimestamp(wall_ms() / 1000, zone):%Y-%m}"


def month_of(
    store: Store, settings: Settings, days: Sequence[DaySpan], *, desks: Sequence[str], status: str
) -> Month:
    """Return a month of a ledger, with the entry up to which it was read.

    The newest entry is looked up first: what is written meanwhile may be counted, never missed.
    """
    import msgspec

    from alerts.ledger.month import Head
    from alerts.ledger.month import month as room

    seq, link = store.head()
    told = room(
        store.between(days[0].since_ms, days[-1].until_ms),
        days=days,
        known=_known(store),
        desks=desks,
        per_day=settings.alerts.false_alarms_per_day,
        status=status,
    )
    return msgspec.structs.replace(told, head=Head(seq=seq, link=link.hex()))


def _known(store: Store) -> tuple[int, int]:
    """Return from when until when the ledger knows: oldest moment; newest one, or heartbeat."""
    from stream.ledger.scribe import heartbeat_of

    oldest_ms, newest_ms, beat = store.oldest_ms(), store.newest_ms(), heartbeat_of(store)
    if oldest_ms is None or newest_ms is None:
        return (0, 0)
    return oldest_ms, max(newest_ms, beat[0] if beat else 0)


def _write(path: Path, content: bytes) -> None:
    from replay.whole_file import whole_file

    with whole_file(path) as file:
        file.write(content)

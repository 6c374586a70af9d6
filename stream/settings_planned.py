"""Licensed events of the city: `calendar.planned` and its file."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

__all__ = ["Licensed", "planned_rows_of"]

NEEDED: Final = ("id", "name", "site", "attendance", "start", "end")
COLUMNS: Final = (*NEEDED, "organiser", "contact")
WANTED: Final = "wanted the columns id,name,site,attendance,start,end[,organiser,contact]"
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class Licensed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One licensed event: a match, a fair, fireworks.

    Inside its plan what is unusual is blue at most and says so; beyond it, it is a grade higher.
    """

    id: Annotated[Text, Meta(description="Number of the licence, unique.")]
    name: Annotated[Text, Meta(description="What it is called; shown to desks.")]
    site: Annotated[Text, Meta(description="Name of the site it is held on.")]
    attendance: Annotated[int, Meta(gt=0, le=100_000_000, description="People it is licensed for.")]
    start: Annotated[str, Meta(description='When it begins, such as "2026-12-31T19:30:00+08:00".')]
    end: Annotated[str, Meta(description="When it ends, likewise with an offset.")]
    organiser: Annotated[str, Meta(max_length=200, description="Who holds it; shown to desks.")] = (
        ""
    )
    contact: Annotated[
        str,
        Meta(max_length=200, description="Where the organiser is reached; shown to police."),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse times that are none, and an end that is not after the start."""
        if self.end_ms <= self.start_ms:
            message = f"end {self.end!r} is not after start {self.start!r}"
            raise ValueError(message)

    @property
    def start_ms(self) -> int:
        """The start, epoch ms."""
        return _ms(self.start)

    @property
    def end_ms(self) -> int:
        """The end, epoch ms."""
        return _ms(self.end)


def _ms(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = f"{text!r} is no time with an offset such as 2026-12-31T19:30:00+08:00"
        raise ValueError(message)
    return int(moment.timestamp()) * 1000


def planned_rows_of(text: str) -> list[dict[str, Any]] | str:
    r"""Return the rows of a planned file as settings tables, or what is wrong with it.

    >>> head = "id,name,site,attendance,start,end\n"
    >>> row = "7,Fair,Quay,3000,2026-10-01T18:00+08:00,2026-10-01T22:00+08:00\n"
    >>> [one["attendance"] for one in planned_rows_of(head + row)]
    [3000]
    >>> planned_rows_of("event\nFair\n")
    'wanted the columns id,name,site,attendance,start,end[,organiser,contact]'
    """
    try:
        rows = list(csv.DictReader(text.splitlines(keepends=True), strict=True))
    except csv.Error as fault:
        return f"is no CSV: {fault}"
    if not rows:
        return f"has no rows; {WANTED}"
    if not set(NEEDED) <= set(rows[0]):
        return WANTED
    strangers = [str(name) for name in rows[0] if name not in COLUMNS]
    if strangers:
        return f"has a column {strangers[0]!r}; {WANTED}"
    told = [_row(number, row) for number, row in enumerate(rows, 2)]
    faults = [one for one in told if isinstance(one, str)]
    if faults:
        return "; ".join(faults)
    return [one for one in told if not isinstance(one, str)]


def _row(number: int, row: dict[str, str | None]) -> dict[str, Any] | str:
    """Return one row as a table, or what is wrong with it."""
    table: dict[str, Any] = {key: text.strip() for key, text in row.items() if text and key}
    if not str(table.get("attendance", "")).isdigit():
        return f"row {number}: attendance is {row.get('attendance')!r}, wanted a number of people"
    table["attendance"] = int(table["attendance"])
    try:
        msgspec.convert(table, Licensed)
    except msgspec.ValidationError as fault:
        return f"row {number}: {fault}"
    return table

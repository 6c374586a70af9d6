"""Days of which the operator knows better than the tables: `calendar.days` and its file."""

from __future__ import annotations

import csv
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

__all__ = ["DAY_KINDS", "LocalDay", "is_day", "rows_of"]

DAY_KINDS: Final = ("work", "off", "holiday")
COLUMNS: Final = ("date", "kind", "name")


class LocalDay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One local day that is otherwise here than the tables say.

    Next year's make-up workdays before they are in a release, a local holiday, a closed Monday.
    """

    date: Annotated[str, Meta(description='The local day, such as "2027-02-20".')]
    kind: Annotated[
        Literal["work", "off", "holiday"],
        Meta(
            description="`work` = a working day, also on a weekend (a make-up workday); `off` = a "
            "day off like a Saturday; `holiday` = like a Sunday or a public holiday."
        ),
    ]
    name: Annotated[
        str, Meta(max_length=200, description="What it is called; shown to desks and analysts.")
    ] = ""


def rows_of(text: str) -> list[dict[str, Any]] | str:
    r"""Return the rows of a days file as settings tables, or what is wrong with it.

    text: CSV with the columns `date,kind[,name]`.

    >>> rows_of("date,kind,name\n2027-05-08,work,\n")
    [{'date': '2027-05-08', 'kind': 'work'}]
    >>> rows_of("day\n2027-05-08\n")
    'wanted the columns date,kind[,name]'
    """
    try:
        rows = list(csv.DictReader(text.splitlines(keepends=True), strict=True))
    except csv.Error as fault:
        return f"is no CSV: {fault}"
    if not rows:
        return "has no rows; wanted the columns date,kind[,name]"
    if not {"date", "kind"} <= set(rows[0]):
        return "wanted the columns date,kind[,name]"
    strangers = [str(name) for name in rows[0] if name not in COLUMNS]
    if strangers:
        return f"has a column {strangers[0]!r}; wanted date,kind[,name]"
    faults = [found for number, row in enumerate(rows, 2) if (found := _fault(number, row))]
    if faults:
        return "; ".join(faults)
    return [{key: value.strip() for key, value in row.items() if value} for row in rows]


def _fault(number: int, row: dict[str, str | None]) -> str:
    kind = (row.get("kind") or "").strip()
    if not is_day((row.get("date") or "").strip()):
        return f"row {number}: {row.get('date')!r} is no day such as 2027-02-20"
    if kind not in DAY_KINDS:
        return f"row {number}: kind is {kind!r}, wanted " + ", ".join(DAY_KINDS)
    return ""


def is_day(text: str) -> bool:
    """Tell whether a text is a day in ISO 8601, year first.

    >>> is_day("2027-02-20"), is_day("20/02/2027"), is_day("2027-02-30")
    (True, False, False)
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

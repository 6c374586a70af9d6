"""What a feed file holds besides readings: bad rows counted by reason, and files that are no feed.

A bad row is refused for one of the reasons the gateway has (`stream.records.Reason`), so that
the account of a file reads like the account of a live feed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stream.records import Reason

__all__ = ["BadRows", "FeedError", "Tally"]


class FeedError(ValueError):
    """A file that cannot be used; the text is one line that says what, where and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRows:
    """All rows refused for one reason.

    row: number of the first one, counted from 1 with the header line of a CSV as row 1.
    what: why the first one was refused, one line.
    """

    reason: Reason
    count: int
    row: int
    what: str


class Tally:
    """Counts bad rows while a file is read.

    strict: stop at the first bad row with a `FeedError` instead of counting it.
    """

    def __init__(self, name: str, *, strict: bool = False) -> None:
        """Start with no bad row. name: the file, for messages."""
        self._name = name
        self._strict = strict
        self._seen: dict[Reason, BadRows] = {}

    def add(self, reason: Reason, row: int, what: str, *, count: int = 1) -> None:
        """Count `count` rows, the first of which is `row`. Raises FeedError when strict."""
        if self._strict:
            message = f"{self._name}: row {row}: {reason}: {what}"
            raise FeedError(message)
        old = self._seen.get(reason)
        if old is not None:
            count += old.count
            if old.row <= row:
                row, what = old.row, old.what
        self._seen[reason] = BadRows(reason=reason, count=count, row=row, what=what)

    @property
    def rows(self) -> tuple[BadRows, ...]:
        """All bad rows, by name of the reason."""
        return tuple(self._seen[reason] for reason in sorted(self._seen))

    @property
    def first(self) -> BadRows | None:
        """The bad row that comes first in the file."""
        return min(self._seen.values(), key=lambda bad: bad.row, default=None)

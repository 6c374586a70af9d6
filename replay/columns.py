"""What the values of a feed file's columns mean: one column in, an array and its bad rows out.

Few values of such a file are distinct (times, periods, cells), so each is understood once and
remembered; counts go through in one piece where they are all in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from stream.records import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["ABSENT", "Bad", "Memo", "Names", "counts", "whole_number"]

ABSENT: Final = np.iinfo(np.int64).min
"""An optional value that a row lacks; no time and no number of the contract is that small."""

_MEMO_MAX: Final = 1_000_000  # entries; beyond them it starts anew, so memory stays bounded
_NAME_BYTES_MAX: Final = 1_000
_INT64_MAX: Final = 2**63 - 1
_DIGITS_MAX: Final = 20  # of a 64-bit integer with its sign


@dataclass(frozen=True, slots=True)
class Bad:
    """Row `at` of a chunk (from 0) holds a value that no reading can have."""

    at: int
    reason: Reason
    what: str


class Memo:
    """Turns values into integers by `parse` and remembers them.

    parse: returns the integer, or why there is none. reason: what such a row is refused for.
    optional: an absent or empty value is ABSENT instead of bad.
    """

    def __init__(
        self, parse: Callable[[object], int | str], reason: Reason, *, optional: bool
    ) -> None:
        """Remember nothing yet."""
        self._parse = parse
        self._reason = reason
        self._optional = optional
        self._known: dict[object, int | str] = {}

    def column(self, values: Sequence[object]) -> tuple[NDArray[np.int64], list[Bad]]:
        """Return one integer a row and the bad rows, whose integer is ABSENT."""
        try:
            found = [self._known.get(value) for value in values]
        except TypeError:  # a list or an object where a value belongs
            values = [repr(value) if isinstance(value, list | dict) else value for value in values]
            found = [self._known.get(value) for value in values]
        if all(type(number) is int for number in found):
            return np.array(found, dtype=np.int64), []
        found = [self._one(value) for value in values]
        bad = [
            Bad(at, self._reason, what) for at, what in enumerate(found) if isinstance(what, str)
        ]
        numbers = [number if isinstance(number, int) else ABSENT for number in found]
        return np.array(numbers, dtype=np.int64), bad

    def _one(self, value: object) -> int | str:
        # True equals 1 as a key; a truth value is never one of our numbers.
        known = None if isinstance(value, bool) else self._known.get(value)
        if known is not None:
            return known
        empty = value is None or (isinstance(value, str) and not value.strip())
        number = ABSENT if self._optional and empty else self._parse(value)
        if len(self._known) >= _MEMO_MAX:
            self._known.clear()
        if not isinstance(value, bool):
            self._known[value] = number
        return number


def whole_number(value: object) -> int | str:
    """Return an integer of 64 bits, or why the value is none.

    >>> whole_number("300"), whole_number(300.0), whole_number("x")
    (300, 300, "'x' is no whole number")
    """
    number: int | None = None
    if isinstance(value, str):
        text = value.strip()
        if text.isascii() and text.lstrip("+-").isdecimal() and len(text) <= _DIGITS_MAX:
            number = int(text)
        elif text.endswith(".0"):  # a column of integers that a table kept as floats
            return whole_number(text.removesuffix(".0"))
    elif isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
        number = int(value)
    if number is None or not -_INT64_MAX <= number <= _INT64_MAX:
        return f"{value!r} is no whole number"[:200]
    return number


@dataclass(slots=True)
class Names:
    """A table of names (cells, feeds) that grows as they appear.

    what: word for messages. table: name -> index in order of appearance. spoilt: indexes that
    are no name at all. empty: what an absent value means; None: the empty name, which the
    gateway will not know.
    """

    what: str
    empty: str | None = None
    table: dict[str, int] = field(default_factory=dict)
    spoilt: dict[int, str] = field(default_factory=dict)

    def column(self, values: Sequence[object]) -> tuple[NDArray[np.int32], list[Bad]]:
        """Return the index of each row's name; square 5738 of a typed file is cell "5738"."""
        before, table = len(self.table), self.table
        if not all(type(value) is str for value in values) or (self.empty and "" in values):
            values = [self._text(value) for value in values]
        found = [table.setdefault(str(value), len(table)) for value in values]
        for name in list(table)[before:]:
            fault = self._fault(name)
            if fault:
                self.spoilt[table[name]] = fault
        indexes = np.array(found, dtype=np.int32)
        if not self.spoilt:
            return indexes, []
        rows = np.flatnonzero(np.isin(indexes, list(self.spoilt)))
        return indexes, [
            Bad(at, Reason.MALFORMED, self.spoilt[int(indexes[at])]) for at in rows.tolist()
        ]

    def _text(self, value: object) -> str:
        if value is None or value == "":
            return self.empty or ""
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return f"\udc80{value!r}"  # a lone surrogate: no text has it, so `_fault` finds it

    def _fault(self, name: str) -> str | None:
        try:
            size = len(name.encode())
        except UnicodeEncodeError:
            shown = name.encode(errors="replace").decode()[:100]
            return f"{self.what} {shown!r} is no text in this encoding: is --encoding right?"
        if size > _NAME_BYTES_MAX:
            return f"{self.what} {name[:40]!r}... is {size} bytes long"
        return None


def counts(values: Sequence[object], *, typed: bool) -> tuple[NDArray[np.float64], list[Bad]]:
    """Return counts with NaN where withheld (empty), and rows that hold no finite number.

    Negative and too large numbers pass: they can be sent, and the gateway judges them. typed:
    text is no number (as on the wire).

    >>> counts(["3", "", "-1", "x"], typed=False)[0]
    array([ 3., nan, -1., nan])
    """
    numbers = _at_once(values, typed=typed)
    if numbers is None:
        return _one_by_one(values, typed=typed)
    return numbers + 0.0, []  # no minus zero: equal counts must be equal bytes


def _at_once(values: Sequence[object], *, typed: bool) -> NDArray[np.float64] | None:
    """Return all numbers in one go, or None if any value needs a closer look."""
    kinds = set(map(type, values))
    try:
        if kinds <= {float, int, type(None)}:
            withheld = values.count(None)
            numbers = np.array(values, dtype=np.float64)  # None becomes NaN
        elif kinds == {str} and not typed and not any("_" in str(value) for value in values):
            withheld = values.count("")
            numbers = np.array([float(str(value)) if value else np.nan for value in values])
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return numbers if np.count_nonzero(np.isfinite(numbers)) == len(values) - withheld else None


def _one_by_one(values: Sequence[object], *, typed: bool) -> tuple[NDArray[np.float64], list[Bad]]:
    numbers = np.full(len(values), np.nan)
    bad = []
    for at, value in enumerate(values):
        if value is None or (isinstance(value, str) and not typed and not value.strip()):
            continue
        number = _count(value, typed=typed)
        if np.isfinite(number):
            numbers[at] = number
        else:
            shown = repr(value).encode(errors="replace").decode()[:100]
            bad.append(Bad(at, Reason.BAD_COUNT, f"count {shown} is no finite number"))
    return numbers + 0.0, bad


def _count(value: object, *, typed: bool) -> float:
    if isinstance(value, bool) or (isinstance(value, str) and (typed or "_" in value)):
        return np.nan
    try:
        return float(value) if isinstance(value, int | float | str) else np.nan
    except (TypeError, ValueError, OverflowError):
        return np.nan

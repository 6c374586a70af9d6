"""A tree of TOML turned into checked values by their types alone: every fault found in one walk.

msgspec stops at the first fault of a document. Here each leaf is converted by itself, so that
one run tells of all of them. What to write instead stands with the type, as the description in
its `msgspec.Meta`.
"""

from __future__ import annotations

import math
import typing
from datetime import date, time
from difflib import get_close_matches
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, TypeVar, Union

import msgspec

from geo.fault import Fault
from geo.ledger import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Check", "Shaper"]

S = TypeVar("S", bound=msgspec.Struct)

Check: TypeAlias = "Callable[[str, Any], tuple[str, str] | None]"
"""Looks at one value: (where, value) -> what is wrong and what to write, or None."""

_ABSENT: Final = object()
_CLOSE_RATIO: Final = 0.6


class Shaper:
    """One walk.

    faults: what was wrong, in the order of the types. rows: what became of the tables of lists,
    by where they stand (`cells 2`); one that lacks something required is not among them.
    """

    def __init__(self, root: type[msgspec.Struct], checks: Mapping[str, Check]) -> None:
        """Start without faults. checks: by the name of the key they look at, in any table."""
        self.faults: list[Fault] = []
        self.rows: dict[str, msgspec.Struct] = {}
        self._known = tuple(_keys(root, ""))
        self._checks = checks

    def struct(self, kind: type[S], tree: object, where: str = "", path: str = "") -> S | None:
        """Return a value of `kind`, faulty keys at their defaults; None if one is required.

        where: the table of a list this is, if any. path: dotted, from there, with its dot.
        """
        if not isinstance(tree, dict):
            says = f"{shown(tree)} is no table"
            self._fault(where, path[:-1], says, f"write [{path[:-1] or '...'}] and its keys below")
            return None
        fields = {one.name: one for one in msgspec.structs.fields(kind)}
        for name in tree:
            if name not in fields:
                self._unknown(where, path, name, list(fields))
        ready: dict[str, object] = {}
        for name, field in fields.items():
            if name in tree:
                value = self._value(field.type, tree[name], where, path + name)
                if value is not _ABSENT:
                    ready[name] = value
            elif field.required:
                self._fault(where, path + name, "is missing", _remedy(field.type, name))
        lacking = any(field.required and name not in ready for name, field in fields.items())
        return None if lacking else kind(**ready)

    def _value(self, kind: object, raw: object, where: str, key: str) -> object:
        table = _table_of(kind)
        if table is not None:
            made = self.struct(table, raw, where, f"{key}.")
            return _ABSENT if made is None else made
        row = _row_of(kind)
        if row is not None:
            return self._list(row, raw, key)
        return self._leaf(kind, raw, where, key)

    def _list(self, kind: type[msgspec.Struct], raw: object, key: str) -> object:
        if not isinstance(raw, list):
            self._fault("", key, f"{shown(raw)} is no list of tables", f"write [[{key}]] for each")
            return _ABSENT
        made: list[msgspec.Struct] = []
        for number, tree in enumerate(raw, start=1):
            where = f"{key} {number}"
            one = self.struct(kind, tree, where)
            if one is not None:
                made.append(one)
                self.rows[where] = one
        return tuple(made)

    def _leaf(self, kind: object, raw: object, where: str, key: str) -> object:
        name = key.rpartition(".")[2]
        try:
            value: object = msgspec.convert(raw, kind)
            if isinstance(value, float) and not math.isfinite(value):
                value = _ABSENT
        except msgspec.ValidationError:
            value = _ABSENT
        if value is _ABSENT:
            self._fault(where, key, f"{_spelt(raw)} cannot be used", _remedy(kind, name))
        elif (check := self._checks.get(name)) and (wrong := check(where, value)):
            # The value is kept: what else is wrong around it can still be found.
            self._fault(where, key, *wrong)
        return value

    def _unknown(self, where: str, path: str, name: str, here: list[str]) -> None:
        near = [path + one for one in get_close_matches(name, here, n=1, cutoff=_CLOSE_RATIO)]
        elsewhere = [key for key in self._known if key.rpartition(".")[2] == name]
        leaves = {key.rpartition(".")[2]: key for key in reversed(self._known)}
        far = [leaves[one] for one in get_close_matches(name, leaves, n=1, cutoff=_CLOSE_RATIO)]
        found = near or elsewhere or far
        write = f"write {found[0]}" if found else f"write one of {', '.join(here)}"
        self._fault(where, path + name, "is no key of the city file", write)

    def _fault(self, where: str, field: str, says: str, write: str) -> None:
        self.faults.append(Fault(where=where, field=field, says=says, write=write))


def _keys(kind: type[msgspec.Struct], path: str) -> Iterator[str]:
    """Yield the dotted path of every key; a list of tables stands for its rows."""
    for field in msgspec.structs.fields(kind):
        inner = _table_of(field.type) or _row_of(field.type)
        if inner is None:
            yield path + field.name
        else:
            yield from _keys(inner, f"{path}{field.name}.")


def _plain(kind: object) -> Iterator[object]:
    """Yield the types that an annotation admits, without unions around them."""
    if typing.get_origin(kind) in {Union, UnionType}:
        for part in typing.get_args(kind):
            yield from _plain(part)
    else:
        yield kind


def _table_of(kind: object) -> type[msgspec.Struct] | None:
    """Return the type of a table, else None."""
    for plain in _plain(kind):
        if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
            return plain
    return None


def _row_of(kind: object) -> type[msgspec.Struct] | None:
    """Return the type of the tables of a list, else None."""
    return _table_of(typing.get_args(kind)[0]) if typing.get_origin(kind) is tuple else None


def _spelt(raw: object) -> str:
    """Quote a value as TOML spells it.

    >>> _spelt(date(2027, 3, 1)), _spelt("soon")
    ('2027-03-01', "'soon'")
    """
    return raw.isoformat() if isinstance(raw, date | time) else shown(raw)


def _remedy(kind: object, name: str) -> str:
    """Return what the type says one should write."""
    for plain in _plain(kind):
        if typing.get_origin(plain) is Annotated:
            for meta in typing.get_args(plain)[1:]:
                if isinstance(meta, msgspec.Meta) and meta.description:
                    return f"write {meta.description}"
    row = _row_of(kind)
    if row is not None:
        return f"write [[{name}]] with {', '.join(_required(row))}"
    table = _table_of(kind)
    return f"write [{name}] with {', '.join(_required(table))}" if table else f"write {name} = ..."


def _required(kind: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(kind) if field.required]

"""A tree of raw values to typed settings, by the types alone: every fault found in one walk.

msgspec stops at the first fault of a document. Here each leaf is converted by itself, so that
one run tells the operator of all of them, each with the place it came from and what to write.
"""

from __future__ import annotations

import math
import re
import typing
from dataclasses import dataclass, is_dataclass
from datetime import date
from difflib import get_close_matches
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar, Union

import msgspec

from stream.settings_fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = [
    "SECRET_KEYS",
    "Setting",
    "Shaper",
    "alternatives",
    "known_keys",
    "row_type",
    "section_type",
    "settings_of",
    "table_type",
    "takes_text",
]

S = TypeVar("S")

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
SECRET_KEYS: Final = frozenset({"kafka.password", "kafka.username", "ledger.url"})
_ABSENT: Final = object()
_CLOSE_RATIO: Final = 0.6


def alternatives(kind: Any) -> list[Any]:  # noqa: ANN401 - an annotation has no narrower type
    """Return the plain types an annotation admits, without constraints and unions around them.

    >>> alternatives(Annotated[int, "metres"] | None)
    [<class 'int'>, <class 'NoneType'>]
    """
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return alternatives(typing.get_args(kind)[0])
    if origin in {Union, UnionType}:
        return [plain for part in typing.get_args(kind) for plain in alternatives(part)]
    return [kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One field of a section: its annotation, and whether it must be given."""

    kind: Any
    required: bool


def settings_of(section: type) -> dict[str, Setting]:
    """Return the settings of a section by name: a msgspec Struct, or a dataclass of a detector."""
    if issubclass(section, msgspec.Struct):
        specs = msgspec.structs.fields(section)
        return {one.name: Setting(kind=one.type, required=one.required) for one in specs}
    # Every knob of a detector has a default.
    kinds = typing.get_type_hints(section, include_extras=True)
    return {name: Setting(kind=kind, required=False) for name, kind in kinds.items()}


def section_type(kind: object) -> type | None:
    """Return the type of a section, else None."""
    for plain in alternatives(kind):
        if isinstance(plain, type) and (issubclass(plain, msgspec.Struct) or is_dataclass(plain)):
            return plain
    return None


def table_type(kind: object) -> type | None:
    """Return the type of the rows of a table of named tables (`feeds`), else None."""
    if typing.get_origin(kind) is dict:
        return section_type(typing.get_args(kind)[1])
    return None


def row_type(kind: object) -> type | None:
    """Return the type of the rows of a list of tables (`sites`), else None."""
    if typing.get_origin(kind) is tuple:
        return section_type(typing.get_args(kind)[0])
    return None


def known_keys(section: type, base: str = "") -> Iterator[str]:
    """Yield the dotted path of every setting; the name of a feed is written NAME.

    >>> from stream.settings_deciding import Privacy
    >>> list(known_keys(Privacy, "privacy."))
    ['privacy.floor', 'privacy.protects']
    """
    for name, spec in settings_of(section).items():
        path = base + name
        inner, table, row = section_type(spec.kind), table_type(spec.kind), row_type(spec.kind)
        if inner is not None:
            yield from known_keys(inner, path + ".")
        elif table is not None:
            yield from known_keys(table, path + ".NAME.")
        elif row is not None:
            yield from known_keys(row, path + "[].")
        else:
            yield path


class Shaper:
    """One walk. `faults`: what was wrong; `broken`: the keys that could not be used.

    where: tells which file, variable or argument a dotted key came from. known: every dotted
    path there is, to say where a setting lives that was written into the wrong section.
    """

    def __init__(self, where: Callable[[str], str], *, known: Iterable[str]) -> None:
        """Start without faults."""
        self.faults: list[Fault] = []
        self.broken: set[str] = set()
        self._where = where
        self._known = tuple(known)

    def struct(self, kind: type[S], tree: object, path: str = "") -> S | None:
        """Return a value of `kind` with faulty keys at their defaults; None if one is required."""
        if not isinstance(tree, dict):
            self._blame(path, f"{tree!r} is no table", f"[{path}] and its settings below")
            return None
        specs = settings_of(kind)
        for name in tree:
            if name not in specs:
                self._unknown(path, name, list(specs))
        ready, lacking = self._settings(specs, tree, path)
        if lacking:
            return None
        try:
            return kind(**ready)
        except ValueError as fault:  # a detector's own check of its knobs
            self._blame(path, str(fault))
            return None

    def _settings(
        self, specs: dict[str, Setting], tree: dict[str, Any], path: str
    ) -> tuple[dict[str, object], bool]:
        """Return the usable values of a section, and whether a required one is not among them."""
        ready: dict[str, object] = {}
        for name, spec in specs.items():
            key = f"{path}.{name}" if path else name
            if name in tree:
                value = self._value(spec.kind, tree[name], key)
                if value is not _ABSENT:
                    ready[name] = value
            elif spec.required:
                self._blame(key, "missing", f"{name} = ...")
        return ready, any(spec.required and name not in ready for name, spec in specs.items())

    def _value(self, kind: object, raw: object, key: str) -> object:
        inner, table, row = section_type(kind), table_type(kind), row_type(kind)
        if inner is not None:
            made: object = self.struct(inner, raw, key)
            return _ABSENT if made is None else made
        if table is not None:
            return self._named(table, raw, key)
        if row is not None:
            return self._rows(row, raw, key)
        return self._leaf(kind, raw, key)

    def _named(self, kind: type, raw: object, key: str) -> object:
        if not isinstance(raw, dict):
            self._blame(key, f"{raw!r} is no table", f"[{key}.NAME] and its settings below")
            return _ABSENT
        made: dict[str, object] = {}
        for name, tree in raw.items():
            path = f"{key}.{name}"
            if not NAME.fullmatch(name):
                self._blame(path, "no usable name", "letters, digits, - and _, at most 64")
                continue
            one = self.struct(kind, tree, path)
            if one is not None:
                made[name] = one
        return made

    def _rows(self, kind: type, raw: object, key: str) -> object:
        if not isinstance(raw, list):
            self._blame(key, f"{raw!r} is no list of tables", f"[[{key}]] for each of them")
            return _ABSENT
        made: list[object] = [
            self.struct(kind, tree, f"{key}.{index}") for index, tree in enumerate(raw)
        ]
        return tuple(one for one in made if one is not None)

    def _leaf(self, kind: object, raw: object, key: str) -> object:
        # A day that stands without quotes is a date in TOML, and a text here.
        if type(raw) is date and str in alternatives(kind):
            raw = raw.isoformat()
        try:
            value: object = msgspec.convert(raw, kind)
        except msgspec.ValidationError as fault:
            shown = "the value given" if _is_secret(key) else repr(raw)
            self._blame(key, f"{shown}: {_plain(str(fault))}", _choice(kind, raw))
            return _ABSENT
        if isinstance(value, float) and not math.isfinite(value):
            self._blame(key, f"{raw!r} is not finite")
            return _ABSENT
        return value

    def _unknown(self, path: str, name: str, here: list[str]) -> None:
        elsewhere = [key for key in self._known if key.rpartition(".")[2] == name]
        near = get_close_matches(name, here, n=1, cutoff=_CLOSE_RATIO)
        instead = (elsewhere or [f"{path}.{one}" if path else one for one in near])[:1]
        self._blame(
            f"{path}.{name}" if path else name,
            "no such setting" if path else "no such section",
            instead[0] if instead else "one of " + ", ".join(here),
        )

    def _blame(self, key: str, what: str, instead: str = "") -> None:
        self.faults.append(Fault(where=self._where(key), key=key, what=what, instead=instead))
        self.broken.add(key)


def _is_secret(key: str) -> bool:
    return key in SECRET_KEYS or (key.startswith("notify.targets.") and key.endswith(".url"))


def _plain(text: str) -> str:
    """Return a message of the converter as one of ours, without its path."""
    if text.startswith("Invalid enum value"):
        return "not a word it may be"
    return re.sub(r" - at `.*`$", "", text).replace("Expected ", "wanted ").replace("`", "")


def _choice(kind: object, raw: object) -> str:
    """Return the words a setting may have, the nearest first; empty if it is free."""
    words = [
        word
        for plain in alternatives(kind)
        if typing.get_origin(plain) is Literal
        for word in typing.get_args(plain)
    ]
    near = get_close_matches(str(raw), words, n=1, cutoff=_CLOSE_RATIO)
    return near[0] if near else " or ".join(words)


def takes_text(section: type, path: Sequence[str]) -> bool:
    """Return whether the setting at this path is a text, so that `5` means the text 5.

    >>> from stream.settings_model import Settings
    >>> takes_text(Settings, ("worker", "id")), takes_text(Settings, ("time", "hop_s"))
    (True, False)
    """
    specs = settings_of(section)
    found = specs.get(path[0])
    if found is None:
        # The file of a secret is a path.
        return path[0].removesuffix("_file") in specs
    inner, table = section_type(found.kind), table_type(found.kind)
    if inner is not None:
        return len(path) > 1 and takes_text(inner, path[1:])
    if table is not None:
        return len(path) > 2 and takes_text(table, path[2:])  # noqa: PLR2004 - name, then setting
    return str in alternatives(found.kind)

"""Settings from a TOML file, variables and `--set` arguments, later ones winning.

A tree of raw values is laid down source by source, and beside it a note of which source each
key came from; `settings_shape` then turns the tree into types, `settings_check` looks across
them. All faults of all three steps are reported in one `ConfigError`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stream.settings_check import faults_across
from stream.settings_days import rows_of
from stream.settings_fault import ConfigError, Fault
from stream.settings_hash import FILE_FEED
from stream.settings_model import Settings
from stream.settings_planned import planned_rows_of
from stream.settings_shape import (
    SECRET_KEYS,
    Shaper,
    known_keys,
    row_type,
    settings_of,
    takes_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["ENV_PREFIX", "FAUST_PREFIX", "Loaded", "load", "read"]

ENV_PREFIX: Final = "CROWD_"
FAUST_PREFIX: Final = "CROWDTIDE_FAUST_"
FILE_SUFFIX: Final = "_file"
SECRET_BYTES_MAX: Final = 65_536
DAYS_BYTES_MAX: Final = 1_048_576  # forty years of days off
LEVELS_MIN: Final = 2  # section and key

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings, and which of them somebody has set.

    explicit: dotted keys (`alerts.min_people`) given by file, variable or argument.
    file_feed: name of the one feed of a file where none is registered.
    """

    settings: Settings
    explicit: frozenset[str]
    file_feed: str = FILE_FEED


def load(path: Path | None, *, env: Mapping[str, str], sets: Sequence[str]) -> Settings:
    """Return the settings; raises ConfigError with every fault.

    path: a TOML file, or None. env: variables; those named `CROWD_<SECTION>__<KEY>` count.
    sets: `section.key=value`, the value in TOML; a bare word is a string.

    >>> load(None, env={"CROWD_TIME__HOP_S": "600"}, sets=["calendar.tz=UTC"]).time.hop_s
    600
    """
    return read(path, env=env, sets=sets).settings


def read(path: Path | None, *, env: Mapping[str, str], sets: Sequence[str]) -> Loaded:
    """Return the settings with the keys that were set; arguments and errors as `load`."""
    layers = _Layers()
    if path is not None:
        layers.file(path)
    for name in sorted(env):
        layers.variable(name, env[name])
    for argument in sets:
        layers.argument(argument)
    layers.secrets()
    layers.days()
    shaper = Shaper(layers.where, known=known_keys(Settings))
    settings = shaper.struct(Settings, layers.tree)
    faults = [*layers.faults, *shaper.faults]
    if settings is not None:
        faults += faults_across(settings, where=layers.where, broken=shaper.broken)
    if faults or settings is None:
        raise ConfigError(map(_in_their_words, faults))
    return Loaded(settings=settings, explicit=frozenset(layers.sources))


class _Layers:
    """The tree of raw values while its sources are laid over each other."""

    def __init__(self) -> None:
        self.tree: Tree = {}
        self.sources: dict[str, str] = {}
        self.faults: list[Fault] = []

    def where(self, key: str) -> str:
        """Return the source of a key, or of the nearest key above or below it."""
        parts = key.split(".")
        for length in range(len(parts), 0, -1):
            base = ".".join(parts[:length])
            for known, source in self.sources.items():
                if known == base or known.startswith(base + "."):
                    return source
        return ""

    def file(self, path: Path) -> None:
        """Lay down a TOML file."""
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as fault:
            self._blame(str(path), "", f"cannot be read: {fault.strerror or fault}")
        except UnicodeDecodeError:
            self._blame(str(path), "", "is not UTF-8 text")
        except tomllib.TOMLDecodeError as fault:
            self._blame(str(path), "", f"is no TOML: {fault}")
        else:
            self._lay(tree, str(path), ())

    def variable(self, name: str, text: str) -> None:
        """Lay down a variable, if it is one of ours."""
        if name.startswith(FAUST_PREFIX):
            self._blame(
                name, "", "settings come from one place; Faust's own are not read", "unset it"
            )
        if not name.startswith(ENV_PREFIX):
            return
        path = tuple(name.removeprefix(ENV_PREFIX).lower().split("__"))
        if not _is_setting(path):
            near = get_close_matches(name, map(_variable, known_keys(Settings)), n=1)
            form = near[0] if near else f"{ENV_PREFIX}<SECTION>__<KEY>"
            self._blame(name, "", "no such setting", form)
            return
        self._override(path, text, name)

    def argument(self, argument: str) -> None:
        """Lay down a `--set` argument."""
        key, equals, text = argument.partition("=")
        path = tuple(part.strip() for part in key.split("."))
        if not equals or not _is_setting(path):
            shown = argument if not equals else key
            self._blame(f"--set {shown}", "", "not understood", "--set section.key=value")
            return
        self._override(path, text, f"--set {key.strip()}")

    def secrets(self) -> None:
        """Read the files that `_file` keys of secrets name."""
        for key in sorted(SECRET_KEYS):
            section, _, name = key.partition(".")
            table = self.tree.get(section)
            if not isinstance(table, dict) or name + FILE_SUFFIX not in table:
                continue
            source = self.sources.pop(key + FILE_SUFFIX, "")
            path = table.pop(name + FILE_SUFFIX)
            if name in table:
                what = f"given as well as {name}"
                self._blame(source, key + FILE_SUFFIX, what, "only one of the two")
                continue
            self.sources[key] = source
            secret = self._secret(key, path, source)
            if secret is not None:
                table[name] = secret

    def days(self) -> None:
        """Lay the rows of the calendar's files after the days and events of the settings."""
        self._rows("days", rows_of)
        self._rows("planned", planned_rows_of)

    def _rows(self, name: str, read: Callable[[str], list[dict[str, Any]] | str]) -> None:
        table, key = self.tree.get("calendar"), f"calendar.{name}_file"
        if not isinstance(table, dict) or f"{name}_file" not in table:
            return
        path, source = table[f"{name}_file"], self.sources[key]
        text = self._text(key, path, source, bytes_max=DAYS_BYTES_MAX)
        rows = read(text) if text is not None else []
        if isinstance(rows, str):
            self._blame(source, key, f"{path} {rows}")
        elif rows:
            before = table.get(name, [])
            table[name] = [*before, *rows] if isinstance(before, list) else before
            self.sources.setdefault(f"calendar.{name}", source)

    def _secret(self, key: str, path: object, source: str) -> str | None:
        text = self._text(key + FILE_SUFFIX, path, source, bytes_max=SECRET_BYTES_MAX)
        return None if text is None else text.rstrip("\r\n")

    def _text(self, key: str, path: object, source: str, *, bytes_max: int) -> str | None:
        """Return the text of a file that a setting names; None and a fault where there is none."""
        if not isinstance(path, str):
            self._blame(source, key, f"{path!r} is no path of a file")
            return None
        try:
            with Path(path).open(encoding="utf-8-sig", newline="") as file:
                return file.read(bytes_max)
        except OSError as fault:
            what = f"{path} cannot be read: {fault.strerror or fault}"
        except UnicodeDecodeError:
            what = f"{path} is not UTF-8 text"
        self._blame(source, key, what)
        return None

    def _override(self, path: tuple[str, ...], text: str, source: str) -> None:
        """Lay one value over what is there, as text or TOML, whichever its setting takes."""
        path = self._spelt_as_known(path)
        value = _value(text)
        key = ".".join(path)
        if not isinstance(value, str) and takes_text(Settings, path):
            value = text
        if isinstance(value, dict):
            self._lay(value, source, path)
            return
        self._put(path, value, source)
        # A later source wins over an earlier one, be it the secret itself or its file.
        twin = key.removesuffix(FILE_SUFFIX) if key.endswith(FILE_SUFFIX) else key + FILE_SUFFIX
        if {key, twin} & SECRET_KEYS and self.sources.get(twin, source) != source:
            del self.sources[twin]
            self.tree[path[0]].pop(twin.rpartition(".")[2], None)

    def _spelt_as_known(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Variables are upper case: take the spelling of a feed that is there already."""
        feeds = self.tree.get("feeds")
        if path[0] != "feeds" or not isinstance(feeds, dict):
            return path
        same = [name for name in feeds if name.lower() == path[1].lower()]
        exact = path[1] if path[1] in feeds or not same else same[0]
        return (path[0], exact, *path[2:])

    def _lay(self, tree: Tree, source: str, base: tuple[str, ...]) -> None:
        for name, value in tree.items():
            if isinstance(value, dict):
                self._lay(value, source, (*base, name))
            else:
                self._put((*base, name), value, source)
        if not tree and base:
            self._put(base, {}, source)

    def _put(self, path: tuple[str, ...], value: object, source: str) -> None:
        table = self.tree
        for depth, name in enumerate(path[:-1], start=1):
            below = table.setdefault(name, {})
            if not isinstance(below, dict):
                key = ".".join(path)
                self._blame(source, key, f"{'.'.join(path[:depth])} is a setting, not a section")
                return
            table = below
        if value == {} and isinstance(table.get(path[-1]), dict):
            return
        table[path[-1]] = value
        self.sources[".".join(path)] = source

    def _blame(self, where: str, key: str, what: str, instead: str = "") -> None:
        self.faults.append(Fault(where=where, key=key, what=what, instead=instead))


def _is_setting(path: tuple[str, ...]) -> bool:
    """Return whether this may name a setting: it lives in a section, or is a list (`sites`)."""
    if len(path) < LEVELS_MIN:
        spec = settings_of(Settings).get(path[0])
        return spec is not None and row_type(spec.kind) is not None
    return all(path)


def _value(text: str) -> object:
    """Return a TOML value, or the text itself where it is none."""
    try:
        tree = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    # A line break could smuggle in a second key; such a text is a text.
    return tree["value"] if len(tree) == 1 else text


def _variable(key: str) -> str:
    return ENV_PREFIX + key.upper().replace(".", "__")


def _in_their_words(fault: Fault) -> Fault:
    """Name the right setting as a variable where the wrong one came as a variable."""
    if fault.where.startswith(ENV_PREFIX) and fault.instead in known_keys(Settings):
        return replace(fault, instead=_variable(fault.instead))
    return fault

"""Options that several commands share: settings, feed files, cells, language."""

from __future__ import annotations

import os
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geo.city import City
    from replay.feed import FeedOptions
    from stream.settings import Loaded, Settings

__all__ = [
    "FILE",
    "as_json",
    "cells",
    "city_of",
    "examples",
    "feed_file",
    "feed_options",
    "known_events",
    "language",
    "own_settings_only",
    "settings_file",
    "settings_of",
    "spoken",
]

Command = TypeVar("Command", bound="Callable[..., object]")

FILE: Final = click.Path(path_type=Path)
LANGUAGES: Final = ("zh-CN", "en")


def examples(*lines: str) -> Callable[[Command], Command]:
    """Add examples to a command's help, line by line as they are."""

    def add(command: Command) -> Command:
        head = "Examples" if len(lines) > 1 else "Example"
        told = "".join(f"\n  {line}" for line in lines)
        # The backspace tells click not to fill the paragraph.
        command.__doc__ = f"{cleandoc(command.__doc__ or '')}\n\n\b\n{head}:{told}"
        return command

    return add


def known_events(command: Command) -> Command:
    """Add `--labels`; the command takes labels."""
    help_text = "Known events: CSV start,end[,name,cell]."
    return click.option("--labels", type=FILE, metavar="FILE", help=help_text)(command)


def settings_file(command: Command) -> Command:
    """Add `--config` and `--set`; the command takes config and sets."""
    command = click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="KEY=VALUE",
        help="Set one setting, as in --set time.hop_s=300; the value is TOML, a bare word a "
        "string. Beats the file and CROWD_<SECTION>__<KEY> variables. Repeatable.",
    )(command)
    return click.option(
        "--config", type=FILE, metavar="FILE", help="Settings file (TOML); see docs/settings.md."
    )(command)


def own_settings_only(ctx: click.Context) -> None:
    """Refuse settings before a subcommand, which has its own: they would act on nothing."""
    if ctx.params.get("config") is not None or ctx.params.get("sets"):
        command = f"{ctx.command_path} {ctx.invoked_subcommand}"
        raise click.UsageError(
            f"write --config and --set after the command: {command} --config ..."
        )


def settings_of(config: Path | None, sets: Sequence[str]) -> Loaded:
    """Return the settings of file, variables and arguments."""
    from stream.settings_load import read

    return read(config, env=os.environ, sets=sets)


def as_json(command: Command) -> Command:
    """Add `--json`; the command takes json."""
    return click.option("--json", is_flag=True, help="Print JSON for programs.")(command)


def cells(command: Command) -> Command:
    """Add `--cells`; the command takes cells."""
    return click.option(
        "--cells",
        type=FILE,
        metavar="FILE",
        help="City pack, or cells file (GeoJSON or CSV); default: the setting worker.cells.",
    )(command)


def city_of(loaded: Loaded, path: Path | None) -> tuple[City, Loaded]:
    """Return the city of `--cells`, else of `worker.cells`, and the settings as they fit it.

    Raises a usage error without either, and ConfigError where the two contradict each other.
    """
    from geo.city import load_city
    from stream.fitting import fitted, unregistered

    settings = loaded.settings
    given = path or (Path(settings.worker.cells) if settings.worker.cells else None)
    if given is None:
        raise click.UsageError("no cells file: give --cells FILE or the setting worker.cells")
    city = load_city(
        given, side_m=settings.grid.side_m, walkable_share=settings.grid.walkable_share
    )
    loaded = fitted(loaded, city)
    if settings.feeds and (unheard := unregistered(settings, city)):
        told = f"note: {given} has cells of feeds that are not registered: {', '.join(unheard)}"
        click.echo(told, err=True)
    return city, loaded


def feed_file(command: Command) -> Command:
    """Add the options of reading a feed file; the command takes them as reading."""
    for option in reversed(
        (
            click.option("--tz", metavar="ZONE", help="Zone of times that have no offset."),
            click.option(
                "--period", type=click.IntRange(1), metavar="S", help="Seconds of an interval."
            ),
            click.option(
                "--delay",
                type=click.IntRange(0),
                default=0,
                metavar="S",
                help="Seconds from an interval's end to its reading, where the file does not say.",
            ),
            click.option(
                "--columns",
                metavar="NAME=COLUMN,...",
                default="",
                help="Names of the columns, as in start=时间,cell=小区,count=人数.",
            ),
            click.option(
                "--encoding", default="utf-8", metavar="NAME", help="Of a text file, e.g. gbk."
            ),
            click.option(
                "--strict", is_flag=True, help="Stop at the first bad row instead of counting it."
            ),
        )
    ):
        command = option(command)
    return command


def feed_options(settings: Settings, given: Mapping[str, Any]) -> FeedOptions:
    """Return how to read a feed file from the options of `feed_file`."""
    from replay.feed import FeedOptions
    from replay.register import default_feed

    return FeedOptions(
        columns=_columns(given["columns"]),
        encoding=given["encoding"],
        tz=given["tz"],
        period_s=given["period"],
        delay_s=given["delay"],
        strict=given["strict"],
        feed=default_feed(settings),
    )


def _columns(text: str) -> dict[str, str]:
    """Read `start=时间,cell=小区`.

    >>> _columns("start=时间, cell=小区")
    {'start': '时间', 'cell': '小区'}
    """
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, column = part.partition("=")
        if not (name and equals and column):
            raise click.BadParameter(f"{part!r} is not NAME=COLUMN", param_hint="--columns")
        found[name.strip()] = column.strip()
    return found


def language(command: Command) -> Command:
    """Add `--lang`; the command takes lang."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        default=lambda: spoken(os.environ.get("LANG", "")),
        help="Language of texts; default from LANG, then zh-CN.",
    )(command)


def spoken(lang: str) -> str:
    """Return the language that a LANG variable asks for.

    >>> spoken("en_GB.UTF-8"), spoken("zh_CN.UTF-8"), spoken("C"), spoken("")
    ('en', 'zh-CN', 'zh-CN', 'zh-CN')
    """
    return "en" if lang.partition("_")[0].partition(".")[0] == "en" else "zh-CN"

"""`crowdtide geo`: build a city pack, look into it, compare two."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from stream.cli.options import FILE, as_json, examples, language

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["geo"]


@click.group()
def geo() -> None:
    """Build city packs from files, look into them, compare them."""


@geo.command("build")
@click.argument("city", type=FILE)
@click.option("--out", type=FILE, metavar="PACK", required=True, help="Where the pack goes.")
@language
@as_json
@click.pass_context
@examples(
    "crowdtide geo build city.toml --out city.pack",
)
def build(ctx: click.Context, city: Path, *, out: Path, lang: str, json: bool) -> None:
    """Build the pack of the city file CITY (TOML) and print what went into it.

    Faults are listed all at once, one a line with file, place and remedy; nothing is written
    then. Exit codes: 0 done, 1 faults in the files, 2 usage.
    """
    from geo.fault import RegisterError
    from geo.making.builder import build as build_pack
    from geo.making.gathering import BuildError
    from geo.pack_file import check_place, read_pack, write_pack
    from stream.cli.geo_report import faults_json, inspection, report_text
    from stream.cli.geo_steps import Steps

    steps = Steps(sys.stderr, lang=lang)
    try:
        check_place(out)
        pack = build_pack(city, on_step=steps.at)
        steps.at("write", 0, 1)
        write_pack(out, pack)
    except (BuildError, RegisterError) as fault:
        if not json:
            raise
        click.echo(faults_json(fault), nl=False)
        ctx.exit(1)
    finally:
        steps.end()
    whole = read_pack(out)
    click.echo(inspection(whole) if json else report_text(whole, lang=lang), nl=False)


@geo.command("inspect")
@click.argument("pack", type=FILE)
@click.option(
    "--picture", type=FILE, metavar="FILE.svg", help="Draw it, too: tiles, cells, borders, sites."
)
@language
@as_json
@examples(
    "crowdtide geo inspect city.pack --picture city.svg",
)
def inspect(pack: Path, *, picture: Path | None, lang: str, json: bool) -> None:
    """Print what is in the pack PACK, and draw it.

    Exit codes: 0 done, 1 no pack, or nothing to draw, 2 usage.
    """
    from geo.pack_file import read_pack
    from stream.cli.geo_report import inspection, report_text

    whole = read_pack(pack)
    if picture is not None:
        from stream.cli.geo_picture import drawn

        _write(picture, drawn(whole, file=str(pack), lang=lang))
    click.echo(inspection(whole) if json else report_text(whole, lang=lang), nl=False)


@geo.command("diff")
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@language
@as_json
@examples(
    "crowdtide geo diff last-week.pack this-week.pack",
)
def diff(before: Path, after: Path, *, lang: str, json: bool) -> None:
    """Say what differs between the packs BEFORE and AFTER, and whether saved state goes on.

    Exit codes: 0 done, whatever differs, 1 no pack, 2 usage.
    """
    from geo.difference import difference
    from geo.pack_file import read_pack
    from stream.cli.geo_diff import difference_json, difference_text

    found = difference(read_pack(before), read_pack(after))
    click.echo(difference_json(found) if json else difference_text(found, lang=lang), nl=False)


def _write(path: Path, text: str) -> None:
    """Write a text file; raises RegisterError where one may not, or over a pack."""
    from geo.file_text import refusal
    from geo.pack_file import is_pack_file

    if is_pack_file(path):
        raise refusal(str(path), "is a city pack", "give another path for the picture")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        says = f"cannot be written ({fault.strerror or fault})"
        write = "give a path in a folder that one may write to"
        raise refusal(str(path), says, write) from fault

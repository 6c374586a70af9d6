"""`crowdtide schema`: the contract that other programs rely on, made from the code's own types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stream.cli.options import FILE, examples, settings_file, settings_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["schema"]


@click.group()
def schema() -> None:
    """Print the contract: AsyncAPI document of all topics, JSON Schemas of all records."""


@schema.command("asyncapi")
@settings_file
@examples(
    "crowdtide schema asyncapi > asyncapi.json",
    "crowdtide schema asyncapi --set topics.prefix=zhanjiang.",
)
def asyncapi(*, config: Path | None, sets: tuple[str, ...]) -> None:
    """Print the AsyncAPI 3.0 document of this deployment, as JSON (which is YAML, too)."""
    from stream.cli.asyncapi import document

    _print(document(settings_of(config, sets).settings))


@schema.command("list")
@examples("crowdtide schema list")
def names() -> None:
    """Print the names of the records, one a line, with what they are."""
    from stream.cli.contract import RECORDS

    for name, record in RECORDS.items():
        click.echo(f"{name:12} {record.title}")


@schema.command("show")
@click.argument("name")
@click.option("--example", "as_example", is_flag=True, help="An example instead of the schema.")
@examples("crowdtide schema show alert", "crowdtide schema show desk-action --example")
def show(name: str, *, as_example: bool) -> None:
    """Print the JSON Schema (2020-12) of one record's value, or an example of a golden run."""
    from stream.cli.contract import RECORDS, example, schema_of

    record = RECORDS.get(name.removesuffix("/1"))
    if record is None:
        raise click.UsageError(f"{name}: no such record; one of {', '.join(RECORDS)}")
    _print(example(record) if as_example else schema_of(record))


@schema.command("write")
@click.argument("folder", type=FILE, metavar="DIR")
@examples("crowdtide schema write docs/schemas")
def write(folder: Path) -> None:
    """Write all JSON Schemas and the AsyncAPI document of default settings into a folder."""
    from replay.whole_file import whole_file
    from stream.cli.asyncapi import document
    from stream.cli.contract import RECORDS, schema_of
    from stream.settings import Settings

    folder.mkdir(parents=True, exist_ok=True)
    made = {f"{name}.schema.json": schema_of(record) for name, record in RECORDS.items()}
    made["asyncapi.json"] = document(Settings())
    for name, tree in made.items():
        with whole_file(folder / name) as stream:
            stream.write(_text(tree).encode())
    click.echo(f"{len(made)} files in {folder}")


def _text(tree: object) -> str:
    import json

    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"


def _print(tree: object) -> None:
    click.echo(_text(tree), nl=False)

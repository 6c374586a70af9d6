"""`crowdtide topics`: make and check the topics of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stream.cli.options import as_json, examples, settings_file, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from stream.topic_admin import Finding

__all__ = ["topics"]


@click.group()
def topics() -> None:
    """Make and check the topics of a deployment."""


@topics.command()
@settings_file
@as_json
@click.pass_context
@examples(
    "crowdtide topics ensure --set kafka.bootstrap=k1:9092 --set topics.replication=3",
)
def ensure(ctx: click.Context, *, config: Path | None, sets: tuple[str, ...], json: bool) -> None:
    """Create the topics that are missing; refuse those that are wrong.

    Nothing that exists is changed. Exit codes: 0 all topics are right, 1 one is wrong or no
    broker answers, 2 settings.
    """
    from stream.topic_admin import ensure as make

    ctx.exit(_tell(make(settings_of(config, sets).settings), json=json))


@topics.command()
@settings_file
@as_json
@click.pass_context
@examples(
    "crowdtide topics plan --config crowdtide.toml",
)
def plan(ctx: click.Context, *, config: Path | None, sets: tuple[str, ...], json: bool) -> None:
    """Show what `ensure` would do; change nothing.

    Exit codes: 0 nothing is wrong, 1 a topic is wrong or no broker answers, 2 settings.
    """
    from stream.topic_admin import survey

    ctx.exit(_tell(survey(settings_of(config, sets).settings), json=json))


def _tell(findings: list[Finding], *, json: bool) -> int:
    """Print the findings; return the exit code."""
    if json:
        import msgspec

        rows = [
            {
                "topic": finding.topic.name,
                "partitions": finding.topic.partitions,
                "state": finding.state,
                "faults": list(finding.faults),
                "notes": list(finding.notes),
            }
            for finding in findings
        ]
        click.echo(msgspec.json.encode({"schema": "topics/1", "topics": rows}))
    else:
        width = max(len(finding.topic.name) for finding in findings)
        for finding in findings:
            partitions = finding.topic.partitions
            click.echo(f"{finding.topic.name:<{width}}  {partitions:>4}  {finding.state}")
        for finding in findings:
            for note in finding.notes:
                click.echo(f"note: {note}")
            for fault in finding.faults:
                click.echo(fault, err=True)
    return int(any(finding.state == "wrong" for finding in findings))

"""`crowdtide ledger`: keeps the book of alerts, actions and outcomes, and reads out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stream.cli.ledger_read import handover, outcomes, show, verify
from stream.cli.ledger_report import report
from stream.cli.options import examples, own_settings_only, settings_file, settings_of
from stream.cli.stopping import asked_to_stop

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ledger"]


@click.group(invoke_without_command=True)
@settings_file
@click.pass_context
@examples(
    "crowdtide ledger --config city.toml",
    "crowdtide ledger handover --config city.toml",
    "crowdtide ledger verify --config city.toml",
)
def ledger(ctx: click.Context, *, config: Path | None, sets: tuple[str, ...]) -> None:
    """Keep the book: alerts, desk actions, replies and troubles, as they came, for good.

    A process of its own, beside the workers; it writes to the SQLite file ledger.file, or to
    PostgreSQL, and goes on after any crash. The first start reads all that the topics still hold.
    It says on stderr when it starts, and when the broker or the database is gone or back, one
    JSON line each. The commands below read while it writes.

    Exit codes: 0 stopped, 2 usage or settings.
    """
    if ctx.invoked_subcommand is not None:
        own_settings_only(ctx)
        return
    from stream.ledger.run import run

    run(settings_of(config, sets).settings, over=asked_to_stop())


for _command in (handover, show, report, outcomes, verify):
    ledger.add_command(_command)

"""The command `crowdtide`: finds a command's file when it is asked for, tells faults in lines."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMMANDS", "Lazy", "main"]

# Command to "file:function". The order is that of `--help`.
COMMANDS: Final[dict[str, str]] = {
    "demo": "stream.cli.demo:demo",
    "run": "stream.cli.run:run",
    "topics": "stream.cli.topics:topics",
    "tail": "stream.cli.tail:tail",
    "open": "stream.cli.open_incidents:open_incidents",
    "ack": "stream.cli.ack:ack",
    "notify": "stream.cli.notify:notify",
    "ledger": "stream.cli.ledger:ledger",
    "cap": "stream.cli.cap:cap",
    "schema": "stream.cli.schema:schema",
    "backtest": "stream.cli.backtest:backtest",
    "learn": "stream.cli.learn:learn",
    "explain": "stream.cli.explain:explain",
    "whatif": "stream.cli.whatif:whatif",
    "replay": "stream.cli.replay:replay",
    "feed": "stream.cli.feed:feed",
    "geo": "stream.cli.geo:geo",
    "check-config": "stream.cli.check_config:check_config",
    "dlq": "stream.cli.dlq:dlq",
    "quarantine": "stream.cli.quarantine:quarantine",
    "settings-page": "stream.cli.settings_page:settings_page",
}


class Lazy(click.Group):
    """A group whose commands are imported when they are needed."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, function = place.partition(":")
        command: click.Command = getattr(import_module(module), function)
        return command

    @override
    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a fault that is not ours becomes lines on stderr and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception as fault:
            from stream.cli.faults import told

            answer = told(fault)
            if answer is None:
                raise
            click.echo(answer.text, err=True)
            raise click.exceptions.Exit(answer.code) from None


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crowdtide")
def _crowdtide() -> None:
    """Crowd-density early warning: mobile-signal counts in, alerts for police and fire out."""


def main(arguments: Sequence[str] | None = None, **options: Any) -> Any:  # noqa: ANN401 - click's
    """Run the command line."""
    return _crowdtide.main(arguments, prog_name="crowdtide", **options)

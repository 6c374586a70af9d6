"""`crowdtide run`: one worker on Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stream.cli.options import cells, city_of, examples, settings_file, settings_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]


@click.command()
@settings_file
@cells
@click.option(
    "--accept-gap",
    is_flag=True,
    help="Go on although the broker has dropped input that nobody had read.",
)
@click.option(
    "--accept-duty",
    is_flag=True,
    help="Go on although sites, authorities or posts are others than when the log was begun: "
    "stop all workers first, then give it to each of them.",
)
@click.pass_context
@examples(
    "crowdtide run --config crowdtide.toml --set worker.id=w1",
)
def run(
    ctx: click.Context,
    *,
    config: Path | None,
    sets: tuple[str, ...],
    cells: Path | None,
    accept_gap: bool,
    accept_duty: bool,
) -> None:
    """Run a worker until SIGTERM or Ctrl-C; start more of them to share the work.

    Exit codes: 0 stopped, 1 a fault (start it again), 2 settings.
    """
    city, loaded = city_of(settings_of(config, sets), cells)
    from stream.room import check_room
    from stream.worker.run import run_worker

    check_room(loaded.settings, city)
    ctx.exit(run_worker(loaded, city=city, accept_gap=accept_gap, accept_duty=accept_duty))

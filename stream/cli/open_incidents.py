"""`crowdtide open`: what is open at the desks now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stream.cli.options import as_json, examples, language, settings_file, settings_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_incidents"]


@click.command("open")
@click.argument("desk", type=click.Choice(["police", "fire"]), required=False)
@language
@as_json
@settings_file
@examples(
    "crowdtide open",
    "crowdtide open fire --json",
)
def open_incidents(
    *, desk: str | None, lang: str, json: bool, config: Path | None, sets: tuple[str, ...]
) -> None:
    """List the open incidents of a desk (both without one), the highest level first.

    They are read from the last 48 hours of the desk's topic. With --json one line each.

    Exit codes: 0 done, 1 no broker or topic, 2 usage or settings.
    """
    import msgspec

    from stream.cli.ack_text import AckText
    from stream.cli.duty_board import board_of
    from stream.cli.tail import terminal_width
    from stream.wall import wall_ms

    settings = settings_of(config, sets).settings
    text = AckText(lang=lang, tz=settings.calendar.tz, width=terminal_width(), now=wall_ms)
    for name in [desk] if desk else ["police", "fire"]:
        alive = board_of(settings, name, now_ms=wall_ms()).open_incidents()
        if json:
            for one in alive:
                click.echo(msgspec.json.encode(one))
        else:
            click.echo(text.incidents(alive) if alive else text.say("no_open", desk=name))

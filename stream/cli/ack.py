"""`crowdtide ack`: what a desk does about an incident, and what it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from stream.cli.options import as_json, examples, language, settings_file, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from alerts.action import DeskAction
    from alerts.heard import Heard
    from stream.cli.ack_post import Answer
    from stream.cli.ack_text import AckText
    from stream.settings import Settings

__all__ = ["ack"]

ACTIONS: Final = ("ack", "confirm", "comment", "escalate", "shelve", "silence", "close", "reopen")
REFUSED: Final = 1


@click.command()
@click.argument("incident", default="-")
@click.option("--as", "by", required=True, metavar="POST", help="Who does it: name or post.")
@click.option("--desk", type=click.Choice(["police", "fire"]), default="police", show_default=True)
@click.option(
    "--action",
    type=click.Choice(ACTIONS),
    help="What to do; default: ack, with --outcome close.",
)
@click.option(
    "--outcome",
    type=click.Choice(["real", "unfounded", "exercise", "unknown"]),
    help="What came of it; closes the incident at this desk.",
)
@click.option("--text", help="Comment, or the reason of a shelve or silence.")
@click.option("--until", metavar="WHEN", help="Of a shelve or silence: 30m, 02:30, or ISO 8601.")
@click.option("--arrived", metavar="WHEN", help="When people came, of a close: 02:10, or ISO 8601.")
@click.option("--left", metavar="WHEN", help="When they left again.")
@click.option("--id", "deed_id", metavar="ID", help="Of an earlier try: it is done once.")
@click.option(
    "--wait", type=click.FloatRange(0), default=30, metavar="S", help="Seconds to wait; default 30."
)
@language
@as_json
@settings_file
@examples(
    "crowdtide ack --as 'Post 2'",
    "crowdtide ack 20261001T1105Z-r3c4 --as 'Post 2' --action confirm",
    "crowdtide ack 20261001T1105Z-r3c4 --as 'Post 2' --action shelve --until 30m --text 'patrol'",
    "crowdtide ack 20261001T1105Z-r3c4 --as 'Post 2' --outcome real --arrived 20:10 --left 21:40",
)
def ack(
    *,
    incident: str,
    config: Path | None,
    sets: tuple[str, ...],
    lang: str,
    **options: Any,  # noqa: ANN401 - click's; what they are stands above
) -> None:
    """Acknowledge, confirm, comment on, pass on, shelve or close an incident.

    INCIDENT is an id or its beginning; without one, or with -, the only open incident is meant.
    The newest revision of it in the desk's topic is what counts as seen. The answer comes with
    the next ten-second beat.

    Exit codes: 0 accepted, 1 refused, no answer in time, or no such incident; 2 usage or settings.
    """
    from stream.cli.ack_text import AckText
    from stream.cli.tail import terminal_width
    from stream.wall import wall_ms

    settings = settings_of(config, sets).settings
    text = AckText(lang=lang, tz=settings.calendar.tz, width=terminal_width(), now=wall_ms)
    seen = _meant(settings, text, incident, options)
    action = _action(seen, settings.calendar.tz, options)
    answer = _posted(settings, text, action, seen, options)
    if answer is None:
        click.echo(text.say("silent", wait=options["wait"], id=action.id), err=True)
    elif options["json"]:
        import msgspec

        click.echo(msgspec.json.encode(answer))
    else:
        click.echo(text.answer(answer))
    if answer is None or not answer.accepted:
        raise click.exceptions.Exit(REFUSED)


def _meant(settings: Settings, text: AckText, asked: str, options: dict[str, Any]) -> Heard:
    """Return the one incident that is meant, or end with those that could be."""
    from stream.cli.duty_board import board_of, found
    from stream.wall import wall_ms

    board = board_of(settings, options["desk"], now_ms=wall_ms())
    asked = "" if asked == "-" else asked
    many = found(board, asked, also_closed=options["action"] == "reopen")
    if len(many) == 1:
        return many[0]
    if many:
        click.echo(text.say("many"), err=True)
        click.echo(text.incidents(many), err=True)
    else:
        known = len(board.incidents)
        form = "none" if asked else "no_open"
        click.echo(text.say(form, desk=options["desk"], known=known), err=True)
    raise click.exceptions.Exit(REFUSED)


def _action(seen: Heard, tz: str, options: dict[str, Any]) -> DeskAction:
    """Return the action that the options ask for; a usage error where they are none."""
    from uuid import uuid4

    import msgspec

    from alerts.action import Action, Outcome
    from stream.cli.deed import Moments, deed
    from stream.wall import wall_ms

    moments = Moments(tz=tz, now_ms=wall_ms())
    action, outcome = options["action"], options["outcome"]
    if outcome and action not in {None, "close"}:
        raise click.UsageError("--outcome closes; leave out --action, or say close")
    until, arrived, left = options["until"], options["arrived"], options["left"]
    made = deed(
        seen,
        action=Action(action) if action else None,
        by=options["by"],
        deed_id=options["deed_id"] or str(uuid4()),
        outcome=Outcome(outcome) if outcome else None,
        text=options["text"],
        until_ms=moments.ahead(until, option="--until") if until else None,
        arrived_ms=moments.past(arrived, option="--arrived") if arrived else None,
        left_ms=moments.past(left, option="--left") if left else None,
    )
    try:
        # As the gateway will read it: what it would refuse is never answered.
        msgspec.json.decode(msgspec.json.encode(made), type=type(made))
    except msgspec.ValidationError as fault:
        raise click.UsageError(f"too long, or empty: {fault}") from None
    return made


def _posted(
    settings: Settings, text: AckText, action: DeskAction, seen: Heard, options: dict[str, Any]
) -> Answer | None:
    """Say what is done to what, do it, and return the answer."""
    from stream.cli.ack_post import post

    # On stderr: whoever acts must see what it stands at now, and stdout is for the answer.
    click.echo(text.incidents([seen]), err=True)
    click.echo(text.say("posted", action=action.action, id=action.id), err=True)
    return post(settings, action, wait_s=options["wait"])

"""`crowdtide tail`: what a desk receives, as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stream.cli.options import as_json, examples, language, settings_file, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stream.cli.topic_reader import Received, Start

__all__ = ["tail"]


@click.command()
@click.argument("desk", type=click.Choice(["police", "fire", "system"]))
@click.option(
    "--from",
    "start",
    type=click.Choice(["earliest", "latest"]),
    help="Where to begin; default: latest, with --until-end earliest.",
)
@click.option("--until-end", is_flag=True, help="Stop at the end of what is there now.")
@language
@as_json
@settings_file
@examples(
    "crowdtide tail police",
    "crowdtide tail fire --from earliest --until-end --json | head",
)
def tail(
    desk: str,
    *,
    start: Start | None,
    until_end: bool,
    lang: str,
    json: bool,
    config: Path | None,
    sets: tuple[str, ...],
) -> None:
    """Print what the police, fire or system topic carries, record by record.

    With --json one line each: topic, key, id, type, data (byte for byte as published). Nothing
    is folded: a revision may come again. Without --until-end it goes on until Ctrl-C, and says
    on stderr when the system itself is silent, or lives and closes no hop.

    Exit codes: 0 done, 1 no broker or topic, 2 usage or settings.
    """
    from stream.cli.pulse import Pulse, hop_patience_s
    from stream.cli.topic_reader import read_topics
    from stream.topics import Topic

    settings = settings_of(config, sets).settings
    prefix = settings.topics.prefix
    topic = prefix + Topic[desk.upper()]
    pulse = Pulse(
        prefix + Topic.SYSTEM,
        lang=lang,
        tz=settings.calendar.tz,
        patience_s=hop_patience_s(settings),
    )
    begin: Start = start or ("earliest" if until_end else "latest")
    # With both in one reader a desk that hears nothing knows whether there is nothing to hear.
    topics: dict[str, Start] = (
        {topic: begin} if until_end else {pulse.topic: "latest", topic: begin}
    )
    show = _show_json if json else _shower(lang, settings.calendar.tz)
    try:
        for record in read_topics(settings, topics, until_end=until_end):
            if not until_end:
                pulse.hear(record)
            if record is not None and record.topic == topic:
                show(record)
    except KeyboardInterrupt:
        return


def _show_json(record: Received) -> None:
    import msgspec

    from replay.alert_line import alert_line

    try:
        line = alert_line(record.topic, record.key, record.value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        click.echo(f"{record.topic} offset {record.offset}: no alert: {fault}", err=True)
        return
    click.echo(line, nl=False)


def _shower(lang: str, tz: str) -> Callable[[Received], None]:
    from stream.cli.alert_text import Speaker

    speaker = Speaker(lang=lang, tz=tz)
    return lambda record: click.echo(speaker.say(record.value))

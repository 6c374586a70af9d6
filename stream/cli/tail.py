"""`crowdtide tail`: what a desk receives, as it comes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import click

from stream.cli.options import as_json, examples, language, settings_file, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stream.cli.topic_reader import Received, Start

__all__ = ["Pulse", "tail"]

BLIND_S: Final = 120.0
HEARTBEAT: Final = b'"type":"crowd.system.heartbeat.v1"'
ENVELOPE_BYTES: Final = 1000  # the envelope's attributes stand before its data


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
    on stderr when the system itself is silent.

    Exit codes: 0 done, 1 no broker or topic, 2 usage or settings.
    """
    from stream.cli.topic_reader import read_topics
    from stream.topics import Topic

    settings = settings_of(config, sets).settings
    prefix = settings.topics.prefix
    topic = prefix + Topic[desk.upper()]
    pulse = Pulse(prefix + Topic.SYSTEM)
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


class Pulse:
    """Watches for heartbeats: none for 120 s means that we are blind, and it is said."""

    def __init__(self, topic: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start as if a heartbeat had just come. topic: the system topic, full name."""
        self.topic = topic
        self._clock = clock
        self._heard_s = clock()
        self._blind = False

    def hear(self, record: Received | None) -> None:
        """Take any record, or None where none came; say when heartbeats stop and return."""
        now_s = self._clock()
        head = (record.value or b"")[:ENVELOPE_BYTES] if record is not None else b""
        if record is not None and record.topic == self.topic and HEARTBEAT in head:
            self._heard_s = now_s
            if self._blind:
                self._blind = False
                click.secho("the system is heard again", fg="green", err=True)
        elif not self._blind and now_s - self._heard_s > BLIND_S:
            self._blind = True
            text = f"BLIND: no heartbeat of the system for {BLIND_S:.0f} s; silence is not calm"
            click.secho(text, fg="white", bg="red", err=True)

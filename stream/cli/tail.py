"""`crowdtide tail`: what a desk receives, as it comes."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

import click

from stream.cli.options import as_json, examples, language, settings_file, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stream.kafka_clients import BrokerError
    from stream.settings import Settings
    from stream.topic_reader import Received, Start

__all__ = ["COLUMNS_MAX", "TEXTS", "tail", "terminal_width"]

COLUMNS_MAX: Final = 120  # longer lines are hard to read, however wide the screen

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "lost": "{at} 与消息服务器的连接中断，正在重连；此间收不到预警（{why}）",
        "back": "{at} 已重新连接消息服务器，从中断处继续",
    },
    "en": {
        "lost": "{at} the broker went away, trying again; no alert can reach you ({why})",
        "back": "{at} the broker is back; reading goes on where it stopped",
    },
}
"""Language to texts; a test holds their keys equal."""


@click.command()
@click.argument("desk", type=click.Choice(["police", "fire", "system"]))
@click.option(
    "--from",
    "start",
    type=click.Choice(["earliest", "latest"]),
    help="Where to begin; default: latest, with --until-end earliest.",
)
@click.option("--until-end", is_flag=True, help="Stop at the end of what is there now.")
@click.option(
    "--bell",
    is_flag=True,
    help="Ring the terminal's bell at what is to be acknowledged, once each revision, if it came "
    "in the last ten minutes.",
)
@language
@as_json
@settings_file
@examples(
    "crowdtide tail police --bell",
    "crowdtide tail fire --from earliest --until-end --json | head",
)
def tail(
    desk: str,
    *,
    start: Start | None,
    until_end: bool,
    bell: bool,
    lang: str,
    json: bool,
    config: Path | None,
    sets: tuple[str, ...],
) -> None:
    """Print what the police, fire or system topic carries, record by record.

    With --json one line each: topic, key, id, type, data (byte for byte as published). Nothing
    is folded: a revision may come again. Without --until-end it goes on until Ctrl-C, also when
    the broker goes away and comes back, and says on stderr when that happens, when the system
    itself is silent, or lives and closes no hop. Colours and wrapping are for terminals only
    (NO_COLOR turns colours off).

    Exit codes: 0 done, 1 no broker or topic, 2 usage or settings.
    """
    from stream.cli.bell import Bell
    from stream.topics import Topic

    settings = settings_of(config, sets).settings
    topic = settings.topics.prefix + Topic[desk.upper()]
    show = _show_json if json else _shower(lang, settings.calendar.tz)
    ringer = Bell() if bell else None
    begin: Start = start or ("earliest" if until_end else "latest")
    try:
        for record in _records(settings, topic, begin, lang=lang, until_end=until_end):
            show(record)
            if ringer is not None:
                ringer.hear(record)
    except KeyboardInterrupt:
        return


def _records(
    settings: Settings, topic: str, begin: Start, *, lang: str, until_end: bool
) -> Iterator[Received]:
    """Yield the records of a topic; while it goes on, say what is wrong with the system."""
    from stream.cli.pulse import Pulse, hop_patience_s
    from stream.topic_reader import follow_topics, read_topics
    from stream.topics import Topic

    if until_end:
        for record in read_topics(settings, {topic: begin}, until_end=True):
            if record is not None:
                yield record
        return
    tz = settings.calendar.tz
    system = settings.topics.prefix + Topic.SYSTEM
    pulse = Pulse(system, lang=lang, tz=tz, patience_s=hop_patience_s(settings))
    wire = _Wire(lang, tz)
    # With both in one reader a desk that hears nothing knows whether there is nothing to hear.
    topics: dict[str, Start] = {system: "latest", topic: begin}
    for record in follow_topics(settings, topics, lost=wire.lost, connected=wire.connected):
        pulse.hear(record)
        if record is not None and record.topic == topic:
            yield record


class _Wire:
    """Says on stderr, with the time, that the broker went away, and that it came back."""

    def __init__(self, lang: str, tz: str) -> None:
        from stream.calendar import Calendar

        self._texts = TEXTS[lang]
        self._calendar = Calendar(tz=tz, country="none")
        self._is_lost = False

    def lost(self, fault: BrokerError) -> None:
        self._is_lost = True
        self._say("lost", "red", why=str(fault))

    def connected(self, _: object) -> None:
        if self._is_lost:
            self._say("back", "green")
        self._is_lost = False

    def _say(self, what: str, tint: str, **values: str) -> None:
        from stream.wall import wall_ms

        at = self._calendar.local_iso(wall_ms())[:19].replace("T", " ")
        click.secho(self._texts[what].format(at=at, **values), fg=tint, err=True)


def _show_json(record: Received) -> None:
    import msgspec

    from replay.alert_line import alert_line

    try:
        line = alert_line(record.topic, record.key, record.value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        click.echo(f"{record.topic} offset {record.offset}: no alert: {fault}", err=True)
        return
    click.echo(line, nl=False)
    sys.stdout.flush()


def _shower(lang: str, tz: str) -> Callable[[Received], None]:
    from stream.cli.alert_text import Speaker

    def show(record: Received) -> None:
        # Asked anew each time: a window may have been made narrower.
        speaker = Speaker(lang=lang, tz=tz, width=terminal_width())
        text = speaker.say(record.value)
        if speaker.width is not None:
            text += "\n"  # room between alerts, for people
        click.echo(text, color=False if os.environ.get("NO_COLOR") else None)

    return show


def terminal_width() -> int | None:
    """Return the columns to write on; None where nobody reads along."""
    return min(shutil.get_terminal_size().columns, COLUMNS_MAX) if sys.stdout.isatty() else None

"""`crowdtide notify`: tells people of alerts through their chats, mailboxes and webhooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from stream.cli.options import (
    as_json,
    examples,
    language,
    own_settings_only,
    settings_file,
    settings_of,
)
from stream.cli.stopping import asked_to_stop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from alerts.notify.outbox import Slot
    from stream.calendar import Calendar

__all__ = ["TEXTS", "notify"]

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "target": "{name}：已告知 {told} 起，等待 {waiting} 条，未送达 {lost} 条",
        "waits": "  等待（已试 {tries} 次）：{title} [{id}]",
        "lost": "  {at} 未送达（{why}）：{title} [{id}]",
        "heard": "最近一次系统心跳：{at}",
        "silent": "系统静默：最近一次心跳 {at}",
        "broken": "{desk} 自检没有返回：{at} 发出",
        "whole": "{desk} 自检：{at} 发出，正常",
    },
    "en": {
        "target": "{name}: told of {told}, {waiting} waiting, {lost} undeliverable",
        "waits": "  waits ({tries} failed attempts): {title} [{id}]",
        "lost": "  {at} undeliverable ({why}): {title} [{id}]",
        "heard": "newest heartbeat of the system: {at}",
        "silent": "THE SYSTEM IS SILENT: newest heartbeat {at}",
        "broken": "{desk}: the self-test of {at} did not come back",
        "whole": "{desk}: self-test of {at} well",
    },
}
"""Language to texts; a test holds their keys equal."""


@click.group(invoke_without_command=True)
@settings_file
@click.pass_context
@examples(
    "crowdtide notify --config city.toml",
    "crowdtide notify status --config city.toml",
)
def notify(ctx: click.Context, *, config: Path | None, sets: tuple[str, ...]) -> None:
    """Tell people of alerts: WeCom, DingTalk, Feishu, mail, webhooks, each as [notify] says.

    A process of its own, beside the workers; it keeps what it owes in the file notify.state and
    goes on after any crash. It says on stderr what it sent to which target, one JSON line each,
    never a URL.

    Exit codes: 0 stopped, 2 usage or settings.
    """
    if ctx.invoked_subcommand is not None:
        own_settings_only(ctx)
        return
    from stream.notify import run

    run(settings_of(config, sets).settings, over=asked_to_stop())


@notify.command()
@language
@as_json
@settings_file
@examples(
    "crowdtide notify status --config city.toml --json",
)
def status(*, lang: str, json: bool, config: Path | None, sets: tuple[str, ...]) -> None:
    """Say what waits at each target and what could not be delivered; notify may go on meanwhile.

    Exit codes: 0 nothing is undeliverable, 1 something is; 2 usage or settings, or no state yet.
    """
    import msgspec

    from stream.calendar import Calendar
    from stream.notify.store import look

    settings = settings_of(config, sets).settings
    seen = look(Path(settings.notify.state))
    if json:
        click.echo(msgspec.json.encode(seen))
    else:
        calendar = Calendar(tz=settings.calendar.tz, country="none")
        names = sorted({*settings.notify.targets, *seen["slots"]})
        for told in _told(seen, names, calendar, TEXTS[lang]):
            click.echo(told)
    if seen["given_up"]:
        raise click.exceptions.Exit(1)


def _told(
    seen: Mapping[str, Any], names: list[str], calendar: Calendar, texts: Mapping[str, str]
) -> Iterator[str]:
    def at(moment_ms: int) -> str:
        return calendar.local_iso(moment_ms)[:19].replace("T", " ")

    if watch := seen["watch"]:
        yield texts["silent" if watch.is_silent else "heard"].format(at=at(watch.heard_ms))
        for desk, probe in sorted(watch.probes.items()):
            form = "broken" if probe.is_broken else "whole"
            yield texts[form].format(desk=desk, at=at(probe.posted_ms))
    for name in names:
        slots: list[Slot] = seen["slots"].get(name, [])
        lost = [one for one in seen["given_up"] if one.target == name]
        waiting = [(one.waiting, one.tries) for one in slots if one.waiting is not None]
        yield texts["target"].format(
            name=name,
            told=sum(one.was_told for one in slots),
            waiting=len(waiting),
            lost=len(lost),
        )
        for note, tries in waiting:
            yield texts["waits"].format(tries=tries, title=note.title, id=note.id)
        for one in lost:
            yield texts["lost"].format(at=at(one.at_ms), why=one.why, title=one.title, id=one.id)

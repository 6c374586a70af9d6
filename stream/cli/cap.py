"""`crowdtide cap`: alerts as CAP messages, and whether a CAP message is one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import click
from typing_extensions import override

from stream.cli.options import FILE, as_json, examples, settings_file, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from alerts.cap import CapSender, Chain
    from stream.settings import Settings

__all__ = ["cap"]

UNSAFE: Final = str.maketrans("/:%", "___")


class _OrMake(click.Group):
    """A group that takes a file or `--follow` in the place of a command as `make`."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in {"--help", "-h"}:
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_OrMake)
@examples(
    "crowdtide cap alerts.ndjson --out cap/",
    "crowdtide cap --follow police --dialect china --out cap/",
    "crowdtide cap validate cap/*.xml",
)
def cap() -> None:
    """Alerts as CAP 1.2 messages, or in the Chinese platform's dialect; and their check.

    `crowdtide cap FILE` and `crowdtide cap --follow DESK` are short for `crowdtide cap make`.
    """


@cap.command("make")
@click.argument("source", required=False, type=FILE, metavar="[FILE]")
@click.option("--follow", type=click.Choice(["police", "fire"]), help="Read a desk's topic on.")
@click.option(
    "--dialect",
    type=click.Choice(["oasis", "china"]),
    default="oasis",
    help="OASIS CAP 1.2 (default), or that of the Chinese national platform.",
)
@click.option(
    "--status",
    type=click.Choice(["Exercise", "Test"]),
    default="Test",
    help="Of lines that have no envelope: a file is never Actual. Default: Test.",
)
@click.option("--out", type=FILE, metavar="DIR", help="One file a message; default: stdout.")
@settings_file
@examples(
    "crowdtide cap make alerts.ndjson --out cap/",
    "crowdtide cap make --follow police --dialect china --out cap/",
)
def make(
    source: Path | None,
    *,
    follow: str | None,
    dialect: str,
    status: str,
    out: Path | None,
    config: Path | None,
    sets: tuple[str, ...],
) -> None:
    """Turn alerts into CAP messages: a file of them, line by line, or a desk's topic.

    FILE is what `backtest --alerts` and `tail --json` write, or whole envelopes, one a line; `-` is
    stdin. Its messages are Test, or Exercise, never Actual. With --follow the status is that of
    the envelope. What is no alert (a self-test, say) is named on stderr and passed over.

    Exit codes: 0 done, 1 a line was no alert, or no broker, 2 usage or settings.
    """
    if (source is None) == (follow is None):
        raise click.UsageError("give a FILE, or --follow police or fire")
    settings = settings_of(config, sets).settings
    values = _lines(source) if source is not None else _records(settings, follow or "")
    given = None if follow else status
    done = _converted(values, _sender(settings), dialect=dialect, status=given, put=_put(out))
    sys.exit(0 if done else 1)


def _lines(source: Path) -> Iterator[tuple[str, bytes]]:
    with click.open_file(str(source), "rb") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield f"{source}:{number}", line


def _records(settings: Settings, desk: str) -> Iterator[tuple[str, bytes]]:
    from stream.topic_reader import read_topics
    from stream.topics import Topic

    topic = settings.topics.prefix + Topic[desk.upper()]
    for record in read_topics(settings, {topic: "latest"}, until_end=False):
        if record is not None:
            yield f"{topic} offset {record.offset}", record.value or b""


def _sender(settings: Settings) -> CapSender:
    from alerts.cap import CapSender
    from stream.calendar import Calendar

    told, clock = settings.cap, Calendar(tz=settings.calendar.tz, country="none")
    return CapSender(
        sender=told.sender,
        name={"zh-CN": told.name_zh, "en": told.name_en},
        code=told.sender_code,
        event_type=told.event_type,
        geocode=told.geocode,
        restriction=told.restriction,
        web=told.web,
        local=lambda at_ms: clock.local_iso(at_ms // 1000 * 1000),
    )


def _converted(
    values: Iterable[tuple[str, bytes]],
    sender: CapSender,
    *,
    dialect: str,
    status: Any,  # noqa: ANN401 - one of click's choices, or None
    put: Callable[[str, bytes], None],
) -> bool:
    """Convert one after the other; return whether every one of them was an alert."""
    from alerts.cap import CapError, Chain, chinese_xml, event_of, oasis_xml

    write = chinese_xml if dialect == "china" else oasis_xml
    chain: Chain = Chain()
    whole = True
    for where, value in values:
        try:
            event = event_of(value, status=status)
            put(event.id, write(event, sender, chain))
        except (CapError, LookupError, TypeError, ValueError, AttributeError) as fault:
            # Foreign bytes: whatever shape they have, the other messages must be made.
            what = fault if isinstance(fault, CapError) else f"not understood: {fault!r}"
            click.echo(f"{where}: passed over: {what}", err=True)
            whole = False
    return whole


def _put(out: Path | None) -> Callable[[str, bytes], None]:
    """Return where messages go: to stdout, or each whole into a file of its own."""
    if out is None:
        return lambda _, xml: click.echo(xml)
    from replay.whole_file import whole_file

    out.mkdir(parents=True, exist_ok=True)

    def put(name: str, xml: bytes) -> None:
        from alerts.cap.facts import identifier

        with whole_file(out / f"{identifier(name).translate(UNSAFE)}.xml") as stream:
            stream.write(xml)

    return put


@cap.command("validate")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@as_json
@examples("crowdtide cap validate cap/*.xml")
def validate(files: tuple[Path, ...], *, json: bool) -> None:
    """Check CAP 1.2 messages: the official schema, and the rules that it does not know.

    One line a fault; with --json one line a file: file, valid, faults.

    Exit codes: 0 all valid, 1 one is not or cannot be read, 2 usage.
    """
    import msgspec

    from stream.cli.cap_schema import faults

    all_valid = True
    for path in files:
        try:
            found = faults(path.read_bytes())
        except OSError as fault:
            found = [f"cannot be read: {fault.strerror}"]
        all_valid &= not found
        if json:
            told = {"file": str(path), "valid": not found, "faults": found}
            click.echo(msgspec.json.encode(told))
        else:
            click.echo("\n".join(f"{path}: {fault}" for fault in found) or f"{path}: valid")
    sys.exit(0 if all_valid else 1)

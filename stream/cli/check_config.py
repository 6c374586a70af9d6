"""`crowdtide check-config`: are these settings right, and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stream.cli.options import FILE, as_json, examples, settings_file, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from stream.settings import Loaded, Settings

__all__ = ["check_config"]


@click.command("check-config")
@click.argument("file", type=FILE, required=False)
@settings_file
@as_json
@click.pass_context
@examples(
    "crowdtide check-config crowdtide.toml --set topics.prefix=trial.",
)
def check_config(
    ctx: click.Context,
    file: Path | None,
    *,
    config: Path | None,
    sets: tuple[str, ...],
    json: bool,
) -> None:
    """Check the settings FILE (or --config), with variables and --set; list every fault.

    Certificates and the city pack or cells file that the settings name are opened, too; with
    cells and feeds the size of the state to be saved is estimated.
    Exit codes: 0 right, 1 faults, 2 usage.
    """
    if file is not None and config is not None:
        raise click.UsageError("give the settings file once")
    from geo.fault import RegisterError
    from stream.cli.pack_facts import fact_lines
    from stream.settings_fault import ConfigError

    try:
        loaded = settings_of(file or config, sets)
        ground = _open_files(loaded)
    except ConfigError as fault:
        found = [
            {"where": one.where, "key": one.key, "what": one.what, "instead": one.instead}
            for one in fault.faults
        ]
        ctx.exit(_refuse(str(fault), found, json=json))
    except RegisterError as fault:
        found = [{"where": fault.file, "key": "worker.cells", "what": str(fault), "instead": ""}]
        ctx.exit(_refuse(str(fault), found, json=json))
    facts = _facts(loaded.settings) | ground
    if json:
        _print({"schema": "check-config/1", "ok": True, "faults": [], **facts})
        return
    click.echo("the settings are right")
    pack = facts.pop("pack", None)
    for name, value in facts.items():
        click.echo(f"  {name}: {value}")
    if pack is not None:
        click.echo("the city pack")
        for line in fact_lines(pack):
            click.echo(line)


def _open_files(loaded: Loaded) -> dict[str, Any]:
    """Open what the settings name; return what a city pack says of itself, if there is one."""
    from geo.pack_file import is_pack_file, read_pack
    from stream.cli.options import city_of
    from stream.cli.pack_facts import pack_facts
    from stream.kafka_clients import tls_context
    from stream.room import check_room

    tls_context(loaded.settings.kafka)
    path = loaded.settings.worker.cells
    if path is None:
        return {}
    city, loaded = city_of(loaded, None)
    check_room(loaded.settings, city)
    return {"pack": pack_facts(read_pack(path), loaded.settings)} if is_pack_file(path) else {}


def _refuse(text: str, faults: list[dict[str, str]], *, json: bool) -> int:
    if json:
        _print({"schema": "check-config/1", "ok": False, "faults": faults})
    else:
        click.echo(text, err=True)
    return 1


def _facts(settings: Settings) -> dict[str, Any]:
    """Return what follows from the settings, as one would want to know before a start."""
    from stream.settings import settings_hash

    facts: dict[str, Any] = {
        "hash": settings_hash(settings),
        "calendar_known_until": _known_until(settings),
    }
    if not settings.feeds:
        return facts | {"feeds": "none; a feed file brings its own"}
    supporting = {n: feed.supports for n, feed in settings.feeds.items() if feed.supports}
    if supporting:
        facts["supporting"] = supporting
    return facts | {
        "hop_s": settings.hop_s_resolved,
        "window_hops": settings.window_hops,
        "slot_min": settings.slot_min,
        "max_age_s": {name: settings.max_age_ms(name) // 1000 for name in sorted(settings.feeds)},
    }


def _known_until(settings: Settings) -> str:
    """Return the last day whose holidays and make-up workdays are known."""
    from datetime import UTC, datetime

    from stream.day_kinds import DayKinds

    own = settings.calendar
    days = DayKinds(country=own.country, local=own.days)
    return days.known_until(datetime.now(UTC).date()).isoformat()


def _print(value: object) -> None:
    import msgspec

    click.echo(msgspec.json.encode(value))

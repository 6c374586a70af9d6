"""`crowdtide settings-page`: the reference page of all settings, made from their types."""

from __future__ import annotations

import re
import typing
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import click

from stream.cli.options import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["settings_page", "settings_text"]

HEAD: Final = """\
# Settings

*Made from the types by `make docs`; do not edit.*

One TOML file (`--config`), over it variables `CROWD_<SECTION>__<KEY>`, over them
`--set section.key=value` (the value is TOML; a bare word is a string). Unknown keys and misspelt
variables are errors, and all faults are listed at once: `crowdtide check-config FILE`. A secret
may be the path of a file that holds it: `password_file`, `CROWD_KAFKA__PASSWORD_FILE`.

Sections marked *deciding* decide which alerts come out. They enter the settings hash: workers of
one deployment must agree in them, and they change only with all workers stopped.
"""


@click.command("settings-page", hidden=True)
@examples(
    "crowdtide settings-page > docs/settings.md",
)
def settings_page() -> None:
    """Print docs/settings.md."""
    click.echo(settings_text(), nl=False)


def settings_text() -> str:
    """Return the page; a test holds docs/settings.md equal to it."""
    from stream.settings_hash import SECTIONS
    from stream.settings_model import Settings
    from stream.settings_shape import settings_of

    parts = [HEAD]
    for name, spec in settings_of(Settings).items():
        parts += _section(name, spec.kind, deciding=name in SECTIONS)
    return "\n".join(parts)


def _section(path: str, kind: Any, *, deciding: bool) -> Iterator[str]:  # noqa: ANN401 - annotation
    """Yield a section as Markdown, then the sections in it."""
    from stream.settings_shape import row_type, section_type, settings_of, table_type

    table, row = table_type(kind), row_type(kind)
    section = section_type(kind) or table or row
    assert section is not None
    title = f"[{path}.NAME]" if table else f"[[{path}]]" if row else f"[{path}]"
    path = f"{path}.NAME" if table else path
    yield f"## `{title}`" + (" (deciding)" if deciding else "") + "\n"
    yield _first_line(section) + "\n"
    inner = []
    rows = []
    for name, spec in settings_of(section).items():
        if any(kind_of(spec.kind) for kind_of in (section_type, row_type, table_type)):
            inner.append((f"{path}.{name}", spec.kind))
        else:
            rows.append(_row(section, name, spec.kind))
    if rows:
        yield "| key | takes | default | what it is, and why to turn it |\n|---|---|---|---|"
        yield "\n".join(rows) + "\n"
    for below, its_kind in inner:
        yield from _section(below, its_kind, deciding=deciding)


def _row(section: type, name: str, kind: Any) -> str:  # noqa: ANN401 - annotation
    default = _default(section, name)
    says = _meta(kind, "description") or _from_docstring(section, name)
    return f"| `{name}` | {_takes(kind)} | {default} | {says} |"


def _metas(kind: Any) -> Iterator[Any]:  # noqa: ANN401 - annotation
    """Yield every Meta of an annotation, through unions and constraints."""
    if typing.get_origin(kind) is Annotated:
        inner, *metas = typing.get_args(kind)
        yield from metas
        yield from _metas(inner)
    elif type(None) in typing.get_args(kind):
        for part in typing.get_args(kind):
            yield from _metas(part)


def _meta(kind: Any, name: str) -> Any:  # noqa: ANN401 - annotation, value of any kind
    return next((v for meta in _metas(kind) if (v := getattr(meta, name)) is not None), None)


def _takes(kind: Any) -> str:  # noqa: ANN401 - annotation
    """Return what a value may be, in words."""
    from stream.settings_shape import alternatives

    plain = [_word(part) for part in alternatives(kind) if part is not type(None)]
    low, above, high = (_meta(kind, name) for name in ("ge", "gt", "le"))
    limits = [
        f"from {low:g}" if low is not None else "",
        f"above {above:g}" if above is not None else "",
    ]
    limits.append(f"to {high:g}" if high is not None else "")
    return " ".join(filter(None, [" or ".join(plain), *limits]))


def _word(kind: Any) -> str:  # noqa: ANN401 - annotation
    origin = typing.get_origin(kind)
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in typing.get_args(kind))
    if origin is tuple:
        inner = [part for part in typing.get_args(kind) if part is not Ellipsis]
        many = "list of " if Ellipsis in typing.get_args(kind) else f"{len(inner)} x "
        return many + _word(inner[0])
    if origin is Annotated:
        return _word(typing.get_args(kind)[0])
    words = {int: "integer", float: "number", str: "text", bool: "true or false"}
    return words.get(kind, str(kind))


def _default(section: type, name: str) -> str:
    import dataclasses

    import msgspec

    if dataclasses.is_dataclass(section):
        value: Any = getattr(section(), name)
    else:
        spec = next(one for one in msgspec.structs.fields(section) if one.name == name)
        if spec.required:
            return "*required*"
        value = spec.default
    if value is None:
        return "unset"
    return f"`{msgspec.json.encode(value).decode()}`"


def _first_line(section: type) -> str:
    return (section.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ")


def _from_docstring(section: type, name: str) -> str:
    """Return what a detector's docstring says of a knob: `name: text`, or `name, other: text`.

    >>> from detectors.surge import SurgeSpec
    >>> _from_docstring(SurgeSpec, "mean_min")
    'span of the mean; lower it to be faster and noisier.'
    """
    text = " ".join(line.strip() for line in (section.__doc__ or "").splitlines()[1:])
    knobs = section.__dataclass_fields__ if hasattr(section, "__dataclass_fields__") else ()
    heads = "|".join(map(re.escape, knobs))
    entry = rf"(?:^|\s)((?:(?:{heads})(?:, )?)+): "
    pieces = re.split(entry, text)
    for head, body in zip(pieces[1::2], pieces[2::2], strict=True):
        if name in head.split(", "):
            return body.strip()
    return ""

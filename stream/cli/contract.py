"""The records that other programs rely on, by name: their types, schemas and examples."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import msgspec

from alerts.action import DeskAction, Reply
from alerts.message import AlertData
from alerts.selftest import SelfTest
from alerts.system import (
    BudgetOverspent,
    FeedBlind,
    FeedSunk,
    FeedSuspect,
    Heartbeat,
    HostTrouble,
)
from stream.density import Density
from stream.records import CellCounts, Tick

__all__ = ["RECORDS", "Record", "components", "example", "schema_of"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One kind of record: what it is for, its type, whether it travels in a CloudEvents envelope.

    example: name of a file of `stream/cli/examples`, written from golden runs.
    """

    name: str
    title: str
    type: Any
    is_event: bool = False
    example: str


RECORDS: Final = {
    one.name: one
    for one in (
        Record(
            name="cell-counts",
            title="A batch of counts of one feed and one interval",
            type=CellCounts,
            example="cell-counts",
        ),
        Record(name="tick", title="What time it is at a source", type=Tick, example="tick"),
        Record(
            name="density",
            title="One block of tiles at one hop",
            type=Density,
            example="density",
        ),
        Record(
            name="alert",
            title="What one desk is told of one transition of one incident",
            type=AlertData,
            is_event=True,
            example="alert-police",
        ),
        Record(
            name="self-test",
            title="A message that says only that messages come",
            type=SelfTest,
            is_event=True,
            example="self-test",
        ),
        Record(
            name="system",
            title="How the system itself is",
            type=FeedBlind | FeedSuspect | FeedSunk | BudgetOverspent | Heartbeat | HostTrouble,
            is_event=True,
            example="heartbeat",
        ),
        Record(
            name="desk-action",
            title="What a person at a desk did",
            type=DeskAction,
            example="desk-action",
        ),
        Record(
            name="desk-reply",
            title="What became of a desk action",
            type=Reply,
            example="desk-reply",
        ),
    )
}
"""In the order of a reading's way. A `/1` belongs to each name."""

_ENVELOPE: Final[dict[str, Any]] = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "description": "The same for the same news: readers drop repeats."},
    "type": {"type": "string"},
    "source": {"type": "string", "description": "Name of the deployment (worker.source)."},
    "subject": {"type": "string"},
    "time": {"type": "string", "format": "date-time", "description": "The deciding hop, UTC."},
    "dataschema": {"type": "string"},
    "datacontenttype": {"const": "application/json"},
    "status": {
        "enum": ["Actual", "Exercise", "Test", "System"],
        "description": "Extension attribute. Anything but Actual is not to be acted on.",
    },
}


def components(ref: str) -> dict[str, Any]:
    """Return the schemas of all records and of their parts, by name; ref: template of a `$ref`."""
    _, parts = msgspec.json.schema_components(
        [one.type for one in RECORDS.values()], ref_template=ref
    )
    return {name: _one_line(part) for name, part in sorted(parts.items())}


def payload(record: Record, ref: str) -> dict[str, Any]:
    """Return the schema of a record's value: the record, or its envelope with the record in it."""
    (schema,), _ = msgspec.json.schema_components([record.type], ref_template=ref)
    # OpenAPI's hint for unions: no keyword of JSON Schema, and another one in AsyncAPI.
    schema.pop("discriminator", None)
    if not record.is_event:
        return schema
    return {
        "type": "object",
        "required": [*_ENVELOPE, "data"],
        "properties": _ENVELOPE | {"data": schema},
    }


def schema_of(record: Record) -> dict[str, Any]:
    """Return a JSON Schema of a record's value that stands by itself."""
    ref = "#/$defs/{name}"
    _, parts = msgspec.json.schema_components([record.type], ref_template=ref)
    return {
        "$schema": DIALECT,
        "$id": f"urn:crowdtide:schema:{record.name}:1",
        "title": record.title,
        **payload(record, ref),
        "$defs": {name: _one_line(part) for name, part in sorted(parts.items())},
    }


def example(record: Record) -> Any:  # noqa: ANN401 - JSON
    """Return a record as a golden run made it."""
    text = files("stream.cli").joinpath("examples", f"{record.example}.json").read_bytes()
    return msgspec.json.decode(text)


def _one_line(part: dict[str, Any]) -> dict[str, Any]:
    """Return a schema whose description does not keep the line breaks of our source."""
    if "description" not in part:
        return part
    return part | {"description": " ".join(part["description"].split())}

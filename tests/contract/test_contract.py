"""The contract as documents: made from the code's types, valid, and of real records."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from click.testing import CliRunner
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from stream.cli.asyncapi import PUBLIC, document
from stream.cli.contract import RECORDS, Record, example, schema_of
from stream.cli.group import _crowdtide
from stream.settings import Settings, load
from stream.topics import Topic, plan
from tests.arch.house import ROOT
from tests.contract.__main__ import EXAMPLES, examples, published

SCHEMAS = ROOT / "docs" / "schemas"
HERE = Path(__file__).parent
UPDATE = "if this is meant: make golden-update docs, and read the difference"


@cache
def asyncapi() -> Any:  # noqa: ANN401 - a validator of a compiled module
    return jsonschema_rs.validator_for(json.loads((HERE / "asyncapi-3.0.0.json").read_bytes()))


def test_the_document_is_valid_asyncapi() -> None:
    assert [error.message for error in asyncapi().iter_errors(document(Settings()))] == []


@pytest.mark.parametrize(
    ("channel", "partitions"), [("police", -1), ("fire", "one")], ids=["below zero", "a word"]
)
def test_a_document_that_is_wrong_would_be_seen(channel: str, partitions: object) -> None:
    tree = document(Settings())
    tree["channels"][channel]["bindings"]["kafka"]["partitions"] = partitions
    assert not asyncapi().is_valid(tree)


def test_the_document_and_the_schemas_in_docs_are_those_of_the_code(tmp_path: Path) -> None:
    done = CliRunner().invoke(_crowdtide, ["schema", "write", str(tmp_path)])
    assert done.exit_code == 0
    made = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in SCHEMAS.iterdir()}
    assert made == kept, UPDATE


def test_the_examples_are_those_of_a_real_run() -> None:
    kept = {path.stem: json.loads(path.read_bytes()) for path in EXAMPLES.glob("*.json")}
    assert json.loads(json.dumps(examples())) == kept, UPDATE


def test_every_public_topic_is_in_it_with_its_shape_and_no_internal_one() -> None:
    settings = load(None, env={}, sets=["topics.prefix=zj.", "topics.partitions.blocks=3"])
    channels = document(settings)["channels"]
    planned = {one.name: one for one in plan("zj.", counts=4, blocks=3)}
    addresses = {one["address"]: one for one in channels.values()}
    assert set(addresses) == {f"zj.{topic}" for topic in PUBLIC}
    for name, one in addresses.items():
        kafka = one["bindings"]["kafka"]
        assert kafka["partitions"] == planned[name].partitions
        assert (
            str(kafka["topicConfiguration"]["retention.ms"]) == planned[name].config["retention.ms"]
        )
    internal = {Topic.READINGS, Topic.DETECTIONS, Topic.SNAPSHOTS}
    assert internal.isdisjoint(PUBLIC)


def value_of(record: Record) -> Any:  # noqa: ANN401 - JSON
    return example(record)


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_every_example_is_strictly_of_its_type_and_follows_its_schema(record: Record) -> None:
    value = value_of(record)
    jsonschema_rs.validator_for(schema_of(record)).validate(value)
    inside = value["data"] if record.is_event else value
    msgspec.json.decode(json.dumps(inside), type=record.type, strict=True)


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_without_its_first_field_is_refused_by_its_schema(record: Record) -> None:
    value = dict(value_of(record))
    value.pop("specversion" if record.is_event else "schema")
    assert not jsonschema_rs.validator_for(schema_of(record)).is_valid(value)


def test_every_published_event_follows_its_schema_and_is_parsed_by_the_sdk() -> None:
    out, *_ = published()
    alert = jsonschema_rs.validator_for(schema_of(RECORDS["alert"]))
    test = jsonschema_rs.validator_for(schema_of(RECORDS["self-test"]))
    seen = 0
    for one in out:
        if one.topic not in {Topic.POLICE, Topic.FIRE}:
            continue
        tree = json.loads(one.value or b"")
        (test if tree["data"]["schema"] == "self-test/1" else alert).validate(tree)
        message = KafkaMessage(headers=dict(one.headers), key=one.key, value=one.value or b"")
        event = from_kafka(message, JSONFormat(), CloudEvent)
        assert (event.get_id(), event.get_type()) == (tree["id"], tree["type"])
        told = {name: text.decode() for name, text in one.headers}
        assert (told["ce_id"], told["ce_type"]) == (tree["id"], tree["type"])
        assert (told["ce_subject"], told["ce_time"]) == (tree["subject"], tree["time"])
        seen += 1
    assert seen > 5


def test_an_unknown_record_is_told_with_the_known_ones() -> None:
    done = CliRunner().invoke(_crowdtide, ["schema", "show", "alarm"])
    assert done.exit_code == 2
    assert "alarm: no such record; one of cell-counts, tick" in done.stderr
    shown = CliRunner().invoke(_crowdtide, ["schema", "show", "tick/1"])
    assert json.loads(shown.stdout)["$id"] == "urn:crowdtide:schema:tick:1"

"""The AsyncAPI 3.0 document of a deployment: its public topics, records, keys and headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stream.cli.contract import RECORDS, components, example, payload
from stream.topics import Topic, plan

if TYPE_CHECKING:
    from stream.settings import Settings

__all__ = ["PUBLIC", "document"]

REF: Final = "#/components/schemas/{name}"
VERSION: Final = "1.0.0"

PUBLIC: Final[dict[Topic, tuple[tuple[str, ...], str, str, str]]] = {
    Topic.COUNTS: (
        ("cell-counts", "tick"),
        "receive",
        "anything; murmur2 of it picks the partition",
        "Counts of the operators' feeds; batches of 500 to 5,000 cells. The worker's ticks go in.",
    ),
    Topic.DENSITY: (
        ("density",),
        "send",
        "block id; murmur2(block id) modulo partitions",
        "People per tile at every hop, under the privacy floor.",
    ),
    Topic.POLICE: (
        ("alert", "self-test"),
        "send",
        "incident id",
        "Alerts for the police desk. Readers fold by revision; a late one reads 48 h back.",
    ),
    Topic.FIRE: (
        ("alert", "self-test"),
        "send",
        "incident id",
        "Alerts for the fire desk. Readers fold by revision; a late one reads 48 h back.",
    ),
    Topic.SYSTEM: (
        ("system",),
        "send",
        "what it is about",
        "Heartbeat each minute (none for 120 s: we are blind), silent and suspect feeds, budget.",
    ),
    Topic.ACKS: (
        ("desk-action", "tick"),
        "receive",
        "incident id",
        "What desks do; takes effect at the next beat (10 s). The worker's ticks go in.",
    ),
    Topic.REPLIES: (
        ("desk-reply",),
        "send",
        "incident id",
        "One answer to every desk action, with the state of now.",
    ),
}
"""Public topics: their records, what we do with them, their key, and what they are."""

_EVENT_HEADERS: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "content-type": {"const": "application/cloudevents+json; charset=UTF-8"},
        "ce_id": {"type": "string"},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string"},
        "ce_subject": {"type": "string"},
        "ce_time": {"type": "string"},
        "published_ms": {"type": "string", "description": "Wall clock, epoch ms; never replayed."},
        "worker": {"type": "string", "description": "Who published it."},
        "cause": {"type": "string", "description": "topic/partition/offset that brought it about."},
    },
}
_INTERNAL: Final = "internal, not part of the contract: "


def document(settings: Settings) -> dict[str, Any]:
    """Return the document, as plain values in a fixed order."""
    prefix = settings.topics.prefix
    planned = {one.name: one for one in _plan(settings)}
    inside = sorted(set(planned) - {prefix + topic for topic in PUBLIC})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Crowdtide",
            "version": VERSION,
            "description": "Crowd-density early warning: counts in, alerts for desks out. Every "
            "producer of ours uses murmur2 (librdkafka: partitioner=murmur2_random); "
            "records carry the broker's time of arrival (LogAppendTime). "
            "Within a major version fields are only added; readers ignore what they do not know. "
            f"Topics that are {_INTERNAL}{', '.join(inside)}.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": settings.kafka.bootstrap.split(",")[0],
                "protocol": "kafka",
                "description": "The setting kafka.bootstrap.",
            }
        },
        "channels": {
            topic.name.lower(): _channel(topic, planned[prefix + topic]) for topic in PUBLIC
        },
        "operations": {
            f"{action}-{topic.name.lower()}": {
                "action": action,
                "channel": {"$ref": f"#/channels/{topic.name.lower()}"},
                "summary": about,
            }
            for topic, (_, action, _, about) in PUBLIC.items()
        },
        "components": {"schemas": components(REF), "messages": _messages()},
    }


def _plan(settings: Settings) -> list[Any]:
    counts, blocks = settings.topics.partitions.counts, settings.topics.partitions.blocks
    return plan(settings.topics.prefix, counts=counts, blocks=blocks)


def _channel(topic: Topic, planned: Any) -> dict[str, Any]:  # noqa: ANN401 - a PlannedTopic
    records, _, key, about = PUBLIC[topic]
    config = {"cleanup.policy": ["delete"], "retention.ms": int(planned.config["retention.ms"])}
    if "max.message.bytes" in planned.config:
        config["max.message.bytes"] = int(planned.config["max.message.bytes"])
    kept = {"topic": planned.name, "partitions": planned.partitions, "topicConfiguration": config}
    return {
        "address": planned.name,
        "description": f"{about} Key: {key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in records},
        "bindings": {"kafka": kept | {"bindingVersion": "0.5.0"}},
    }


def _messages() -> dict[str, Any]:
    """Return one message a record, each with an example of a golden run."""
    made: dict[str, Any] = {}
    for name, record in RECORDS.items():
        kind = "application/cloudevents+json" if record.is_event else "application/json"
        made[name] = {
            "name": f"{name}/1",
            "title": record.title,
            "contentType": kind,
            **({"headers": _EVENT_HEADERS} if record.is_event else {}),
            "payload": payload(record, REF),
            "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": "0.5.0"}},
            "examples": [{"name": "golden", "payload": example(record)}],
        }
    return made

"""Writes the examples of the contract, then its schemas: `python -m tests.contract`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from replay.engine import Engine
from stream.topics import Topic
from tests.arch.house import ROOT
from tests.laws.crowds import HOP_S, START_MS, log, settings, squares

if TYPE_CHECKING:
    from stream.machine import Outgoing

__all__ = ["EXAMPLES", "examples", "published"]

EXAMPLES: Final = ROOT / "stream" / "cli" / "examples"
HOPS: Final = 56
NOT_BEFORE: Final = 44
"""Hop from which desks act: by then the first crowd has been told."""


def deed(seen: dict[str, Any], **more: object) -> dict[str, object]:
    """Return a desk's action on an alert it got."""
    return {
        "schema": "desk-action/1",
        "incident": seen["incident"],
        "desk": seen["desk"],
        "action": "ack",
        "revision_seen": seen["revision"],
        "level_seen": seen["level"],
        "by": "duty officer 7",
        "id": "0b6f2a4e-1",
        **more,
    }


def published() -> tuple[list[Outgoing], dict[str, Any], bytes]:
    """Return what a short evening brings, the action of a desk in it, and the newest heartbeat."""
    with tempfile.TemporaryDirectory() as folder:
        town = squares(Path(folder))
    engine = Engine(settings(), town, density=True)
    acted: dict[str, Any] = {}
    for number, record in enumerate(log(hops=HOPS)):
        told = [one for one in engine.published if one.topic is Topic.POLICE]
        if told and not acted and record.is_tick:
            acted = deed(json.loads(told[-1].value)["data"])
            engine.act(msgspec.json.encode(acted), at_ms=record.at_ms)
            ask = acted | {"incident": "self-test", "action": "test", "id": "hourly"}
            engine.act(msgspec.json.encode(ask), at_ms=record.at_ms)
        engine.feed(record)
        assert number >= 0
    beat = engine.incident.heartbeat(worker="w0", at_ms=START_MS + HOPS * HOP_S * 1000)
    assert beat is not None
    return [*engine.published, *engine.other], acted, beat.value or b""


def examples() -> dict[str, Any]:
    """Return every example by the name of its file."""
    out, acted, beat = published()
    values = {
        topic: [json.loads(one.value or b"") for one in out if one.topic is topic]
        for topic in (Topic.DENSITY, Topic.POLICE, Topic.FIRE, Topic.REPLIES)
    }
    police = [one for one in values[Topic.POLICE] if one["data"]["schema"] == "alert/1"]
    test = next(one for one in values[Topic.POLICE] if one["data"]["schema"] == "self-test/1")
    counts = {
        "schema": "cell-counts/1",
        "feed": "cmcc",
        "seq": 0,
        "start": "2026-10-01T19:55:00+08:00",
        "period_s": 300,
        "cells": ["460-00-9532-1", "460-00-9532-2", "460-00-9540-7"],
        "counts": [412, None, 0],
    }
    return {
        "cell-counts": counts,
        "tick": {"schema": "tick/1", "now_ms": START_MS},
        "density": values[Topic.DENSITY][-1],
        "alert-police": police[0],
        "alert-fire": values[Topic.FIRE][0],
        "self-test": test,
        "heartbeat": json.loads(beat),
        "desk-action": acted,
        "desk-reply": values[Topic.REPLIES][0],
    }


def main() -> None:
    """Write the examples."""
    EXAMPLES.mkdir(exist_ok=True)
    for name, tree in examples().items():
        text = json.dumps(tree, ensure_ascii=False, indent=1) + "\n"
        (EXAMPLES / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

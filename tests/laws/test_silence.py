"""While nobody ticks, readings keep coming: none of them is lost, and none alarms later or less."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from replay.engine import Engine
from replay.log import LogRecord
from stream.block import BlockMachine
from stream.readings import FATES
from stream.topics import Topic
from tests.laws.crowds import CELLS, HOP_S, START_MS, crowd, settings, squares

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stream.machine import Delivered, Outgoing

HOPS = 60
HOP_MS = HOP_S * 1000
SILENCE = range(43, 55)  # an hour; the first crowd is on the ladder from hop 44 on


def batch(hop: int, **changes: object) -> LogRecord:
    value = {
        "schema": "cell-counts/1",
        "feed": "cmcc",
        "start": START_MS + hop * HOP_MS,
        "period_s": HOP_S,
        "cells": [f"c{cell:02d}" for cell in range(CELLS)],
        "counts": [crowd(cell, hop) for cell in range(CELLS)],
    }
    return LogRecord(at_ms=0, value=msgspec.json.encode(value | changes), is_tick=False)


def tick(hop: int) -> LogRecord:
    now_ms = START_MS + hop * HOP_MS + 60_000
    return LogRecord(
        at_ms=0, value=msgspec.json.encode({"schema": "tick/1", "now_ms": now_ms}), is_tick=True
    )


def told(silence: range) -> Iterator[LogRecord]:
    yield tick(0)
    for hop in range(HOPS):
        yield batch(hop)
        if hop in silence:  # one of them is really from the future
            yield batch(hop, start=START_MS + 200 * HOP_MS)
        if hop + 1 not in silence:
            yield tick(hop + 1)


ONE_POST = (
    'desks.police.chain=["all"]',
    'desks.fire.chain=["all"]',
    "desks.police.ring_again_s=[0, 0, 0, 0]",
    "desks.fire.ring_again_s=[0, 0, 0, 0]",
)
"""Nobody is passed over, or called again, for not answering: by when one has to hangs on ticks."""


def said(engine: Engine) -> list[tuple[int, str, int]]:
    """Return (hop, incident, level) of all alerts; when they were decided is another matter."""
    events = [
        msgspec.json.decode(out.value)["data"]
        for out in engine.published
        if out.topic in {Topic.POLICE, Topic.FIRE}
    ]
    return [(one["hop_ms"], one["incident"], one["level"]) for one in events]


@pytest.mark.parametrize("blocks", [1, 2])
def test_an_hour_without_ticks_loses_nothing(tmp_path: Path, blocks: int) -> None:
    town = squares(tmp_path)
    runs = {}
    for silence in (SILENCE, range(0)):
        engine = runs[silence] = Engine(settings(*ONE_POST, blocks=blocks), town)
        for record in told(silence):
            engine.feed(record)
        fates = [machine.states[0].readings.fates.sum(axis=(0, 1)) for machine in engine.blocks]
        account = dict(zip(FATES, sum(fates).tolist(), strict=True))
        future = len(silence) * CELLS
        assert account == dict.fromkeys(FATES, 0) | {
            "accepted": HOPS * CELLS,
            "from_future": future,
        }
    assert said(runs[SILENCE]) == said(runs[range(0)]) != []


def test_what_a_tick_has_yet_to_judge_survives_a_restart(tmp_path: Path) -> None:
    town = squares(tmp_path)
    engine = Engine(settings(), town)
    (machine,) = engine.blocks
    records: list[Delivered] = []
    step = machine.step

    def noted(record: Delivered) -> object:
        records.append(record)
        return step(record)

    machine.step = noted  # type: ignore[assignment, method-assign]  # a tap into the log
    for record in told(SILENCE):
        engine.feed(record)

    def run(*, reloads: bool) -> tuple[BlockMachine, list[Outgoing]]:
        block = BlockMachine(settings(), town, 0)
        out: list[Outgoing] = []
        for record in records:
            out += block.step(record).out
            if reloads:
                snapshot = block.snapshot()
                kept.update({entry.key: entry.value for entry in (*snapshot.slots, *snapshot.hot)})
                block = BlockMachine(settings(), town, 0)
                block.load(kept)
        return block, out

    kept: dict[str, bytes] = {}
    through, broken = run(reloads=False), run(reloads=True)
    assert through[1] == broken[1]
    assert through[0].account() == broken[0].account()
    assert through[0].account()["cmcc", "from_future"] == len(SILENCE) * CELLS

"""Any bytes are either a record or a reject with a reason, and every reading is accounted for.

`FUZZ_MESSAGES=1000000` makes the run as long as one likes; the default is short.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import msgspec

from replay.engine import Engine
from replay.log import LogRecord
from stream.records import Counts, Rejected, Tick, decode
from tests.laws.crowds import CELLS, HOP_S, START_MS, settings, squares

if TYPE_CHECKING:
    from pathlib import Path

MESSAGES = int(os.environ.get("FUZZ_MESSAGES", "20000"))
PER_HOP = 200
NASTY: tuple[object, ...] = (
    None,
    True,
    -1,
    -0.0,
    1e8,
    1e308,
    10**30,
    "",
    "x",
    [],
    {},
    "1",
    0.1,
    7,
    2**31,
    2**63,
)


def batch(chance: random.Random, hop: int) -> dict[str, object]:
    """Return a batch that is good, or late, or from the future, or off the grid."""
    count = chance.randrange(8)
    drift = chance.choice([0, 0, 0, 0, -1, -2, -9, 1, 5, 10**7, -(10**6)])
    start = START_MS + (hop + drift) * HOP_S * 1000
    return {
        "schema": "cell-counts/1",
        "feed": "cmcc",
        "start": start + chance.choice([0, 0, 0, 0, 1]),
        "period_s": HOP_S,
        "seq": chance.randrange(3),
        "cells": [f"c{chance.randrange(CELLS + 2):02d}" for _ in range(count)],
        "counts": [chance.choice([None, 0, 5, 700.5]) for _ in range(count)],
    }


def mangled(chance: random.Random, hop: int) -> bytes:
    """Return a batch with up to three things wrong with it."""
    record = batch(chance, hop)
    for _ in range(chance.choice([0, 0, 1, 1, 2])):
        key = chance.choice([*record, "extra"])
        values = record.get(key)
        if isinstance(values, list) and values and chance.random() < 0.7:
            values[chance.randrange(len(values))] = chance.choice(NASTY)
        elif chance.random() < 0.3:
            record.pop(key, None)
        else:
            record[key] = chance.choice(NASTY)
    value = bytearray(msgspec.json.encode(record))
    for _ in range(chance.choice([0, 0, 0, 0, 1, 3])):
        at = chance.randrange(len(value))
        action = chance.randrange(3)
        if action == 0:
            value[at] = chance.randrange(256)
        elif action == 1:
            del value[at:]
        else:
            value[at:at] = chance.randbytes(3)
        if not value:
            break
    return bytes(value)


def readings_in(value: bytes) -> int:
    """Return how many readings a message brings: those of its batch, or one if it is none."""
    seen = decode(value)
    if isinstance(seen, Counts):
        return len(seen.cells) + sum(r.count for r in seen.rejects)
    return seen.count if isinstance(seen, Rejected) else 0


def test_every_fuzzed_message_is_accepted_or_rejected(tmp_path: Path) -> None:
    """No exception, and readings in = accepted + duplicate + conflict + late + rejected."""
    chance = random.Random(20261123)
    shape = settings(counts=2, blocks=3)
    engine = Engine(shape, squares(tmp_path))
    engine.feed(_tick(START_MS))
    sent = hop = 0
    for number in range(MESSAGES):
        value = mangled(chance, hop)
        while isinstance(decode(value), Tick):  # a stray tick would move the clock for good
            value = mangled(chance, hop)
        sent += readings_in(value)
        engine.feed(LogRecord(at_ms=0, value=value, is_tick=False))
        if number % PER_HOP == PER_HOP - 1:
            hop += 1
            engine.feed(_tick(START_MS + hop * HOP_S * 1000 + 60_000))
            if number % (10 * PER_HOP) == PER_HOP - 1:
                engine.act(chance.randbytes(30), at_ms=0)
    engine.feed(_tick(START_MS + (hop + 30) * HOP_S * 1000))
    known: dict[str, int] = {}
    for machine in engine.blocks:
        (state,) = machine.states
        assert not state.readings.pending
        known["kept"] = known.get("kept", 0) + int(state.readings.fates.sum())
        for reason, count in state.refused.items():
            known[reason] = known.get(reason, 0) + count
    assert sum(known.values()) == sent
    assert known["kept"] > MESSAGES / 2
    every = "kept bad_count bad_interval malformed schema unknown_cell unknown_feed"
    assert set(known) == set(every.split())


def _tick(now_ms: int) -> LogRecord:
    value = msgspec.json.encode({"schema": "tick/1", "now_ms": now_ms})
    return LogRecord(at_ms=now_ms, value=value, is_tick=True)

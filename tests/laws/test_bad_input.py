"""Bad input through the whole engine: each kind has its named account and changes no alert.

`docs/bad-input.md` lists all kinds with what one sees and the test that shows it.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from replay.engine import Engine
from replay.log import LogRecord
from stream.readings import FATES
from stream.records import Reason, Rejected, decode
from stream.topics import Topic
from tests.arch.house import ROOT, python_files
from tests.laws.crowds import CELLS, HOP_S, START_MS, log, settings, squares
from tests.laws.test_equality import alerts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo.city import City

HOPS = 70  # the first crowd comes and goes
NAMES = [f"c{i:02d}" for i in range(CELLS)]


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return squares(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module", name="plain")
def fixture_plain(town: City) -> Engine:
    """Run the log as it is."""
    engine = run(town, log(hops=HOPS))
    assert alerts(engine), "the scenario must alarm"
    return engine


def run(town: City, records: Iterator[LogRecord]) -> Engine:
    engine = Engine(settings(counts=1, blocks=2), town)
    for record in records:
        engine.feed(record)
    return engine


def batch(**changes: object) -> bytes:
    """Return a loud batch of all cells: were it used, every place would be on the ladder."""
    good = {
        "schema": "cell-counts/1",
        "feed": "cmcc",
        "start": START_MS,
        "period_s": HOP_S,
        "seq": 9,
        "cells": NAMES,
        "counts": [5_000] * CELLS,
    }
    return msgspec.json.encode({**good, **changes})


def with_each_hop(value: bytes) -> Iterator[LogRecord]:
    """Yield the log with one more record before every tick but the first."""
    for number, record in enumerate(log(hops=HOPS)):
        if record.is_tick and number:
            yield LogRecord(at_ms=record.at_ms, value=value, is_tick=False)
        yield record


def account(engine: Engine) -> dict[str, int]:
    """Return all readings by fate, or by the reason they were refused for."""
    told = dict.fromkeys(FATES, 0)
    for machine in engine.blocks:
        (state,) = machine.states
        for fate, count in zip(FATES, state.readings.fates.sum(axis=(0, 1)).tolist(), strict=True):
            told[fate] += count
        for reason, count in state.refused.items():
            told[reason] = told.get(reason, 0) + count
    return told


def more(engine: Engine, plain: Engine) -> dict[str, int]:
    """Return what one account has over another."""
    before = account(plain)
    return {
        fate: count - before.get(fate, 0)
        for fate, count in account(engine).items()
        if count != before.get(fate, 0)
    }


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        ({"start": "1970-01-01T00:00:00Z"}, "late"),
        ({"start": "1970-01-01T08:00:00+08:00"}, "late"),
        ({"start": 0}, "late"),
        ({"start": -HOP_S * 1000}, "late"),
        ({"start": "2100-01-01T00:00:00+08:00"}, "from_future"),
        ({"start": 4_102_444_800_000}, "from_future"),
        ({"start": "2026-10-01T19:55:00"}, "bad_interval"),
        ({"start": "9999-12-31T23:00:00Z"}, "from_future"),
        ({"start": 10**17}, "bad_interval"),
        ({"start": START_MS + 1}, "bad_interval"),
        ({"period_s": 600}, "bad_interval"),
        ({"feed": "nobody"}, "unknown_feed"),
        ({"cells": [f"x{name}" for name in NAMES]}, "unknown_cell"),
        ({"counts": [-1] * CELLS}, "bad_count"),
        ({"counts": ["5"] * CELLS}, "bad_count"),
        ({"counts": [True] * CELLS}, "bad_count"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_counted_by_name_and_changes_no_alert(
    town: City, plain: Engine, changes: dict[str, object], fate: str
) -> None:
    engine = run(town, with_each_hop(batch(**changes)))
    assert more(engine, plain) == {fate: HOPS * CELLS}
    assert alerts(engine) == alerts(plain)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"\x00\xff junk", "malformed"),
        (batch()[:-9], "malformed"),
        (batch().replace(b"5000", b"NaN"), "malformed"),
        (batch(schema="cell-counts/9"), "schema"),
        (b" " * 10_000_000, "too_large"),
    ],
    ids=["random bytes", "truncated", "NaN", "schema", "10 MB"],
)
def test_what_cannot_be_read_is_one_reject_and_changes_no_alert(
    town: City, plain: Engine, value: bytes, reason: str
) -> None:
    engine = run(town, with_each_hop(value))
    # The log holds a few unreadable records of its own: `more` leaves them out.
    assert more(engine, plain) == {reason: HOPS}
    assert alerts(engine) == alerts(plain)


def test_a_batch_cut_anywhere_is_malformed() -> None:
    whole = batch()
    for end in range(1, len(whole)):
        seen = decode(whole[:end])
        assert isinstance(seen, Rejected), whole[:end]
        assert seen.reason is Reason.MALFORMED


def test_a_clock_never_goes_back_for_a_tick_of_1970(town: City, plain: Engine) -> None:
    tick = msgspec.json.encode({"schema": "tick/1", "now_ms": 0})
    engine = run(town, with_each_hop(tick))
    assert alerts(engine) == alerts(plain)
    assert more(engine, plain) == {}


def stirred(chance: random.Random) -> Iterator[LogRecord]:
    """Yield the log with the batches between two ticks shuffled, and half of them twice."""
    held: list[LogRecord] = []
    for record in log(hops=HOPS):
        if not record.is_tick:
            held.append(record)
            continue
        held += [one for one in held if chance.random() < 0.5]
        chance.shuffle(held)
        yield from held
        yield record
        held = []


def test_duplicate_and_reordered_batches_change_no_alert(town: City, plain: Engine) -> None:
    engine = run(town, stirred(random.Random(3)))
    assert alerts(engine) == alerts(plain)
    extra = more(engine, plain)
    assert extra.pop("duplicate") > HOPS
    assert set(extra) <= {"late", "malformed"}, "a repetition is neither accepted nor a conflict"


def test_every_refused_record_is_one_dead_letter(town: City) -> None:
    engine = Engine(settings(counts=1, blocks=2), town, density=True)  # keeps the other topics
    for record in with_each_hop(batch(start="2026-10-01T19:55:00")):
        engine.feed(record)
    letters = [dict(out.headers) for out in engine.other if out.topic is Topic.COUNTS_DLQ]
    ours = [one for one in letters if one["crowd-reasons"] == b"bad_interval=%d" % CELLS]
    assert len(ours) == HOPS


def test_the_page_of_bad_input_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "bad-input.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    assert len(named) >= 15
    texts = {path: path.read_text(encoding="utf-8") for path in python_files("tests")}
    lost = [f"{path}::{name}" for path, name in named if f"def {name}(" not in _text(texts, path)]
    assert not lost


def _text(texts: dict[Path, str], path: str) -> str:
    return texts.get(ROOT / path, "")

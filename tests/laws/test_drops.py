"""Laws of drops in whole runs: exact like all else, told of people and never of faults."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from replay.engine import Engine
from replay.log import LogRecord
from stream.block import BlockMachine
from stream.incident import IncidentMachine
from stream.settings import settings_hash
from stream.topics import Topic
from tests.laws.crowds import HOP_S, START_MS, settings, squares
from tests.laws.test_equality import Reloaded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geo.city import City
    from stream.settings import Settings

A_DAY = 288
HOPS = A_DAY + 60
FLED = range(A_DAY + 20, A_DAY + 40)
CELLS = 24
Counted = float | None
Bend = Callable[[int, int, float], Counted]
DROPS = (
    'detectors.directions=["rise", "drop"]',
    "alerts.false_alarms_per_day=50",
    "alerts.drop_budget_ratio=0.5",
)


def flight(hop: int, cell: int, count: float) -> Counted:
    """Empty two places beside each other at a stroke, while all others live on."""
    return round(count * 0.2) if hop in FLED and cell in {6, 7} else count


def calm(hop: int, cell: int, count: float) -> Counted:  # noqa: ARG001 - one shape for all bends
    return count


def halved(hop: int, cell: int, count: float) -> Counted:  # noqa: ARG001 - likewise
    """Lose half of what the feed counted, everywhere."""
    return round(count * 0.3) if hop in FLED else count


def zeros(hop: int, cell: int, count: float) -> Counted:
    return 0.0 if hop in FLED and cell in {6, 7} else count


def withheld(hop: int, cell: int, count: float) -> Counted:
    return None if hop in FLED and cell in {6, 7} else count


def after_zeros(hop: int, cell: int, count: float) -> Counted:
    """Count nobody for two hours, and then a little fewer than usual."""
    if cell not in {6, 7} or hop < FLED.start:
        return count
    return 0.0 if hop < FLED.start + 20 else round(count * 0.6)


def log(bend: Bend, *, silent: range = range(0)) -> Iterator[LogRecord]:
    """Yield plain days of a busy town, bent by a case; silent: hops without any reading."""
    chance = random.Random(3)
    yield _tick(START_MS)
    for hop in range(HOPS):
        start_ms = START_MS + hop * HOP_S * 1000
        counts = [bend(hop, cell, 300.0 + chance.randrange(30)) for cell in range(CELLS)]
        batch = {
            "schema": "cell-counts/1",
            "feed": "cmcc",
            "start": start_ms,
            "period_s": HOP_S,
            "cells": [f"c{cell:02d}" for cell in range(CELLS)],
            "counts": counts,
        }
        end_ms = start_ms + HOP_S * 1000
        if hop not in silent:
            yield LogRecord(at_ms=end_ms, value=msgspec.json.encode(batch), is_tick=False)
        yield _tick(end_ms + 60_000)


def _tick(now_ms: int) -> LogRecord:
    value = msgspec.json.encode({"schema": "tick/1", "now_ms": now_ms})
    return LogRecord(at_ms=now_ms, value=value, is_tick=True)


class Heard:
    """What came out of a run: desks' alerts in order, and kinds of system alerts."""

    def __init__(self, engine: Engine) -> None:
        self.told: list[str] = []
        self.drops: list[dict[str, Any]] = []
        self.system: list[str] = []
        for out in engine.published:
            event = json.loads(out.value or b"{}")
            if out.topic in {Topic.POLICE, Topic.FIRE}:
                self.told.append(f"{event['id']} {json.dumps(event['data'])}")
                self.drops += [event["data"]] if event["data"]["direction"] == "drop" else []
            elif out.topic is Topic.SYSTEM:
                self.system.append(event["type"].split(".")[2])


def run(
    city: City,
    bend: Bend,
    *sets: str,
    counts: int = 1,
    blocks: int = 1,
    reload: bool = False,
    silent: range = range(0),
) -> Heard:
    shape: Settings = settings(*sets, counts=counts, blocks=blocks)
    engine = Engine(shape, city)
    if reload:
        engine.blocks = [
            Reloaded(lambda p=p: BlockMachine(shape, city, p, density=False))  # type: ignore[misc]
            for p in range(blocks)
        ]
        engine.incident = Reloaded(lambda: IncidentMachine(shape, city))  # type: ignore[assignment]
    for record in log(bend, silent=silent):
        engine.feed(record)
    return Heard(engine)


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder: Path = tmp_path_factory.mktemp("town")
    return squares(folder)


@pytest.fixture(scope="module", name="plain")
def fixture_plain(town: City) -> Heard:
    return run(town, flight, *DROPS)


def test_a_flight_is_told_to_police_within_two_hops(plain: Heard) -> None:
    first = plain.drops[0]
    assert (first["desk"], first["kind"], first["reasons"]) == ("police", "raised", ["drop"])
    begun_ms = START_MS + FLED.start * HOP_S * 1000
    assert begun_ms < first["opened_ms"] <= begun_ms + 2 * HOP_S * 1000
    assert {str(one["kind"]) for one in plain.drops} >= {"raised", "resolved"}
    assert len({one["incident"] for one in plain.drops}) == 1, "c06 and c07 touch"


@pytest.mark.parametrize(
    ("counts", "blocks", "reload"), [(4, 4, False), (1, 1, True), (3, 2, True)]
)
def test_neither_partitions_nor_restarts_decide_of_drops(
    town: City, plain: Heard, *, counts: int, blocks: int, reload: bool
) -> None:
    other = run(town, flight, *DROPS, counts=counts, blocks=blocks, reload=reload)
    assert other.told == plain.told


def test_nothing_is_told_where_nobody_asks(town: City) -> None:
    assert run(town, flight, "alerts.false_alarms_per_day=50").drops == []


def test_a_calm_town_drops_nothing(town: City) -> None:
    heard = run(town, calm, *DROPS)
    assert heard.drops == []
    assert heard.system == []


@pytest.mark.parametrize("fault", [zeros, withheld, after_zeros])
def test_a_fault_at_a_place_is_no_drop(town: City, fault: Bend) -> None:
    assert run(town, fault, *DROPS).drops == []


def test_a_feed_that_sinks_as_a_whole_is_told_as_such_and_is_no_drop(town: City) -> None:
    heard = run(town, halved, *DROPS)
    assert heard.drops == []
    assert "feed_sunk" in heard.system
    assert "feed_sunk" not in run(town, halved).system, "nobody asked for drops"


def test_a_silent_feed_is_no_drop(town: City) -> None:
    heard = run(town, calm, *DROPS, silent=FLED)
    assert heard.drops == []
    assert heard.system == ["feed_blind", "feed_back"]


def test_the_share_of_drops_is_no_setting_where_nobody_asks_for_them() -> None:
    off, other = settings(), settings("alerts.drop_budget_ratio=0.3")
    assert settings_hash(off) == settings_hash(other)
    on = [settings(DROPS[0], f"alerts.drop_budget_ratio={share}") for share in (0.2, 0.3)]
    assert len({settings_hash(one) for one in (off, *on)}) == 3
    turned = settings('detectors.directions=["drop", "rise"]')
    assert settings_hash(turned) == settings_hash(on[0])

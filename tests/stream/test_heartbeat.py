"""The heartbeat tells a receiver all it needs to find its own gap, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from replay.engine import Engine
from stream.topics import Topic
from tests.laws.crowds import log, settings, squares

if TYPE_CHECKING:
    from pathlib import Path


def test_no_hop_closed_means_no_heartbeat(tmp_path: Path) -> None:
    engine = Engine(settings(), squares(tmp_path))
    assert engine.incident.heartbeat(worker="w0", at_ms=5) is None


def test_the_heartbeat_names_the_newest_alerts_and_open_incidents(tmp_path: Path) -> None:
    engine = Engine(settings(), squares(tmp_path))
    for record in log(hops=52):
        engine.feed(record)
    before = engine.incident.snapshot()
    out = engine.incident.heartbeat(worker="w0", at_ms=1_790_000_000_000)
    assert out is not None
    event = msgspec.json.decode(out.value)
    data = event["data"]
    told = [
        msgspec.json.decode(one.value)["id"]
        for one in engine.published
        if one.topic is Topic.POLICE
    ]
    assert data["last_ids"]["police"] == told[-10:]
    assert sum(data["open_by_level"]) > 0
    assert data["feeds"] == ["cmcc"]
    assert data["unusual_last_day"] / data["promised_per_day"] == engine.incident.spent_ratio()
    assert data["hop_ms"] == engine.incident.state.closed_hop_ms
    assert engine.incident.snapshot() == before


def test_a_feed_that_falls_silent_is_told_once_and_again_when_it_is_back(tmp_path: Path) -> None:
    engine = Engine(settings(), squares(tmp_path))
    for number, record in enumerate(log(hops=30)):
        if record.is_tick or not 30 < number < 75:
            engine.feed(record)
    kinds = [
        msgspec.json.decode(one.value)["type"]
        for one in engine.published
        if one.topic is Topic.SYSTEM
    ]
    assert kinds == ["crowd.system.feed_blind.v1", "crowd.system.feed_back.v1"]

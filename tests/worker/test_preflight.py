"""What a worker refuses before it starts: one clear line for each fault."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from replay.embedded import EmbeddedBroker
from stream.settings import ConfigError
from stream.settings_load import read
from stream.worker.deployment import Deployment
from stream.worker.preflight import check_broker, faults_of
from tests.kafka.broker import free_ports

if TYPE_CHECKING:
    from geo.city import City


def deployment(*sets: str) -> Deployment:
    return Deployment(read(None, env={}, sets=sets), cast("City", None))


def shapes(deployed: Deployment) -> dict[str, int]:
    return {topic.name: topic.partitions for topic in deployed.planned()}


def test_topics_as_planned_are_no_fault() -> None:
    assert faults_of(deployment(), shapes(deployment())) == []


def test_all_missing_and_different_topics_are_listed_at_once() -> None:
    there = shapes(deployment())
    del there["crowd.quarantine.v1"]
    there["crowd.readings.v1"] = 8
    lines = [str(fault) for fault in faults_of(deployment(), there)]
    assert len(lines) == 2
    assert any("crowd.readings.v1: has 8 partitions" in line for line in lines)
    assert any("crowd.quarantine.v1: is missing" in line for line in lines)
    assert any("crowdtide topics ensure" in line for line in lines)


def test_no_broker_is_one_line_that_names_the_address() -> None:
    (port,) = free_ports(1)
    nobody = deployment(f'kafka.bootstrap="127.0.0.1:{port}"')
    with pytest.raises(ConfigError, match=f"no broker lets us in at 127.0.0.1:{port}") as refused:
        asyncio.run(check_broker(nobody))
    assert "\n" not in str(refused.value)


def test_a_broker_with_the_topics_is_accepted() -> None:
    with EmbeddedBroker(shapes(deployment())) as broker:
        asyncio.run(check_broker(deployment(f'kafka.bootstrap="{broker.bootstrap}"')))

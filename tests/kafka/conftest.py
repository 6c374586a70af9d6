"""Brokers for the tests on a real Kafka: one node per version, shared by a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kafka.broker import VERSIONS, Broker

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=VERSIONS)
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Run a node of each version in turn; a test that ends it must start it again."""
    with Broker(request.param) as running:
        yield running

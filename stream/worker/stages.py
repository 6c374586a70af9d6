"""Which stage works on which input topic: the one place where the worker meets the stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.block import BlockMachine
from stream.gateway import Gateway
from stream.incident import IncidentMachine
from stream.relay import Relay
from stream.topics import Topic
from stream.worker.fleet import Stages

if TYPE_CHECKING:
    from geo.city import City
    from stream.settings import Settings

__all__ = ["crowd_stages"]


def crowd_stages() -> Stages:
    """Return the stages of Crowdtide."""
    return Stages(
        machines={Topic.READINGS: BlockMachine, Topic.DETECTIONS: _incident},
        relays={Topic.COUNTS: Gateway, Topic.ACKS: _relay},
    )


def _incident(settings: Settings, city: City, _: int) -> IncidentMachine:
    """Make the incident stage; its topic has one partition."""
    return IncidentMachine(settings, city)


def _relay(settings: Settings, _: City, __: int) -> Relay:
    return Relay(settings)

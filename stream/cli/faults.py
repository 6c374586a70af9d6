"""Whose fault an exception is: the ones an operator can mend become text and an exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geo.fault import RegisterError
from geo.making.gathering import BuildError
from replay.badrow import FeedError
from replay.explain_place import AskError
from stream.kafka_clients import BrokerError
from stream.ledger.database import StoreError
from stream.machine import SnapshotError
from stream.settings_fault import ConfigError

__all__ = ["REFUSED", "USAGE", "Answer", "told"]

REFUSED: Final = 1
USAGE: Final = 2
REFUSALS: Final = (
    BrokerError,
    BuildError,
    FeedError,
    RegisterError,
    SnapshotError,
    StoreError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to print, and the exit code."""

    text: str
    code: int


def told(fault: Exception) -> Answer | None:
    """Return what to tell the operator; None for an exception that is a bug of ours.

    >>> told(ConfigError.one("no such setting", key="time.hop")).code
    2
    """
    if isinstance(fault, (AskError, ConfigError)):
        return Answer(str(fault), USAGE)
    if isinstance(fault, REFUSALS):
        return Answer(str(fault), REFUSED)
    return None

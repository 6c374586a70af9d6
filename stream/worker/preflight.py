"""Before the worker starts: is there a broker, does it know us, are the topics as planned.

Faust would retry for ever, or start on topics that lack partitions; here each fault is one
line that says what to do.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from aiokafka.errors import KafkaError

from stream.settings import ConfigError
from stream.settings_fault import Fault

if TYPE_CHECKING:
    from stream.worker.deployment import Deployment

__all__ = ["check_broker", "faults_of"]

CLIENT_LOG: Final = "aiokafka"


class _LastError(logging.Handler):
    """Keeps the reason that aiokafka logs but does not raise."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""
        self.addFilter(self._keep)

    def _keep(self, record: logging.LogRecord) -> bool:
        self.text = record.getMessage()
        return False


async def check_broker(deployment: Deployment) -> None:
    """Raise ConfigError with every fault: no broker, not let in, topics missing or different."""
    reason = _LastError()
    log = logging.getLogger(CLIENT_LOG)
    was_quiet, log.propagate = log.propagate, False
    log.addHandler(reason)
    try:
        async with deployment.reader() as reader:
            counts = await reader.partition_counts()
    except (KafkaError, OSError) as fault:
        bootstrap = deployment.settings.kafka.bootstrap
        raise ConfigError.one(
            f"no broker lets us in at {bootstrap}: {reason.text or fault}",
            key="kafka",
            instead="the right kafka.bootstrap, security_protocol, username and password",
        ) from fault
    finally:
        log.removeHandler(reason)
        log.propagate = was_quiet
    faults = faults_of(deployment, counts)
    if faults:
        raise ConfigError(faults)


def faults_of(deployment: Deployment, counts: dict[str, int]) -> list[Fault]:
    """Compare the partition counts on the broker with the settings (PROTOCOL 17)."""
    faults = []
    for topic in deployment.planned():
        have = counts.get(topic.name)
        if have is None:
            what, instead = "is missing on the broker", "`crowdtide topics ensure` first"
        elif have != topic.partitions:
            what = f"has {have} partitions on the broker, the settings say {topic.partitions}"
            instead = "the same count in topics.partitions, or another topics.prefix"
        else:
            continue
        faults.append(Fault(where="topics", key=topic.name, what=what, instead=instead))
    return faults

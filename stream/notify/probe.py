"""Posts self-tests: desk actions `test`, which come back on the desk's topic if all is well."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

import msgspec
from kafka import KafkaProducer

from alerts.action import Action, DeskAction
from alerts.desk import Desk
from stream.kafka_clients import BrokerError, broker_errors, posting_options
from stream.log_line import line
from stream.topics import Topic

if TYPE_CHECKING:
    from stream.notify.office import Office
    from stream.settings import Settings

__all__ = ["INCIDENT", "Prober"]

INCIDENT: Final = "self-test"
BY: Final = "notify"


class Prober:
    """Asks for a self-test of each desk when one is due; what is not posted does not come back."""

    def __init__(self, settings: Settings, office: Office) -> None:
        """Prepare; the producer is made when it is needed."""
        self._settings, self._office = settings, office
        self._producer: Any = None

    def look(self) -> None:
        """Post what is due."""
        for desk in self._office.tests_due(every_s=self._settings.notify.self_test_s):
            probe_id = str(uuid.uuid4())
            self._office.test_posted(desk, probe_id)
            try:
                with broker_errors(self._settings.kafka):
                    self._post(desk, probe_id)
            except BrokerError as fault:
                line("self_test.not_posted", desk=desk, why=str(fault))

    def close(self) -> None:
        """Let the producer go."""
        if self._producer is not None:
            self._producer.close(timeout=1.0)

    def _post(self, desk: str, probe_id: str) -> None:
        if self._producer is None:
            self._producer = KafkaProducer(**posting_options(self._settings.kafka))
        action = DeskAction(
            incident=INCIDENT,
            desk=Desk(desk),
            action=Action.TEST,
            revision_seen=0,
            level_seen=0,
            by=BY,
            id=probe_id,
        )
        topic = self._settings.topics.prefix + Topic.ACKS
        # Nobody waits for its acknowledgement: what counts is that the test comes back.
        self._producer.send(topic, value=msgspec.json.encode(action), key=INCIDENT.encode())

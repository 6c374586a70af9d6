"""Alerts, replies and system alerts as records of their topics."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.desk import DESKS
from alerts.message import envelope
from alerts.moment import iso
from alerts.selftest import EVENT_TYPE as SELF_TEST_TYPE
from alerts.selftest import SUBJECT, self_test_envelope
from alerts.system import Heartbeat, at_ms_of, event_id, event_type, system_envelope
from stream.machine import Outgoing
from stream.spending import DAY_MS, spent_since
from stream.topics import Topic

if TYPE_CHECKING:
    from alerts.action import Reply
    from alerts.message import Alert
    from alerts.selftest import SelfTest
    from alerts.system import SystemAlert
    from alerts.table import IncidentTable
    from stream.budgets import Thresholds
    from stream.incident_state import IncidentState
    from stream.settings import Settings

__all__ = ["alert_record", "heartbeat_record", "reply_record", "self_test_record", "system_record"]

HELD_MAX: Final = 50
"""Holds listed in a heartbeat: it comes each minute and must stay small."""


def alert_record(settings: Settings, alert: Alert) -> Outgoing:
    """Return one desk's alert, keyed by its incident; attributes stand in headers, too."""
    worker = settings.worker
    return Outgoing(
        topic=_desk_topic(alert.desk),
        partition=0,
        key=alert.incident.encode(),
        value=envelope(alert, source=worker.source, status=worker.status),
        headers=_headers(
            settings, alert.id, alert.event_type, subject=alert.place, time_ms=alert.hop_ms
        ),
    )


def _headers(
    settings: Settings, name: str, kind: str, *, subject: str, time_ms: int
) -> tuple[tuple[str, bytes], ...]:
    """Return CloudEvents attributes as Kafka headers, for readers that filter without decoding."""
    told = {
        "content-type": "application/cloudevents+json; charset=UTF-8",
        "ce_id": name,
        "ce_type": kind,
        "ce_source": settings.worker.source,
        "ce_subject": subject,
        "ce_time": iso(time_ms),
    }
    return tuple((header, text.encode()) for header, text in told.items())


def _desk_topic(desk: str) -> Topic:
    return Topic.POLICE if desk == "police" else Topic.FIRE


def self_test_record(settings: Settings, test: SelfTest) -> Outgoing:
    """Return a self-test alert, keyed by itself."""
    return Outgoing(
        topic=_desk_topic(test.desk),
        partition=0,
        key=SUBJECT.encode(),
        value=self_test_envelope(test, source=settings.worker.source),
        headers=_headers(
            settings, test.event_id, SELF_TEST_TYPE, subject=SUBJECT, time_ms=test.at_ms
        ),
    )


def reply_record(reply: Reply) -> Outgoing:
    """Return what became of a desk action, keyed by its incident."""
    return Outgoing(
        topic=Topic.REPLIES,
        partition=0,
        key=reply.incident.encode(),
        value=msgspec.json.encode(reply),
    )


def system_record(settings: Settings, news: SystemAlert) -> Outgoing:
    """Return a system alert, keyed by what it is about."""
    worker = settings.worker
    return Outgoing(
        topic=Topic.SYSTEM,
        partition=0,
        key=news.subject.encode(),
        value=system_envelope(news, source=worker.source, status=worker.status),
        headers=system_headers(settings, news),
    )


def system_headers(settings: Settings, news: SystemAlert) -> tuple[tuple[str, bytes], ...]:
    """Return likewise the headers of a system alert."""
    return _headers(
        settings,
        event_id(news),
        event_type(news),
        subject=news.subject,
        time_ms=at_ms_of(news),
    )


def heartbeat_record(
    settings: Settings,
    state: IncidentState,
    table: IncidentTable,
    limits: Thresholds,
    *,
    worker: str,
    at_ms: int,
) -> Outgoing:
    """Return what the incident stage knows of itself, for receivers to find their own gaps."""
    held = table.holding()
    silent = dict(zip(sorted(settings.feeds), state.silent, strict=True))
    known = table.open_incidents()
    news = Heartbeat(
        worker=worker,
        at_ms=at_ms,
        hop_ms=state.closed_hop_ms,
        open_by_level=known.by_level,
        unacknowledged=known.unacknowledged,
        feeds=[name for name, since_ms in silent.items() if since_ms < 0],
        blind_ratio=state.dark / state.tiles if state.tiles else None,
        last_ids={desk: list(table.last_ids(desk)) for desk in DESKS},
        threshold=limits.own,
        near_threshold=limits.near if isfinite(limits.near) else None,
        drop_threshold=limits.drop if isfinite(limits.drop) else msgspec.UNSET,
        held=held[:HELD_MAX],
        held_total=len(held),
        unusual_last_day=spent_since(state, state.closed_hop_ms - DAY_MS),
        promised_per_day=settings.alerts.false_alarms_per_day,
    )
    return Outgoing(
        topic=Topic.SYSTEM,
        partition=0,
        key=b"heartbeat",
        value=system_envelope(news, source=settings.worker.source, status=settings.worker.status),
        headers=system_headers(settings, news),
    )

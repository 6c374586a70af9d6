"""Alerts, replies and system alerts as records of their topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from alerts.message import envelope
from alerts.system import FeedBlind, system_envelope
from stream.machine import Outgoing
from stream.topics import Topic

if TYPE_CHECKING:
    from alerts.action import Reply
    from alerts.message import Alert
    from stream.settings import Settings

__all__ = ["alert_record", "feed_record", "reply_record"]


def alert_record(settings: Settings, alert: Alert) -> Outgoing:
    """Return one desk's alert, keyed by its incident."""
    worker = settings.worker
    return Outgoing(
        topic=Topic.POLICE if alert.desk == "police" else Topic.FIRE,
        partition=0,
        key=alert.incident.encode(),
        value=envelope(alert, source=worker.source, status=worker.status),
    )


def reply_record(reply: Reply) -> Outgoing:
    """Return what became of a desk action, keyed by its incident."""
    return Outgoing(
        topic=Topic.REPLIES,
        partition=0,
        key=reply.incident.encode(),
        value=msgspec.json.encode(reply),
    )


def feed_record(
    settings: Settings, *, feed: str, blind: bool, since_ms: int, hop_ms: int
) -> Outgoing:
    """Return the system alert of a feed that fell silent, or is heard again."""
    worker = settings.worker
    news = FeedBlind(feed=feed, blind=blind, since_ms=since_ms, hop_ms=hop_ms)
    return Outgoing(
        topic=Topic.SYSTEM,
        partition=0,
        key=feed.encode(),
        value=system_envelope(news, source=worker.source, status=worker.status),
    )

"""Metrics of `notify`, in a registry of its own; `docs/metrics.md` has a row for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

__all__ = ["NotifyMetrics"]

TARGET = ("target",)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyMetrics:
    """What an operator asks of the process that tells people."""

    sent: Counter
    failed: Counter
    waiting: Gauge
    undelivered: Gauge
    heartbeat_age: Gauge
    path_broken: Gauge

    @classmethod
    def on(cls, registry: CollectorRegistry) -> NotifyMetrics:
        """Return the metrics registered on `registry`; once per registry."""
        return cls(
            sent=Counter(
                "crowd_notify_sent_total", "Notes that were taken.", TARGET, registry=registry
            ),
            failed=Counter(
                "crowd_notify_failed_total", "Attempts that failed.", TARGET, registry=registry
            ),
            waiting=Gauge(
                "crowd_notify_waiting_records", "Notes that wait.", TARGET, registry=registry
            ),
            undelivered=Gauge(
                "crowd_notify_undelivered_records",
                "Notes given up, as listed.",
                TARGET,
                registry=registry,
            ),
            heartbeat_age=Gauge(
                "crowd_notify_heartbeat_age_seconds",
                "Since the newest heartbeat of the system.",
                registry=registry,
            ),
            path_broken=Gauge(
                "crowd_notify_path_broken_ratio",
                "1 while the self-test of a desk does not come back.",
                ("desk",),
                registry=registry,
            ),
        )

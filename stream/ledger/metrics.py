"""Metrics of `ledger`, in a registry of its own; `docs/metrics.md` has a row for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

__all__ = ["LedgerMetrics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMetrics:
    """What an operator asks of the process that keeps the book."""

    entries: Counter
    repeated: Counter
    behind: Gauge
    heartbeat: Gauge
    stuck: Gauge

    @classmethod
    def on(cls, registry: CollectorRegistry) -> LedgerMetrics:
        """Return the metrics registered on `registry`; once per registry."""
        return cls(
            entries=Counter(
                "crowd_ledger_entries_total",
                "Entries that were written.",
                ("kind",),
                registry=registry,
            ),
            repeated=Counter(
                "crowd_ledger_repeated_total",
                "Records that were written before.",
                registry=registry,
            ),
            behind=Gauge(
                "crowd_ledger_behind_records",
                "Records between the newest that was read and the end of the topics.",
                registry=registry,
            ),
            heartbeat=Gauge(
                "crowd_ledger_heartbeat_timestamp_seconds",
                "Stamp of the newest heartbeat that was read.",
                registry=registry,
            ),
            stuck=Gauge(
                "crowd_ledger_stuck_ratio",
                "1 while the database takes nothing, or the broker is gone.",
                registry=registry,
            ),
        )

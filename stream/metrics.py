"""Metrics of a worker: names, help, buckets and labels, all from closed sets.

Every metric answers one question an operator asks at night; `docs/metrics.md` has a row for
each, and a test compares the two. Labels never name a cell or a tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

__all__ = ["DELAY_BUCKETS_S", "Metrics"]

DELAY_BUCKETS_S: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300)
PLACE: Final = ("topic", "partition")

# Field of `Metrics`: name, help, labels.
COUNTERS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "consumed": (
        "crowd_records_consumed_total",
        "Input records that are durable with all they led to.",
        ("topic",),
    ),
    "rejected": (
        "crowd_readings_rejected_total",
        "Readings refused by the gateway.",
        ("reason",),
    ),
    "readings": (
        "crowd_readings_judged_total",
        "Readings by what became of them, once their hop closed.",
        ("feed", "fate"),
    ),
    "ticks_ignored": (
        "crowd_ticks_ignored_total",
        "Ticks too far off the broker's time to be followed.",
        PLACE,
    ),
    "dead_lettered": (
        "crowd_records_dead_lettered_total",
        "Input records sent to a DLQ.",
        ("topic",),
    ),
    "alerts": ("crowd_alerts_published_total", "Alerts acknowledged.", ("desk",)),
    "rebalances": ("crowd_rebalances_total", "Partitions were dealt out anew.", ()),
    "gaps": ("crowd_input_gaps_total", "Holes in the offsets of an input.", ("kind",)),
    "quarantined": (
        "crowd_records_quarantined_total",
        "Records skipped by order of the operator.",
        (),
    ),
}
GAUGES: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "lag": ("crowd_input_lag_records", "Records appended but not yet read.", PLACE),
    "clock_age": (
        "crowd_source_clock_age_seconds",
        "Wall time minus the newest tick read from an input partition.",
        PLACE,
    ),
    "undelivered": ("crowd_sends_undelivered_records", "Records not acknowledged.", ()),
    "send_age": ("crowd_sends_oldest_seconds", "Age of the oldest undelivered record.", ()),
    "snapshot_age": (
        "crowd_snapshot_age_seconds",
        "Since the last durable snapshot.",
        PLACE,
    ),
    "snapshot_bytes": (
        "crowd_snapshot_size_bytes",
        "Size of the last snapshot written.",
        PLACE,
    ),
    "load_seconds": (
        "crowd_snapshot_load_seconds",
        "How long the last loading of state took.",
        (),
    ),
    "waiting": (
        "crowd_waiting_readings",
        "Readings of sources that are ahead of the slowest one.",
        PLACE,
    ),
    "held": ("crowd_held_partitions", "Input partitions paused because they are far ahead.", ()),
    "parked": (
        "crowd_partitions_parked",
        "Partitions held because a record crashes the worker.",
        (),
    ),
    "feed_blind": (
        "crowd_feed_blind_ratio",
        "1 while no cell of a feed is heard, else 0.",
        ("feed",),
    ),
    "feed_suspect": (
        "crowd_feed_suspect_ratio",
        "1 while the tiles of a feed jump together, else 0.",
        ("feed",),
    ),
    "budget_spent": (
        "crowd_budget_spent_ratio",
        "Unusual incidents of the last day over alerts.false_alarms_per_day.",
        (),
    ),
    "calendar_until": (
        "crowd_calendar_known_until_timestamp_seconds",
        "End of the last day whose holidays and make-up workdays are known, seconds since 1970.",
        (),
    ),
    "ready": ("crowd_worker_ready_ratio", "1 while the worker is ready, else 0.", ()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """All metrics of one worker process, bound to the registry they were made with."""

    consumed: Counter
    rejected: Counter
    readings: Counter
    ticks_ignored: Counter
    dead_lettered: Counter
    alerts: Counter
    rebalances: Counter
    gaps: Counter
    quarantined: Counter
    lag: Gauge
    clock_age: Gauge
    undelivered: Gauge
    send_age: Gauge
    snapshot_age: Gauge
    snapshot_bytes: Gauge
    load_seconds: Gauge
    waiting: Gauge
    held: Gauge
    parked: Gauge
    feed_blind: Gauge
    feed_suspect: Gauge
    budget_spent: Gauge
    calendar_until: Gauge
    ready: Gauge
    hop_close_delay: Histogram

    @classmethod
    def on(cls, registry: CollectorRegistry) -> Metrics:
        """Return the metrics registered on `registry`; once per registry."""
        made: dict[str, Any] = {
            field: Counter(*spec, registry=registry) for field, spec in COUNTERS.items()
        }
        made |= {field: Gauge(*spec, registry=registry) for field, spec in GAUGES.items()}
        made["hop_close_delay"] = Histogram(
            "crowd_hop_close_delay_seconds",
            "From the append of the record that ended a batch until it is durable.",
            ("topic",),
            buckets=DELAY_BUCKETS_S,
            registry=registry,
        )
        return cls(**made)

    def forget_partitions(self) -> None:
        """Drop every series of a partition; the next owner exports it."""
        of_partitions = (
            self.lag,
            self.clock_age,
            self.snapshot_age,
            self.snapshot_bytes,
            self.waiting,
        )
        for gauge in of_partitions:
            gauge.clear()

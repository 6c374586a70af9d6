"""Every metric has its row in docs/metrics.md, and every row its metric."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from stream.ledger.metrics import LedgerMetrics
from stream.metrics import Metrics
from stream.notify.metrics import NotifyMetrics

ROW = re.compile(r"^\| `(crowd_\w+)` \| (\w+) \| ([\w, ]*)\| (\S.*) \|$")
NAME = re.compile(
    r"^crowd_[a-z_]+_(total|seconds|bytes|records|readings|partitions|ratio)$|^crowd_partitions_parked$"
)
PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def rows() -> dict[str, tuple[str, tuple[str, ...]]]:
    found = [ROW.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    return {
        row[1]: (row[2], tuple(part.strip() for part in row[3].split(",") if part.strip()))
        for row in found
        if row
    }


def exported() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the metrics of a worker, of notify and of the ledger."""
    made = [one.on(CollectorRegistry()) for one in (Metrics, NotifyMetrics, LedgerMetrics)]
    seen = {}
    for metric in [getattr(one, name) for one in made for name in one.__slots__]:
        kind = type(metric).__name__.lower()
        full = metric.describe()[0].name + ("_total" if kind == "counter" else "")
        seen[full] = (kind, tuple(metric._labelnames))  # noqa: SLF001  nothing public tells them
    return seen


def test_the_page_lists_exactly_the_metrics_with_kind_and_labels() -> None:
    assert rows() == exported()


def test_names_begin_with_crowd_and_end_with_their_unit() -> None:
    assert [name for name in exported() if not NAME.match(name)] == []


def test_labels_never_name_a_cell_or_a_tile() -> None:
    labels = {label for _, names in exported().values() for label in names}
    assert labels <= {"topic", "partition", "reason", "desk", "kind", "feed", "fate", "target"}


def test_partitions_that_left_are_no_longer_exported() -> None:
    registry = CollectorRegistry()
    metrics = Metrics.on(registry)
    metrics.lag.labels("readings.v1", 3).set(7)
    assert b"readings.v1" in generate_latest(registry)
    metrics.forget_partitions()
    assert b"readings.v1" not in generate_latest(registry)

"""The Prometheus rules speak of metrics that exist, and fire when they should."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import Any, Final

import pytest
import yaml
from prometheus_client import CollectorRegistry

from stream.ledger.metrics import LedgerMetrics
from stream.metrics import Metrics
from stream.notify.metrics import NotifyMetrics
from tests.arch.house import ROOT

PROMETHEUS: Final = ROOT / "deploy" / "prometheus"
OURS: Final = re.compile(r"\bcrowd_\w+")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "rules.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def exported() -> set[str]:
    """Names of all samples that a worker, notify or the ledger can export."""
    registry = CollectorRegistry()
    Metrics.on(registry)
    NotifyMetrics.on(registry)
    LedgerMetrics.on(registry)
    kinds = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
    return {family.name + ending for family in registry.collect() for ending in kinds[family.type]}


def test_rules_speak_only_of_metrics_that_exist() -> None:
    asked = {name for rule in rules() for name in OURS.findall(rule["expr"])}
    assert asked
    assert asked <= exported()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert {"summary", "action"} <= set(rule["annotations"])


def test_every_rule_has_a_timetable() -> None:
    text = (PROMETHEUS / "rules.test.yml").read_text(encoding="utf-8")
    assert [rule["alert"] for rule in rules() if rule["alert"] not in text] == []


@pytest.mark.parametrize(
    "command", [["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"]]
)
def test_promtool_agrees(command: list[str]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        assert "CROWDTIDE_CI" not in os.environ, "CI promises this test; install promtool"
        pytest.skip("promtool is not installed (Debian package: prometheus)")
    done = subprocess.run(
        [promtool, *command], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""Agreement with the laboratory on real counts, and bits that no processor changes."""

import csv
import gzip
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.contract import Moment
from tests.detectors.cases import FIELDS, baseline, observe

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COLUMNS = ("score", "z", "expected", "spread")


def golden() -> list[dict[str, str]]:
    with gzip.open(HERE / "golden/calit2_lab_scores.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def moment_of(row: dict[str, str]) -> Moment:
    minute = int(row["start_local"][11:13]) * 60 + int(row["start_local"][14:16])
    return Moment(kind=int(row["kind"]), minute=float(minute), slot_ends=True)


def scored(rows: list[dict[str, str]], flows: list[str]) -> dict[str, NDArray[np.float64]]:
    detector = baseline(len(flows))
    found: dict[str, list[NDArray[np.float32]]] = {name: [] for name in COLUMNS}
    for row in rows:
        verdict = detector.score(observe([float(row[f]) for f in flows]), moment_of(row))
        detector.learn()
        for name in COLUMNS:
            found[name].append(getattr(verdict, name))
    return {name: np.array(values, np.float64) for name, values in found.items()}


@pytest.mark.parametrize("together", [False, True])
def test_real_counts_score_as_in_the_laboratory(*, together: bool) -> None:
    rows = golden()
    flows = ["in", "out"]
    runs = [flows] if together else [[flow] for flow in flows]
    for run in runs:
        found = scored(rows, [f"flow_{flow}" for flow in run])
        for i, flow in enumerate(run):
            for name in COLUMNS:
                want = np.array([float(row[f"{flow}_{name}"]) for row in rows])
                assert np.abs(found[name][:, i] - want).max() < 1e-3, (flow, name)


def digest() -> str:
    """SHA-256 of every verdict and the final state on the golden counts."""
    rows, total = golden(), hashlib.sha256()
    detector = baseline(2)
    for row in rows:
        verdict = detector.score(
            observe([float(row["flow_in"]), float(row["flow_out"])]), moment_of(row)
        )
        tiles, peaks = detector.ended(verdict.score > 1.5)
        detector.learn()
        total.update(b"".join(getattr(verdict, name).tobytes() for name in FIELDS))
        total.update(tiles.astype("<i8").tobytes() + peaks.tobytes())
    state = detector.state
    total.update(state.hot_bytes(0, 2))
    for kind in range(3):
        for i in range(state.slots):
            total.update(state.slot_bytes(kind, i, 0, 2))
    return total.hexdigest()


def test_bits_are_those_of_the_golden_run() -> None:
    assert digest() == (HERE / "golden/calit2_bits.txt").read_text().strip()


def test_bits_do_not_depend_on_what_the_processor_can_do() -> None:
    """The same run in a process where numpy may use none of its faster instructions."""
    script = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "from numpy._core._multiarray_umath import __cpu_features__ as has\n"
        "from numpy._core._multiarray_umath import __cpu_dispatch__ as extra\n"
        "assert not any(has[name] for name in extra), 'still in use'\n"
        "from tests.detectors.test_lab_agreement import digest\n"
        "print(digest())\n"
    )
    plain = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ, NPY_DISABLE_CPU_FEATURES=" ".join(dispatched()), PYTHONPATH=str(ROOT)),
    )
    assert plain.stdout.strip() == digest()


def dispatched() -> list[str]:
    """Names of the instruction sets numpy would choose between on this processor."""
    show = "from numpy._core._multiarray_umath import __cpu_dispatch__ as d; print(*d)"
    run = subprocess.run([sys.executable, "-c", show], check=True, capture_output=True, text=True)
    return run.stdout.split()

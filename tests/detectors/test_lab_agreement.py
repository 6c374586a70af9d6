"""Agreement with the laboratory on real counts, and bits that no processor changes."""

import csv
import gzip
import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detectors.baseline import BaselineSpec
from detectors.buildup import BuildUpSpec
from detectors.contract import Moment
from detectors.neighbours import NeighbourSpec
from detectors.panel import Panel
from detectors.spread import SpreadSpec
from tests.detectors.cases import FIELDS, baseline, in_a_row, observe
from tests.detectors.grounds import square

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COLUMNS = ("score", "z", "expected", "spread", "drop")
GRID_SIDE = 5
GATE = 1.5


def golden(name: str = "calit2_lab_scores") -> list[dict[str, str]]:
    with gzip.open(HERE / f"golden/{name}.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def moment_of(row: dict[str, str], hop_min: int = 30) -> Moment:
    minute = int(row["start_local"][11:13]) * 60 + int(row["start_local"][14:16])
    weekday = int(row["dow"]) if row["kind"] == "0" else -1
    return Moment(
        kind=int(row["kind"]),
        minute=float(minute),
        slot_ends=(minute + hop_min) % 30 == 0,
        weekday=weekday,
    )


# The laboratory had a hard clip, and novelty that faded slowly (ADR 0026, 0033).
LAB = BaselineSpec(buildup=BuildUpSpec(over=0.0), spread=SpreadSpec(novelty_fades=False))


@pytest.mark.parametrize("together", [False, True])
def test_real_counts_score_as_in_the_laboratory(*, together: bool) -> None:
    """Two tiles under a panel of both; each tile under a panel of itself."""
    for flows in [["in", "out"]] if together else [["in"], ["out"]]:
        panel = Panel(LAB, members=len(flows), hop_min=30, slot_min=30)
        detector, compared = baseline(len(flows), spec=LAB), 0
        for row in golden():
            seen, now = observe([float(row[f"flow_{f}"]) for f in flows]), moment_of(row)
            verdict = detector.score(seen, now, panel.hop(seen, now))
            detector.learn()
            for i, flow in enumerate(flows):
                said = {n: row[f"{'two' if together else 'one'}_{flow}_{n}"] for n in COLUMNS}
                if said["z"]:
                    compared += 1
                    for name in COLUMNS:
                        got = float(getattr(verdict, name)[i])
                        assert got == pytest.approx(float(said[name]), abs=1.1e-3, rel=1e-5), name
        assert compared > 1000 * len(flows)


def test_a_real_panel_and_its_neighbours_score_as_in_the_laboratory() -> None:
    """25 squares in 10-minute hops: all are members, all lie beside one another.

    The laboratory knows no contrast: what a tile scores alone is compared without neighbours. Nor
    does it leave out the highest and the lowest of tiles together.
    """
    whole_sum = replace(LAB, neighbours=NeighbourSpec(ends_min=10.0))
    rows, count = golden("grid25_lab_panel"), GRID_SIDE * GRID_SIDE
    panel = Panel(LAB, members=count, hop_min=10, slot_min=30)
    alone = baseline(count, hop_min=10, spec=LAB)
    joined = baseline(count, hop_min=10, spec=whole_sum, neighbours=square(GRID_SIDE))
    compared = 0
    for row in rows:
        now = moment_of(row, 10)
        seen = observe([float(row[f"x{i}"]) for i in range(count)])
        city = panel.hop(seen, now)
        verdict, near = alone.score(seen, now, city), joined.score(seen, now, city)
        alone.learn()
        joined.learn()
        assert city.whole == pytest.approx(float(row["whole"]), abs=1e-4)
        assert city.off == pytest.approx(float(row["off"]), abs=1e-4)
        if row["said"]:
            compared += 1
            said = np.array([float(x) for x in row["said"].split()]).reshape(4, count)
            told = (verdict.score, verdict.expected, near.near, verdict.drop)
            for got, want in zip(told, said, strict=True):
                assert got == pytest.approx(want, abs=1.5e-3, rel=1e-5)
    assert compared > len(rows) / 30


def digest() -> str:
    """SHA-256 of every verdict and the final state on the golden counts."""
    total, spec = hashlib.sha256(), BaselineSpec()
    panel = Panel(spec, members=2, hop_min=30, slot_min=30)
    detector = baseline(2, neighbours=in_a_row(2))
    for row in golden():
        seen, now = observe([float(row["flow_in"]), float(row["flow_out"])]), moment_of(row)
        verdict = detector.score(seen, now, panel.hop(seen, now))
        runs = detector.ended(verdict.score > GATE, verdict.near > GATE)
        detector.learn()
        total.update(b"".join(getattr(verdict, name).tobytes() for name in FIELDS))
        for tiles, peaks in ((runs.tiles, runs.peaks), (runs.near_tiles, runs.near_peaks)):
            total.update(tiles.astype("<i8").tobytes() + peaks.tobytes())
    total.update(panel.state.hot_bytes())
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
    assert plain.stdout.strip() == (HERE / "golden/calit2_bits.txt").read_text().strip()


def dispatched() -> list[str]:
    """Names of the instruction sets numpy would choose between on this processor."""
    show = "from numpy._core._multiarray_umath import __cpu_dispatch__ as d; print(*d)"
    run = subprocess.run([sys.executable, "-c", show], check=True, capture_output=True, text=True)
    return run.stdout.split()

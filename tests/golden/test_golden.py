"""Golden scenarios: the same bytes as ever, told in time, with the vector kernels or without."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.arch.house import ROOT
from tests.golden.__main__ import FOLDERS, kernels, written_feed
from tests.golden.scenario import Outcome, play
from tests.golden.timetable import read_timetable

if TYPE_CHECKING:
    from pathlib import Path

UPDATE = "if this is meant: make golden-update, and read the difference"


@pytest.fixture(scope="module", name="folder", params=FOLDERS, ids=lambda folder: folder.name)
def fixture_folder(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture(scope="module", name="outcome")
def fixture_outcome(folder: Path) -> Outcome:
    return play(folder)


def expected() -> bytes:
    """Return the bytes of all scenarios, in the order in which they run by themselves."""
    files = [folder / name for folder in FOLDERS for name in ("alerts.ndjson", "bits.txt")]
    return b"".join(path.read_bytes() for path in files)


def by_itself(**environment: str) -> tuple[bytes, str]:
    """Run all scenarios in a process of their own; return their bytes and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.golden"],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )
    return done.stdout, done.stderr.decode()


def test_the_alerts_are_those_of_ever(folder: Path, outcome: Outcome) -> None:
    lines = [one.line for one in outcome.told]
    assert lines == (folder / "alerts.ndjson").read_bytes().splitlines(keepends=True), UPDATE


def test_so_is_every_bit_behind_them(folder: Path, outcome: Outcome) -> None:
    assert outcome.bits == (folder / "bits.txt").read_text().strip(), UPDATE


def test_every_alert_was_wanted_and_came_in_time(folder: Path, outcome: Outcome) -> None:
    wants = read_timetable((folder / "timetable.txt").read_text(encoding="utf-8")).wants
    assert [one.alert for one in outcome.told] == [want.alert for want in wants]
    for one, want in zip(outcome.told, wants, strict=True):
        assert want.after < one.at <= want.by, want


def test_the_feed_is_what_the_timetable_says(folder: Path) -> None:
    assert (folder / "feed.csv").read_bytes() == written_feed(folder), UPDATE


def test_a_processor_without_vectors_tells_the_same_bytes() -> None:
    """PROTOCOL 19: whatever this processor offers beyond numpy's baseline is switched off."""
    offered = kernels()
    if not offered:
        pytest.skip("this processor offers nothing beyond the baseline of numpy")
    lines, said = by_itself(NPY_DISABLE_CPU_FEATURES=" ".join(offered))
    assert said.splitlines() == ["numpy kernels:"], "they must really be off"
    assert lines == expected()


def test_the_sines_of_another_processor_tell_the_same_bytes() -> None:
    """The C library, too, has other kernels for other processors; a grid is built on sines."""
    lines, _ = by_itself(GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F,-AVX")
    assert lines == expected()


def test_a_line_that_is_none_is_refused_with_its_words() -> None:
    with pytest.raises(ValueError, match="by Wed 20:00 wish"):
        read_timetable("begin 2026-09-28T00:00+08:00\nby Wed 20:00 wish police raised blue")

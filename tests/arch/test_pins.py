"""The versions that the worker's promises rest on (docs/decisions/0007)."""

from __future__ import annotations

import tomllib
from importlib.metadata import version

import pytest

from tests.arch.house import ROOT

PINS = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0", "mode-streaming": "0.7.1"}


@pytest.mark.parametrize(("package", "pinned"), PINS.items())
def test_the_insides_we_rest_on_are_pinned_everywhere(package: str, pinned: str) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    locked = (ROOT / "requirements.lock").read_text().splitlines()
    assert f"{package}=={pinned}" in declared
    assert f"{package}=={pinned} \\" in locked
    assert version(package) == pinned


def test_every_locked_requirement_carries_a_hash() -> None:
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    bare = [
        line.split()[0]
        for line in text.splitlines()
        if line and line[0].isalnum() and "--hash=sha256:" not in line
    ]
    assert not bare

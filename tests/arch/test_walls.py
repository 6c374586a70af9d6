"""The walls between the rooms stand, and they would not if someone broke one."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tests.arch.house import ROOMS, ROOT, module_name, named, python_files, tree_of

# What is not core in `stream/`: each touches files, sockets or a registry, and says so.
SHELLS: Final = {
    "stream.cli",
    "stream.kafka_clients",
    "stream.knock",
    "stream.ledger",
    "stream.log_line",
    "stream.metrics",
    "stream.notify",
    "stream.settings_load",
    "stream.topic_admin",
    "stream.topic_reader",
    "stream.wall",
    "stream.worker",
}
# The files of a core room that open files.
CORE_OPENERS: Final = {"geo.making.files", "geo.pack_file", "geo.register"}
HOSTS_ONLY: Final = ("faust", "mode", "click")
OPENERS: Final = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}


def contracts() -> list[dict[str, list[str] | str]]:
    house = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[dict[str, list[str] | str]] = house["tool"]["importlinter"]["contracts"]
    return found


def core() -> set[str]:
    """Names of the modules (or whole rooms) under the contract of the pure core."""
    (found,) = [one for one in contracts() if str(one["name"]).startswith("the core has no I/O")]
    return set(found["source_modules"])


def is_under(module: str, tops: set[str]) -> bool:
    return any(module == top or module.startswith(top + ".") for top in tops)


def lint_imports(where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=where,
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_point_down_the_house() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_planted_breach_breaks_every_wall(tmp_path: Path) -> None:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    breaches = {
        "alerts/levels.py": "import click",
        "geo/density.py": "import replay.embedded",
        "replay/embedded.py": "import faust",
        "stream/gateway.py": "import time",
    }
    for name, breach in breaches.items():
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{breach}\n")
    done = lint_imports(tmp_path)
    lines = done.stdout.splitlines()
    broken = {line.partition(" BROKEN")[0] for line in lines if " BROKEN" in line}
    assert done.returncode != 0
    assert broken == {str(one["name"]) for one in contracts()}, done.stdout


def test_every_file_of_stream_is_core_or_a_named_shell() -> None:
    stray = [
        named(path)
        for path in python_files("stream")
        if (name := module_name(path)) != "stream" and not is_under(name, core() | SHELLS)
    ]
    assert not stray, "name these in the core's contract (or as a shell):\n" + "\n".join(stray)


def test_every_file_of_stream_has_its_place_in_the_house() -> None:
    (house,) = [one for one in contracts() if one["type"] == "layers"]
    placed = set(re.findall(r"[a-z_.]+", " ".join(house["layers"])))
    stray = [
        named(path)
        for path in python_files("stream")
        if (name := module_name(path)) != "stream" and not is_under(name, placed)
    ]
    assert not stray, "give these a layer in pyproject.toml:\n" + "\n".join(stray)


def test_the_core_opens_no_files() -> None:
    opened = [
        f"{named(path)}:{node.lineno}"
        for path in python_files(*ROOMS)
        if is_under(module_name(path), core()) and module_name(path) not in CORE_OPENERS
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == "open")
            or (isinstance(node.func, ast.Attribute) and node.func.attr in OPENERS)
        )
    ]
    assert not opened, "take bytes or arrays, open in a shell:\n" + "\n".join(opened)


@pytest.mark.parametrize("room", ROOMS)
def test_everything_but_the_hosts_loads_without_faust(room: str) -> None:
    modules = [
        name
        for path in python_files(room)
        if not is_under(name := module_name(path), {"stream.worker", "stream.cli"})
        and not name.endswith("__main__")
    ]
    script = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"sys.exit(' '.join(sorted(set({HOSTS_ONLY!r}) & set(sys.modules))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}
    assert not done.stderr.strip(), done.stderr

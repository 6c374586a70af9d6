"""The page "Make your city's pack" can be followed to the letter, in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import fields

from geo.making.city_file import CellsEntry, CityFile, GridEntry, GroundEntry, JurisdictionsEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = Path(__file__).parents[2] / "docs" / "make-your-city-pack.md"
BLOCK: Final = re.compile(r"^```(sh|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def followed(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Run every block of the page; yield what it printed, and what the page says of it."""
    commands = Path(sys.executable).parent
    env = os.environ | {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}
    printed: str | None = None
    for kind, body in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "text":
            assert printed is not None
            yield printed, body.splitlines()
            continue
        done = subprocess.run(
            ["bash", "-euc", body], cwd=folder, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{body}\n{done.stdout}{done.stderr}"
        printed = done.stdout


@pytest.mark.skipif(os.name != "posix", reason="the page is written for a shell")
def test_every_block_of_the_page_runs_and_prints_what_the_page_says(tmp_path: Path) -> None:
    told = list(followed(tmp_path))
    assert len(told) == 4
    for printed, lines in told:
        assert [line for line in lines if line not in printed] == []
    assert (tmp_path / "haven.svg").stat().st_size > 1_000


def test_the_city_file_of_the_page_has_all_keys_and_no_other() -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    tree = tomllib.loads(text)

    def names(kind: type) -> set[str]:
        return {one.name for one in fields(kind)}

    assert tree.keys() == names(CityFile)
    assert tree["grid"].keys() == names(GridEntry)
    assert tree["ground"].keys() == names(GroundEntry)
    assert tree["jurisdictions"].keys() == names(JurisdictionsEntry)
    assert tree["cells"][0].keys() | {"valid_from"} == names(CellsEntry)


def test_every_fault_that_the_page_explains_is_one_that_can_be_met() -> None:
    """Its words stand in the sources."""
    part = PAGE.read_text("utf-8").partition("## What a fault means")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    phrases = [one for row in rows for one in re.findall(r"`([^`]+)`", row)]
    assert len(phrases) > 12
    sources = "".join(path.read_text("utf-8") for path in (PAGE.parents[1] / "geo").rglob("*.py"))
    pieces = [piece.strip() for phrase in phrases for piece in phrase.split("...")]
    assert [piece for piece in pieces if piece.removeprefix("datum: ") not in sources] == []

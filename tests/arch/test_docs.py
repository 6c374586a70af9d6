"""The documents name files that exist, and links that lead somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.arch.house import ROOMS, ROOT, named, project_files

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = re.compile(rf"`((?:{'|'.join((*ROOMS, 'tests', 'docs', 'deploy'))})/[\w./-]*)`")
LINK: Final = re.compile(r"\[[^]]*\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")
BLOCK: Final = re.compile(r"^```\n(.*?)^```", re.DOTALL | re.MULTILINE)
DOCUMENTS: Final = [path for path in project_files() if path.suffix == ".md"]


@pytest.mark.parametrize("page", DOCUMENTS, ids=named)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    gone = [name for name in FILE.findall(text) if not (ROOT / name).exists()]
    assert not gone


@pytest.mark.parametrize("page", DOCUMENTS, ids=named)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    dead = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert not dead


def test_the_decisions_are_numbered_without_holes_and_have_all_parts() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        parts = re.findall(r"^## (\w+)", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences"], page.name
        assert re.search(r"^Status: (accepted|superseded by \d{4})$", text, re.MULTILINE), page.name


def test_both_readmes_open_with_the_same_two_commands() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        blocks = re.findall(
            r"^```\n(.*?)^```", (ROOT / name).read_text("utf-8"), re.DOTALL | re.MULTILINE
        )
        assert [block.strip() for block in blocks[:2]] == ["make demo", "make test"], name


def test_every_command_of_the_readme_is_a_make_target_or_ours() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in DOCUMENTS:
        lines = BLOCK.findall(page.read_text("utf-8"))
        asked = set(re.findall(r"^make ([a-z-]+)", "\n".join(lines), re.MULTILINE))
        assert asked <= targets, named(page)

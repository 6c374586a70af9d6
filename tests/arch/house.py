"""The project's own files and the sizes of their functions, as the tests of the house see them."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
ROOMS: Final = ("stream", "detectors", "geo", "alerts", "replay")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """A function with its place and its lines, docstring not counted.

    positional: arguments that may be given by place, without `self` or `cls`.
    """

    where: str
    name: str
    lines: int
    positional: int


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file that is, or would be, committed; sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = sorted(name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for name in names if (path := ROOT / name).is_file())


@cache
def python_files(*rooms: str) -> tuple[Path, ...]:
    """Return the Python files of some rooms, of all rooms and the tests if none is named."""
    wanted = rooms or (*ROOMS, "tests")
    return tuple(
        path
        for path in project_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in wanted
    )


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def named(path: Path) -> str:
    """Return a file's path from the root, for messages."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """Return the dotted name under which a file of a room is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sizes(*rooms: str) -> list[Sized]:
    """Return every function of some rooms (default: all, and the tests) with its size."""
    return [
        Sized(
            where=f"{named(path)}:{node.lineno}",
            name=node.name,
            lines=_lines(node),
            positional=_positional(node),
        )
        for path in python_files(*rooms)
        for node in ast.walk(tree_of(path))
        if isinstance(node, Function)
    ]


def _lines(node: Function) -> int:
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    if ast.get_docstring(node) is None:
        return whole
    doc = node.body[0]
    return whole - ((doc.end_lineno or doc.lineno) - doc.lineno + 1)


def _positional(node: Function) -> int:
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))

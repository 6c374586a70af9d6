"""What STYLE says about manners and a machine can check, checked."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.arch.house import ROOMS, ROOT, named, project_files, python_files, sizes, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FUNCTION_LINES_MAX: Final = 40
DETECTOR_STEP_LINES_MAX: Final = 60
MODULE_LINES_MAX: Final = 300
POSITIONAL_MAX: Final = 5
ROOM_NAMES_MAX: Final = 10

SHAPELESS: Final = {"utils", "util", "common", "helpers", "helper", "types", "models", "misc"}
# Words of other houses, with ours. Only such as have no second meaning in this trade.
FOREIGN: Final = {
    "hexbin": "tile",
    "shard": "block",
    "crowding": "density_per_m2",
}
SPELT_OUT: Final = re.compile(r".*_(seconds|secs|millis|milliseconds|minutes|met(er|re)s)")
UNSAID: Final = re.compile(
    r"#\s*noqa(?!:\s*[A-Z]+\d+)|#\s*type:\s*ignore(?!\[)|#\s*(ruff|flake8):\s*noqa|#\s*mypy:"
)
EXCUSED: Final = re.compile(r"#\s*noqa:\s*[A-Z]+\d+(\s*,\s*[A-Z]+\d+)*(?P<why>.*)$")
LEFT_OVER: Final = re.compile("|".join((r"\bFIX" + r"ME\b", r"\bTO" + r"DO\b", r"\bXX" + r"X\b")))
COMMENTED: Final = {".toml", ".yml", ".yaml"}


def python_lines() -> Iterator[tuple[str, str]]:
    for path in python_files():
        if path == ROOT / "tests" / "arch" / "test_tidy.py":
            continue  # It must spell out what it bans.
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{named(path)}:{number}", line


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{one.where} {one.name}: {one.lines} lines"
        for one in sizes()
        if one.lines
        > (
            DETECTOR_STEP_LINES_MAX
            if one.name == "step" and one.where.startswith("detectors/")
            else FUNCTION_LINES_MAX
        )
    ]
    assert not long, "split these along their stages:\n" + "\n".join(long)


def test_no_module_outgrows_its_duty() -> None:
    big = [
        f"{named(path)}: {lines} lines"
        for path in python_files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES_MAX
    ]
    assert not big, f"over {MODULE_LINES_MAX} lines, find the second duty:\n" + "\n".join(big)


def test_options_are_keyword_only() -> None:
    wide = [
        f"{one.where} {one.name}: {one.positional} by place"
        for one in sizes()
        if one.positional > POSITIONAL_MAX
    ]
    assert not wide, "put a * before the options:\n" + "\n".join(wide)


def test_no_file_is_named_after_nothing() -> None:
    vague = [named(path) for path in python_files() if set(path.parts) & SHAPELESS]
    vague += [named(path) for path in python_files() if path.stem in SHAPELESS]
    assert not vague, "name these after what they hold:\n" + "\n".join(vague)


def test_every_python_file_opens_with_its_duty() -> None:
    mute = [
        named(path)
        for path in python_files()
        if not (ast.get_docstring(tree_of(path)) or "").strip()
        or not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert not mute, "the first line says the sole duty:\n" + "\n".join(mute)


def test_every_other_source_file_opens_with_its_duty() -> None:
    def opening(path: Path) -> str:
        lines = path.read_text(encoding="utf-8").splitlines() or [""]
        return lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]

    files = [path for path in project_files() if "examples" not in path.parts]
    mute = [
        named(path)
        for path in files
        if (path.suffix in COMMENTED or path.name in {"Makefile", "Dockerfile", "run"})
        and not opening(path).startswith("# ")
    ]
    assert not mute, "the first line is a comment that says the duty:\n" + "\n".join(mute)


def test_no_check_is_silenced_without_its_name() -> None:
    bare = [f"{where}: {line.strip()}" for where, line in python_lines() if UNSAID.search(line)]
    assert not bare, "name the rule:\n" + "\n".join(bare)


def test_no_check_is_silenced_without_a_reason() -> None:
    unexplained = [
        f"{where}: {line.strip()}"
        for where, line in python_lines()
        if (found := EXCUSED.search(line)) and not found["why"].strip(" -:#")
    ]
    assert not unexplained, "say why, after the code of the rule:\n" + "\n".join(unexplained)


def test_nothing_is_left_for_later_in_the_source() -> None:
    later = [
        f"{named(path)}:{number}"
        for path in project_files()
        if path.suffix in {".py", ".md", ".toml", ".yml", ".yaml", ""}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LEFT_OVER.search(line)
    ]
    assert not later, "do it, or open an issue:\n" + "\n".join(later)


def names_given() -> Iterator[tuple[str, str]]:
    """Every name that our own code gives: functions, classes, arguments, variables, fields."""
    for path in python_files(*ROOMS):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield f"{named(path)}:{node.lineno}", node.name
            elif isinstance(node, ast.arg):
                yield f"{named(path)}:{node.lineno}", node.arg
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield f"{named(path)}:{node.lineno}", node.id


def test_names_keep_to_the_glossary() -> None:
    strange = [
        f"{where} {name}: say {FOREIGN[word.lower()]}"
        for where, name in names_given()
        for word in re.split(r"_|(?<=[a-z])(?=[A-Z])", name)
        if word.lower() in FOREIGN
    ]
    assert not strange, "docs/glossary.md has the words:\n" + "\n".join(strange)


def test_units_come_last_and_short() -> None:
    # Metrics are the exception: Prometheus wants base units, spelt out.
    metrics = "stream/metrics.py"
    spelt = [
        f"{where} {name}"
        for where, name in names_given()
        if SPELT_OUT.fullmatch(name.lower()) and not where.startswith(metrics)
    ]
    assert not spelt, "units are _ms _s _min _m _m2 _per_m2 _ratio:\n" + "\n".join(spelt)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_means_and_shows_few_names(room: str) -> None:
    front = ROOT / room / "__init__.py"
    tree = tree_of(front)
    shown = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == "__all__"
    ]
    assert shown, f"{room}/__init__.py has no __all__"
    assert len(shown[0]) <= ROOM_NAMES_MAX
    assert len((ast.get_docstring(tree) or "").split()) >= 15, "a paragraph, not a title"

"""Plays the evenings: `python -m tests.golden.tell [--update] [NAME ...]` prints what is told.

With `--update` it writes `told.txt` of each anew, and the `want` lines of a timetable that has
none yet: read them as a desk would before you keep them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.golden.evening import EVENINGS, clock_of, read
from tests.golden.evening_run import play

if TYPE_CHECKING:
    from tests.golden.evening_run import Said

__all__ = ["NAMES", "main", "told_text"]

NAMES: Final = tuple(sorted(path.parent.name for path in EVENINGS.glob("*/why.md")))


def told_text(said: list[Said], digest: str) -> str:
    """Return what an evening's `told.txt` holds: every message, and the hash of all bytes."""
    return "\n".join([*(one.long for one in said), f"sha256 of all bytes: {digest}", ""])


def main(arguments: list[str]) -> int:
    """Play evenings; return the exit code."""
    update = "--update" in arguments
    names = [one for one in arguments if one != "--update"] or list(NAMES)
    for name in names:
        with tempfile.TemporaryDirectory() as work:
            said, digest, _ = play(EVENINGS / name, Path(work))
        text = told_text(said, digest)
        if not update:
            print(f"== {name}", text, sep="\n")
            continue
        (EVENINGS / name / "told.txt").write_text(text, encoding="utf-8")
        _want(EVENINGS / name / "timetable.txt", said)
        print(f"{name}: {len(said)} messages")
    return 0


def _want(path: Path, said: list[Said]) -> None:
    """Write the messages into a timetable that wants none yet, in the order of time."""
    text = path.read_text(encoding="utf-8")
    if read(text).wants:
        return
    lines = text.splitlines()
    begin_ms = read(text).begin_ms
    *body, last = lines
    timed = [line for line in body if line.partition(" ")[0].count(":") == 1]
    frame = [line for line in body if line not in timed]
    happens = [(clock_of(begin_ms, line.partition(" ")[0]), 0, line) for line in timed]
    wants = [(one.at_ms, 1, f"by {_by(begin_ms, one)} want {one.short}") for one in said]
    merged = sorted([*happens, *wants], key=lambda row: row[:2])
    path.write_text("\n".join([*frame, *(line for *_, line in merged), last, ""]), encoding="utf-8")


def _by(begin_ms: int, one: Said) -> str:
    """Return the minute by which it is told, with the day where that is another one."""
    minutes = -(-(one.at_ms - begin_ms) // 60_000)
    start = begin_ms // 60_000 + 8 * 60
    day = (start % 1440 + minutes) // 1440
    clock = (start + minutes) % 1440
    plain = f"{clock // 60:02}:{clock % 60:02}"
    return f"{day}/{plain}" if day > 1 else plain


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

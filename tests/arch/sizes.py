"""Report how long functions and modules are: `python -m tests.arch.sizes`."""

from __future__ import annotations

import statistics
import sys

from tests.arch.house import ROOMS, python_files, sizes


def report() -> str:
    """Return one line a room: files, module median, functions, their median and p90, in lines."""
    rows = []
    for room in (*ROOMS, "tests"):
        modules = [
            len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(room)
        ]
        lines = sorted(one.lines for one in sizes(room)) or [0]
        p90 = lines[min(len(lines) - 1, len(lines) * 9 // 10)]
        rows.append(
            f"{room:10} {len(modules):3} files, median {statistics.median(modules or [0]):3.0f} "
            f"lines; {len(lines):4} functions, median {statistics.median(lines):.0f}, p90 {p90}, "
            f"longest {lines[-1]}"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")

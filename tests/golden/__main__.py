"""Runs a golden scenario by itself, or writes its expected bytes anew: `make golden-update`.

`python -m tests.golden` prints the alerts, one a line, then the bits behind them, and on stderr
the vector kernels of numpy in use; with `--update` it writes `feed.csv`, `alerts.ndjson` and
`bits.txt` and prints who was told what.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Final

import numpy as np

from tests.golden.scenario import play
from tests.golden.timetable import feed_lines, read_timetable

__all__ = ["FOLDERS", "kernels", "main", "written_feed"]

FOLDERS: Final = tuple(sorted(path.parent for path in Path(__file__).parent.glob("*/why.md")))


def main(arguments: list[str]) -> int:
    """Run every scenario; return the exit code."""
    if arguments not in ([], ["--update"]):
        print("usage: python -m tests.golden [--update]", file=sys.stderr)
        return 2
    print("numpy kernels:", *kernels(), file=sys.stderr)
    for folder in FOLDERS:
        if arguments:
            (folder / "feed.csv").write_bytes(written_feed(folder))
        outcome = play(folder)
        lines = b"".join(one.line for one in outcome.told)
        bits = f"{outcome.bits}\n".encode()
        if arguments:
            (folder / "alerts.ndjson").write_bytes(lines)
            (folder / "bits.txt").write_bytes(bits)
            for one in outcome.told:
                print(f"{folder.name}: {one.at:%a %H:%M}", *one.alert)
        else:
            sys.stdout.buffer.write(lines + bits)
    return 0


def kernels() -> list[str]:
    """Return the vector kernels that numpy uses beyond its baseline; none if switched off."""
    found = np.show_config(mode="dicts")
    assert found is not None
    return sorted(found["SIMD Extensions"].get("found", []))


def written_feed(folder: Path) -> bytes:
    """Return the feed file that a scenario's timetable describes."""
    table = read_timetable((folder / "timetable.txt").read_text(encoding="utf-8"))
    with (folder / "cells.csv").open(encoding="utf-8", newline="") as text:
        cells = [row["cell"] for row in csv.DictReader(text)]
    return "".join(f"{line}\n" for line in feed_lines(table, cells)).encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

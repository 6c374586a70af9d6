"""Backtest of one sensor: a year of five-minute counts through the command, wall time."""

from __future__ import annotations

import argparse
import math
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

__all__ = ["main"]

HOPS: Final = 105_120


def write(folder: Path, hops: int) -> tuple[Path, Path]:
    """Write the feed and its cells; return both paths."""
    chance = random.Random(1)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    feed, cells = folder / "year.csv", folder / "cells.csv"
    cells.write_text("cell,area_m2\nplace,10000\n")
    with feed.open("w") as out:
        out.write("start,cell,count,period_s\n")
        for hop in range(hops):
            people = 200 + 150 * math.sin(hop / 288 * 2 * math.pi)
            at = start + hop * timedelta(minutes=5)
            out.write(f"{at.isoformat()},place,{max(chance.gauss(people, 20), 0):.0f},300\n")
    return feed, cells


def main() -> None:
    """Run the backtest and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hops", type=int, default=HOPS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        feed, cells = write(Path(folder), asked.hops)
        out = Path(folder) / "out.json"
        command = ["stream.cli", "backtest", str(feed), "--cells", str(cells), "--out", str(out)]
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", *command], check=True, stdout=subprocess.DEVNULL)
        took = time.monotonic() - began
    print(f"backtest of {asked.hops:,} hops of one sensor: {took:.1f} s")


if __name__ == "__main__":
    main()

"""Detection figures against the last release and the peers: `make quality [DATA=FOLDER]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tests.quality.gate import accepted, lost, merged, write
from tests.quality.page import PAGE, PICTURES, page
from tests.quality.picture import file_name, picture
from tests.quality.studies import of_data, shipped_studies
from tests.quality.workers import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.quality.figure import Figure, Measured
    from tests.quality.studies import Study

__all__ = ["main"]


def main() -> None:
    """Measure, print every figure as it is ready, and leave with 1 where too much was lost."""
    asked = _asked()
    if asked.page:
        PAGE.write_text(page(accepted()), encoding="utf-8")
        return
    data = os.environ.get("CROWDTIDE_QUALITY_DATA", "")
    with tempfile.TemporaryDirectory() as folder:
        try:
            more = [] if asked.quick or not data else list(of_data(Path(data), Path(folder)))
        except (OSError, KeyError) as fault:
            sys.exit(f"quality: DATA={data} does not hold the larger sets: {fault}")
        studies = [*shipped_studies(), *more]
        chosen = [
            one for one in studies if (one.quick or not asked.quick) and asked.only in one.name
        ]
        before = accepted()
        figures = _run(chosen, jobs=asked.jobs, loud=not asked.json, update=asked.update)
    worse = [] if asked.update else lost(before, figures)
    if asked.json:
        sys.stdout.write(msgspec.json.encode({"figures": figures, "lost": worse}).decode() + "\n")
    else:
        _close(before, figures, worse)
    sys.exit(1 if worse else 0)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make quality ARGS=...", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shipped sets and a small city")
    parser.add_argument("--only", default="", metavar="WORDS", help="studies with this in the name")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="studies at a time (1)")
    parser.add_argument("--update", action="store_true", help="accept the figures, rewrite page")
    parser.add_argument("--page", action="store_true", help="rewrite the page only, run nothing")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    return parser.parse_args()


def _run(studies: Sequence[Study], *, jobs: int, loud: bool, update: bool) -> list[Figure]:
    """Run the studies; with `update` each is accepted as soon as it is done."""
    figures: list[Figure] = []
    for measured in run(studies, jobs=jobs):
        figures += measured.figures
        if update:
            _accept(measured)
        if loud:
            for figure in measured.figures:
                print(_line(figure), flush=True)
    return figures


def _line(one: Figure) -> str:
    wanted = "" if one.asked is None else f" ({'>=' if one.more else '<='} {one.asked:g})"
    missed = "  MISSED" if one.met is False else ""
    peers = ", ".join(f"{name} {got}" for name, got in one.peers.items())
    tail = "; ".join(part for part in (one.note, peers) if part)
    return f"{one.key}: {one.shown}{wanted}{missed}{f'  [{tail}]' if tail else ''}"


def _accept(measured: Measured) -> None:
    """Rewrite what the gate expects, the picture and the page."""
    figures = merged(accepted(), measured.figures)
    if measured.curve is not None:
        PICTURES.mkdir(exist_ok=True)
        drawn = PICTURES / file_name(measured.curve.name)
        drawn.write_text(picture(measured.curve), encoding="utf-8")
    write(figures)
    PAGE.write_text(page(figures), encoding="utf-8")


def _close(before: Sequence[Figure], figures: Sequence[Figure], worse: Sequence[str]) -> None:
    """Print what was reached, what was lost and what was not run."""
    wanted = [one for one in figures if one.met is not None]
    reached = sum(one.met is True for one in wanted)
    print(f"\n{reached} of {len(wanted)} figures that were asked for are reached")
    idle = {one.key for one in before} - {one.key for one in figures}
    if idle:
        print(f"{len(idle)} figures of the last release were not run")
    for line in worse:
        print(f"LOST  {line}")
    if worse:
        print("A change that means to lose this says so: make quality ARGS=--update")


if __name__ == "__main__":
    main()

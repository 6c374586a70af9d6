"""Makes a simulated city: a feed with its cells and labels, and the truth behind it.

    python -m replay.city --seed 7 --tiles 400 --days 42 --hop-s 300 --out FOLDER

`--profile lab` is the laboratory's set, `city` (the default) a harder one, `strong` the harder
one with strong weekdays. `--stations` puts the counts on sectors spaced as real ones instead of
squares. Nothing that comes out is real, and every file set says so.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from replay.city_feed import build_city
from replay.city_files import write_city
from replay.city_ground import squares, stations
from replay.city_spec import city_spec, lab_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from replay.city_spec import CitySpec

__all__ = ["main"]

PROFILES: Final = ("city", "strong", "lab")
STRONG_WEEKDAY_SD: Final = 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the city that the arguments ask for; 0 done, 2 if it cannot be."""
    asked = _parser().parse_args(arguments)
    try:
        spec = _spec(asked)
        city = build_city(spec, (stations if asked.stations else squares)(spec))
    except ValueError as fault:
        sys.stderr.write(f"replay.city: {fault}\n")
        return 2
    asked.out.mkdir(parents=True, exist_ok=True)
    written = write_city(city, asked.out, parquet=asked.parquet, progress=_progress)
    sys.stdout.write(
        f"simulated city, seed {spec.seed}: {spec.tiles} tiles, {spec.days} days,"
        f" {len(city.crowds)} crowds\n"
    )
    for path in written:
        sys.stdout.write(f"{path}\n")
    return 0


def _spec(asked: argparse.Namespace) -> CitySpec:
    """Return the profile with what was asked for beside it; ValueError if it cannot be."""
    profile = lab_spec if asked.profile == "lab" else city_spec
    spec = profile(asked.seed, tiles=asked.tiles, days=asked.days, hop_s=asked.hop_s)
    if asked.profile == "strong":
        spec = replace(spec, weekday_sd=STRONG_WEEKDAY_SD)
    if asked.kinds:
        spec = replace(spec, kinds=_kinds(asked.kinds))
    if asked.crowd_days:
        spec = replace(spec, crowd_days=asked.crowd_days)
    return spec


def _kinds(text: str) -> dict[str, float]:
    """Read weights of kinds of crowd.

    >>> _kinds("rise=3,fast")
    {'rise': 3.0, 'fast': 1.0}
    """
    pairs = [one.partition("=") for one in text.split(",")]
    return {name.strip(): float(weight or 1) for name, _, weight in pairs}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m replay.city", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seed", type=int, required=True, help="of all chance")
    parser.add_argument("--tiles", type=int, default=400, help="cells (400)")
    parser.add_argument("--days", type=int, default=42, help="length (42)")
    parser.add_argument("--hop-s", type=int, default=300, help="seconds of an interval (300)")
    parser.add_argument("--profile", choices=PROFILES, default="city", help="(city)")
    parser.add_argument("--kinds", help="weights of kinds of crowd, as rise=3,fast=1")
    parser.add_argument("--crowd-days", type=float, help="mean days between crowds of a tile (10)")
    parser.add_argument("--stations", action="store_true", help="sectors instead of squares")
    parser.add_argument("--parquet", action="store_true", help="feed.parquet, not feed.csv.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    return parser


def _progress(done: int, whole: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\rday {done} of {whole}" + ("\n" if done == whole else ""))


if __name__ == "__main__":
    sys.exit(main())

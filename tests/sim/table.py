"""In how many seeds each mutant is caught: `python -m tests.sim.table --runs 150`.

Two columns: random interleaving alone, and with faults. The last row is the product itself.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from replay.sim_cluster import EVERY_FAULT, NO_FAULT
from replay.sim_run import simulate
from tests.sim.mutants import MUTANTS, caught

if TYPE_CHECKING:
    from collections.abc import Callable

    from replay.sim_cluster import Fault


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim.table", description=__doc__)
    parser.add_argument("--runs", type=int, default=150, help="seeds, for each mutant and column")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    seeds = range(1, options.runs + 1)
    sys.stdout.write("| rule | broken so | interleaving | faults |\n|---|---|---|---|\n")
    with ProcessPoolExecutor(options.jobs) as pool:

        def count(way: Callable[[int, frozenset[Fault]], bool], faults: frozenset[Fault]) -> int:
            return sum(pool.map(way, seeds, [faults] * options.runs, chunksize=4))

        for number, mutant in enumerate(MUTANTS):
            way = partial(_caught, number)
            # Where nothing fails, a rule about failures has nothing to say.
            calm = "-" if mutant.needs_faults else count(way, NO_FAULT)
            _row(mutant.rule, mutant.what, calm, count(way, EVERY_FAULT))
        what = "the product as it is"
        _row("none", what, count(_violated, NO_FAULT), count(_violated, EVERY_FAULT))


def _row(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(map(str, cells)) + " |\n")
    sys.stdout.flush()


def _caught(number: int, seed: int, faults: frozenset[Fault]) -> bool:
    return caught(number, seed, faults=faults)


def _violated(seed: int, faults: frozenset[Fault]) -> bool:
    return simulate(seed, faults=faults).problem is not None


if __name__ == "__main__":
    main()

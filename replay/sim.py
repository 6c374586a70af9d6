"""The seeded simulator: `python -m replay.sim --seed 7 --runs 1000` tries so many seeds.

Each seed is a small deployment, its input logs and its faults; `sim_run` lets them happen,
`sim_oracle` says from the input logs alone what must have come out, `sim_check` compares. A seed
that fails is printed with the fewest kinds of fault that still make it fail, and with the
command that repeats it. Exit code 1 if any did.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from replay.progress import Progress
from replay.sim_cluster import EVERY_FAULT, NO_FAULT, Fault
from replay.sim_run import simulate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from replay.sim_run import Outcome

__all__ = ["fewest_faults", "main", "outcomes"]

FAILURES_MAX: Final = 5  # then the rest would only repeat them
CHUNK: Final = 8  # seeds handed to a process at a time


def outcomes(
    seeds: Sequence[int], *, jobs: int, faults: frozenset[Fault] = EVERY_FAULT
) -> Iterator[Outcome]:
    """Yield what came of each seed, in order."""
    one = partial(simulate, faults=faults)
    if jobs == 1:
        yield from map(one, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(one, seeds, chunksize=CHUNK)


def fewest_faults(seed: int) -> frozenset[Fault]:
    """Return kinds of fault, none of which can be left out if the seed is to fail."""
    needed = EVERY_FAULT
    for fault in sorted(EVERY_FAULT):
        fewer = needed - {fault}
        if simulate(seed, faults=fewer).problem is not None:
            needed = fewer
    return needed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run seeds; return the exit code."""
    options = _parsed(arguments)
    seeds = range(options.seed, options.seed + options.runs)
    faults = NO_FAULT if options.calm else EVERY_FAULT
    progress = Progress(sys.stderr, "simulating")
    failed: list[Outcome] = []
    done = alerts = hops = broken = 0
    for outcome in outcomes(seeds, jobs=options.jobs, faults=faults):
        done += 1
        alerts, hops, broken = alerts + outcome.alerts, hops + outcome.hops, broken + outcome.broken
        if outcome.problem is not None:
            failed.append(outcome)
            if len(failed) >= FAILURES_MAX:
                break
        progress.at(done / len(seeds), f"seed {outcome.seed}, {len(failed)} failed")
    progress.done()
    _write(_told(failed, is_calm=options.calm))
    what = f"{hops} hops, {alerts} alerts, {broken} failures of workers, sends and ownership"
    _write([f"{done} seeds from {options.seed}: {len(failed)} violations ({what})"])
    return 1 if failed else 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m replay.sim", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--runs", type=int, default=100, help="how many seeds")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    parser.add_argument("--jobs", type=int, default=cores, help="processes; all cores unless said")
    parser.add_argument("--calm", action="store_true", help="random interleaving, but no faults")
    return parser.parse_args(arguments)


def _told(failed: Iterable[Outcome], *, is_calm: bool) -> Iterator[str]:
    for outcome in failed:
        yield f"seed {outcome.seed}: {outcome.problem}"
        if not is_calm:
            kinds = ", ".join(sorted(fewest_faults(outcome.seed))) or "none: interleaving alone"
            yield f"  faults that it takes: {kinds}"
        calm = ' ARGS="--calm"' if is_calm else ""
        yield f"  again: make sim SEED={outcome.seed} RUNS=1{calm}"


def _write(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

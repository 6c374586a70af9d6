"""Studies run one after the other, or several at a time in processes of their own."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.quality.figure import Measured
    from tests.quality.studies import Study

__all__ = ["run"]

# Sets hold generators and closures, which cannot be sent to a process; a forked one has them.
_taken: list[Study] = []


def run(studies: Sequence[Study], *, jobs: int) -> Iterator[Measured]:
    """Yield what each study gave, in their order, telling on stderr where it is.

    jobs: how many at a time; more than there are cores only makes each slower.
    """
    _taken[:] = studies
    if jobs <= 1:
        yield from map(_one, range(len(studies)))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        yield from pool.map(_one, range(len(studies)))


def _one(number: int) -> Measured:
    study, of = _taken[number], f"[{number + 1}/{len(_taken)}]"
    print(f"{of} {study.name} ...", file=sys.stderr, flush=True)
    begun = time.perf_counter()
    measured = study.run()
    took = time.perf_counter() - begun
    print(f"{of} {study.name}: {took:.0f} s", file=sys.stderr, flush=True)
    return measured

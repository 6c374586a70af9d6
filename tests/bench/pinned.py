"""A worker of the product, or a peer, as a process on a core of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["CLIENT_CORE", "free_the_other_core", "pinned"]

CLIENT_CORE: Final = 0
STOP_S: Final = 30


def free_the_other_core(pid: int | None) -> None:
    """Keep a process (the broker, with all its threads) off the client's core, if there are two."""
    others = os.sched_getaffinity(0) - {CLIENT_CORE}
    if others and pid is not None:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), others)


@contextmanager
def pinned(
    arguments: Sequence[str], log: Path, *, variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python ARGUMENTS` on the client's core until the block ends; output goes to `log`."""
    core = f"import os; os.sched_setaffinity(0, {{{CLIENT_CORE}}})\n"
    program = (
        core
        + "import runpy, sys; sys.argv = sys.argv[1:]; "
        + ("runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)")
    )
    with log.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(os.environ, **(variables or {})),
        )
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

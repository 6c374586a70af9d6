"""What the campaigns on a real Kafka share: their command line, and how they say what was."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

__all__ = ["begin", "say"]

P = TypeVar("P")


def say(*lines: str) -> None:
    """Print lines at once, for a campaign takes long."""
    for line in lines:
        print(line, flush=True)  # noqa: T201 - the output of a program


def begin(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str] | None,
    *,
    plan: Callable[..., P],
    run: Callable[[P, Path], bool],
) -> int:
    """Read a plan from the command line and run it; return the exit code, 0 iff all was right.

    parser: knows what is in a plan. run: takes it and a folder, which is kept where asked for.
    """
    parser.add_argument("--kafka", default="4.4.0", help="version of the broker")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for files and logs, kept afterwards")
    given = vars(parser.parse_args(arguments))
    keep = given.pop("keep")
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        return 0 if run(plan(**given), keep) else 1
    with tempfile.TemporaryDirectory(prefix="crowdtide-campaign-") as folder:
        return 0 if run(plan(**given), Path(folder)) else 1

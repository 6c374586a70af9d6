"""What all makers of sample files have in common: their arguments, and what they say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["made"]


def made(
    arguments: Sequence[str],
    build: Callable[[Path, Path], Iterable[Path]],
    *,
    folder: Path,
    module: str,
) -> int:
    """Build from the folder given and say what was written; 1 if a source is missing or odd.

    folder: where the files go unless another one is given. module: name for the usage line.
    """
    if not 1 <= len(arguments) <= 2:  # noqa: PLR2004  DATA and OUT
        sys.stderr.write(f"usage: python -m {module} DATA [OUT]\n")
        return 2
    try:
        written = build(Path(arguments[0]), Path(arguments[1]) if arguments[1:] else folder)
    except (OSError, KeyError, ValueError) as fault:
        sys.stderr.write(f"not built: {type(fault).__name__}: {fault}\n")
        return 1
    for path in written:
        sys.stdout.write(f"{path.stat().st_size:>9,} {path.name}\n")
    return 0

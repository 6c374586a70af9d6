"""Writes a file that is there whole or not at all.

What is written goes beside the target under another name and takes its place when all is done;
after a crash the old file is still there.
"""

from __future__ import annotations

import gzip
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from replay.badrow import FeedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing in a `with` block; a name that ends in .gz is compressed.

    What is no plain file (/dev/stdout, a pipe) is written to directly.

    Raises FeedError where the file cannot be written.
    """
    direct = path.exists() and not path.is_file()
    part = path if direct else path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        raw = part.open("wb")
    except OSError as fault:
        raise FeedError(f"{path}: cannot be written: {fault.strerror or fault}") from fault
    try:
        with raw:
            if path.name.endswith(".gz"):
                # No time and no name inside: the same content is the same file.
                with gzip.GzipFile(fileobj=raw, filename="", mode="wb", mtime=0) as packed:
                    yield cast("IO[bytes]", packed)
            else:
                yield raw
        if not direct:
            part.replace(path)
    except OSError as fault:
        raise FeedError(f"{path}: cannot be written: {fault.strerror or fault}") from fault
    finally:
        if not direct:
            part.unlink(missing_ok=True)

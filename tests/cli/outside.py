"""Runs the command in a process of its own, as an operator does."""

from __future__ import annotations

import subprocess
import sys

__all__ = ["outside"]

CODE = """
import sys
import stream.kafka_clients

stream.kafka_clients.ANSWER_MS = {answer_ms}  # before anyone takes it from there
from stream.cli import main

main(sys.argv[1:])
"""


def outside(*arguments: str, answer_ms: int) -> subprocess.CompletedProcess[str]:
    """Return what the command printed; it waits `answer_ms` for a broker.

    kafka-python leaves sockets and a thread behind where it fails: out here they end with it.
    """
    return subprocess.run(
        [sys.executable, "-c", CODE.format(answer_ms=answer_ms), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )

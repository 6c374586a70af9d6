"""The demo's worker process: warms up while history runs, ends with whoever started it.

On standard input it gets one line, the arguments of `crowdtide run` as JSON, once the broker
holds the state. The end of that input means that the demo is gone, kill -9 included.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Final

__all__ = ["run"]

CHUNK: Final = 4096
ORPHAN_S: Final = 5.0  # to leave the group in order; then the process ends at once


def run() -> None:
    """Load what a worker needs, wait for the word, and work."""
    import msgspec

    import stream.worker.run  # noqa: F401 - loaded while there is time for it
    from stream.cli import main

    # Unbuffered: at the end of a process a lock on a buffer would still be held by the thread.
    with open(0, "rb", buffering=0, closefd=False) as told:
        line = told.readline()
    if not line:
        return
    threading.Thread(target=_end_with_input, daemon=True).start()
    main(["run", *msgspec.json.decode(line, type=list[str])])


def _end_with_input() -> None:
    while os.read(0, CHUNK):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_S)
    os._exit(1)


if __name__ == "__main__":
    run()

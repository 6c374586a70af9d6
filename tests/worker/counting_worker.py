"""A worker with counting stages: `python -m tests.worker.counting_worker key=value ...`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

from stream.settings_load import read
from stream.worker import run_worker
from tests.worker.counting import counting_stages

if TYPE_CHECKING:
    from geo.city import City

if __name__ == "__main__":
    accept_gap = "--accept-gap" in sys.argv
    sets = [item for item in sys.argv[1:] if not item.startswith("--")]
    loaded = read(None, env={}, sets=sets)
    nowhere = cast("City", None)  # numbers have no place
    sys.exit(run_worker(loaded, city=nowhere, accept_gap=accept_gap, stages=counting_stages()))

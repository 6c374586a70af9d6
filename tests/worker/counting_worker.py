"""A worker process with counting stages: `python counting_worker.py key=value ...`."""

from __future__ import annotations

import sys

from counting import counting_stages
from stream.settings_load import read
from stream.worker import run_worker

if __name__ == "__main__":
    accept_gap = "--accept-gap" in sys.argv
    sets = [item for item in sys.argv[1:] if not item.startswith("--")]
    loaded = read(None, env={}, sets=sets)
    sys.exit(run_worker(loaded, city=None, accept_gap=accept_gap, stages=counting_stages()))

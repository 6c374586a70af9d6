"""A worker with counting stages: `python -m tests.worker.counting_worker key=value ...`."""

from __future__ import annotations

import sys

import numpy as np

from geo.city import city_of
from geo.footprint import Squares
from stream.settings_load import read
from stream.worker import run_worker
from tests.worker.counting import counting_stages

if __name__ == "__main__":
    accept_gap = "--accept-gap" in sys.argv
    sets = [item for item in sys.argv[1:] if not item.startswith("--")]
    loaded = read(None, env={}, sets=sets)
    place = Squares(  # numbers have no place, but a worker has a city
        cells=("anywhere",),
        area_m2=np.ones(1),
        row=np.full(1, -1, np.int32),
        col=np.full(1, -1, np.int32),
        names=(None,),
    )
    city = city_of(place, file="", side_m=100.0, walkable_share=1.0)
    sys.exit(run_worker(loaded, city=city, accept_gap=accept_gap, stages=counting_stages()))

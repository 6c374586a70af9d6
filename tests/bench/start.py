"""From the files of a large city to a worker that is ready: `geo build`, then `run`, as commands.

The city is a square of land with 50,000 bare points on 200,704 tiles of 100 m, and four districts;
beside it 5,000 on 160,000 tiles of 50 m. The worker starts on an empty broker: what it waits for
is Python, the pack, the brokers and its partitions.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

import numpy as np

from geo.plane import plane_at, to_globe
from stream.topics import plan
from tests.bench.pack import FINE, WIDE, Town
from tests.bench.pinned import free_the_other_core, pinned
from tests.bench.rates import make
from tests.kafka.broker import Broker

__all__ = ["main"]

PORT: Final = 7414
READY_S: Final = 120.0
CENTRE: Final = (110.4, 21.2)
DISTRICTS: Final = 2
COMMAND: Final = (sys.executable, "-m", "stream.cli")


def city_files(town: Town, folder: Path) -> Path:
    """Write a city file and what it names."""
    land_m = town.tiles * town.side_m
    corner_m = -land_m / 2
    chance = np.random.default_rng(1)
    sites = _degrees(chance.uniform(corner_m, -corner_m, (town.cells, 2)))
    rows = [f"460-00-{cell:06d},{lon},{lat}" for cell, (lon, lat) in enumerate(sites)]
    (folder / "cells.csv").write_text("cell,lon,lat\n" + "\n".join(rows) + "\n")
    step_m = land_m / DISTRICTS
    squares = {
        f"{east}{north}": (corner_m + east * step_m, corner_m + north * step_m, step_m)
        for east in range(DISTRICTS)
        for north in range(DISTRICTS)
    }
    _layer(folder / "districts.geojson", squares)
    _layer(folder / "land.geojson", {"land": (corner_m, corner_m, land_m)})
    path = folder / "city.toml"
    path.write_text(
        f"""name = "{town.cells} cells"
grid = {{ side_m = {town.side_m}, centre = [{CENTRE[0]}, {CENTRE[1]}] }}
boundary = {{ file = "land.geojson", datum = "wgs84" }}
cells = [{{ feed = "cmcc", file = "cells.csv", datum = "wgs84" }}]
[jurisdictions]
sliver_m2 = 100
police = {{ file = "districts.geojson", datum = "wgs84", id = "id", name = "id" }}
fire = {{ file = "districts.geojson", datum = "wgs84", id = "id", name = "id" }}
"""
    )
    return path


def _degrees(metres: np.ndarray) -> list[list[float]]:
    places: list[list[float]] = to_globe(plane_at(*CENTRE), metres).tolist()
    return places


def _layer(path: Path, squares: dict[str, tuple[float, float, float]]) -> None:
    """Write squares, each with a corner at every tile, so that neighbours meet."""
    features = []
    for name, (west, south, side) in squares.items():
        along = np.linspace(0.0, side, 500)
        none = np.zeros(500)
        ring = np.concatenate(
            [
                np.column_stack((along, none)),
                np.column_stack((none + side, along)),
                np.column_stack((along[::-1], none + side)),
                np.column_stack((none, along[::-1])),
            ]
        )
        points = _degrees(ring + np.array([west, south]))
        shape = {"type": "Polygon", "coordinates": [[*points, points[0]]]}
        features.append({"type": "Feature", "properties": {"id": name}, "geometry": shape})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def built(town: Town, folder: Path) -> Path:
    """Build the pack by the command; print seconds and memory."""
    city, pack = city_files(town, folder), folder / "city.pack"
    began = time.monotonic()
    subprocess.run(
        [*COMMAND, "geo", "build", str(city), "--out", str(pack), "--json"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    took_s = time.monotonic() - began
    # The most of any process so far: the larger city comes last.
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    size_mib = pack.stat().st_size / 2**20
    print(
        f"geo build, {town.name}: {took_s:.1f} s, {peak_mib:,.0f} MiB at most, "
        f"pack of {size_mib:.1f} MiB",
        flush=True,
    )
    return pack


def ready_s(broker: Broker, pack: Path, log: Path) -> float:
    """Start a worker on a pack and return the seconds until it is ready."""
    make(broker, [(t.name, t.partitions, t.config) for t in plan("crowd.", counts=4, blocks=4)])
    sets = (
        f"kafka.bootstrap={broker.bootstrap}",
        f"worker.web_port={PORT}",
        "feeds.cmcc.period_s=300",
    )
    options = [word for one in sets for word in ("--set", one)]
    began = time.monotonic()
    with pinned(["stream.cli", "run", "--cells", str(pack), *options], log):
        while time.monotonic() - began < READY_S:
            if _is_ready():
                return time.monotonic() - began
            time.sleep(0.05)
    message = f"the worker was not ready within {READY_S} s: {log.read_text()[-2000:]}"
    raise TimeoutError(message)


def _is_ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def main() -> None:
    """Build both packs and start a worker on the larger one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built(FINE, folder)
        pack = built(WIDE, folder)
        with Broker(heap_mb=512) as broker:
            free_the_other_core(broker.pid)
            took_s = ready_s(broker, pack, folder / "worker.log")
    print(f"worker on the larger pack: ready {took_s:.1f} s after its start")


if __name__ == "__main__":
    main()

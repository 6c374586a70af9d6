"""One deployment on a test's broker: its settings, its ground, and what commands need to know."""

from __future__ import annotations

import random
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo.city import load_city
from stream.fitting import fitted
from stream.settings_load import read
from tests.kafka.crew import COMMAND, Crew
from tests.kafka.saved import SnapshotTail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo.city import City
    from stream.settings import Settings
    from tests.kafka.broker import Broker
    from tests.kafka.saved import Saved

__all__ = ["Trial", "patiently"]

CALM_S: Final = 900.0  # a bound for machines that are busy, not a figure of the product
LOOK_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A deployment. options: what every command takes to work on it."""

    bootstrap: str
    settings: Settings
    city: City
    options: list[str]

    @classmethod
    def on(
        cls, broker: Broker, config: Path, *sets: str, prefix: str, partitions: tuple[int, int]
    ) -> Trial:
        """Make its topics. config: settings file. partitions: of counts and blocks."""
        counts, blocks = partitions
        mine = (
            *(f"kafka.bootstrap={broker.bootstrap}", f"topics.prefix={prefix}"),
            *(f"topics.partitions.counts={counts}", f"topics.partitions.blocks={blocks}"),
            *sets,
        )
        loaded = read(config, env={}, sets=mine)
        settings = loaded.settings
        assert settings.worker.cells is not None, "the settings file names the cells"
        city = load_city(
            settings.worker.cells,
            side_m=settings.grid.side_m,
            walkable_share=settings.grid.walkable_share,
        )
        settings = fitted(loaded, city).settings
        options = ["--config", str(config), *(part for one in mine for part in ("--set", one))]
        subprocess.run(
            [COMMAND, "topics", "ensure", *options], check=True, stdout=subprocess.DEVNULL
        )
        return cls(bootstrap=broker.bootstrap, settings=settings, city=city, options=options)

    def crew(self, folder: Path, size: int, *, seed: int = 1) -> Crew:
        """Return workers for it, not yet started; their logs go to the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        return Crew(options=self.options, folder=folder, size=size, chance=random.Random(seed))

    def through(self, hop_ms: int, look: Callable[[], None]) -> Saved:
        """Wait until every machine has saved this hop; return what they saved."""
        snapshots = SnapshotTail(self.bootstrap, self.settings, self.city)
        held = [snapshots.load()]

        def is_through() -> bool:
            held[0] = snapshots.load()
            return held[0].closed_hop_ms >= hop_ms

        try:
            patiently(is_through, look)
        finally:
            snapshots.close()
        return held[0]


def patiently(what: Callable[[], bool], look: Callable[[], None]) -> None:
    """Look around until something is so. Raises TimeoutError after a quarter of an hour."""
    limit = time.monotonic() + CALM_S
    while not what():
        if time.monotonic() > limit:
            raise TimeoutError("no end in sight; the workers' logs say more")
        look()
        time.sleep(LOOK_S)

"""The whole product on a real Kafka while workers and broker die: nothing lost, nothing invented.

    python -m tests.kafka.chaos --kafka 4.4.0 --kills 30 --broker-restarts 5 --zombie-s 60 --seed 1

Three workers share (4, 4) partitions. They are killed, leave and join; the broker is restarted,
hard and softly; one worker is stopped for a long time and wakes up as a zombie, others nap; the
replay that feeds them is killed, too; desks answer their alerts meanwhile. When all is calm a
last tick closes one more hop, and everything on the broker is held against the offline engine
over the recorded input logs. The last line of the output has the figures; exit 0 iff all is right.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo.city import load_city
from replay.feed import FeedOptions, read_feed
from replay.log import log_span
from stream.settings import load
from tests.kafka.broker import Broker
from tests.kafka.crew import COMMAND, Crew
from tests.kafka.curtain import draw_curtain
from tests.kafka.desk_at_work import DeskAtWork
from tests.kafka.feeder import Feeder
from tests.kafka.festival import Festival, write_festival
from tests.kafka.saved import SnapshotTail
from tests.kafka.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo.city import City
    from stream.settings import Settings
    from tests.kafka.saved import Saved

__all__ = ["Plan", "main", "run"]

PREFIX: Final = "chaos."
WORKERS: Final = 3
PARTITIONS: Final = 4
PAUSE_S: Final = (2.0, 9.0)  # between two misfortunes
NAP_S: Final = (8.0, 14.0)  # longer than the session, so that somebody takes over
DOWN_S: Final = (0.0, 4.0)
CALM_S: Final = 900.0  # until feed and workers are through; a bound for machines that are busy
LOOK_S: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What happens in a run. zombie_s: how long one worker is stopped; naps: further, short ones.

    leaves: workers that go politely, each followed by one of a new name.
    """

    kafka: str
    seed: int
    kills: int
    broker_restarts: int
    zombie_s: float
    hops: int = 420

    @property
    def naps(self) -> int:
        """Short stops."""
        return self.kills // 8

    @property
    def leaves(self) -> int:
        """Polite ends."""
        return 1 + self.kills // 8

    def misfortunes(self, chance: random.Random) -> list[str]:
        """Return what happens, in order; the zombie comes early, so that much happens around it."""
        things = ["kill"] * self.kills + ["restart"] * self.broker_restarts
        things += ["nap"] * self.naps + ["leave"] * self.leaves + ["feeder"]
        chance.shuffle(things)
        things.insert(len(things) // 4, "zombie")
        return things


class _Run:
    """One run in progress."""

    def __init__(self, plan: Plan, folder: Path, broker: Broker) -> None:
        self._plan, self._broker, self._folder = plan, broker, folder
        self._chance = random.Random(plan.seed)
        self.festival = write_festival(folder, hops=plan.hops, seed=plan.seed)
        self.sets = (
            *(f"kafka.bootstrap={broker.bootstrap}", f"topics.prefix={PREFIX}"),
            *(f"topics.partitions.counts={PARTITIONS}", f"topics.partitions.blocks={PARTITIONS}"),
        )
        self.settings = load(self.festival.settings, env={}, sets=self.sets)
        self.city = city_of(self.festival, self.settings)
        self._things = plan.misfortunes(self._chance)
        self.happened: dict[str, int] = {}

    @property
    def options(self) -> list[str]:
        """Options that all commands take."""
        sets = [part for one in self.sets for part in ("--set", one)]
        return ["--config", str(self.festival.settings), *sets]

    def feeder(self) -> Feeder:
        """Return a feeder at a pace that lasts as long as the misfortunes."""
        history = read_feed(self.festival.feed, FeedOptions())
        first_ms, last_ms = log_span(
            history, hop_ms=self.settings.hop_ms, lateness_ms=self.settings.lateness_ms
        )
        last_s = len(self._things) * (sum(PAUSE_S) / 2 + 1.0)
        speed = (last_ms - first_ms) / 1000 / last_s
        return Feeder(
            feed=self.festival.feed,
            options=[*self.options, "--to-kafka", "--speed", f"{speed:.1f}"],
            log=self._folder / "feeder.log",
        )

    def rage(self, crew: Crew, feeder: Feeder) -> None:
        """Let all misfortunes happen, one after the other."""
        for thing in self._things:
            self.wait(self._chance.uniform(*PAUSE_S), crew, feeder)
            while not self._happens(thing, crew, feeder):
                self.wait(1.0, crew, feeder)
            self.happened[thing] = self.happened.get(thing, 0) + 1

    def _happens(self, thing: str, crew: Crew, feeder: Feeder) -> bool:
        """Do it; False if there is nobody it can happen to just now."""
        if thing == "kill":
            return crew.kill() is not None
        if thing == "leave":
            return crew.leave() is not None
        if thing == "nap":
            return crew.stop(self._chance.uniform(*NAP_S)) is not None
        if thing == "zombie":
            return crew.stop(self._plan.zombie_s) is not None
        if thing == "feeder":
            return feeder.kill() or feeder.is_done
        if self._chance.random() < 0.5:
            self._broker.kill()
        else:
            self._broker.stop()
        time.sleep(self._chance.uniform(*DOWN_S))
        self._broker.start()
        return True

    def wait(self, seconds: float, crew: Crew, feeder: Feeder | None = None) -> None:
        """Let time pass, with an eye on everybody."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            crew.look()
            if feeder is not None:
                feeder.look()
            time.sleep(LOOK_S)

    def until(self, what: Callable[[], bool], crew: Crew, feeder: Feeder | None = None) -> None:
        """Let time pass until something is so. Raises TimeoutError."""
        limit = time.monotonic() + CALM_S
        while not what():
            if time.monotonic() > limit:
                raise TimeoutError(f"no end in sight: {crew.faults()[-3:]}")
            self.wait(1.0, crew, feeder)

    def through(self, crew: Crew, hop_ms: int) -> Saved:
        """Wait until every machine has saved this hop; return what they saved."""
        snapshots = SnapshotTail(self._broker.bootstrap, self.settings, self.city)
        held = [snapshots.load()]

        def is_through() -> bool:
            held[0] = snapshots.load()
            return held[0].closed_hop_ms >= hop_ms

        try:
            self.until(is_through, crew)
        finally:
            snapshots.close()
        return held[0]


def run(plan: Plan, folder: Path) -> bool:
    """Do one run in a folder of its own, print its result line, and say whether all was right."""
    begun = time.monotonic()
    with ExitStack() as stack:
        broker = stack.enter_context(Broker(plan.kafka))
        one = _Run(plan, folder, broker)
        subprocess.run([COMMAND, "topics", "ensure", *one.options], check=True)
        crew = stack.enter_context(
            Crew(
                options=one.options,
                folder=folder,
                size=WORKERS,
                chance=random.Random(plan.seed),
            )
        )
        desk = stack.enter_context(DeskAtWork(broker.bootstrap, PREFIX, seed=plan.seed))
        feeder = stack.enter_context(one.feeder())
        one.rage(crew, feeder)
        raged_s = time.monotonic() - begun
        one.until(lambda: feeder.is_done and not crew.asleep, crew, feeder)
        desk.stop()
        hop_ms = draw_curtain(broker.bootstrap, one.settings)
        saved = one.through(crew, hop_ms)
        verdict = judge(
            broker.bootstrap,
            one.settings,
            one.city,
            feed=one.festival.feed,
            saved=saved,
            seed=plan.seed,
        )
        happened = ", ".join(f"{count} x {thing}" for thing, count in sorted(one.happened.items()))
        holes, faults = crew.holes(), crew.faults()
    for line in (*verdict.examples(), *holes, *faults):
        print("  ", line)  # noqa: T201 - the program's output
    print(  # noqa: T201 - the program's output
        f"kafka {plan.kafka}, seed {plan.seed}: {verdict.figures()}; gaps {len(holes)};"
        f" {happened}, feeder started {feeder.starts} x, {desk.posted} desk actions,"
        f" worker exits {dict(sorted(crew.exits.items()))};"
        f" {raged_s:.0f} s of faults, {time.monotonic() - begun:.0f} s in all:"
        f" {'RIGHT' if verdict.is_right and not holes else 'WRONG'}"
    )
    return verdict.is_right and not holes


def city_of(festival: Festival, settings: Settings) -> City:
    """Return the ground of a festival."""
    grid = settings.grid
    return load_city(festival.cells, side_m=grid.side_m, walkable_share=grid.walkable_share)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kafka", default="4.4.0", help="version of the broker")
    parser.add_argument("--kills", type=int, default=30, help="kill -9 of a worker")
    parser.add_argument("--broker-restarts", type=int, default=5)
    parser.add_argument("--zombie-s", type=float, default=60.0, help="how long one is stopped")
    parser.add_argument("--hops", type=int, default=420, help="of 252 cells; 420 = 100,000 readings")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for files and logs, kept afterwards")
    given = vars(parser.parse_args(arguments))
    keep = given.pop("keep")
    plan = Plan(**given)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        return 0 if run(plan, keep) else 1
    with tempfile.TemporaryDirectory(prefix="crowdtide-chaos-") as folder:
        return 0 if run(plan, Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())

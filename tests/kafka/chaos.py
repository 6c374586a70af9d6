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
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from stream.topics import Topic
from tests.kafka.broker import Broker
from tests.kafka.campaign import begin, say
from tests.kafka.curtain import draw_curtain
from tests.kafka.desk_at_work import DeskAtWork
from tests.kafka.feeder import Feeder
from tests.kafka.festival import write_festival
from tests.kafka.trial import Trial, patiently
from tests.kafka.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.kafka.crew import Crew

__all__ = ["Plan", "main", "run"]

PREFIX: Final = "chaos."
WORKERS: Final = 3
PARTITIONS: Final = (4, 4)
PAUSE_S: Final = (2.0, 9.0)  # between two misfortunes
NAP_S: Final = (8.0, 14.0)  # longer than the session, so that somebody takes over
DOWN_S: Final = (0.0, 4.0)
STEP_S: Final = 2.0  # what a misfortune itself takes, about: the feed shall last as long as they do
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

    def misfortunes(self) -> list[str]:
        """Return what happens, in order; the zombie comes early, so that much happens around it."""
        chance = random.Random(self.seed)
        things = ["kill"] * self.kills + ["restart"] * self.broker_restarts
        things += ["nap"] * self.naps + ["leave"] * self.leaves + ["feeder"]
        chance.shuffle(things)
        things.insert(len(things) // 4, "zombie")
        return things


class _Run:
    """One run in progress: who is there, and what happens to them."""

    def __init__(
        self, plan: Plan, broker: Broker, crew: Crew, feeder: Feeder, *, diary: Path
    ) -> None:
        self._plan, self._broker, self._crew, self._feeder = plan, broker, crew, feeder
        self._diary = diary
        self._chance = random.Random(plan.seed)
        self.happened: Counter[str] = Counter()

    def rage(self) -> None:
        """Let all misfortunes happen, one after the other."""
        for thing in self._plan.misfortunes():
            self._wait(self._chance.uniform(*PAUSE_S))
            while not self._happens(thing):
                self._wait(1.0)
            self.happened[thing] += 1

    def look(self) -> None:
        """Start again whoever has died."""
        self._crew.look()
        self._feeder.look()

    @property
    def is_calm(self) -> bool:
        """Whether the feed is through and nobody sleeps."""
        return self._feeder.is_done and not self._crew.asleep

    def _happens(self, thing: str) -> bool:
        """Do it, and note when and to whom; False if there is nobody it can happen to just now."""
        whom = self._do(thing)
        if whom is None:
            return False
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._diary.open("a", encoding="utf-8") as diary:
            diary.write(f"{at} {thing} {whom}\n")
        return True

    def _do(self, thing: str) -> str | None:
        slot = None
        if thing == "kill":
            slot = self._crew.kill()
        elif thing == "leave":
            slot = self._crew.leave()
        elif thing == "nap":
            slot = self._crew.stop(self._chance.uniform(*NAP_S))
        elif thing == "zombie":
            # The worst that can sleep and wake: whoever publishes the alerts.
            slot = self._crew.stop(self._plan.zombie_s, owner_of=f"{Topic.DETECTIONS}/0")
        elif thing == "feeder":
            return "feeder" if self._feeder.kill() or self._feeder.is_done else None
        else:
            return self._restart_broker()
        return None if slot is None else slot.name

    def _restart_broker(self) -> str:
        hard = self._chance.random() < 0.5
        (self._broker.kill if hard else self._broker.stop)()
        time.sleep(self._chance.uniform(*DOWN_S))
        self._broker.start()
        return "hard" if hard else "softly"

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.look()
            time.sleep(LOOK_S)


def run(plan: Plan, folder: Path) -> bool:
    """Do one run in a folder, print its result line, and say whether all was right."""
    begun = time.monotonic()
    festival = write_festival(folder, hops=plan.hops, seed=plan.seed)
    with ExitStack() as stack:
        broker = stack.enter_context(Broker(plan.kafka))
        trial = Trial.on(broker, festival.settings, prefix=PREFIX, partitions=PARTITIONS)
        crew = stack.enter_context(trial.crew(folder, WORKERS, seed=plan.seed))
        desk = stack.enter_context(DeskAtWork(broker.bootstrap, PREFIX, seed=plan.seed))
        # At a pace that lasts as long as the misfortunes.
        lasts_s = len(plan.misfortunes()) * (sum(PAUSE_S) / 2 + STEP_S)
        feeder = stack.enter_context(
            Feeder.paced(festival.feed, trial, lasts_s=lasts_s, folder=folder)
        )
        one = _Run(plan, broker, crew, feeder, diary=folder / "diary.txt")
        one.rage()
        raged_s = time.monotonic() - begun
        patiently(lambda: one.is_calm, one.look)
        desk.stop()
        saved = trial.through(draw_curtain(trial.bootstrap, trial.settings), crew.look)
        verdict = judge(
            trial.bootstrap,
            trial.settings,
            trial.city,
            feed=festival.feed,
            saved=saved,
            seed=plan.seed,
        )
    holes = crew.holes()
    is_right = verdict.is_right and not holes
    happened = ", ".join(f"{count} x {thing}" for thing, count in sorted(one.happened.items()))
    say(*verdict.examples(), *holes, *crew.faults())
    say(
        f"kafka {plan.kafka}, seed {plan.seed}: {verdict.figures()}; gaps {len(holes)};"
        f" {happened} ({plan.zombie_s:g} s), {crew.woken} woke, feeder started {feeder.starts} x,"
        f" {desk.posted} desk actions, worker exits {dict(sorted(crew.exits.items()))};"
        f" {raged_s:.0f} s of faults, {time.monotonic() - begun:.0f} s in all:"
        f" {'RIGHT' if is_right else 'WRONG'}"
    )
    return is_right


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=30, help="kill -9 of a worker")
    parser.add_argument("--broker-restarts", type=int, default=5)
    parser.add_argument("--zombie-s", type=float, default=60.0, help="how long one is stopped")
    parser.add_argument(
        "--hops", type=int, default=420, help="of 252 cells; 420 = 100,000 readings"
    )
    return begin(parser, arguments, plan=Plan, run=run)


if __name__ == "__main__":
    sys.exit(main())

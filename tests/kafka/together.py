"""All processes at once on a real Kafka while any of them is killed: all that they say agrees.

    python -m tests.kafka.together --kills 50 --seed 3

Two workers, `crowdtide notify` with two webhooks and `crowdtide ledger` live through a festival;
desks answer their alerts, and their paths are tested. At random moments one of the three is
killed, at times two at once, and started again. When all is calm the topics are held against the
offline engine over the recorded input logs, and folded by key and revision; the ledger against
the topics, byte for byte; what the webhooks took against what notify owed them; a handover
against what the topics leave open. The last line of the output has the figures; exit 0 iff all is
right.
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

from tests.kafka.agreement import Scene
from tests.kafka.broker import Broker
from tests.kafka.campaign import begin, say
from tests.kafka.curtain import draw_curtain
from tests.kafka.desk_at_work import DeskAtWork
from tests.kafka.feeder import Feeder
from tests.kafka.festival import write_festival
from tests.kafka.keeping import Keeping
from tests.kafka.notifying import Notifying
from tests.kafka.told import Wanted
from tests.kafka.trial import Trial, patiently
from tests.kafka.verdict import judge
from tests.notify.hook import Hook
from tests.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.kafka.beside import Beside
    from tests.kafka.crew import Crew
    from tests.kafka.festival import Festival
    from tests.kafka.saved import Saved

__all__ = ["Plan", "main", "run"]

PREFIX: Final = "together."
WORKERS: Final = 2
PARTITIONS: Final = (2, 2)
PAUSE_S: Final = (0.5, 8.0)  # between two moments
STEP_S: Final = 1.5  # what a moment itself takes, about: the feed shall last as long as they do
AWAY_S: Final = (0.0, 3.0)
AIM_S: Final = 5.0  # to wait for a note on its way, when one is to be cut off
LOOK_S: Final = 0.1
SLOW_S: Final = 0.15  # of a webhook's answer, so that many a note is on its way
SELF_TEST_S: Final = 10
PAIRS: Final = 5  # every fifth moment ends two at once
WHO: Final = ("worker", "notify", "ledger")
TARGETS: Final = (
    Wanted(path="police", desks=("police",), least=1),
    Wanted(path="chief", desks=("police", "fire"), least=3),
)
COLOURS: Final = ("", "blue", "yellow", "orange", "red")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What happens in a run. kills: moments. postgres: the ledger is kept in a server."""

    kafka: str
    seed: int
    kills: int
    hops: int
    postgres: bool

    def moments(self) -> list[tuple[str, ...]]:
        """Return who dies together, moment by moment; each of the three as often as the others."""
        chance = random.Random(self.seed)
        moments = [
            tuple(chance.sample(WHO, 2)) if n % PAIRS == PAIRS - 1 else (WHO[n % len(WHO)],)
            for n in range(self.kills)
        ]
        chance.shuffle(moments)
        return moments

    @property
    def lasts_s(self) -> float:
        """How long all moments take, about."""
        return self.kills * (sum(PAUSE_S) / 2 + STEP_S)


class _Run:
    """One run in progress: who is there, and who dies."""

    def __init__(self, plan: Plan, crew: Crew, feeder: Feeder, scene: Scene) -> None:
        self._plan, self.crew, self._feeder = plan, crew, feeder
        self._besides: dict[str, Beside] = {"notify": scene.notify, "ledger": scene.ledger}
        self._hook = scene.hook
        self._chance = random.Random(plan.seed)
        self._due: dict[str, float] = {}
        self.killed: Counter[str] = Counter()
        self.diary: list[str] = []
        self.raged_s = 0.0

    def rage(self) -> None:
        """Let all moments pass, one after the other."""
        begun = time.monotonic()
        for dying in self._plan.moments():
            self._wait(self._chance.uniform(*PAUSE_S))
            if self._chance.random() < 0.2:
                path = self._chance.choice(TARGETS).path
                self._hook.refuses[path] = self._chance.randrange(1, 4)
            while not self._due.keys().isdisjoint(dying):
                self._wait(LOOK_S)
            if "notify" in dying and self._chance.random() < 0.5:
                self._aim()
            for who in dying:
                self._kill(who)
        self.raged_s = time.monotonic() - begun

    def look(self) -> None:
        """Start again whoever has died."""
        self.crew.look()
        self._feeder.look()
        for who, due_s in list(self._due.items()):
            if due_s <= time.monotonic():
                del self._due[who]
                self._besides[who].start()

    @property
    def is_calm(self) -> bool:
        """Whether the feed is through and everybody is there."""
        return self._feeder.is_done and not self._due

    def _kill(self, who: str) -> None:
        if who == "worker":
            while self.crew.kill() is None:
                self._wait(LOOK_S)
        else:
            self._besides[who].kill()
            self._due[who] = time.monotonic() + self._chance.uniform(*AWAY_S)
        self.killed[who] += 1
        self.diary.append(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {who}")

    def _aim(self) -> None:
        """Wait until a note is on its way, for a while."""
        calls, until_s = len(self._hook.calls), time.monotonic() + AIM_S
        while len(self._hook.calls) == calls and time.monotonic() < until_s:
            self.look()
            time.sleep(0.005)

    def _wait(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self.look()
            time.sleep(LOOK_S)


def run(plan: Plan, folder: Path) -> bool:
    """Do one run in a folder, print its result line, and say whether all was right."""
    begun = time.monotonic()
    festival = write_festival(folder, hops=plan.hops, seed=plan.seed)
    with ExitStack() as stack:
        scene = _scene(plan, festival, folder, stack)
        one, saved = _play(plan, festival, scene, folder)
        scene.settle()
        agreement = scene.agreement(kills=one.killed["notify"])
        trial = scene.trial
        verdict = judge(
            trial.bootstrap,
            trial.settings,
            trial.city,
            feed=festival.feed,
            saved=saved,
            seed=plan.seed,
        )
    holes = one.crew.holes()
    is_right = verdict.is_right and not agreement.wrong and not holes
    killed = ", ".join(f"{one.killed[who]} x {who}" for who in WHO)
    say(*verdict.examples(), *agreement.wrong, *holes, *one.crew.faults())
    say(
        f"kafka {plan.kafka}, seed {plan.seed}, ledger in {scene.ledger.kind}: {plan.kills}"
        f" moments, kill -9 of {killed}; {agreement.figures}; topics against the engine:"
        f" {verdict.figures()}; gaps {len(holes)}; worker exits"
        f" {dict(sorted(one.crew.exits.items()))}; {one.raged_s:.0f} s of kills,"
        f" {time.monotonic() - begun:.0f} s in all: {'RIGHT' if is_right else 'WRONG'}"
    )
    return is_right


def _scene(plan: Plan, festival: Festival, folder: Path, stack: ExitStack) -> Scene:
    """Start all but the workers and those who write to them."""
    server = stack.enter_context(Postgres()) if plan.postgres else None
    hook = stack.enter_context(Hook())
    hook.slow_s = SLOW_S
    broker = stack.enter_context(Broker(plan.kafka))
    trial = Trial.on(broker, festival.settings, prefix=PREFIX, partitions=PARTITIONS)
    notify = stack.enter_context(Notifying(folder, trial.options, *_sets(hook)))
    where = None if server is None else f"ledger.url={server.url}"
    ledger = stack.enter_context(Keeping(folder, trial.options, where=where))
    return Scene(trial=trial, notify=notify, ledger=ledger, hook=hook, targets=TARGETS)


def _play(plan: Plan, festival: Festival, scene: Scene, folder: Path) -> tuple[_Run, Saved]:
    """Let it all happen; at the end nobody publishes any more. Return what workers saved, too."""
    trial = scene.trial
    with (
        trial.crew(folder, WORKERS, seed=plan.seed) as crew,
        DeskAtWork(trial.bootstrap, PREFIX, seed=plan.seed) as desk,
        Feeder.paced(festival.feed, trial, lasts_s=plan.lasts_s, folder=folder) as feeder,
    ):
        one = _Run(plan, crew, feeder, scene)
        one.rage()
        (folder / "diary.txt").write_text("\n".join([*one.diary, ""]), encoding="utf-8")
        patiently(lambda: one.is_calm, one.look)
        desk.stop()
        scene.notify.restart("notify.self_test_s=0")  # it asks for no more
        saved = trial.through(draw_curtain(trial.bootstrap, trial.settings), one.look)
    return one, saved


def _sets(hook: Hook) -> list[str]:
    """Return the settings of notify: the targets, and self-tests all the time."""
    sets = [f"notify.self_test_s={SELF_TEST_S}"]
    for one in TARGETS:
        desks = ", ".join(f'"{desk}"' for desk in one.desks)
        facts = f'desks=[{desks}], least="{COLOURS[one.least]}", lang="en", timeout_s=60'
        sets.append(f'notify.targets.{one.path}={{{facts}, url="{hook.url(one.path)}"}}')
    return sets


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50, help="moments at which somebody is killed")
    parser.add_argument("--hops", type=int, default=420, help="of 252 cells")
    parser.add_argument("--postgres", action="store_true", help="the ledger is kept in PostgreSQL")
    return begin(parser, arguments, plan=Plan, run=run)


if __name__ == "__main__":
    sys.exit(main())

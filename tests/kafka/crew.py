"""Worker processes of a test, and a supervisor that starts the dead ones again without limit.

Everything happens in `look`, called often from the main thread: no other thread starts a
process, since workers die with the thread that started them.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from tests.kafka.broker import free_ports, tied_to_parent

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

__all__ = ["COMMAND", "Crew", "Slot"]

COMMAND: Final = str(Path(sys.executable).with_name("crowdtide"))
STARTING: Final = 0.3  # share of the workers still starting that a kill may hit
FAULTS: Final = {"worker.stops", "worker.crashed", "record.crashed", "worker.undelivered"}
LOST: Final = "were not delivered to the worker"
"""What a worker says that found a hole with records in it."""


@dataclass(slots=True, kw_only=True)
class Slot:
    """One place for a worker. due: when it is started again. wakes: when a stopped one goes on.

    since: bytes in the log when its process was started. leavers: how many left politely; each
    is followed by a worker of another name.
    """

    number: int
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    due: float | None = 0.0
    wakes: float | None = None
    leavers: int = 0
    since: int = 0

    @property
    def name(self) -> str:
        """Return the `worker.id`."""
        return f"w{self.number}" if not self.leavers else f"w{self.number}-{self.leavers}"

    @property
    def is_up(self) -> bool:
        """Whether a process is there and not stopped."""
        return self.process is not None and self.process.poll() is None and self.wakes is None

    @property
    def owned(self) -> set[str]:
        """Partitions with state that its process has loaded last; empty while it starts."""
        owned: set[str] = set()
        for line in _lines(self.log, self.since):
            applied = line.get("applied")
            if line.get("event") == "assignment.loaded" and isinstance(applied, dict):
                owned = set(applied)
        return owned


@dataclass(slots=True, kw_only=True)
class Crew:
    """Some workers. options: of `crowdtide run`, but for name and port. chance: delays."""

    options: Sequence[str]
    folder: Path
    size: int
    chance: random.Random
    slots: list[Slot] = field(default_factory=list)
    exits: Counter[int] = field(default_factory=Counter)
    woken: int = 0

    def __enter__(self) -> Self:
        """Start all workers."""
        ports = free_ports(self.size)
        self.slots = [
            Slot(number=n, port=port, log=self.folder / f"worker-{n}.log")
            for n, port in enumerate(ports)
        ]
        self.look()
        return self

    def __exit__(self, *_: object) -> None:
        """End all workers at once."""
        for slot in self.slots:
            if slot.process is not None and slot.process.poll() is None:
                slot.process.kill()
                slot.process.wait()

    def look(self) -> None:
        """Wake who has slept enough, start who has been dead for long enough."""
        now = time.monotonic()
        for slot in self.slots:
            if slot.process is not None and slot.process.poll() is not None:
                self.exits[slot.process.returncode] += 1
                slot.process, slot.wakes = None, None
                slot.due = now + self.chance.uniform(1.0, 3.0)
            if slot.process is not None and slot.wakes is not None and slot.wakes <= now:
                slot.process.send_signal(signal.SIGCONT)
                slot.wakes = None
                self.woken += 1
            if slot.process is None and slot.due is not None and slot.due <= now:
                slot.due = None
                self._start(slot)

    def kill(self) -> Slot | None:
        """Kill one at once, mostly one that works; None: there is none.

        Sleepers are spared, so that they do wake.
        """
        slot = self._any([one for one in self._up if one.owned or self.chance.random() < STARTING])
        if slot is not None:
            self._signal(slot, signal.SIGKILL)
        return slot

    def leave(self) -> Slot | None:
        """Have one leave politely; another one, of a new name, joins later."""
        slot = self._any(self._up)
        if slot is not None:
            self._signal(slot, signal.SIGTERM)
            slot.leavers += 1
        return slot

    def stop(self, seconds: float, *, owner_of: str = "") -> Slot | None:
        """Stop one at work for some seconds: a zombie, for whoever takes over meanwhile.

        owner_of: a partition, such as `detections.v1/0`, whose owner it shall be.
        """
        working = [one for one in self._up if one.owned]
        slot = self._any([one for one in working if not owner_of or owner_of in one.owned])
        if slot is not None:
            self._signal(slot, signal.SIGSTOP)
            slot.wakes = time.monotonic() + seconds
        return slot

    @property
    def asleep(self) -> int:
        """How many are stopped."""
        return sum(slot.wakes is not None for slot in self.slots)

    def said(self) -> list[dict[str, object]]:
        """Return every line that the workers logged."""
        return [line for slot in self.slots for line in _lines(slot.log)]

    def holes(self) -> list[str]:
        """Return what workers said about records that did not reach them."""
        whys = [str(line.get("why", "")) for line in self.said()]
        return [why for why in whys if LOST in why]

    def faults(self) -> list[str]:
        """Return why workers stopped or crashed by themselves, apart from the broker's absence."""
        told = [line for line in self.said() if line.get("event") in FAULTS]
        return [f"{line['event']}: {line.get('why', line.get('fault'))}" for line in told]

    @property
    def _up(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.is_up]

    def _any(self, slots: list[Slot]) -> Slot | None:
        return self.chance.choice(slots) if slots else None

    def _signal(self, slot: Slot, number: signal.Signals) -> None:
        assert slot.process is not None
        slot.process.send_signal(number)

    def _start(self, slot: Slot) -> None:
        command = [COMMAND, "run", *self.options]
        own = (f"worker.id={slot.name}", f"worker.web_port={slot.port}")
        slot.since = slot.log.stat().st_size if slot.log.exists() else 0
        with slot.log.open("ab") as log:
            slot.process = subprocess.Popen(
                [*tied_to_parent(), *command, *(part for one in own for part in ("--set", one))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


def _lines(log: Path, since: int = 0) -> list[dict[str, object]]:
    lines = []
    for text in log.read_bytes()[since:].decode(errors="replace").splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:  # cut off by a kill, or Python's own words
            lines.append({"event": "text", "message": text})
    return lines

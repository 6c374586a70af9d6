"""All decisions of `notify` under one lock, each durable before the next one.

The reader brings records, couriers take notes and say what became of them, a clock brings moments.
Whatever changes a slot writes it down in the same transaction; what is in memory is never ahead of
the file but for a note that is being sent.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from alerts.heard import hear
from alerts.notify.decide import key_of, note_of
from alerts.notify.outbox import Outbox
from alerts.notify.target import SYSTEM
from alerts.notify.watch import Watch
from alerts.notify.wording import Wording
from alerts.system import HEARTBEAT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import tzinfo

    from alerts.heard import HeardEvent
    from alerts.notify.outbox import Slot
    from alerts.notify.target import Target
    from alerts.notify.watch import Matter
    from alerts.notify.wording import Note
    from stream.notify.metrics import NotifyMetrics
    from stream.notify.store import Store
    from stream.topic_reader import Place, Received

__all__ = ["Office"]

TICK_MS: Final = 500
TIDY_MS: Final = 3_600_000


class Office:
    """The outboxes of all targets, and the watch. now: wall clock, epoch ms."""

    def __init__(
        self,
        targets: Sequence[Target],
        store: Store,
        metrics: NotifyMetrics,
        *,
        zone: tzinfo,
        max_age_s: int,
        now: Callable[[], int],
    ) -> None:
        """Go on from what the store has."""
        self._store, self._metrics = store, metrics
        self._max_age_ms, self._now = max_age_s * 1000, now
        self._lock = threading.Condition()
        self._outboxes = {one.name: Outbox(one, store.slots(one.name)) for one in targets}
        self._wordings = {one.name: Wording(lang=one.lang, zone=zone) for one in targets}
        self._watch = store.watch() or Watch(heard_ms=now())
        self._watch.listen(now())
        self._ends: dict[Place, int] = {}
        self._is_behind = True
        self._ticked_ms = self._tidied_ms = 0
        self._is_over = False

    def places(self) -> dict[Place, int]:
        """Return where reading goes on."""
        with self._lock:
            return self._store.places()

    def connected(self, ends: Mapping[Place, int]) -> None:
        """Note how far there is to read before what is stale is told; empty = nowhere."""
        with self._lock:
            self._ends, self._is_behind = dict(ends), True
            for outbox in self._outboxes.values():
                outbox.behind()
            self._look_whether_caught_up()

    def take_in(self, record: Received) -> None:
        """Take in a record: decide what it is for whom, and move on, in one step."""
        place, following = (record.topic, record.partition), record.offset + 1
        with self._lock:
            with self._store.step():
                event = hear(record.value)
                if event is not None:
                    self._hear(event, record.timestamp_ms)
                self._store.move(place, following)
            if following >= self._ends.get(place, following + 1):
                del self._ends[place]
            self._look_whether_caught_up()
            self._lock.notify_all()

    def tick(self) -> None:
        """Let time pass: silence, overdue self-tests, figures."""
        with self._lock:
            now_ms = self._now()
            if abs(now_ms - self._ticked_ms) < TICK_MS:
                return
            self._ticked_ms = now_ms
            if now_ms - self._tidied_ms > TIDY_MS:
                self._tidied_ms = now_ms
                self._forget(now_ms)
            matters = list(self._watch.step(now_ms=now_ms))
            if matters:
                with self._store.step():
                    self._tell(matters)
                    self._store.keep_watch(self._watch)
                self._lock.notify_all()
            self._show(now_ms)

    def tests_due(self, *, every_s: int) -> list[str]:
        """Return the desks whose path is to be tested now."""
        with self._lock:
            desks = {desk for box in self._outboxes.values() for desk in box.target.desks}
            return self._watch.due(desks - {SYSTEM}, now_ms=self._now(), every_s=every_s)

    def test_posted(self, desk: str, probe_id: str) -> None:
        """Note that a self-test is out, before it is: else its answer would come unasked for."""
        with self._lock, self._store.step():
            self._watch.posted(desk, probe_id, now_ms=self._now())
            self._store.keep_watch(self._watch)

    def take(self, target: str, *, wait_s: float) -> Note | None:
        """Return the next note of a target, if one is due by then."""
        outbox = self._outboxes[target]
        with self._lock:
            note = outbox.take(now_ms=self._now())
            if note is None and not self._is_over:
                due_ms = outbox.next_ms(now_ms=self._now())
                if due_ms is not None:
                    wait_s = min(wait_s, max(due_ms - self._now(), 0) / 1000)
                self._lock.wait(wait_s)
                note = outbox.take(now_ms=self._now())
            return note

    def whole(self, target: str, note: Note) -> tuple[str, str]:
        """Return title and text of a note."""
        return self._wordings[target].whole(note)

    def done(self, target: str, note: Note, *, why: str | None) -> None:
        """Note what became of an attempt; why: None = it was taken."""
        with self._lock, self._store.step():
            now_ms = self._now()
            outbox = self._outboxes[target]
            slot, lost = outbox.done(note.key, arrived=why is None, now_ms=now_ms)
            self._store.keep(target, slot)
            if lost is not None:
                self._store.give_up(target, lost, at_ms=now_ms, why=why or "")
            (self._metrics.sent if why is None else self._metrics.failed).labels(target).inc()

    def close(self) -> None:
        """Wake whoever waits."""
        with self._lock:
            self._is_over = True
            self._lock.notify_all()

    def _hear(self, event: HeardEvent, at_ms: int) -> None:
        if event.type == HEARTBEAT:
            self._watch.heartbeat(at_ms)
            self._store.keep_watch(self._watch)
        elif event.is_test:
            desk, probe_id = str(event.raw.get("desk")), str(event.raw.get("id"))
            self._tell(self._watch.came_back(desk, probe_id))
            self._store.keep_watch(self._watch)
        else:
            self._offer(event, at_ms)

    def _offer(self, event: HeardEvent, at_ms: int) -> None:
        now_ms = self._now()
        stale = now_ms - at_ms > self._max_age_ms
        key = key_of(event)
        for name, outbox in self._outboxes.items():
            slot = outbox.slots.get(key)
            wording = self._wordings[name]
            target = outbox.target
            note = note_of(event, target, slot, wording=wording, at_ms=at_ms, stale=stale)
            if note is not None:
                self._keep(name, outbox.offer(note, now_ms=now_ms))

    def _tell(self, matters: Iterable[Matter]) -> None:
        """Tell of silence or a broken path: everybody, or the targets of a desk."""
        for matter in matters:
            for name, outbox in self._outboxes.items():
                if matter.desk is not None and matter.desk not in outbox.target.desks:
                    continue
                values = {} if matter.desk is None else {"desk": matter.desk}
                note = self._wordings[name].own(
                    matter.form, key=matter.key, at_ms=matter.at_ms, ends=matter.ends, **values
                )
                self._keep(name, outbox.offer(note, now_ms=self._now()))

    def _keep(self, target: str, slot: Slot | None) -> None:
        if slot is not None:
            self._store.keep(target, slot)

    def _look_whether_caught_up(self) -> None:
        """Let go what is stale once all is read that was there when the broker was reached."""
        if self._ends or not self._is_behind:
            return
        self._is_behind = False
        with self._store.step():
            for name, outbox in self._outboxes.items():
                for slot in outbox.caught_up():
                    self._store.keep(name, slot)
        self._lock.notify_all()

    def _forget(self, now_ms: int) -> None:
        with self._store.step():
            for name, outbox in self._outboxes.items():
                self._store.forget(name, outbox.forget(now_ms=now_ms))

    def _show(self, now_ms: int) -> None:
        metrics = self._metrics
        metrics.heartbeat_age.set(max(now_ms - self._watch.heard_ms, 0) / 1000)
        for desk, probe in self._watch.probes.items():
            metrics.path_broken.labels(desk).set(probe.is_broken)
        for name, outbox in self._outboxes.items():
            metrics.waiting.labels(name).set(sum(1 for _ in outbox.waiting()))
            metrics.undelivered.labels(name).set(self._store.given_up(name))

"""Turns records into steps of the store: some at a time, each with how far was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.ledger.entry import Origin, entry_of
from alerts.ledger.note import LedgerNote, note_of
from alerts.system import SILENT_MS
from stream.ledger.store import HEARTBEAT, REPEATED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alerts.ledger.entry import Entry, Source
    from stream.ledger.metrics import LedgerMetrics
    from stream.ledger.store import Store
    from stream.topic_reader import Place, Received

__all__ = ["Scribe", "heartbeat_of"]

STEP_RECORDS: Final = 200
STEP_MS: Final = 500
"""A step is written when it has that many records, or is that old: what is read by a desk's tool
a second later stands in the book."""


class Scribe:
    """Takes records in, and writes them. sources: full topic name to short; now: wall, epoch ms.

    steps: how many it has written.
    """

    def __init__(
        self,
        store: Store,
        metrics: LedgerMetrics,
        *,
        sources: Mapping[str, Source],
        now: Callable[[], int],
    ) -> None:
        """Go on from what the store has."""
        self._store, self._metrics, self._sources = store, metrics, sources
        self._now = now
        self.steps = 0
        self._places = store.places()
        self._beat_ms = (heartbeat_of(store) or (0, b""))[0]
        self._entries: list[Entry] = []
        self._moved: dict[Place, int] = {}
        self._facts: dict[str, bytes] = {}
        self._read = 0
        self._since_ms = 0
        self._ends: dict[Place, int] = {}

    def places(self) -> dict[Place, int]:
        """Return where reading goes on."""
        return dict(self._places)

    def connected(self, ends: Mapping[Place, int]) -> None:
        """Note how far there is to read."""
        self._ends = dict(ends)
        self._show()

    def take_in(self, record: Received) -> None:
        """Take in a record; write when there are enough. Raises StoreError."""
        place = (record.topic, record.partition)
        expected = self._places.get(place)
        if expected is not None and expected != record.offset:
            self._entries.append(note_of(self._hole(place, expected, record)))
        origin = Origin(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            stamp_ms=record.timestamp_ms,
        )
        entry = entry_of(self._sources[record.topic], origin, record.value)
        if entry is not None:
            self._entries.append(entry)
        elif self._sources[record.topic] == "system":
            self._hear_beat(record)
        self._places[place] = self._moved[place] = record.offset + 1
        self._since_ms = self._since_ms or self._now()
        self._read += 1
        if self._read >= STEP_RECORDS:
            self.write()

    def tick(self) -> None:
        """Write what has waited long enough. Raises StoreError."""
        if self._moved and abs(self._now() - self._since_ms) >= STEP_MS:
            self.write()

    def write(self) -> None:
        """Write what was taken in. Raises StoreError; then a new scribe goes on from the store."""
        written = self._store.write(self._entries, self._moved, self._facts)
        for kind, count in written.items():
            if kind == REPEATED:
                self._metrics.repeated.inc(count)
            else:
                self._metrics.entries.labels(kind).inc(count)
        self._entries, self._moved, self._facts = [], {}, {}
        self._read = self._since_ms = 0
        self.steps += 1
        self._show()

    def _hole(self, place: Place, expected: int, record: Received) -> LedgerNote:
        """Return the note of records that were never read: taken by retention, or a topic anew."""
        is_lost = record.offset > expected
        return LedgerNote(
            what="lost" if is_lost else "anew",
            at_ms=record.timestamp_ms,
            topic=place[0],
            partition=place[1],
            first=expected,
            last=record.offset - 1 if is_lost else record.offset,
        )

    def _hear_beat(self, record: Received) -> None:
        """Keep a heartbeat as the newest one; a pause before it is a silence."""
        at_ms = record.timestamp_ms
        if self._beat_ms and at_ms - self._beat_ms > SILENT_MS:
            silence = LedgerNote(
                what="silence",
                at_ms=at_ms,
                topic=record.topic,
                since_ms=self._beat_ms,
                until_ms=at_ms,
            )
            self._entries.append(note_of(silence))
        if at_ms >= self._beat_ms:
            self._beat_ms = at_ms
            self._facts[HEARTBEAT] = b"%d " % at_ms + (record.value or b"")

    def _show(self) -> None:
        metrics, places = self._metrics, self._places
        behind = (max(end - places.get(place, 0), 0) for place, end in self._ends.items())
        metrics.behind.set(sum(behind))
        metrics.heartbeat.set(self._beat_ms / 1000)


def heartbeat_of(store: Store) -> tuple[int, bytes] | None:
    """Return stamp (epoch ms) and value of the newest heartbeat that was read."""
    stamp, _, value = (store.fact(HEARTBEAT) or b"").partition(b" ")
    return (int(stamp), value) if stamp else None

"""The incident stage: closed hops and desk actions in; alerts for police and fire out.

Theory of operation. One axis of *moments*, multiples of 10 s: a hop is decided at its deadline,
a desk action at the first beat whose time lies above the acks clock when it was read. A moment
passes when every block partition and the acks partition have passed it, and moments are handled
in order, a hop before the actions of the same moment. So nothing depends on how the sources
interleave (PROTOCOL 1, 4, 7).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from alerts.table import IncidentTable
from stream.budgets import Budgets
from stream.clock import BEAT_MS, beat_of
from stream.feed_news import feed_news
from stream.ground import alert_spec, build_ground
from stream.hop_view import hop_view
from stream.incident_desk import carried_out
from stream.incident_out import alert_record, heartbeat_record, system_record
from stream.incident_state import IncidentState, WaitingAction, join, lost
from stream.machine import Entry, Snapshot, SnapshotError, Step
from stream.settings import settings_hash
from stream.snapshot_load import check_count
from stream.spending import DAY_MS, account, spent_since
from stream.topics import Topic, partition_of
from stream.wire import AckClock, Closed, Desk, Passed, decode_detections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo.city import City
    from stream.incident_state import HopJoined
    from stream.machine import Delivered, Outgoing
    from stream.settings import Settings

__all__ = ["KEY", "IncidentMachine"]

KEY: Final = "incident"
VERSION: Final = 6
FIRST_OF_SETTINGS: Final = b"{"  # `settings/1` is the one JSON record of this log


class _Hot(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    settings_hash: str
    city_digest: str
    applied: int
    state: IncidentState
    table: bytes


_hot_encoder: Final = msgspec.msgpack.Encoder()
_hot_decoder: Final = msgspec.msgpack.Decoder(_Hot)


def _beat_from(due_ms: int | None, *, default: int) -> int:
    """Return the first beat at which something is due, or the default where nothing is."""
    return default if due_ms is None else -(-due_ms // BEAT_MS) * BEAT_MS


class IncidentMachine:
    """The incident stage bound to the one partition of the detections topic.

    on_hop: called with every hop decided and the levels of its tiles; must not change anything.
    """

    def __init__(
        self,
        settings: Settings,
        city: City,
        *,
        on_hop: Callable[[HopJoined, IncidentTable], None] | None = None,
    ) -> None:
        self._settings = settings
        self._hash, self._digest = settings_hash(settings), city.digest
        self._feeds = sorted(settings.feeds)
        self._hop_ms, self._lateness_ms = settings.hop_ms, settings.lateness_ms
        self._blocks = settings.topics.partitions.blocks
        self._budgets = Budgets(settings, city)
        self._on_hop = on_hop
        of_block = [partition_of(one, self._blocks) for one in city.grid.block_ids]
        self._partition = np.array(of_block, np.int64)[city.grid.block_of]
        self.table = IncidentTable(alert_spec(settings, city), build_ground(settings, city))
        self.state = IncidentState.empty(sources=self._blocks + 1, feeds=len(self._feeds))
        self.applied = -1

    def origins(self) -> Mapping[tuple[Topic, int], int]:
        """Return the newest offset seen of every readings partition, and of acks."""
        epoch = self._settings.kafka.log_epoch
        *blocks, acks = [
            offset if seen == epoch else -1
            for seen, offset in zip(self.state.epoch, self.state.offset, strict=True)
        ]
        seen = {(Topic.READINGS, source): offset for source, offset in enumerate(blocks)}
        return seen | {(Topic.ACKS, 0): acks}

    def step(self, record: Delivered) -> Step:
        """Apply one record of the detections topic."""
        if record.offset <= self.applied:
            return Step()
        self.applied = record.offset
        value = record.value or b""
        if value.startswith(FIRST_OF_SETTINGS):
            return Step()
        news = decode_detections(value)
        on_acks = isinstance(news, Desk | AckClock)
        source = self._blocks if on_acks else news.origin.partition
        if not self.state.is_news(source, news.origin.order):
            return Step()
        self._take(source, news)
        before = self.state.closed_hop_ms
        out = tuple(self._advance())
        return Step(out=out, closes=bool(out) or self.state.closed_hop_ms > before)

    def _take(self, source: int, news: Closed | Passed | Desk | AckClock) -> None:
        state = self.state
        if isinstance(news, Closed):
            self._take_closed(news)
        elif isinstance(news, Passed):
            state.clock_ms[source] = max(state.clock_ms[source], news.beat_ms)
            if state.next_hop_ms < 0:
                state.next_hop_ms = news.first_hop_ms
        elif isinstance(news, AckClock):
            state.clock_ms[source] = max(state.clock_ms[source], news.now_ms)
        else:
            beat_ms = beat_of(state.clock_ms[source]) + BEAT_MS
            state.actions.append(WaitingAction(beat_ms, news.origin.offset, news.action))

    def _take_closed(self, news: Closed) -> None:
        """Keep what a block partition saw of a hop.

        In a new epoch of the log it may say again what it said in the old one: of an open hop
        the newest epoch counts, and a hop that is decided stays so.
        """
        if news.hop_ms <= self.state.closed_hop_ms:
            return
        parts = self.state.hops.setdefault(news.hop_ms, [])
        mine, epoch = news.origin.partition, news.origin.epoch
        parts[:] = [
            one for one in parts if one.origin.partition != mine or one.origin.epoch == epoch
        ]
        parts.append(news)

    def _advance(self) -> list[Outgoing]:
        """Handle every moment that all sources have passed, in order.

        At one moment the hop comes first, then what desks did, then what nobody did in time.
        """
        state = self.state
        out: list[Outgoing] = []
        passed_ms = beat_of(min(state.clock_ms))
        while min(state.clock_ms) >= 0 and state.next_hop_ms >= 0:
            hop_at_ms = state.next_hop_ms + self._lateness_ms
            act_at_ms = min((one.beat_ms for one in state.actions), default=hop_at_ms)
            due_at_ms = _beat_from(self.table.due_ms(), default=hop_at_ms)
            at_ms = min(hop_at_ms, act_at_ms, due_at_ms)
            if at_ms > passed_ms:
                break
            if at_ms == hop_at_ms:
                out += self._next_hop()
            elif at_ms == act_at_ms:
                out += self._act(at_ms)
            else:
                out += self._remind(at_ms)
        return out

    def _next_hop(self) -> list[Outgoing]:
        """Close the next hop; state made anew over a log whose beginning is gone begins later."""
        state, out = self.state, []
        parts = state.hops.pop(state.next_hop_ms, [])
        if parts or state.closed_hop_ms >= 0:
            out = self._hop(self._joined(parts))
            state.closed_hop_ms = state.next_hop_ms
        state.next_hop_ms += self._hop_ms
        return out

    def _joined(self, parts: list[Closed]) -> HopJoined:
        """Join a hop; partitions of which nothing came are dark, never calm (law 4).

        Retention took their records and the operator accepted it, or one was quarantined.
        """
        feeds, hop_ms = len(self._feeds), self.state.next_hop_ms
        if parts:
            hop = join(parts, feeds=feeds)
        else:
            hop = lost(hop_ms, decided_ms=hop_ms + self._lateness_ms, feeds=feeds)
        came = {part.origin.partition for part in parts}
        if len(came) == self._blocks:
            return hop
        dark = np.flatnonzero(~np.isin(self._partition, sorted(came))).astype(np.int32)
        return replace(hop, blind=np.union1d(hop.blind, dark).astype(np.int32))

    def _hop(self, hop: HopJoined) -> list[Outgoing]:
        state, feeds = self.state, self._feeds
        limits = self._budgets.thresholds(state)
        news = list(feed_news(state, hop, feeds, drops=self._settings.detectors.has_drops))
        view = hop_view(state, hop, limits, self._settings, settings_hash=self._hash)
        told = self.table.hop(view)
        promised = self._settings.alerts.false_alarms_per_day
        over = account(state, told, hop_ms=hop.hop_ms, promised_per_day=promised)
        state.dark, state.tiles = len(hop.blind), hop.tiles
        if not view.anomaly_held:  # What a fault of a feed raises says nothing of the places.
            self._budgets.spend(state, hop, drops=not view.drop_held)
        if self._on_hop:
            self._on_hop(hop, self.table)
        out = [system_record(self._settings, one) for one in news]
        out += [alert_record(self._settings, alert) for alert in told]
        return out if over is None else [*out, system_record(self._settings, over)]

    def _act(self, moment_ms: int) -> list[Outgoing]:
        """Carry out the desk actions of one moment, in the order of their log."""
        state = self.state
        due = sorted(one for one in state.actions if one.beat_ms == moment_ms)
        state.actions = [one for one in state.actions if one.beat_ms != moment_ms]
        return carried_out(self._settings, self.table, due, moment_ms=moment_ms)

    def _remind(self, moment_ms: int) -> list[Outgoing]:
        """Tell desks what nobody answered in time, and which holds are over."""
        told = self.table.remind(moment_ms=moment_ms)
        return [alert_record(self._settings, alert) for alert in told]

    def silent_feeds(self) -> Mapping[str, bool]:
        """Return of every feed whether all its cells are silent at the newest closed hop."""
        return {
            name: since_ms >= 0
            for name, since_ms in zip(self._feeds, self.state.silent, strict=True)
        }

    def suspect_feeds(self) -> Mapping[str, bool]:
        """Return of every feed whether its tiles jump, or sink, together at the newest hop."""
        return {
            name: max(both) >= 0
            for name, *both in zip(self._feeds, self.state.suspect, self.state.sunk, strict=True)
        }

    def spent_ratio(self) -> float:
        """Return incidents opened for being unusual in the last day over what was promised."""
        since_ms = self.state.closed_hop_ms - DAY_MS
        promised = self._settings.alerts.false_alarms_per_day
        return spent_since(self.state, since_ms) / promised

    def heartbeat(self, *, worker: str, at_ms: int) -> Outgoing | None:
        """Return the sign of life of this stage at a host's wall clock; None before a hop closed.

        It changes nothing and is never replayed (PROTOCOL 21, 22).
        """
        if self.state.closed_hop_ms < 0:
            return None
        limits = self._budgets.thresholds(self.state)
        return heartbeat_record(
            self._settings, self.state, self.table, limits, worker=worker, at_ms=at_ms
        )

    def snapshot(self) -> Snapshot:
        """Return the one record of this stage."""
        hot = _Hot(
            version=VERSION,
            settings_hash=self._hash,
            city_digest=self._digest,
            applied=self.applied,
            state=self.state,
            table=self.table.dump(),
        )
        return Snapshot(hot=(Entry(KEY, _hot_encoder.encode(hot)),))

    def load(self, entries: Mapping[str, bytes]) -> None:
        """Restore from the snapshot topic."""
        if KEY not in entries:
            return
        try:
            hot = _hot_decoder.decode(entries[KEY])
        except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
            message = f"{KEY}: unreadable ({fault}); restore the snapshot topic"
            raise SnapshotError(message) from fault
        got = (hot.version, hot.settings_hash, hot.city_digest)
        want = (VERSION, self._hash, self._digest)
        if got != want:
            message = (
                f"{KEY}: version, settings hash and ground hash are {got}, this worker has {want};"
                " start it with the settings and cells that wrote the state"
            )
            raise SnapshotError(message)
        check_count("topics.partitions.blocks", KEY, len(hot.state.offset) - 1, self._blocks)
        try:
            self.table.load(hot.table)
        except (ValueError, msgspec.MsgspecError) as fault:
            message = f"{KEY}: unreadable ({fault}); restore the snapshot topic"
            raise SnapshotError(message) from fault
        self.applied, self.state = hot.applied, hot.state

"""The oracle: what the alert topics must hold, from the input logs alone, by definition.

A slow program over whole logs. It knows no partitions of blocks, no order of arrival between
sources and no state to restore: per source the list of ticks and readings, per reading the hop
it acts from, per hop the set of readings that act from it (PROTOCOL 1 to 6). What one bare hop
means is in `sim_oracle_hop`; decoding, detector and incident table are the product's own pure
rooms, for the protocol around them is what is tested.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.action import DeskAction
from replay.sim_oracle_counts import Current
from replay.sim_oracle_cover import is_known
from replay.sim_oracle_hop import CityHop
from stream.records import Counts, Reason, Tick, decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.action import Reply
    from alerts.system import SystemAlert
    from alerts.table import Alert, IncidentTable
    from geo.city import City
    from stream.machine import Delivered
    from stream.settings import Settings

__all__ = ["Expected", "Reading", "Source", "expect", "read_source"]

BEAT_MS: Final = 10_000
TICK_SKEW_MS_MAX: Final = 5_000
OUTAGE_INTERVALS: Final = 288
WHOLE_RECORD: Final = (Reason.MALFORMED, Reason.SCHEMA, Reason.TOO_LARGE)

_actions: Final = msgspec.json.Decoder(DeskAction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One count of one cell. clock_ms: its source's when it was read; -1 before any tick.

    crossing: how many times its source's clock had advanced by then.
    """

    feed: int
    cell: int
    end_ms: int
    seq: int
    value: float
    clock_ms: int
    crossing: int


@dataclass(slots=True, kw_only=True)
class Source:
    """One input partition, read to its end. crossings: ticks above all ticks before them."""

    readings: list[Reading] = field(default_factory=list)
    crossings: list[int] = field(default_factory=list)
    actions: list[tuple[int, int, bytes]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    readings_in: int = 0

    @property
    def clock_ms(self) -> int:
        """The source's newest tick; -1 before any."""
        return self.crossings[-1] if self.crossings else -1

    def after(self, reading: Reading) -> int:
        """Return the clock that comes next after a reading; its own if none comes."""
        return (self.crossings[reading.crossing :] or [self.clock_ms])[0]

    def first_at(self, deadline_ms: int) -> int:
        """Return the first tick at or after a deadline."""
        return self.crossings[bisect_left(self.crossings, deadline_ms)]


@dataclass(slots=True, kw_only=True)
class Expected:
    """What must have come out.

    alerts: in order. replies: likewise. system: its decided news.
    fates: readings by (feed index, fate). refused: readings by reason. table: state at the end.
    """

    alerts: list[Alert] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    system: list[SystemAlert] = field(default_factory=list)
    fates: Counter[tuple[int, str]] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    readings_in: int = 0
    hops: int = 0
    table: bytes = b""


def read_source(settings: Settings, city: City, log: Sequence[Delivered]) -> Source:
    """Read one input partition: counts or acks."""
    source = Source()
    for record in log:
        if _is_action(record.value):
            beat_ms = source.clock_ms // BEAT_MS * BEAT_MS + BEAT_MS
            source.actions.append((beat_ms, record.offset, record.value or b""))
            continue
        seen = decode(record.value)
        if isinstance(seen, Tick):
            skew_ms = abs(seen.now_ms - record.timestamp_ms)
            if settings.time.ticks == "worker" and skew_ms > TICK_SKEW_MS_MAX:
                source.refused["tick_ignored"] += 1
            elif seen.now_ms > source.clock_ms:
                source.crossings.append(seen.now_ms)
        elif isinstance(seen, Counts):
            _take_counts(settings, city, source, seen)
        else:
            number = 1 if seen.reason in WHOLE_RECORD else _cells_in(record.value)
            source.refused[seen.reason] += number
            source.readings_in += number
    return source


def _is_action(value: bytes | None) -> bool:
    try:
        _actions.decode(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True


def _cells_in(value: bytes | None) -> int:
    return max(len(msgspec.json.decode(value or b"")["cells"]), 1)


def _take_counts(settings: Settings, city: City, source: Source, counts: Counts) -> None:
    """Judge one batch reading by reading."""
    names = sorted(settings.feeds)
    number = len(counts.cells)
    source.readings_in += number + sum(reject.count for reject in counts.rejects)
    for reject in counts.rejects:
        source.refused[reject.reason] += reject.count
    feed = settings.feeds.get(counts.feed)
    wrong = None
    if feed is None:
        wrong = Reason.UNKNOWN_FEED
    elif counts.period_s != feed.period_s or (counts.start_ms - feed.phase_s * 1000) % (
        feed.period_s * 1000
    ):
        wrong = Reason.BAD_INTERVAL
    if wrong is not None:
        source.refused[wrong] += number
        return
    for name, value in zip(counts.cells, counts.values.tolist(), strict=True):
        if not is_known(city, counts.feed, name):
            source.refused[Reason.UNKNOWN_CELL] += 1
            continue
        source.readings.append(
            Reading(
                feed=names.index(counts.feed),
                cell=city.cell_index[name],
                end_ms=counts.start_ms + counts.period_s * 1000,
                seq=counts.seq,
                value=value,
                clock_ms=source.clock_ms,
                crossing=len(source.crossings),
            )
        )


def expect(settings: Settings, city: City, *, counts: Sequence[Source], acks: Source) -> Expected:
    """Return what must come out of these logs."""
    hop_ms = settings.hop_ms
    told = Expected()
    for source in counts:
        told.refused += source.refused
        told.readings_in += source.readings_in
    first_ms = max(source.crossings[0] for source in counts) // hop_ms * hop_ms + hop_ms
    acting = _acting(settings, counts, first_ms, told)
    passed_ms = min(source.clock_ms for source in (*counts, acks)) // BEAT_MS * BEAT_MS
    hop = CityHop(settings, city)
    current = Current(feeds=len(settings.feeds), cells=len(city.cells))
    for moment_ms, is_action, number, action in _moments(settings, first_ms, passed_ms, acks):
        told.alerts += _reminded(hop.table, before_ms=moment_ms)
        if is_action:
            alerts, reply = hop.table.act(_actions.decode(action), moment_ms=moment_ms)
            told.replies.append(reply)
        else:
            _merge(current, acting.get(number, []), told)
            decided_ms = max(source.first_at(moment_ms) for source in counts)
            alerts = hop.close(current, number, decided_ms, told.system)
            told.hops += 1
        told.alerts += alerts
    told.alerts += _reminded(hop.table, before_ms=passed_ms + 1)
    told.table = hop.table.dump()
    return told


def _reminded(table: IncidentTable, *, before_ms: int) -> list[Alert]:
    """Return what nobody answered in time before this moment, beat by beat."""
    told: list[Alert] = []
    while (due_ms := table.due_ms()) is not None:
        beat_ms = -(-due_ms // BEAT_MS) * BEAT_MS
        if beat_ms >= before_ms:
            break
        told += table.remind(moment_ms=beat_ms)
    return told


def _moments(
    settings: Settings, first_ms: int, passed_ms: int, acks: Source
) -> list[tuple[int, bool, int, bytes]]:
    """Return (moment, is it an action, hop or offset, action) of all that happens, in order.

    At one moment the hop comes first, then the actions in the order of their log.
    """
    lateness_ms = settings.lateness_ms
    ends = range(first_ms, passed_ms - lateness_ms + 1, settings.hop_ms)
    moments = [(end_ms + lateness_ms, False, end_ms, b"") for end_ms in ends]
    moments += [
        (beat_ms, True, offset, action)
        for beat_ms, offset, action in acks.actions
        if beat_ms <= passed_ms
    ]
    return sorted(moments)


def _acting(
    settings: Settings, counts: Sequence[Source], first_ms: int, told: Expected
) -> dict[int, list[Reading]]:
    """Return the readings that act from each hop; count those that act from none."""
    hop_ms, lateness_ms = settings.hop_ms, settings.lateness_ms
    names = sorted(settings.feeds)
    acting: dict[int, list[Reading]] = defaultdict(list)
    for source in counts:
        for one in source.readings:
            from_ms = -(-one.end_ms // hop_ms) * hop_ms
            over_ms = one.clock_ms - (from_ms + lateness_ms)
            if over_ms >= 0:
                from_ms += (over_ms // hop_ms + 1) * hop_ms
            from_ms = max(from_ms, first_ms)
            future_ms = hop_ms + settings.time.future_s * 1000
            outage_ms = OUTAGE_INTERVALS * settings.feeds[names[one.feed]].period_s * 1000
            if one.clock_ms < 0:
                told.fates[one.feed, "late"] += 1
            elif one.end_ms > min(source.after(one), one.clock_ms + outage_ms) + future_ms:
                told.fates[one.feed, "from_future"] += 1
            elif one.end_ms < from_ms - settings.max_age_ms(names[one.feed]):
                told.fates[one.feed, "late"] += 1
            else:
                acting[from_ms].append(one)
    return acting


def _merge(current: Current, readings: list[Reading], told: Expected) -> None:
    """Let the readings of one hop act: of each (feed, cell, interval) the best one counts."""
    groups: dict[tuple[int, int, int], list[tuple[int, float]]] = defaultdict(list)
    for one in readings:
        groups[one.feed, one.cell, one.end_ms].append((one.seq, one.value))
    fresh: list[tuple[int, int, int]] = []
    for place, offers in groups.items():
        feed = place[0]
        kept, best = current.best.get(place), max(offers)
        for offer, times in Counter(offers).items():
            told.fates[feed, "duplicate"] += times - 1
            if offer == kept:
                told.fates[feed, "duplicate"] += 1
            elif offer == best and (kept is None or offer > kept):
                told.fates[feed, "accepted"] += 1
            else:
                told.fates[feed, "conflict"] += 1
        if kept is None or best > kept:
            current.best[place] = best
        fresh.append(place)
    current.renew(fresh)

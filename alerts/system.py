"""System alerts: how the system itself is, in the same envelope as alerts about crowds.

Two kinds (PROTOCOL 21). *Decided* ones follow from the log (a feed is blind or back, the budget
is overspent) and are replayed byte for byte; *host* ones follow from the wall clock of one worker
(heartbeat, stalled clock) and never are.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from alerts.envelope import Status, wrap
from alerts.moment import iso

__all__ = [
    "FAMILIES",
    "HEARTBEAT",
    "SILENT_MS",
    "BudgetOverspent",
    "FeedBlind",
    "FeedSunk",
    "FeedSuspect",
    "Heartbeat",
    "HeldNow",
    "HostTrouble",
    "SystemAlert",
    "at_ms_of",
    "event_id",
    "event_type",
    "is_system",
    "kind_of",
    "system_envelope",
]


HEARTBEAT: Final = "crowd.system.heartbeat.v1"
"""The CloudEvents type of heartbeats."""
SILENT_MS: Final = 120_000
"""Longest pause between heartbeats that is no silence, by contract (PROTOCOL 22)."""
_BEFORE: Final = "crowd.system."
_AFTER: Final = ".v1"

FAMILIES: Final = {
    "feed_blind": ("seen", False),
    "feed_back": ("seen", True),
    "feed_suspect": ("trusted", False),
    "feed_trusted": ("trusted", True),
    "feed_sunk": ("up", False),
    "feed_up": ("up", True),
}
"""Kind of a message to the matter it is about, and whether it ends it; others are one of a kind."""


class FeedBlind(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="feed/1"):
    """A feed fell silent (blind), or is heard again; silence is never calm.

    since_ms: end of the first hop without it. hop_ms: the deciding hop.
    """

    feed: str
    blind: bool
    since_ms: int
    hop_ms: int
    origin: Literal["decided"] = "decided"

    @property
    def kind(self) -> str:
        """feed_blind or feed_back."""
        return "feed_blind" if self.blind else "feed_back"

    @property
    def subject(self) -> str:
        """The feed."""
        return self.feed


class FeedSuspect(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="feed-suspect/1"
):
    """A feed jumps as a whole, or is trusted again; meanwhile nothing unusual raises a level.

    total, usual: sum of the feed and its usual sum. rising_ratio: share of its tiles that rise.
    """

    feed: str
    suspect: bool
    since_ms: int
    hop_ms: int
    total: float
    usual: float
    rising_ratio: float
    origin: Literal["decided"] = "decided"

    @property
    def kind(self) -> str:
        """feed_suspect or feed_trusted."""
        return "feed_suspect" if self.suspect else "feed_trusted"

    @property
    def subject(self) -> str:
        """The feed."""
        return self.feed


class FeedSunk(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="feed-sunk/1"):
    """A feed sinks as a whole, or is trusted again; meanwhile no drop raises a level.

    total, usual: sum of the feed and its usual sum. falling_ratio: share of its tiles that are low.
    """

    feed: str
    sunk: bool
    since_ms: int
    hop_ms: int
    total: float
    usual: float
    falling_ratio: float
    origin: Literal["decided"] = "decided"

    @property
    def kind(self) -> str:
        """feed_sunk or feed_up."""
        return "feed_sunk" if self.sunk else "feed_up"

    @property
    def subject(self) -> str:
        """The feed."""
        return self.feed


class BudgetOverspent(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="budget/1"
):
    """A desk was told more anomaly incidents than its budget allows.

    spent, allowed: incidents in the last window_s seconds.
    """

    desk: str
    spent: int
    allowed: float
    window_s: int
    hop_ms: int
    origin: Literal["decided"] = "decided"

    @property
    def kind(self) -> str:
        """Always budget_overspent."""
        return "budget_overspent"

    @property
    def subject(self) -> str:
        """The desk."""
        return self.desk


class HeldNow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that keeps a desk from being told, now: by whom, why, and until when.

    by: null where nobody asked for it. until_ms: null where it ends by itself. alerts: how many it
    held so far, where that is counted.
    """

    incident: str
    desk: str
    reason: str
    by: str | None = None
    text: str | None = None
    until_ms: int | None = None
    alerts: int | None = None


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="heartbeat/1"):
    """We are alive, once a minute; none for 120 s means blind, and readers show it.

    hop_ms: newest closed hop. at_ms: wall clock. open_by_level: open incidents of level 1 to 4.
    feeds: names of feeds seen at that hop. last_ids: newest ten alert ids of each desk, by which
    a receiver finds its own gap. threshold, near_threshold: scores that count as unusual now, of a
    tile alone and with those around it; null where nobody looks so. drop_threshold: likewise of
    too few people; absent where drops alarm nobody. held: what keeps desks from being told, at
    most 50 of held_total: nothing that is held is invisible. unusual_last_day: incidents of the
    last 24 h that were unusual and nothing more, promised_per_day: how many a desk is promised at
    most; null of a worker that does not say.
    """

    worker: str
    at_ms: int
    hop_ms: int
    open_by_level: tuple[int, int, int, int]
    unacknowledged: int
    feeds: list[str]
    blind_ratio: float | None
    last_ids: dict[str, list[str]]
    threshold: float | None = None
    near_threshold: float | None = None
    drop_threshold: float | msgspec.UnsetType = msgspec.UNSET
    held: list[HeldNow] = []
    held_total: int = 0
    unusual_last_day: int | None = None
    promised_per_day: float | None = None
    origin: Literal["host"] = "host"

    @property
    def kind(self) -> str:
        """Always heartbeat."""
        return "heartbeat"

    @property
    def subject(self) -> str:
        """The worker."""
        return self.worker


class HostTrouble(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="host/1"):
    """Something is wrong with one worker, seen on its own wall clock.

    trouble: of a closed set. what: one line for the operator.
    """

    worker: str
    at_ms: int
    hop_ms: int
    trouble: Literal["stalled_clock", "lag", "undelivered", "slow_hop", "snapshot_old"]
    what: str
    origin: Literal["host"] = "host"

    @property
    def kind(self) -> str:
        """The trouble itself."""
        return self.trouble

    @property
    def subject(self) -> str:
        """The worker."""
        return self.worker


SystemAlert = FeedBlind | FeedSuspect | FeedSunk | BudgetOverspent | Heartbeat | HostTrouble

_encoder: Final = msgspec.json.Encoder()


def at_ms_of(news: SystemAlert) -> int:
    """Return the moment it is of: of what hosts say their wall clock, else the deciding hop."""
    return news.at_ms if isinstance(news, Heartbeat | HostTrouble) else news.hop_ms


def event_id(news: SystemAlert) -> str:
    """Return the CloudEvents id, the same for the same news: who sees it twice knows."""
    return f"{news.kind}/{news.subject}/{iso(at_ms_of(news))}"


def event_type(news: SystemAlert) -> str:
    """Return the CloudEvents type."""
    return _BEFORE + news.kind + _AFTER


def is_system(event_type: str) -> bool:
    """Tell whether a CloudEvents type is one of the system's."""
    return event_type.startswith(_BEFORE)


def kind_of(event_type: str) -> str:
    """Return the kind that a CloudEvents type of the system's names.

    >>> kind_of("crowd.system.feed_back.v1")
    'feed_back'
    """
    return event_type.removeprefix(_BEFORE).removesuffix(_AFTER)


def system_envelope(news: SystemAlert, *, source: str, status: Status) -> bytes:
    """Return a system alert as CloudEvents 1.0 structured JSON, `data` last."""
    return wrap(
        id=event_id(news),
        type=event_type(news),
        source=source,
        subject=news.subject,
        time_ms=at_ms_of(news),
        dataschema="urn:crowdtide:schema:system:1",
        status=status,
        data=_encoder.encode(news),
    )

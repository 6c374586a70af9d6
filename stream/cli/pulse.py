"""Whether the system lives and works on, told at a terminal by its heartbeats.

None for 120 s: we are blind. Heartbeats that name the same hop again and again: the incident
stage lives, but time stands still for it (a source without ticks, or with ticks that nobody
follows), and what the desks hear of is over. Silence is not calm in either case.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import click
import msgspec

from stream.calendar import Calendar
from stream.settings import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.settings import Settings
    from stream.topic_reader import Received

__all__ = ["TEXTS", "Pulse", "hop_patience_s"]

BLIND_S: Final = 120.0
HEARTBEAT: Final = b'"type":"crowd.system.heartbeat.v1"'
ENVELOPE_BYTES: Final = 1000  # the envelope's attributes stand before its data

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "blind": "看不见：{seconds:.0f} 秒没有收到系统心跳；没有消息不等于平静",
        "heard": "重新收到系统心跳",
        "still": "时间停在 {since}：仍有系统心跳，但此后没有时段得到结算；没有消息不等于平静",
        "closes": "时段恢复结算",
    },
    "en": {
        "blind": "BLIND: no heartbeat of the system for {seconds:.0f} s; silence is not calm",
        "heard": "the system is heard again",
        "still": "HOPS STAND STILL since {since}, though heartbeats come; silence is not calm",
        "closes": "hops close again",
    },
}
"""Language to texts; a test holds their keys equal."""


class _Data(msgspec.Struct, frozen=True):
    hop_ms: int


class _Beat(msgspec.Struct, frozen=True):
    """What is read of a heartbeat."""

    data: _Data


_beat: Final = msgspec.json.Decoder(_Beat)


def hop_patience_s(settings: Settings) -> float | None:
    """Return for how long the newest hop may stay the same, seconds; None: nobody can say.

    A replay brings its own time, which may well stand; and a reader's settings need not name
    the feeds that the hop follows from.
    """
    if settings.time.ticks != "worker":
        return None
    try:
        return (2 * settings.hop_ms + settings.lateness_ms) / 1000
    except ConfigError:
        return None


class Pulse:
    """Watches for heartbeats, and for the hop that they name.

    topic: the system topic, full name. lang: a key of TEXTS. tz: zone in which times are shown.
    patience_s: see `hop_patience_s`. clock: seconds that never go back; it starts as if a
    heartbeat had just come.
    """

    def __init__(
        self,
        topic: str,
        *,
        lang: str,
        tz: str,
        patience_s: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.topic = topic
        self._texts = TEXTS[lang]
        self._calendar = Calendar(tz=tz, country="none")
        self._patience_s = patience_s
        self._clock = clock
        self._heard_s = clock()
        self._blind = False
        self._hop_ms: int | None = None
        self._moved_s = 0.0
        self._still = False

    def hear(self, record: Received | None) -> None:
        """Take any record, or None where none came; say what begins or ends."""
        now_s = self._clock()
        head = (record.value or b"")[:ENVELOPE_BYTES] if record is not None else b""
        if record is not None and record.topic == self.topic and HEARTBEAT in head:
            self._heard_s = now_s
            if self._blind:
                self._blind = False
                self._say_good("heard")
            self._look_at_hop(record.value or b"", now_s)
        elif not self._blind and now_s - self._heard_s > BLIND_S:
            self._blind = True
            self._say_bad("blind", seconds=BLIND_S)

    def _look_at_hop(self, value: bytes, now_s: float) -> None:
        """Note the newest hop; an older one, of a worker that woke up late, moves nothing."""
        try:
            hop_ms = _beat.decode(value).data.hop_ms
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return
        if self._hop_ms is None or hop_ms > self._hop_ms:
            self._hop_ms, self._moved_s = hop_ms, now_s
            if self._still:
                self._still = False
                self._say_good("closes")
        elif self._patience_s is not None and not self._still:
            self._still = now_s - self._moved_s > self._patience_s
            if self._still:
                since = self._calendar.local_iso(self._hop_ms)[:19].replace("T", " ")
                self._say_bad("still", since=since)

    def _say_good(self, what: str) -> None:
        click.secho(self._texts[what], fg="green", err=True)

    def _say_bad(self, what: str, **values: object) -> None:
        click.secho(self._texts[what].format(**values), fg="white", bg="red", err=True)

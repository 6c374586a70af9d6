"""A golden scenario run through the offline engine: what it told, when, and every bit behind it.

Alerts are rounded for people, so a last bit that differs would hide in them. The bits are a
SHA-256 over people, expected, spread, score, level and state of every tile at every hop.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from geo.city import load_city
from replay.alert_line import alert_line
from replay.engine import Engine, offline
from replay.feed import FeedOptions, read_feed
from replay.log import input_log
from replay.register import default_feed
from stream.settings_load import read
from stream.topics import Topic
from tests.golden.timetable import read_timetable

if TYPE_CHECKING:
    from pathlib import Path

    from replay.engine import HopRow
    from tests.golden.timetable import Act

__all__ = ["Outcome", "Told", "play"]

DESKS: Final = {Topic.POLICE: "police", Topic.FIRE: "fire"}
COLOURS: Final = ("none", "blue", "yellow", "orange", "red")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One published alert. at: clock of the log when it was. line: as `tail --json` prints it."""

    at: datetime
    alert: tuple[str, str, str]  # desk, kind, colour
    line: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A finished run: alerts in the order of publishing, and the bits behind them as hex."""

    told: list[Told]
    bits: str


def play(folder: Path) -> Outcome:
    """Run the scenario of a folder."""
    run = _Run(folder)
    run.all()
    return Outcome(told=run.told, bits=run.bits.hexdigest())


class _Run:
    """One pass of the feed, with desks that act when the timetable says so."""

    def __init__(self, folder: Path) -> None:
        self._settings = offline(read(folder / "settings.toml", env={}, sets=[]).settings)
        grid = self._settings.grid
        city = load_city(
            folder / "cells.csv", side_m=grid.side_m, walkable_share=grid.walkable_share
        )
        self._feed = read_feed(folder / "feed.csv", FeedOptions(feed=default_feed(self._settings)))
        self._table = read_timetable((folder / "timetable.txt").read_text(encoding="utf-8"))
        self._engine = Engine(self._settings, city, on_hop=self._hop)
        self.told: list[Told] = []
        self.bits = hashlib.sha256()

    def all(self) -> None:
        """Feed the whole log; a desk acts before the first record of its time."""
        waiting = list(self._table.acts)
        hop_ms, lateness_ms = self._settings.hop_ms, self._settings.lateness_ms
        for record in input_log(self._feed, hop_ms=hop_ms, lateness_ms=lateness_ms):
            while waiting and _ms(waiting[0].at) <= record.at_ms:
                self._act(waiting.pop(0))
            self._engine.feed(record)
            self._take(record.at_ms)
        assert not waiting, "a desk acts after the end of the feed"

    def _act(self, act: Act) -> None:
        newest = next(one for one in reversed(self.told) if one.alert[0] == act.desk)
        data = msgspec.json.decode(newest.line)["data"]
        deed = {
            "schema": "desk-action/1",
            "incident": data["incident"],
            "desk": act.desk,
            "action": act.action,
            "revision_seen": data["revision"],
            "level_seen": data["level"],
            "by": "officer 7",
        }
        self._engine.act(msgspec.json.encode(deed), at_ms=_ms(act.at))
        self._take(_ms(act.at))

    def _hop(self, row: HopRow) -> None:
        for column in (row.people, row.expected, row.spread, row.score, row.level, row.state):
            self.bits.update(column.tobytes())

    def _take(self, at_ms: int) -> None:
        at = datetime.fromtimestamp(at_ms // 1000, self._table.begin.tzinfo)
        for out in self._engine.published:
            if out.topic in DESKS:
                line = alert_line(self._settings.topics.prefix + out.topic, out.key, out.value)
                event = msgspec.json.decode(line)
                kind = event["type"].split(".")[2]
                alert = (DESKS[out.topic], kind, COLOURS[event["data"]["level"]])
                self.told.append(Told(at=at, alert=alert, line=line))
        self._engine.published.clear()


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

"""Runs an evening through the offline engine, with desks that act when its timetable says so."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from geo.city import load_city
from geo.site import PlacedSite
from replay.engine import Engine
from replay.feed import FeedOptions, read_feed
from replay.fixtures.itaewon import ITAEWON
from replay.fixtures.making import write_evening
from replay.fixtures.study import ALONE
from replay.log import LogRecord, input_log
from replay.register import default_feed
from stream.settings import load
from stream.topics import Topic
from tests.arch.house import ROOT
from tests.golden.evening import COLS, DESKS, ROWS, ZONE, read
from tests.stream.packed import duty_of, packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from geo.city import City
    from stream.machine import Outgoing
    from stream.settings import Settings
    from tests.golden.evening import Evening

__all__ = ["Said", "play"]

PERIOD_S: Final = 300
TICK_S: Final = 30
LATENESS_S: Final = 60
COLOURS: Final = ("none", "blue", "yellow", "orange", "red")
SAMPLES: Final = ROOT / "replay" / "samples"
ELSEWHERE: Final = {
    "fixture": ("calendar.tz=Asia/Seoul", "calendar.country=none", "feeds.cmcc.period_s=300"),
    "sample": (
        "calendar.tz=Europe/Rome",
        "calendar.country=none",
        "feeds.cmcc.period_s=600",
        "feeds.cmcc.unit=activity",
    ),
}
OURS: Final = (
    f"feeds.cmcc.period_s={PERIOD_S}",
    "feeds.cmcc.floor=10",
    "calendar.country=none",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message or reply, as it is told. short: as a timetable wants it. long: for people."""

    at_ms: int
    short: str
    long: str


def _settings(evening: Evening) -> Settings:
    planned = f"calendar.planned=[{', '.join(evening.events)}]"
    sets = [
        *(ELSEWHERE[evening.source[0]] if evening.source else OURS),
        f"time.lateness_s={LATENESS_S}",
        "time.ticks=feed",
        "topics.partitions.counts=1",
        "topics.partitions.blocks=1",
        *([planned] if evening.events else []),
        *evening.sets,
    ]
    return load(None, env={}, sets=sets)


def _elsewhere(evening: Evening, settings: Settings, work: Path) -> tuple[City, list[LogRecord]]:
    """Return another town and its log: public points, interpolated, or real counts."""
    kind, name = evening.source or ("", "")
    if kind == "fixture":
        write_evening(ITAEWON, work, ALONE)
        cells, feed = work / "cells.csv", work / "feed.csv.gz"
    else:
        cells, feed = SAMPLES / "san_siro.cells.csv", SAMPLES / f"{name}.csv.gz"
    counts = read_feed(feed, FeedOptions(feed=default_feed(settings), tz=settings.calendar.tz))
    city = load_city(cells, side_m=100.0, walkable_share=1.0)
    log = input_log(counts, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms)
    return city, [one for one in log if not evening.end_ms or one.at_ms <= evening.end_ms]


def _town(evening: Evening, folder: Path) -> City:
    rows = [
        f"{row}{col + 1},1000,{number},{col},"
        for number, row in enumerate(ROWS)
        for col in range(COLS)
    ]
    path = folder / "cells.csv"
    path.write_text("cell,area_m2,row,col,name\n" + "\n".join(rows) + "\n", encoding="utf-8")
    plain = load_city(path, side_m=100.0, walkable_share=1.0)
    east = [int(name[1:]) > COLS // 2 for name in plain.grid.tile_ids]
    number = {name: at for at, name in enumerate(plain.grid.tile_ids)}
    sites = [
        PlacedSite(
            name=name,
            tiles=np.array(sorted(number[tile] for tile in tiles), np.int32),
            capacity=size,
            access_risk=("narrow",) if risk else (),
        )
        for name, tiles, size, risk in evening.sites
    ]
    halves = [int(one) for one in east]
    duty = duty_of(plain, police=halves, fire=[0] * len(east), posts=halves)
    return packed(plain, sites=sites, duty=duty)


def _records(evening: Evening) -> Iterator[LogRecord]:
    """Yield the log: a batch where an interval ends, corrections, and a tick every half minute."""
    cells = [f"{row}{col + 1}" for row in ROWS for col in range(COLS)]
    counts = dict.fromkeys(cells, str(evening.usual))
    pushed, silent = sorted(evening.pushed, key=_first), sorted(evening.silent)
    corrected, is_silent = sorted(evening.corrected, key=_first), False
    for at_ms in _moments(evening):
        while pushed and pushed[0][0] <= at_ms:
            counts |= pushed.pop(0)[1]
        while silent and silent[0][0] <= at_ms:
            is_silent = silent.pop(0)[1]
        if at_ms % (PERIOD_S * 1000) == 0 and not is_silent:
            number = at_ms // (PERIOD_S * 1000)
            yield _batch(_alive(counts, number), at_ms, at_ms, seq=0)
        while corrected and corrected[0][0] <= at_ms:
            _, end_ms, better = corrected.pop(0)
            yield _batch(better, end_ms, at_ms, seq=1)
        tick = msgspec.json.encode({"schema": "tick/1", "now_ms": at_ms})
        yield LogRecord(at_ms=at_ms, value=tick, is_tick=True)


def _moments(evening: Evening) -> Iterator[int]:
    """Yield the ticks: a coarse one a hop in the days before, then every half minute."""
    yield from range(evening.begin_ms - evening.history_ms, evening.begin_ms, PERIOD_S * 1000 // 5)
    yield from range(evening.begin_ms, evening.end_ms + 1, TICK_S * 1000)


def _first(row: tuple[Any, ...]) -> int:
    return int(row[0])


def _alive(counts: dict[str, str], number: int) -> dict[str, str]:
    """Let usual counts breathe a little: no two intervals of a living place are quite alike."""
    return {
        cell: str(int(count) + (number * (at + 3)) % 5) if count.isdigit() else count
        for at, (cell, count) in enumerate(counts.items())
    }


def _batch(counts: dict[str, str], end_ms: int, at_ms: int, *, seq: int) -> LogRecord:
    there = {cell: count for cell, count in counts.items() if count != "?"}
    value = {
        "schema": "cell-counts/1",
        "feed": "cmcc",
        "seq": seq,
        "start": end_ms - PERIOD_S * 1000,
        "period_s": PERIOD_S,
        "cells": list(there),
        "counts": [None if count == "-" else int(count) for count in there.values()],
    }
    return LogRecord(at_ms=at_ms, value=msgspec.json.encode(value), is_tick=False)


class _Run:
    """One pass, with desks that act when the timetable says so."""

    def __init__(self, evening: Evening, work: Path) -> None:
        settings = _settings(evening)
        self._records: Iterable[LogRecord] = _records(evening)
        if evening.source:
            city, self._records = _elsewhere(evening, settings, work)
        else:
            city = _town(evening, work)
        self._engine = Engine(settings, city)
        self._evening = evening
        self._heard: dict[str, list[dict[str, Any]]] = {"police": [], "fire": []}
        self.said: list[Said] = []
        self.bytes = hashlib.sha256()
        self.alerts: list[bytes] = []

    def all(self) -> None:
        waiting = sorted(self._evening.acts, key=_first)
        for record in self._records:
            while waiting and waiting[0][0] <= record.at_ms:
                self._act(*waiting.pop(0))
            self._engine.feed(record)
            self._take(record.at_ms)

    def _act(self, at_ms: int, desk: str, action: str, more: dict[str, str]) -> None:
        known = self._heard[more.get("on", desk)]
        if not known:
            known = self._heard["police"]
        back = int(more.get("back", "0"))
        none: dict[str, Any] = {"incident": "self-test", "revision": 0, "level": 0}
        data = known[-1 - back] if known else none
        deed: dict[str, Any] = {
            "schema": "desk-action/1",
            "incident": more.get("incident", data["incident"]),
            "desk": desk,
            "action": action,
            "revision_seen": int(more.get("revision", data["revision"])),
            "level_seen": int(more.get("level", data["level"])),
            "by": more.get("by", "officer 7"),
        }
        deed |= {name: more[name] for name in ("id", "text", "outcome") if name in more}
        spans = {name: more[name] for name in ("until", "arrived", "left") if name in more}
        deed |= {name: at_ms + 60_000 * int(span.strip("+m")) for name, span in spans.items()}
        self._engine.act(msgspec.json.encode(deed), at_ms=at_ms)
        self._take(at_ms)

    def _take(self, at_ms: int) -> None:
        for out in self._engine.published:
            value = out.value or b""
            if out.topic in DESKS or out.topic is Topic.REPLIES:
                self.bytes.update(value)
                self._say(out, msgspec.json.decode(value), at_ms)
            elif out.topic is Topic.SYSTEM:
                self.bytes.update(value)
                kind = msgspec.json.decode(value)["type"].split(".")[2]
                self._note(at_ms, f"system {kind}", f"system: {kind}")
        self._engine.published.clear()

    def _say(self, out: Outgoing, tree: dict[str, Any], at_ms: int) -> None:
        if out.topic is Topic.REPLIES:
            verdict = "accepted" if tree["accepted"] else "refused"
            short = f"reply {tree['desk']} {verdict}"
            self._note(at_ms, short, f"{short}: {tree['action']}: {tree['why']}")
            return
        desk, data = DESKS[Topic(out.topic)], tree["data"]
        if data["schema"] != "alert/1":
            short = f"{desk} {tree['type'].split('.')[2]}"
            self._note(at_ms, short, f"{short}: {data['headline']['en']}")
            return
        self.alerts.append(out.value or b"")
        self._heard[desk].append(data)
        short = f"{desk} {data['kind']} {COLOURS[data['level']]} {'+'.join(data['changed'])}"
        self._note(at_ms, short, _told(desk, data))

    def _note(self, at_ms: int, short: str, long: str) -> None:
        if at_ms < self._evening.begin_ms:
            return
        self.said.append(Said(at_ms=at_ms, short=short, long=f"{_clock(at_ms)} {long}"))


def _clock(at_ms: int) -> str:
    return (datetime.fromtimestamp(at_ms // 1000, UTC) + ZONE).strftime("%a %H:%M:%S")


def _told(desk: str, data: dict[str, Any]) -> str:
    """Return a message as people get it: who is asked, headline and spoken sentence."""
    asked = f" -> {data['duty_post']} by {data['ack_by']}" if data["needs_ack"] else ""
    hold = f" [{data['hold']['kind']} until {data['hold']['until']}]" if data["hold"] else ""
    rows = [
        f"{data['alert_id']} {data['kind']} ({', '.join(data['changed'])}){asked}{hold}",
        *(data["headline"][language] for language in ("zh-CN", "en")),
        *(data["spoken"][language] for language in ("zh-CN", "en")),
    ]
    return "\n    ".join([f"{desk}: {rows[0]}", *rows[1:]])


def play(folder: Path, work: Path) -> tuple[list[Said], str, list[bytes]]:
    """Run an evening; return what was said, the hash of all its bytes, and the alerts."""
    run = _Run(read((folder / "timetable.txt").read_text(encoding="utf-8")), work)
    run.all()
    return run.said, run.bytes.hexdigest(), run.alerts

"""The verdict on a run: every output, the state, the account and the gaps, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from replay.engine import Engine
from replay.feed import FeedOptions, read_feed
from replay.log import LogRecord, input_log
from stream.records import Tick, decode
from stream.topics import Topic
from tests.kafka.saved import account, differences
from tests.kafka.witness import Logs, compare, live_outputs, offline_run, read_logs

if TYPE_CHECKING:
    from pathlib import Path

    from geo.city import City
    from stream.settings import Settings
    from tests.kafka.saved import Saved
    from tests.kafka.witness import Comparison

__all__ = ["Verdict", "alerts_of_file", "judge", "last_tick_ms", "ticks_only"]

DESKS: Final = (Topic.POLICE, Topic.FIRE)
SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was held against what, and how it came out.

    readings: in the counts log. account: what became of them. state: differences in words.
    as_from_file: the logs without desk actions give the alerts that the feed file gives.
    """

    readings: int
    account: dict[str, int]
    comparisons: tuple[Comparison, ...]
    state: tuple[str, ...]
    as_from_file: bool

    @property
    def is_right(self) -> bool:
        """Whether everything is as it must be."""
        outputs = all(one.is_equal for one in self.comparisons)
        return outputs and not self.state and self.balances and self.as_from_file

    @property
    def balances(self) -> bool:
        """Whether every reading is accounted for."""
        return sum(self.account.values()) == self.readings

    def figures(self) -> str:
        """Return the figures of the result line."""
        desks = [one for one in self.comparisons if one.topic in DESKS]
        others = [one for one in self.comparisons if one.topic not in DESKS]
        wanted = " + ".join(f"{one.wanted} {one.topic.split('.')[1]}" for one in desks)
        return (
            f"{self.readings} readings, {wanted} alerts: {_sums(desks)};"
            f" {sum(one.wanted for one in others)} other outputs: {_sums(others)};"
            f" state {'equal' if not self.state else f'differs {len(self.state)} times'},"
            f" account {'balances' if self.balances else 'off'} ({_told(self.account)}),"
            f" file and logs {'agree' if self.as_from_file else 'DIFFER'}"
        )

    def examples(self) -> list[str]:
        """Return a few lines on what is wrong."""
        lines = list(self.state[:SHOWN])
        for one in self.comparisons:
            for name in ("lost", "invented", "differing"):
                lines += [f"{name}: {where}" for where in getattr(one, name)[:SHOWN]]
        return lines


def judge(
    bootstrap: str, settings: Settings, city: City, *, feed: Path, saved: Saved, seed: int
) -> Verdict:
    """Hold everything on the broker against the offline engine over the recorded logs."""
    logs = read_logs(bootstrap, settings)
    engine = offline_run(settings, city, logs, seed=seed)
    quiet = offline_run(settings, city, ticks_only(logs), seed=seed + 1)
    of_file = alerts_of_file(settings, city, feed, last_ms=last_tick_ms(logs))
    return Verdict(
        readings=logs.readings,
        account=account(saved),
        comparisons=tuple(compare(engine, live_outputs(bootstrap, settings))),
        state=tuple(differences(saved, engine)),
        as_from_file=of_file == _alerts(quiet) != [],
    )


def alerts_of_file(
    settings: Settings, city: City, feed: Path, *, last_ms: int = -1
) -> list[tuple[Topic, bytes]]:
    """Return what an offline run of the feed file publishes, in order.

    last_ms: one tick more at the end, if it is above those of the file.
    """
    history = read_feed(feed, FeedOptions())
    engine = Engine(settings, city)
    for record in input_log(history, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms):
        engine.feed(record)
    value = b'{"schema":"tick/1","now_ms":%d}' % last_ms
    if last_ms >= 0:
        engine.feed(LogRecord(at_ms=last_ms, value=value, is_tick=True))
    return _alerts(engine)


def ticks_only(logs: Logs) -> Logs:
    """Return the logs as if no desk had done anything."""
    return Logs(
        counts=logs.counts,
        acks=tuple(value for value in logs.acks if isinstance(decode(value), Tick)),
    )


def last_tick_ms(logs: Logs) -> int:
    """Return the newest tick in the counts log."""
    seen = (decode(value) for log in logs.counts for value in log if value.startswith(TICK_HEAD))
    return max((one.now_ms for one in seen if isinstance(one, Tick)), default=-1)


TICK_HEAD: Final = b'{"schema":"tick/1"'


def _alerts(engine: Engine) -> list[tuple[Topic, bytes]]:
    return [(out.topic, out.value) for out in engine.published]


def _sums(comparisons: list[Comparison]) -> str:
    return (
        ", ".join(
            f"{sum(len(getattr(one, name)) for one in comparisons)} {name}"
            for name in ("lost", "invented", "differing")
        )
        + f", {sum(one.repeats for one in comparisons)} repeats"
    )


def _told(tally: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in tally.items())

"""Laws of the factors from devices to people: contradictions, what is hashed, what is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from replay.engine import Engine
from replay.log import LogRecord
from stream.feeds_factor import Factor, counted_ratio, factor
from stream.settings import ConfigError, Feed, Settings, adopt, announce, load, settings_hash
from stream.settings_hash import deciding
from tests.laws.crowds import log, squares
from tests.laws.crowds import settings as crowd_settings
from tests.laws.test_equality import alerts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from geo.city import City

A, B = "feeds.a.period_s=300", "feeds.b.period_s=300"
HOPS = 60
Alert = dict[str, Any]


def made(*sets: str) -> Settings:
    return load(None, env={}, sets=sets)


def faults(*sets: str) -> list[tuple[str, str]]:
    """Return key and complaint of all faults."""
    with pytest.raises(ConfigError) as caught:
        made(*sets)
    return [(fault.key, fault.what) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("sets", "key", "what"),
    [
        (["feeds.a.market_share=0.5"], "feeds.b.market_share", "another feed has one"),
        (["feeds.b.phone_on_ratio=0.9"], "feeds.b.phone_on_ratio", "without market_share"),
        (
            ["feeds.a.market_share=0.5", "feeds.b.market_share=0.3", "feeds.b.expansion=2"],
            "feeds.b.expansion",
            "stands beside market_share",
        ),
        (
            ["feeds.a.market_share=0.5", "feeds.b.market_share=0.3", "feeds.b.unit=activity"],
            "feeds.b.unit",
            "activity is no part",
        ),
        (
            ["feeds.a.market_share=0.5", "feeds.b.unit=activity"],
            "feeds.b.unit",
            "activity is no part",
        ),
        (
            ["feeds.a.market_share=0.6", "feeds.b.market_share=0.5"],
            "feeds",
            "of a, b add up to 1.1",
        ),
        (
            ["feeds.a.market_share=0.5", "feeds.b.market_share=0.5000001"],
            "feeds",
            "of a, b add up to 1.0000001",
        ),
        (["feeds.a.factor_date=2026-02-30"], "feeds.a.factor_date", "no day of the calendar"),
        (["feeds.a.factor_date=0000-01-01"], "feeds.a.factor_date", "no day of the calendar"),
        (["feeds.a.factor_date=2026-3-1"], "feeds.a.factor_date", "wanted str matching"),
        (["feeds.a.factor_date='2026-03-01\\n'"], "feeds.a.factor_date", ""),
        (["feeds.a.market_share=0", "feeds.b.market_share=0.3"], "feeds.a.market_share", "> 0.0"),
        (["feeds.a.market_share=40", "feeds.b.market_share=0.3"], "feeds.a.market_share", "<= 1.0"),
        (["feeds.a.market_share=nan", "feeds.b.market_share=0.3"], "feeds.a.market_share", "nan"),
        (["feeds.a.phone_on_ratio=1.2"], "feeds.a.phone_on_ratio", "<= 1.0"),
    ],
)
def test_a_contradiction_is_one_fault_with_its_key(sets: list[str], key: str, what: str) -> None:
    ((found, says),) = faults(A, B, *sets)
    assert found == key
    assert what in says


@pytest.mark.parametrize(
    "sets",
    [
        ["feeds.a.market_share=0.7", "feeds.b.market_share=0.3"],
        ["feeds.a.market_share=0.7", "feeds.b.market_share=0.3", "feeds.b.phone_on_ratio=0.8"],
        ["feeds.a.market_share=0.1", "feeds.b.market_share=0.1", "feeds.b.expansion=1"],
        ["feeds.a.expansion=2", "feeds.b.unit=activity", "feeds.b.factor_date=2026-03-01"],
    ],
)
def test_what_fits_is_accepted(sets: list[str]) -> None:
    assert len(made(A, B, *sets).feeds) == 2


def test_shares_that_add_up_to_one_but_for_rounding_are_accepted() -> None:
    shares = {"a": 0.2, "b": 0.4, "c": 0.3, "d": 0.1}
    assert sum(shares.values()) > 1
    sets = [f"feeds.{n}.{s}" for n in shares for s in ("period_s=300", f"market_share={shares[n]}")]
    assert len(made(*sets).feeds) == 4


def test_a_day_may_stand_without_quotes_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "crowd.toml"
    for day in ("2026-03-31", '"2026-03-31"'):
        path.write_text(f"[feeds.a]\nperiod_s = 300\nexpansion = 2\nfactor_date = {day}\n")
        assert load(path, env={}, sets=[]).feeds["a"].factor_date == "2026-03-31"
    path.write_text("[feeds.a]\nperiod_s = 300\nfactor_date = 2026-03-31T10:00:00Z\n")
    with pytest.raises(ConfigError, match=r"feeds\.a\.factor_date"):
        load(path, env={}, sets=[])


@pytest.mark.parametrize(
    ("sets", "want"),
    [
        (["feeds.cmcc.period_s=300"], "710805df74a33621"),
        (
            [A, "feeds.b.period_s=600", "feeds.b.expansion=2.5", "feeds.b.unit=activity"],
            "8b32a9560e1f8663",
        ),
    ],
)
def test_where_nothing_of_it_is_set_logs_begun_before_go_on(sets: list[str], want: str) -> None:
    """The digits are of a version that knew of the forecast's rung, of neither shares nor dates."""
    assert settings_hash(made(*sets)) == want


@pytest.mark.parametrize(
    "argument",
    ["feeds.a.market_share=0.5", "feeds.a.factor_date=2026-03-31", "feeds.b.supports=0.25"],
)
def test_a_factor_that_is_set_decides(argument: str) -> None:
    feeds = [A, B] if argument.startswith("feeds.b") else [A]
    assert settings_hash(made(*feeds, argument)) != settings_hash(made(*feeds))
    with pytest.raises(ConfigError, match=argument.partition("=")[0].replace(".", r"\.")):
        adopt(made(*feeds, argument), announce(made(*feeds)))


def test_every_value_of_a_factor_decides_and_a_default_written_down_does_not() -> None:
    base = [A, "feeds.a.market_share=0.5", "feeds.a.factor_date=2026-03-31"]
    every = [
        base,
        [*base, "feeds.a.market_share=0.4"],
        [*base, "feeds.a.phone_on_ratio=0.8"],
        [*base, "feeds.a.factor_date=2026-04-01"],
    ]
    assert len({settings_hash(made(*sets)) for sets in every}) == len(every)
    assert settings_hash(made(*base, "feeds.a.phone_on_ratio=1")) == settings_hash(made(*base))


def test_a_worker_on_a_replay_takes_the_factors_that_were_announced() -> None:
    shares = ["feeds.a.market_share=0.5", "feeds.a.phone_on_ratio=0.9", "feeds.b.market_share=0.3"]
    told = made(A, B, *shares, "feeds.a.factor_date=2026-03-31", "time.ticks=feed")
    joined = adopt(made("time.ticks=feed"), announce(told))
    assert deciding(joined) == deciding(told)
    assert factor(joined) == factor(told)


@pytest.mark.parametrize(
    ("sets", "want"),
    [
        ([], Factor(1.0, None)),
        (["feeds.a.expansion=2", "feeds.b.expansion=2"], Factor(2.0, None)),
        (["feeds.a.expansion=2"], Factor(None, None)),
        (["feeds.a.expansion=2", "feeds.b.unit=activity"], Factor(2.0, None)),
        (["feeds.a.unit=activity", "feeds.b.unit=activity"], Factor(None, None)),
        (["feeds.a.factor_date=2026-03-31"], Factor(1.0, None)),
        (
            ["feeds.a.factor_date=2026-03-31", "feeds.b.factor_date=2025-12-31"],
            Factor(1.0, "2025-12-31"),
        ),
        (
            ["feeds.a.expansion=3", "feeds.a.factor_date=2026-03-31", "feeds.b.unit=activity"],
            Factor(3.0, "2026-03-31"),
        ),
        (["feeds.a.market_share=0.5", "feeds.b.market_share=0.3"], Factor(1.25, None)),
        (["feeds.a.market_share=0.5", "feeds.b.supports=0.25"], Factor(2.0, None)),
        (["feeds.b.expansion=2", "feeds.b.supports=0.25"], Factor(1.0, None)),
        (
            [
                "feeds.a.market_share=0.5",
                "feeds.a.phone_on_ratio=0.5",
                "feeds.b.market_share=0.25",
                "feeds.a.factor_date=2026-03-31",
                "feeds.b.factor_date=2026-04-30",
            ],
            Factor(2.0, "2026-03-31"),
        ),
    ],
)
def test_the_factor_is_one_number_of_the_feeds_of_people_and_its_oldest_date(
    sets: list[str], want: Factor
) -> None:
    assert factor(made(A, B, *sets)) == want


def test_no_feed_has_no_factor_and_an_expansion_counts_no_part() -> None:
    assert factor(Settings()) == Factor(None, None)
    assert counted_ratio(Feed(period_s=300, expansion=3.0)) is None
    assert counted_ratio(Feed(period_s=300, market_share=0.5)) == 0.5


@pytest.fixture(scope="module", name="town")
def fixture_town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return squares(tmp_path_factory.mktemp("city"))


def told(city: City, records: Iterable[LogRecord], *sets: str) -> list[Alert]:
    engine = Engine(crowd_settings(*sets), city)
    for record in records:
        engine.feed(record)
    found = [json.loads(line.split(" ", 2)[2]) for line in alerts(engine)]
    assert found, "the scenario must alarm"
    return found


def test_alerts_carry_the_factor_and_its_date(town: City) -> None:
    fused = told(
        town,
        log(hops=HOPS),
        "feeds.cmcc.market_share=0.6",
        "feeds.cmcc.phone_on_ratio=0.8",
        "feeds.cmcc.factor_date=2026-03-31",
    )
    said = {(one["people"]["expansion"], one["people"]["expansion_date"]) for one in fused}
    assert said == {(2.083, "2026-03-31")}
    plain = told(town, log(hops=HOPS))
    assert {one["people"]["expansion"] for one in plain} == {1.0}
    assert not any(one["people"].get("expansion_date") for one in plain)


def test_a_share_of_a_half_tells_what_an_expansion_of_two_tells(town: City) -> None:
    half = told(town, log(hops=HOPS), "feeds.cmcc.market_share=0.5")
    twice = told(town, log(hops=HOPS), "feeds.cmcc.expansion=2")
    hashes = {alert.pop("settings_hash") for alert in (*half, *twice)}
    assert len(hashes) == 2
    assert half == twice


def test_a_second_feed_of_the_same_people_changes_no_number_of_them(town: City) -> None:
    def both() -> Iterable[LogRecord]:
        for record in log(hops=HOPS):
            yield record
            batch = None if record.is_tick else _batch(record.value)
            if batch is not None:
                counts = [None if n is None else n / 2 for n in batch["counts"]]
                value = msgspec.json.encode({**batch, "feed": "cucc", "counts": counts})
                yield LogRecord(at_ms=record.at_ms, value=value, is_tick=False)

    def numbers(alerts: list[Alert]) -> list[Alert]:
        return [
            {**one["people"], "level": one["level"], "tiles": one["area"]["tiles"]}
            for one in alerts
        ]

    fused = ["feeds.cucc.period_s=300", "feeds.cmcc.market_share=0.5"]
    two = numbers(told(town, both(), *fused, "feeds.cucc.market_share=0.25"))
    one = numbers(told(town, log(hops=HOPS), "feeds.cmcc.market_share=0.5"))
    assert {alert.pop("expansion") for alert in two} == {1.333}
    assert {alert.pop("expansion") for alert in one} == {2.0}
    assert two == one


def _batch(value: bytes) -> dict[str, Any] | None:
    try:
        return json.loads(value)  # type: ignore[no-any-return]
    except ValueError:
        return None

"""Laws across settings: the folder of good and bad examples, and numbers derived from others."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.settings import ConfigError, Feed, Settings, load
from stream.settings_check import checked

EXAMPLES = Path(__file__).parent.parent / "cli" / "examples"
GOOD = sorted((EXAMPLES / "good").glob("*.toml"))
BAD = sorted((EXAMPLES / "bad").glob("*.toml"))


def with_feeds(**periods_s: int) -> Settings:
    return Settings(feeds={name: Feed(period_s=period) for name, period in periods_s.items()})


def keys(settings: Settings) -> set[str]:
    with pytest.raises(ConfigError) as caught:
        checked(settings)
    return {fault.key for fault in caught.value.faults}


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_example_loads(path: Path) -> None:
    assert isinstance(load(path, env={}, sets=[]), Settings)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_example_is_refused_for_exactly_its_faults(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    want = set(first.removeprefix("# want:").split())
    with pytest.raises(ConfigError) as caught:
        load(path, env={}, sets=[])
    assert {fault.key for fault in caught.value.faults if fault.key} == want
    assert all(str(path) in fault.where for fault in caught.value.faults)


def test_the_hop_is_the_shortest_period_unless_it_is_set() -> None:
    feeds = with_feeds(a=900, b=300)
    assert feeds.hop_s_resolved == 300
    longer = msgspec.structs.replace(feeds, time=msgspec.structs.replace(feeds.time, hop_s=900))
    assert longer.hop_s_resolved == 900


def test_there_is_no_hop_without_a_feed() -> None:
    with pytest.raises(ConfigError, match="no feed is registered"):
        _ = Settings().hop_s_resolved


@pytest.mark.parametrize(
    ("period_s", "hops"), [(60, 15), (300, 3), (600, 2), (900, 1), (1800, 1), (3600, 1)]
)
def test_the_window_is_as_many_hops_as_fill_it(period_s: int, hops: int) -> None:
    assert with_feeds(a=period_s).window_hops == hops


@pytest.mark.parametrize(("period_s", "slot"), [(60, 30), (1800, 30), (3600, 60), (86_400, 1440)])
def test_a_slot_is_half_an_hour_or_the_longest_period(period_s: int, slot: int) -> None:
    assert with_feeds(a=period_s, b=60).slot_min == slot


@given(
    period_s=st.sampled_from([60, 300, 600, 1800, 3600]),
    delay_s=st.integers(0, 100_000),
)
def test_a_reading_may_stand_for_its_delay_and_one_hop_at_least(
    period_s: int, delay_s: int
) -> None:
    settings = Settings(feeds={"a": Feed(period_s=period_s, delay_s=delay_s)})
    assert settings.max_age_ms("a") >= (delay_s + settings.hop_s_resolved) * 1000
    assert settings.max_age_ms("a") >= 2 * period_s * 1000
    assert checked(settings) is settings


@given(st.integers(10, 86_400))
def test_a_lone_feed_is_accepted_exactly_if_its_slots_fill_the_day(period_s: int) -> None:
    settings = with_feeds(a=period_s)
    slot_s = settings.slot_min * 60
    fits = period_s % 10 == 0 and slot_s % period_s == 0 and 86_400 % slot_s == 0
    if fits:
        assert checked(settings) is settings
    else:
        assert keys(settings) <= {"time.hop_s", "feeds.a.period_s"}


@pytest.mark.parametrize("part", ["sasl_mechanism", "username", "password"])
def test_a_login_needs_all_its_parts(part: str) -> None:
    whole = {"sasl_mechanism": "PLAIN", "username": "u", "password": "p"}
    sets = [f"kafka.{key}={value}" for key, value in whole.items() if key != part]
    with pytest.raises(ConfigError, match=f"kafka.{part}: needed with"):
        load(None, env={}, sets=[*sets, "kafka.security_protocol=SASL_SSL"])


def test_a_certificate_without_tls_is_a_fault() -> None:
    with pytest.raises(ConfigError, match=r"kafka\.ca_file: has no effect"):
        load(None, env={}, sets=["kafka.ca_file=/x"])


def test_a_fault_is_not_repeated_by_the_checks_that_rest_on_it() -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, env={}, sets=["time.hop_s=x", "feeds.a.period_s=450", "feeds.b.period_s=300"])
    assert [fault.key for fault in caught.value.faults] == ["time.hop_s"]


@pytest.mark.parametrize(
    "argument",
    [
        "detectors.baseline.buildup.leak_min=0",
        "detectors.baseline.profile.people_min=0.5",
        "detectors.baseline.surge.divisor=-1",
        "detectors.baseline.level.clip=nan",
    ],
)
def test_a_knob_of_the_detector_has_limits(argument: str) -> None:
    with pytest.raises(ConfigError, match=argument.partition("=")[0].replace(".", r"\.")):
        load(None, env={}, sets=[argument])


def test_a_detectors_own_check_of_its_knobs_is_a_fault_like_any_other() -> None:
    with pytest.raises(ConfigError, match=r"detectors\.baseline\.profile: days_max is 256"):
        load(None, env={}, sets=["detectors.baseline.profile.days_max=256"])

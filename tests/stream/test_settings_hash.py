"""Laws of the settings hash and of joining a log that was begun under other settings."""

from __future__ import annotations

import json

import pytest

from stream.settings import ConfigError, Settings, adopt, announce, load, settings_hash
from stream.settings import with_file_feed as file_feed
from stream.settings_hash import deciding

FEED = ["feeds.cmcc.period_s=300"]


def made(*sets: str) -> Settings:
    return load(None, env={}, sets=sets)


@pytest.mark.parametrize(
    "argument",
    [
        "kafka.bootstrap=k:1",
        "kafka.log_epoch=3",
        "topics.prefix=other.",
        "topics.partitions.blocks=9",
        "worker.id=w7",
        "worker.status=Exercise",
        "time.ticks=feed",
    ],
)
def test_what_decides_nothing_changes_no_hash(argument: str) -> None:
    assert settings_hash(made(*FEED, argument)) == settings_hash(made(*FEED))


@pytest.mark.parametrize(
    "argument",
    [
        "time.lateness_s=50",
        "time.window_s=600",
        "calendar.tz=UTC",
        "grid.side_m=50",
        "privacy.floor=5",
        "alerts.min_people=7",
        "detectors.baseline.buildup.slack=0.8",
        "feeds.cmcc.expansion=2",
        "feeds.b.period_s=300",
        'sites=[{name="a", tiles=["t"]}]',
    ],
)
def test_what_decides_changes_the_hash(argument: str) -> None:
    assert settings_hash(made(*FEED, argument)) != settings_hash(made(*FEED))


@pytest.mark.parametrize(
    "argument",
    [
        "time.hop_s=300",
        "feeds.cmcc.max_age_s=600",
        "feeds.cmcc.min_excess=100",
        "alerts.min_people=100",
    ],
)
def test_writing_a_default_down_changes_no_hash(argument: str) -> None:
    assert settings_hash(made(*FEED, argument)) == settings_hash(made(*FEED))


def test_the_order_of_feeds_changes_no_hash() -> None:
    one = made("feeds.a.period_s=300", "feeds.b.period_s=600")
    other = made("feeds.b.period_s=600", "feeds.a.period_s=300")
    assert settings_hash(one) == settings_hash(other)
    assert announce(one) == announce(other)


def test_no_secret_and_no_address_is_announced() -> None:
    sets = ["kafka.security_protocol=SASL_SSL", "kafka.sasl_mechanism=PLAIN"]
    told = announce(made(*FEED, *sets, "kafka.username=ursula", "kafka.password=geheim"))
    assert b"geheim" not in told
    assert b"ursula" not in told
    assert b"bootstrap" not in told


def test_a_file_without_a_register_has_one_feed_and_no_size_gate() -> None:
    got = file_feed(made(), period_s=1800, explicit_min_people=False)
    assert list(got.feeds) == ["file"]
    assert (got.feeds["file"].expansion, got.alerts.min_people) == (1.0, 0.0)


def test_a_size_gate_that_was_set_stays() -> None:
    got = file_feed(made("alerts.min_people=40"), period_s=1800, explicit_min_people=True)
    assert got.alerts.min_people == 40.0


def test_a_file_whose_period_fits_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="does not divide"):
        file_feed(made(), period_s=1700, explicit_min_people=False)


def test_a_worker_on_a_replay_takes_the_feeds_that_were_announced() -> None:
    replay = file_feed(made(), period_s=1800, explicit_min_people=False)
    worker = made("time.ticks=feed", "worker.id=w1", "topics.prefix=trial.")
    joined = adopt(worker, announce(replay))
    assert joined.feeds["file"].period_s == 1800
    assert deciding(joined) == deciding(replay)
    assert (joined.worker.id, joined.time.ticks) == ("w1", "feed")


def test_a_worker_with_equal_settings_joins_as_it_is() -> None:
    worker = made(*FEED)
    assert adopt(worker, announce(made(*FEED, "worker.id=w2"))) is worker


def test_a_worker_with_other_settings_is_told_every_key_that_differs() -> None:
    with pytest.raises(ConfigError) as caught:
        adopt(made(*FEED, "time.lateness_s=120", "grid.side_m=50"), announce(made(*FEED)))
    assert [fault.key for fault in caught.value.faults] == ["grid.side_m", "time.lateness_s"]
    assert "50.0 here" in caught.value.faults[0].what


def test_a_live_worker_without_feeds_takes_none_over() -> None:
    with pytest.raises(ConfigError):
        adopt(made(), announce(made(*FEED)))


def test_a_size_gate_that_was_set_is_not_taken_over() -> None:
    replay = file_feed(made(), period_s=1800, explicit_min_people=False)
    worker = made("time.ticks=feed", "alerts.min_people=40")
    assert adopt(worker, announce(replay)).alerts.min_people == 0.0
    with pytest.raises(ConfigError, match=r"alerts\.min_people"):
        adopt(worker, announce(replay), explicit=frozenset({"alerts.min_people"}))


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"junk",
        b"\xff",
        b"[]",
        b"{}",
        b'{"schema": "settings/2", "hash": "a", "settings": {}}',
        b'{"schema": "settings/1", "hash": "a", "settings": 3}',
        b'{"schema": "settings/1", "hash": "a", "settings": {"feeds": {"a": {"period_s": 1}}}}',
        b'{"schema": "settings/1", "settings": {}}',
    ],
)
@pytest.mark.parametrize("ticks", ["feed", "worker"])
def test_a_record_that_cannot_be_read_is_refused_in_words(record: bytes, ticks: str) -> None:
    with pytest.raises(ConfigError):
        adopt(made(f"time.ticks={ticks}"), record)


def test_a_record_whose_hash_was_changed_is_refused() -> None:
    told = json.loads(announce(made(*FEED)))
    told["hash"] = "0" * 16
    with pytest.raises(ConfigError, match="hash does not fit"):
        adopt(made(*FEED), json.dumps(told).encode())

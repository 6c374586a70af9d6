"""Laws of reading settings: order of sources, every fault at once, secrets from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.spec import AlertSpec
from stream.settings import ConfigError, adopt, announce, load
from stream.settings_load import read
from stream.settings_model import Settings
from stream.settings_shape import Shaper, known_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def faults(
    path: Path | None = None, *, env: Mapping[str, str] | None = None, sets: Sequence[str] = ()
) -> dict[str, str]:
    """Return what is wrong by key (or by source where no key is known)."""
    with pytest.raises(ConfigError) as caught:
        load(path, env=env or {}, sets=sets)
    return {fault.key or fault.where: fault.line() for fault in caught.value.faults}


def toml(folder: Path, text: str) -> Path:
    path = folder / "crowdtide.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_set_gives_the_defaults() -> None:
    assert load(None, env={"PATH": "/bin", "HOME": "/"}, sets=[]) == Settings()


def test_an_argument_beats_a_variable_beats_the_file(tmp_path: Path) -> None:
    path = toml(tmp_path, "[time]\nlateness_s = 10\nwindow_s = 300\n[grid]\nside_m = 50\n")
    env = {"CROWD_TIME__LATENESS_S": "20", "CROWD_GRID__SIDE_M": "60"}
    got = load(path, env=env, sets=["time.lateness_s=30"])
    assert (got.time.lateness_s, got.grid.side_m, got.time.window_s) == (30, 60.0, 300)


def test_the_last_argument_wins() -> None:
    assert load(None, env={}, sets=["time.hop_s=600", "time.hop_s=300"]).time.hop_s == 300


@pytest.mark.parametrize(
    ("argument", "section", "name", "value"),
    [
        ("calendar.tz=UTC", "calendar", "tz", "UTC"),
        ('calendar.tz="UTC"', "calendar", "tz", "UTC"),
        ("worker.id=7", "worker", "id", "7"),
        ("kafka.api_version=2.1", "kafka", "api_version", "2.1"),
        ("worker.cells=2026-10-01", "worker", "cells", "2026-10-01"),
        ("worker.cells=/a/b c.csv", "worker", "cells", "/a/b c.csv"),
        ("worker.cells=a=b", "worker", "cells", "a=b"),
        ("alerts.min_people=0", "alerts", "min_people", 0.0),
        ("alerts.rungs_per_m2=[1, 2, 3, 4]", "alerts", "rungs_per_m2", (1.0, 2.0, 3.0, 4.0)),
        ("time.ticks=feed", "time", "ticks", "feed"),
        ("kafka.username=true", "kafka", "username", "true"),
    ],
)
def test_a_bare_word_is_a_string_and_a_number_is_one_only_where_numbers_go(
    argument: str, section: str, name: str, value: object
) -> None:
    sets = [argument]
    if name == "username":
        sets += ["kafka.security_protocol=SASL_PLAINTEXT", "kafka.sasl_mechanism=PLAIN"]
        sets += ["kafka.password=x"]
    got = load(None, env={}, sets=sets)
    assert getattr(getattr(got, section), name) == value


def test_a_feed_can_be_registered_from_anywhere() -> None:
    env = {"CROWD_FEEDS__CMCC__PERIOD_S": "300", "CROWD_TOPICS__PARTITIONS__COUNTS": "2"}
    got = load(None, env=env, sets=["feeds.cmcc.floor=5", "feeds.b={period_s=600, floor=1}"])
    assert {name: (feed.period_s, feed.floor) for name, feed in got.feeds.items()} == {
        "cmcc": (300, 5),
        "b": (600, 1),
    }
    assert got.topics.partitions.counts == 2


def test_a_variable_finds_a_feed_of_the_file_whatever_its_case(tmp_path: Path) -> None:
    path = toml(tmp_path, "[feeds.Cmcc]\nperiod_s = 300\n")
    got = load(path, env={"CROWD_FEEDS__CMCC__FLOOR": "5"}, sets=[])
    assert (list(got.feeds), got.feeds["Cmcc"].floor) == (["Cmcc"], 5)


def test_every_fault_of_every_source_is_listed_at_once(tmp_path: Path) -> None:
    path = toml(tmp_path, "[time]\nhop = 300\nlateness_s = 45\n[tme]\nx = 1\n")
    env = {"CROWD_KAFKA__BOOTSTRP": "k", "CROWD_GRID__SIDE_M": "1", "CROWD_PREFIX": "a"}
    got = faults(path, env=env, sets=["privacy.floor=no", "worker"])
    assert set(got) == {
        "time.hop",
        "time.lateness_s",
        "tme",
        "kafka.bootstrp",
        "grid.side_m",
        "CROWD_PREFIX",
        "privacy.floor",
        "--set worker",
    }


def test_a_fault_says_where_it_came_from_and_what_to_write_instead(tmp_path: Path) -> None:
    path = toml(tmp_path, "[time]\nhop = 300\n[kafka]\nfloor = 5\n[feeds.a]\nperiod_s=1\n")
    got = faults(path, env={"CROWD_KAFKA__BOOTSTRP": "k"}, sets=["time.ticks=worke"])
    assert got["time.hop"] == f"{path}: time.hop: no such setting; instead: time.hop_s"
    assert got["kafka.floor"].endswith("instead: privacy.floor")
    assert got["kafka.bootstrp"] == (
        "CROWD_KAFKA__BOOTSTRP: kafka.bootstrp: no such setting; instead: CROWD_KAFKA__BOOTSTRAP"
    )
    assert got["time.ticks"].startswith("--set time.ticks: 'worke': not a word it may be")
    assert got["time.ticks"].endswith("instead: worker")
    assert str(path) in got["feeds.a.period_s"]


def test_any_variable_for_faust_is_an_error() -> None:
    assert set(faults(env={"CROWDTIDE_FAUST_BROKER": "x"})) == {"CROWDTIDE_FAUST_BROKER"}


@pytest.mark.parametrize("name", ["CROWD_", "CROWD_TIME", "CROWD_TIME__", "CROWD___HOP_S"])
def test_a_variable_that_names_no_setting_is_an_error(name: str) -> None:
    assert set(faults(env={name: "1"})) == {name}


@pytest.mark.parametrize("argument", ["", "time.hop_s", "hop_s=3", ".hop_s=3", "time.=3", "=3"])
def test_an_argument_that_names_no_setting_is_an_error(argument: str) -> None:
    assert len(faults(sets=[argument])) == 1


def test_a_value_cannot_smuggle_in_another_setting() -> None:
    assert set(faults(sets=["time.hop_s=300\nlateness_s = 10"])) == {"time.hop_s"}


def test_a_setting_is_no_section() -> None:
    assert "time.hop_s.x" in faults(sets=["time.hop_s=300", "time.hop_s.x=1"])


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("p a=s\n", encoding="utf-8")
    base = ["kafka.security_protocol=SASL_SSL", "kafka.sasl_mechanism=PLAIN", "kafka.username=u"]
    env = {"CROWD_KAFKA__PASSWORD_FILE": str(tmp_path / "secret")}
    loaded = read(None, env=env, sets=base)
    assert loaded.settings.kafka.password == "p a=s"
    assert "kafka.password" in loaded.explicit


def test_the_later_of_a_secret_and_its_file_wins(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from file", encoding="utf-8")
    path = toml(
        tmp_path,
        '[kafka]\nsecurity_protocol = "SASL_SSL"\nsasl_mechanism = "PLAIN"\n'
        'username = "u"\npassword = "old"\n',
    )
    env = {"CROWD_KAFKA__PASSWORD_FILE": str(tmp_path / "secret")}
    assert load(path, env=env, sets=[]).kafka.password == "from file"
    assert load(path, env=env, sets=["kafka.password=mine"]).kafka.password == "mine"


def test_a_secret_and_its_file_in_one_place_is_a_fault(tmp_path: Path) -> None:
    path = toml(tmp_path, '[kafka]\npassword = "a"\npassword_file = "b"\n')
    assert "only one of the two" in faults(path)["kafka.password_file"]


def test_a_secret_file_that_is_not_there_is_a_fault() -> None:
    got = faults(env={"CROWD_KAFKA__PASSWORD_FILE": "/no/such/file"})
    assert "/no/such/file cannot be read" in got["kafka.password_file"]


def test_no_message_and_no_repr_shows_a_secret() -> None:
    got = faults(sets=["kafka.password=[1, 23456]"])
    assert not any("23456" in line for line in got.values())
    sets = ["kafka.security_protocol=SASL_SSL", "kafka.sasl_mechanism=PLAIN"]
    settings = load(None, env={}, sets=[*sets, "kafka.username=u", "kafka.password=geheim"])
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize("content", [b"[time", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_one_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    assert set(faults(path)) == {str(path)}


def test_a_missing_file_is_one_fault(tmp_path: Path) -> None:
    assert "cannot be read" in faults(tmp_path / "none.toml")[str(tmp_path / "none.toml")]


def test_what_was_set_is_known() -> None:
    loaded = read(None, env={"CROWD_TIME__HOP_S": "300"}, sets=["feeds.a={period_s=300}"])
    assert loaded.explicit == {"time.hop_s", "feeds.a.period_s"}


def test_every_knob_of_the_alerts_room_is_a_setting_with_the_same_default() -> None:
    assert Settings().alerts.spec() == AlertSpec()


KEYS = sorted({part for key in known_keys(Settings) for part in key.split(".")} | {"a", "0", ""})
VALUES = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(str),
    st.sampled_from(["true", "[]", "{}", "[[1, 2]]", "{a = {b = 1}}", '""', '"x"', "[{}]"]),
    st.sampled_from(["[nan, 1, 2, 3]", "1979-05-27", '[{name = "x"}]', "rise", "feed", "\n"]),
    st.text(max_size=5),
)
ARGUMENTS = st.builds(
    "{}={}".format, st.lists(st.sampled_from(KEYS), max_size=4).map(".".join), VALUES
)


@given(st.lists(ARGUMENTS, max_size=6), st.lists(ARGUMENTS, max_size=2))
def test_any_arguments_and_variables_are_settings_or_faults(
    sets: list[str], pairs: list[str]
) -> None:
    env = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        env["CROWD_" + key.upper().replace(".", "__")] = value
    try:
        settings = load(None, env=env, sets=sets)
    except ConfigError as error:
        whole = all(fault.what for fault in error.faults) and bool(error.faults)
    else:
        whole = adopt(settings, announce(settings)) == settings
    assert whole


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
        ),
        max_leaves=12,
    )
)
def test_any_tree_is_settings_or_faults(tree: object) -> None:
    shaper = Shaper(lambda _: "", known=())
    settings = shaper.struct(Settings, tree)
    assert isinstance(settings, Settings) or shaper.faults


def test_a_desks_group_is_refused_as_long_as_nothing_watches_it() -> None:
    """It promised to tell of a silent desk; nothing did (docs/status.md)."""
    assert "no such" in faults(sets=["desks.police.group=g"])["desks.police.group"]

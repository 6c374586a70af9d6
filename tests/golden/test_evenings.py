"""Evenings as timetables: every message wanted, in its order, in time; the same bytes as ever."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from alerts.cap import Chain, event_of, oasis_xml
from alerts.fold import Board
from alerts.message import VALUE_BYTES_MAX, AlertData
from stream.cli.cap_schema import faults
from tests.alerts.test_cap import SENDER
from tests.arch.house import ROOT
from tests.golden.evening import EVENINGS, read
from tests.golden.evening_run import play
from tests.golden.read_aloud import page
from tests.golden.tell import NAMES, told_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.golden.evening_run import Said

    Played = tuple[str, list[Said], str, list[bytes]]

UPDATE = "if this is meant: make golden-update, and read the difference as a desk would"
REPEAT_S = 3600


@pytest.fixture(scope="module", name="played", params=NAMES)
def fixture_played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Played:
    name: str = request.param
    said, digest, alerts = play(EVENINGS / name, tmp_path_factory.mktemp("evening"))
    return name, said, digest, alerts


def test_there_are_evenings_enough_and_each_says_why() -> None:
    assert len(NAMES) >= 25
    for name in NAMES:
        why = (EVENINGS / name / "why.md").read_text(encoding="utf-8")
        assert why.startswith("# ")
        assert len(why.split()) > 25


def test_every_message_is_wanted_in_this_order_and_comes_in_time(played: Played) -> None:
    name, said, *_ = played
    wants = read((EVENINGS / name / "timetable.txt").read_text(encoding="utf-8")).wants
    assert [one.short for one in said] == [what for _, what in wants]
    for one, (by_ms, _) in zip(said, wants, strict=True):
        assert by_ms - 60_000 < one.at_ms <= by_ms, one.long


def test_what_is_told_is_what_was_ever_told(played: Played) -> None:
    name, said, digest, _ = played
    told = (EVENINGS / name / "told.txt").read_text(encoding="utf-8")
    assert told_text(said, digest) == told, UPDATE


def test_revisions_have_no_holes_and_no_message_is_too_large(played: Played) -> None:
    newest: dict[tuple[str, str], int] = {}
    for value in played[3]:
        assert len(value) <= VALUE_BYTES_MAX
        data = json.loads(value)["data"]
        key = data["incident"], data["desk"]
        assert data["revision"] == newest.get(key, 0) + 1
        newest[key] = data["revision"]


def data_of(value: bytes) -> AlertData:
    return msgspec.convert(json.loads(value)["data"], AlertData)


def test_every_message_names_one_owner_first(played: Played) -> None:
    for value in played[3]:
        data = data_of(value)
        owners = [area.id for area in data.jurisdiction or () if area.desk == "police"]
        assert len(owners) <= (1 if data.parts is None else 2)


def test_every_message_makes_a_valid_cap_message(played: Played) -> None:
    chain = Chain()
    for value in played[3]:
        assert faults(oasis_xml(event_of(value), SENDER, chain)) == []


def test_a_reader_who_comes_late_and_reads_back_sees_what_is_open(tmp_path: Path) -> None:
    _, _, alerts = play(EVENINGS / "a-late-reader", tmp_path)
    told = [
        msgspec.json.decode(json.dumps(json.loads(one)["data"]), type=AlertData) for one in alerts
    ]
    for now in told:
        until = [one for one in told if one.decided_ms <= now.decided_ms]
        since_ms = now.decided_ms - (REPEAT_S + 300) * 1000
        whole, late = Board(), Board()
        for one in until:
            whole.take(one)
            if one.decided_ms >= since_ms:
                late.take(one)
        assert whole.open_incidents() == late.open_incidents()


def test_itaewon_is_told_two_hours_before_the_crush() -> None:
    told = (EVENINGS / "itaewon" / "told.txt").read_text(encoding="utf-8").splitlines()
    first = next(line for line in told if "police" in line)
    assert "raised" in first
    hour, minute = map(int, first.split()[1].split(":")[:2])
    crush_min = 21 * 60 + 15  # 22:15 in Seoul; the clock of the file is an hour behind
    assert crush_min - (hour * 60 + minute) >= 120


def test_the_page_of_ten_alerts_is_what_is_told() -> None:
    kept = (ROOT / "docs" / "alerts-read.md").read_text(encoding="utf-8")
    assert page() == kept, UPDATE

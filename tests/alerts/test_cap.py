"""CAP messages: valid by the official schema and by the rules that it does not know."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.cap import CapError, CapSender, Chain, chinese_xml, event_of, faults_of, oasis_xml
from alerts.cap.words import CATALOGUES
from stream.cli.cap_schema import faults
from tests.alerts.messages import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.cap import CapEvent
    from alerts.envelope import Status

GOLDEN = Path(__file__).parent / "golden_cap"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NS = {"cap": "urn:oasis:names:tc:emergency:cap:1.2"}
UPDATE = "if this is meant: python -m tests.alerts.cap_golden, and read the difference"


def local(at_ms: int) -> str:
    moment = EPOCH + timedelta(seconds=at_ms // 1000, hours=8)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + "+08:00"


SENDER = CapSender(
    sender="crowd@zhanjiang.example",
    name={"zh-CN": "湛江市人群密度预警", "en": "Zhanjiang crowd early warning"},
    code="44080041600001",
    event_type="14Z01",
    geocode="440800",
    restriction="police and fire duty desks",
    local=local,
    web="https://desk.example/",
)


def messages() -> Iterator[tuple[CapEvent, bytes, bytes]]:
    """Yield each event of an evening with both of its messages, read in order."""
    chain = Chain()
    for value in events():
        event = event_of(value)
        yield event, oasis_xml(event, SENDER, chain), chinese_xml(event, SENDER, chain)


def told(event: CapEvent) -> str:
    return f"{event.data['desk']} {event.data['revision']} {event.data['kind']}"


@pytest.fixture(scope="module", name="evening")
def fixture_evening() -> list[tuple[CapEvent, bytes, bytes]]:
    return list(messages())


def test_the_evening_has_every_kind_of_message(
    evening: list[tuple[CapEvent, bytes, bytes]],
) -> None:
    kinds = {event.data["kind"] for event, *_ in evening}
    assert kinds >= {"raised", "updated", "escalated", "acknowledged", "merged", "resolved"}
    assert "reopened" in kinds
    assert {event.data["direction"] for event, *_ in evening} == {"rise", "drop"}


def test_every_message_is_valid_by_schema_and_rules(
    evening: list[tuple[CapEvent, bytes, bytes]],
) -> None:
    assert {told(event): faults(xml) for event, xml, _ in evening if faults(xml)} == {}


def test_the_messages_are_those_of_ever(evening: list[tuple[CapEvent, bytes, bytes]]) -> None:
    files = {path.name: path.read_bytes() for path in GOLDEN.glob("*.xml")}
    made: dict[str, bytes] = {}
    for number, (event, oasis, chinese) in enumerate(evening):
        name = f"{number:02}-{event.data['desk']}-{event.data['kind']}"
        made |= {f"{name}.xml": oasis, f"{name}.china.xml": chinese}
    assert made == files, UPDATE


def test_references_name_the_head_and_the_message_before_of_this_desk_only(
    evening: list[tuple[CapEvent, bytes, bytes]],
) -> None:
    for event, xml, _ in evening:
        named = ET.fromstring(xml).findtext("cap:references", "", NS).split()
        ids = [one.split(",")[1] for one in named]
        assert len(ids) == len(event.data["references"])
        assert all(one.startswith(event.id.rpartition("/")[0] + "/") for one in ids)


def test_what_was_not_seen_is_not_named() -> None:
    event = event_of(events()[3])
    assert event.data["references"]
    root = ET.fromstring(oasis_xml(event, SENDER, Chain()))
    assert root.find("cap:references", NS) is None
    assert root.findtext("cap:incidents", "", NS)


def test_people_see_colour_and_grade_and_never_the_level(
    evening: list[tuple[CapEvent, bytes, bytes]],
) -> None:
    for _, xml, _ in evening:
        names = {one.text for one in ET.fromstring(xml).iterfind(".//cap:valueName", NS)}
        assert {"grade", "colour"} <= names
        assert not any("level" in (name or "") for name in names)


@pytest.mark.parametrize(("status", "chinese"), [("Exercise", "Test"), ("Test", "Test")])
def test_a_replay_is_never_actual(status: Status, chinese: str) -> None:
    event = event_of(events(status)[0])
    root = ET.fromstring(oasis_xml(event, SENDER, Chain()))
    assert root.findtext("cap:status", "", NS) == status
    assert "do not act" in root.findtext("cap:note", "", NS)
    assert ET.fromstring(chinese_xml(event, SENDER, Chain())).findtext("status") == chinese


def test_a_line_without_its_envelope_needs_a_status_and_takes_no_other() -> None:
    tree = json.loads(events()[0])
    line = json.dumps({"topic": "t", "key": "k", **{n: tree[n] for n in ("id", "type", "data")}})
    with pytest.raises(CapError, match="--status"):
        event_of(line.encode())
    assert event_of(line.encode(), status="Exercise").status == "Exercise"


def test_what_was_actual_once_is_not_when_it_is_read_from_a_file() -> None:
    assert event_of(events()[0]).status == "Actual"
    assert event_of(events()[0], status="Test").status == "Test"


def test_a_self_test_is_no_alert() -> None:
    value = json.dumps({"specversion": "1.0", "id": "x", "type": "t", "data": {"schema": "self"}})
    with pytest.raises(CapError, match="wanted 'alert/1'"):
        event_of(value.encode())


def test_the_chinese_dialect_says_what_the_field_notes_say(
    evening: list[tuple[CapEvent, bytes, bytes]],
) -> None:
    names = set()
    for event, _, xml in evening:
        root = ET.fromstring(xml)
        assert root.findtext("sendTime") == local(event.data["hop_ms"]).replace("T", " ")
        assert root.findtext("scope") == "Public"
        assert root.findtext("info/severity") in {"Red", "Orange", "Yellow", "Blue"}
        name = root.findtext("identifier") or ""
        assert name.startswith("44080041600001_2013112")
        assert len(name) >= 31
        names.add(name)
        if event.data["revision"] > 1:
            assert (root.findtext("references") or "").count("_") == 2
    assert len(names) == len(evening)


long = st.integers(1, 4000).map(lambda size: "长<" * size)
texts = long | st.text(
    st.characters(codec="utf-8") | st.sampled_from("<>&,\"' \x00\x1b\u202e\U0001f6a8"),
    min_size=1,
    max_size=60,
)


@given(st.sampled_from(range(8)), texts, texts, texts)
def test_whatever_is_written_in_names_the_message_is_valid(
    number: int, place: str, identity: str, post: str
) -> None:
    tree = json.loads(EVENTS[number])
    tree["id"] = identity
    data = tree["data"]
    data["place"] = data["district"] = place
    data["incident"] = identity
    data["headline"] = {"zh-CN": place, "en": post}
    data["spoken"] = {"zh-CN": place, "en": post}
    data["responsible"] = [{"post": post, "unit": place, "contact": post}]
    event = event_of(json.dumps(tree).encode())
    assert faults(oasis_xml(event, SENDER, Chain())) == []
    ET.fromstring(chinese_xml(event, SENDER, Chain()))


EVENTS = events()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<sender>crowd@", "<sender>crowd, the", "sender"),
        ("+08:00</sent>", "Z</sent>", "sent"),
        ("<polygon>21.", "<polygon>110.", "polygon: outside the globe"),
        ("<scope>Restricted", "<scope>Public", "restriction"),
        ("<language>en<", "<language>fr<", "languages"),
        ("<urgency>Immediate", "<urgency>Future", "urgency: the languages"),
    ],
)
def test_the_rules_see_what_the_schema_lets_pass(old: str, new: str, fault: str) -> None:
    event = event_of(EVENTS[0])
    text = oasis_xml(event, SENDER, Chain()).decode()
    assert old in text
    found = faults_of(ET.fromstring(text.replace(old, new, 1)))
    assert any(fault in one for one in found), found


def test_what_is_no_xml_or_loads_something_is_refused() -> None:
    assert faults(b"<alert")[0].startswith("no XML")
    bomb = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
    assert faults(bomb) != []


def test_a_sender_that_nobody_could_name_is_refused_with_all_faults() -> None:
    with pytest.raises(CapError, match=r"sender; code: wanted 14 .*; name"):
        CapSender(
            sender="a b",
            name={},
            code="1",
            event_type="x",
            geocode="1",
            restriction="r",
            local=local,
        )


def test_both_languages_have_the_same_texts() -> None:
    assert CATALOGUES["zh-CN"].keys() == CATALOGUES["en"].keys()

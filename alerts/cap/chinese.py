"""The dialect of the Chinese national warning platform (after GB/T 35965.1-2018, as far as known).

Made after public field notes (domain D4), not after the text of the standard: no conformance is
claimed. Known differences to CAP 1.2: severity is a colour; urgency and certainty are reserved;
`sendTime` has a space for the T; references name the first issue only; scope is always Public,
with a class of secrecy beside it; status knows Actual and Test, so a drill is a Test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from alerts.cap import words
from alerts.cap.facts import clean

if TYPE_CHECKING:
    from alerts.cap.facts import CapEvent, CapSender, Chain

__all__ = ["chinese_xml"]

_COLOURS: Final = {1: "Blue", 2: "Yellow", 3: "Orange", 4: "Red"}
LANGUAGE: Final = "zh-CN"


def chinese_xml(event: CapEvent, sender: CapSender, chain: Chain) -> bytes:
    """Return the message as UTF-8 XML, and remember its name in the chain."""
    data = event.data
    sent = sender.local(data["hop_ms"])
    name = _name(event, sender, chain, sent)
    root = ET.Element("alert")
    _add(root, "identifier", name)
    _add(root, "sender", sender.name[LANGUAGE])
    _add(root, "senderCode", sender.code)
    _add(root, "sendTime", sent.replace("T", " "))
    _add(root, "status", "Actual" if event.status == "Actual" else "Test")
    _add(root, "msgType", data["msg_type"])
    _add(root, "scope", "Public")
    _add(root, "secClassification", "Inner")
    first = next((one for one in data.get("references") or () if one in chain.named), None)
    if first is not None:
        _add(root, "references", chain.named[first])
    _info(root, event, sender)
    xml: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


def _name(event: CapEvent, sender: CapSender, chain: Chain, sent: str) -> str:
    """Return senderCode_YYYYMMDDhhmmss_N; N tells messages of one second apart."""
    if event.id in chain.named:
        return chain.named[event.id]
    second = "".join(one for one in sent[:19] if one.isdigit())
    number = chain.seconds.get(second, 0)
    chain.seconds[second] = number + 1
    chain.named[event.id] = f"{sender.code}_{second}_{number}"
    return chain.named[event.id]


def _add(parent: ET.Element, tag: str, text: object) -> None:
    ET.SubElement(parent, tag).text = clean(text)


def _info(root: ET.Element, event: CapEvent, sender: CapSender) -> None:
    data, texts = event.data, words.CATALOGUES[LANGUAGE]
    happens = words.event_name(data, LANGUAGE)
    title = texts["chinese.headline"].format(
        sender=sender.name[LANGUAGE],
        verb=texts["lifts" if data["msg_type"] == "Cancel" else "issues"],
        event=happens,
        colour=data["colour"][LANGUAGE],
    )
    info = ET.SubElement(root, "info")
    _add(info, "language", LANGUAGE)
    _add(info, "eventType", sender.event_type)
    _add(info, "urgency", "Unknown")
    _add(info, "severity", _COLOURS.get(data["level"], "Unknown"))
    _add(info, "certainty", "Unknown")
    _add(info, "effective", sender.local(data["opened_ms"]).replace("T", " "))
    if data.get("expires_ms"):
        _add(info, "expires", sender.local(data["expires_ms"]).replace("T", " "))
    _add(info, "headline", title)
    _add(info, "description", words.description(data, LANGUAGE))
    if (said := words.instruction(data, LANGUAGE)) is not None:
        _add(info, "instruction", said)
    _area(info, data, sender)


def _area(info: ET.Element, data: dict[str, Any], sender: CapSender) -> None:
    area = ET.SubElement(info, "area")
    _add(area, "areaDesc", data["place"])
    for ring in data["area"].get("polygon") or ():
        _add(area, "polygon", " ".join(f"{lat},{lon}" for lon, lat in ring))
    _add(area, "geocode", sender.geocode)

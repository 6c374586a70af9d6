"""OASIS CAP 1.2: one event as an XML message with a Chinese and an English info block.

Rules beside the schema: `sent` is the end of the deciding hop in local time, so that a replay
gives the same message; `status` is the envelope's, never Actual for a replay; `references` name
the messages before it of this desk and this incident only, as far as their times are known.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from alerts.cap import words
from alerts.cap.facts import LANGUAGES, clean, identifier

if TYPE_CHECKING:
    from alerts.cap.facts import CapEvent, CapSender, Chain

__all__ = ["NAMESPACE", "oasis_xml"]

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
TILES_MAX: Final = 50
"""Tile ids told where there is no polygon; a map needs the pack for them anyway."""

_CATEGORIES: Final = {"police": ("Safety", "Security"), "fire": ("Safety", "Rescue", "Health")}
_MSG_TYPES: Final = {"Alert", "Update", "Cancel"}


def oasis_xml(event: CapEvent, sender: CapSender, chain: Chain) -> bytes:
    """Return the message as UTF-8 XML, and remember it in the chain; equal input, equal bytes."""
    data = event.data
    sent = sender.local(data["hop_ms"])
    name = identifier(event.id)
    root = ET.Element("alert", {"xmlns": NAMESPACE})
    _add(root, "identifier", name)
    _add(root, "sender", sender.sender)
    _add(root, "sent", sent)
    _add(root, "status", event.status)
    _add(root, "msgType", data["msg_type"] if data["msg_type"] in _MSG_TYPES else "Update")
    _add(root, "source", "crowdtide")
    _add(root, "scope", "Restricted")
    _add(root, "restriction", sender.restriction)
    if event.status in {"Exercise", "Test"}:
        _add(root, "note", f"{event.status}: 演练或测试，勿处置 / a drill or a test, do not act")
    references = [
        f"{sender.sender},{identifier(one)},{chain.sent[one]}"
        for one in data.get("references") or ()
        if one in chain.sent
    ]
    if references:
        _add(root, "references", " ".join(references))
    _add(root, "incidents", identifier(data["incident"]))
    for language in LANGUAGES:
        _info(root, event, sender, language=language, sent=sent)
    chain.sent[event.id] = sent
    xml: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


def _add(parent: ET.Element, tag: str, text: object) -> ET.Element:
    one = ET.SubElement(parent, tag)
    one.text = clean(text)
    return one


def _pair(parent: ET.Element, tag: str, name: str, value: object) -> None:
    one = ET.SubElement(parent, tag)
    _add(one, "valueName", name)
    _add(one, "value", value)


def _info(
    root: ET.Element, event: CapEvent, sender: CapSender, *, language: str, sent: str
) -> None:
    data = event.data
    info = ET.SubElement(root, "info")
    _add(info, "language", language)
    for category in _CATEGORIES.get(data["desk"], ("Safety",)):
        _add(info, "category", category)
    _add(info, "event", words.event_name(data, language))
    _add(info, "responseType", data.get("response_type") or "None")
    _add(info, "urgency", data["urgency"])
    _add(info, "severity", data["severity"])
    _add(info, "certainty", data["certainty"])
    _add(info, "effective", sent)
    _add(info, "onset", sender.local(data["opened_ms"]))
    if data.get("expires_ms"):
        _add(info, "expires", sender.local(data["expires_ms"]))
    _add(info, "senderName", sender.name[language])
    _add(info, "headline", words.headline(data, language))
    _add(info, "description", words.description(data, language))
    if (said := words.instruction(data, language)) is not None:
        _add(info, "instruction", said)
    if sender.web is not None:
        _add(info, "web", sender.web)
    if posts := data.get("responsible"):
        _add(info, "contact", f"{posts[0]['post']} ({posts[0]['unit']}, {posts[0]['contact']})")
    for name, value in words.parameters(data, language):
        _pair(info, "parameter", name, value)
    _area(info, data, sender)


def _area(info: ET.Element, data: dict[str, Any], sender: CapSender) -> None:
    where = data["area"]
    area = ET.SubElement(info, "area")
    named = [data["place"], data.get("district")]
    _add(area, "areaDesc", " / ".join(str(one) for one in named if one))
    rings = where.get("polygon") or ()
    for ring in filter(_is_outer, rings):
        _add(area, "polygon", " ".join(f"{lat},{lon}" for lon, lat in ring))
    _pair(area, "geocode", "administrative", sender.geocode)
    if not rings:
        for tile in where.get("tiles", ())[:TILES_MAX]:
            _pair(area, "geocode", "tile", tile)


def _is_outer(ring: list[list[float]]) -> bool:
    """Return whether a ring is an outline, counter-clockwise; CAP has no holes."""
    twice = sum((x1 - x0) * (y1 + y0) for (x0, y0), (x1, y1) in pairwise(ring))
    return twice < 0

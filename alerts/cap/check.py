"""What a CAP message must keep beside the schema: rules of the text of CAP 1.2, and our own."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from alerts.cap.facts import LANGUAGES
from alerts.cap.oasis import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

__all__ = ["faults_of"]

NS: Final = {"cap": NAMESPACE}
SENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
POINT: Final = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")
BANNED: Final = " ,<&"
POINTS_MIN: Final = 4
LAT_MAX, LON_MAX = 90.0, 180.0
_SAME: Final = ("responseType", "urgency", "severity", "certainty", "effective", "expires")


def faults_of(root: Element) -> list[str]:
    """Return what is wrong with a message, each fault in one line; an empty list = nothing.

    root: its parsed `alert` element. That it follows the schema is for others to check.
    """
    found = [*_identity(root), *_references(root), *_infos(root)]
    for number, area in enumerate(root.iterfind("cap:info/cap:area", NS), start=1):
        found += [f"area {number}: {fault}" for fault in _area(area)]
    return found


def _text(root: Element, tag: str) -> str:
    return root.findtext(f"cap:{tag}", default="", namespaces=NS)


def _identity(root: Element) -> Iterator[str]:
    for tag in ("identifier", "sender"):
        text = _text(root, tag)
        if not text or any(one in BANNED for one in text):
            yield f"{tag}: {text!r} is empty or has a space, comma, < or &"
    if not SENT.fullmatch(_text(root, "sent")):
        yield f"sent: {_text(root, 'sent')!r}; wanted YYYY-MM-DDThh:mm:ss+hh:mm"
    restricted = _text(root, "scope") == "Restricted"
    if restricted != bool(_text(root, "restriction")):
        yield "restriction: wanted with scope Restricted, and only then"
    if _text(root, "status") in {"Exercise", "Test"} and not _text(root, "note"):
        yield "note: wanted with status Exercise or Test, so that nobody acts on it"


def _references(root: Element) -> Iterator[str]:
    kind, text = _text(root, "msgType"), _text(root, "references")
    for one in text.split():
        parts = one.split(",")
        if len(parts) != 3 or not SENT.fullmatch(parts[2]):  # noqa: PLR2004 - sender, identifier, sent
            yield f"references: {one!r} is not sender,identifier,sent"
        elif parts[0] != _text(root, "sender"):
            yield f"references: {one!r} is not of this sender"
        elif parts[1] == _text(root, "identifier"):
            yield "references: names the message itself"
    if kind == "Alert" and text and "reopened" not in _kinds(root):
        yield "references: a first Alert has none before it"


def _kinds(root: Element) -> set[str]:
    pairs = root.iterfind("cap:info/cap:parameter", NS)
    return {_text(one, "value") for one in pairs if _text(one, "valueName") == "kind"}


def _infos(root: Element) -> Iterator[str]:
    infos = root.findall("cap:info", NS)
    languages = tuple(_text(one, "language") for one in infos)
    if languages != LANGUAGES:
        yield f"info: languages {languages}, wanted {LANGUAGES}"
    for tag in _SAME:
        if len({_text(one, tag) for one in infos}) > 1:
            yield f"{tag}: the languages do not say the same"
    if len({one.findtext("cap:area/cap:polygon", "", NS) for one in infos}) > 1:
        yield "polygon: the languages do not say the same"
    for one in infos:
        expires = _text(one, "expires")
        if expires and not _is_after(expires, _text(root, "sent")):
            yield f"expires: {expires} is not after sent"


def _is_after(one: str, other: str) -> bool:
    try:
        return datetime.fromisoformat(one) > datetime.fromisoformat(other)
    except ValueError:
        return False


def _area(area: Element) -> Iterator[str]:
    for ring in area.iterfind("cap:polygon", NS):
        points = (ring.text or "").split()
        pairs = [POINT.fullmatch(point) for point in points]
        if not all(pairs):
            yield "polygon: wanted lat,lon pairs"
            continue
        if len(points) < POINTS_MIN or points[0] != points[-1]:
            yield "polygon: wanted four pairs at least, the last one the first again"
        lats = [float(pair[1]) for pair in pairs if pair]
        lons = [float(pair[2]) for pair in pairs if pair]
        if max(map(abs, lats)) > LAT_MAX or max(map(abs, lons)) > LON_MAX:
            yield "polygon: outside the globe; latitude comes first"

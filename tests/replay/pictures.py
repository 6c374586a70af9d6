"""Where the texts of a page's pictures stand, so that a test sees one that is cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator


def texts_of(page: str) -> Iterator[tuple[float, float, float, str]]:
    """Yield left and right edge of every text in a picture, the picture's width, and the text."""
    for drawing in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        picture = ET.fromstring(drawing)
        width = float(picture.attrib["viewBox"].split()[2])
        for one in picture.iter("text"):
            told = "".join(one.itertext())
            # 12 px of a system font; Chinese is twice as wide.
            wide = sum(12.0 if letter > "\u2e80" else 6.2 for letter in told)
            shift = {"middle": wide / 2, "end": wide}.get(one.get("text-anchor", ""), 0.0)
            left = float(one.attrib["x"]) - shift
            yield left, left + wide, width, told

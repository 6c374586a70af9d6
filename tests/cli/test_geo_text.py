"""Laws of what `crowdtide geo` says: both languages say the same, and a phone shows all of it."""

from __future__ import annotations

import string

import numpy as np
import pytest

from geo.site import PlacedSite
from stream.cli.geo_text import TEXTS, clipped, site_line, site_lines


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_phone_shows_a_site_with_all_its_risks(lang: str) -> None:
    """A long name or many risks take more lines, none wider than a phone; nothing is cut."""
    site = PlacedSite(
        name="模拟滨海长廊 Simulated Promenade",
        tiles=np.array([0], np.int32),
        capacity=30_000.0,
        access_risk=("narrow", "one_exit", "slope", "water_edge"),
        rungs=None,
    )
    lines = site_lines(site, lang, 40)
    assert " · ".join(lines) == site_line(site, lang)
    assert len(lines) > 1
    assert all(clipped(line, 40) == line for line in lines)
    assert site_lines(site, lang, 400) == [site_line(site, lang)]
    assert site_lines(site, lang, 10)[0] == "模拟滨海…"


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_catalogues_say_the_same_things() -> None:
    chinese, english = TEXTS["zh-CN"], TEXTS["en"]
    assert chinese.keys() == english.keys()
    assert all(fields(chinese[key]) == fields(english[key]) for key in chinese)

"""Real recorded counts that come with the product: for the demo, the tests and `make quality`.

Each sample is a feed file with its cells and the events that are known to have happened.
`README.md` beside this file tells for each one where it is from, under which licence it may be
passed on, and what was done to it; `build` makes them all anew from the sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["CALIT2", "FOLDER", "MATCHES", "MILAN", "SAN_SIRO_CALLS", "SAN_SIRO_INTERNET", "Sample"]

FOLDER: Final = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The files of one sample, as the commands take them.

    feed: history file. cells: identity tiling. labels: known events; never the engine's input.
    attribution: what must be said where results from it are shown.
    """

    feed: Path
    cells: Path
    labels: Path
    attribution: str


MATCHES: Final = FOLDER / "san_siro.matches.csv"
"""Kick-off, final whistle and attendance of the four matches: for the demo's screen only."""

_STADIUM: Final = "Botta, Moat and Preis (2015), doi:10.5061/dryad.1rk60, CC0; data: Telecom Italia"

MILAN: Final = Sample(
    feed=FOLDER / "milan.csv.gz",
    cells=FOLDER / "milan.cells.csv",
    labels=FOLDER / "san_siro.labels.csv",
    attribution="Contains data of the Telecom Italia Big Data Challenge 2014, under the ODbL 1.0",
)
"""Feed `stadium` (calls and SMS at San Siro) and feed `squares` (internet, 28 city squares)."""

SAN_SIRO_CALLS: Final = Sample(
    feed=FOLDER / "san_siro_calls_sms.csv.gz",
    cells=FOLDER / "san_siro.cells.csv",
    labels=FOLDER / "san_siro.labels.csv",
    attribution=_STADIUM,
)
"""The stadium alone, calls and SMS."""

SAN_SIRO_INTERNET: Final = Sample(
    feed=FOLDER / "san_siro_internet.csv.gz",
    cells=FOLDER / "san_siro.cells.csv",
    labels=FOLDER / "san_siro.labels.csv",
    attribution=_STADIUM,
)
"""The stadium alone, internet."""

CALIT2: Final = Sample(
    feed=FOLDER / "calit2.csv.gz",
    cells=FOLDER / "calit2.cells.csv",
    labels=FOLDER / "calit2.labels.csv",
    attribution="CalIt2 Building People Counts (UCI), doi:10.24432/C5NG78, CC BY 4.0",
)
"""People entering a campus building, every half hour for 15 weeks, with 29 known events."""

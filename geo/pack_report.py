"""What the builder says about a pack: counts, areas, assumptions, everything it mended.

Values only, stored inside the pack as JSON; the sentences are the command line's.
"""

from __future__ import annotations

import msgspec

__all__ = ["CoverageReport", "Input", "Report", "Slivers"]


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One file that went in, the city file itself among them.

    file: as the city file names it. sha256: hex, of its bytes. size_bytes: their number.
    """

    file: str
    sha256: str
    size_bytes: int


class CoverageReport(msgspec.Struct, frozen=True, kw_only=True):
    """One cells file: one feed from one moment on.

    valid_from_ms: epoch ms; -1 = from the beginning. cells: how many it lists.
    outside_ratio: mean share of a cell that lies outside the grid; outside_worst: (cell, share)
    of the cells that lose most, worst first. fallback: cells that meet no walkable polygon and
    are spread over all their ground; fallback_cells: the first of them by id.
    added, removed, moved: against the version before of the same feed; 0 in the first one.
    moved_max_m: the longest way that the place of a cell moved.
    """

    feed: str
    file: str
    valid_from_ms: int
    cells: int
    outside_ratio: float
    outside_worst: tuple[tuple[str, float], ...]
    fallback: int
    fallback_cells: tuple[str, ...]
    added: int = 0
    removed: int = 0
    moved: int = 0
    moved_max_m: float = 0.0


class Slivers(msgspec.Struct, frozen=True, kw_only=True):
    """Gaps and overlaps of one layer that are small enough to be rounding of the drawing.

    layer: police, fire or posts, or several that are one. gaps, overlaps: tiles that have one;
    gap_m2, overlap_m2: sums.
    """

    layer: str
    gaps: int
    gap_m2: float
    overlaps: int
    overlap_m2: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report.

    ground_m2, walkable_m2: sums over the tiles; ground_m2 is None where tiles have no polygons.
    assumed_ratio: share of the tiles whose walkable ground is assumed. coverages: by valid_from,
    then feed. repaired: one line each. panel: cells in it. tools: versions of the geometry
    libraries, on which the last digits depend.
    """

    tiles: int
    blocks: int
    ground_m2: float | None
    walkable_m2: float
    assumed_ratio: float
    coverages: tuple[CoverageReport, ...]
    repaired: tuple[str, ...]
    slivers: tuple[Slivers, ...]
    panel: int
    tools: tuple[str, ...]

    def to_json(self) -> bytes:
        """Return the report as one JSON object."""
        return msgspec.json.encode(self)

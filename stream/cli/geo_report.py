"""What `geo build` and `geo inspect` print of a pack: lines for people, one object for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from geo.fault import RegisterError
from geo.version import BEGINNING_MS
from replay.times import iso
from stream.cli.geo_text import TEXTS, clipped, feed_of, site_line, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from geo.duty import Area
    from geo.making.gathering import BuildError
    from geo.pack import Pack
    from geo.pack_report import CoverageReport

__all__ = ["faults_json", "inspection", "lines_of", "report_text", "since"]

Line = tuple[str, str]
"""Key of the first column's text, empty for a line that goes on; and what it says."""

COLUMN: Final = 12
HASH: Final = 12
KM2: Final = 1e6
NAMED_MAX: Final = 12
SHOWN_MAX: Final = 20
WORST_MAX: Final = 5
FAULT_FIELDS: Final = ("where", "field", "says", "write")
UNIT_MAX: Final = 10.0


def faults_json(found: BuildError | RegisterError) -> bytes:
    """Return why nothing was built as one line of JSON (`geo-build/1`)."""
    errors = (found,) if isinstance(found, RegisterError) else found.errors
    faults = [
        {"file": error.file, **{name: getattr(fault, name) for name in FAULT_FIELDS}}
        for error in errors
        for fault in error.faults
    ]
    return msgspec.json.encode({"schema": "geo-build/1", "ok": False, "faults": faults}) + b"\n"


def inspection(pack: Pack) -> bytes:
    """Return what is in a pack as one line of JSON (`geo-inspect/1`)."""
    city = pack.city
    told: dict[str, Any] = {
        "schema": "geo-inspect/1",
        "name": pack.name,
        "name_zh": pack.name_zh,
        "pack": pack.digest,
        "grid": city.digest,
        "side_m": city.grid.side_m,
        "projection": city.grid.projection,
        "cells": len(city.cells),
        "tiles_served": _served(pack),
        "versions": [
            {"valid_from_ms": one.valid_from_ms, "digest": one.digest, "feeds": list(one.feeds)}
            for one in city.versions
        ],
        "police": _tiles_of(pack, "police"),
        "fire": _tiles_of(pack, "fire"),
        "posts": 0 if city.duty is None else len(city.duty.posts),
        "sites": [
            {
                "name": site.name,
                "tiles": [city.grid.tile_ids[tile] for tile in site.tiles.tolist()],
                "capacity": site.capacity,
                "access_risk": site.access_risk,
                "rungs": site.rungs,
            }
            for site in city.sites
        ],
        "inputs": pack.inputs,
        "report": pack.report,
    }
    return msgspec.json.encode(told) + b"\n"


def report_text(pack: Pack, *, lang: str) -> str:
    """Return what is in a pack as lines. lang: a key of TEXTS."""
    texts = TEXTS[lang]
    head = texts["report.head"].format(name=title_of(pack, lang), digest=pack.digest[:HASH])
    lines = [
        *_ground(pack, lang),
        *_coverage(pack, lang),
        *_people(pack, lang),
        *_notes(pack, lang),
    ]
    return f"{head}\n{lines_of(lines, lang)}"


def lines_of(lines: Iterable[Line], lang: str) -> str:
    """Set lines in two columns; Chinese characters are two columns wide."""
    texts = TEXTS[lang]
    told = []
    for key, says in lines:
        first = texts[key] if key else ""
        wide = sum(2 if ord(sign) > 0x2E80 else 1 for sign in first)  # noqa: PLR2004  East Asia
        told.append(f"  {first}{' ' * max(COLUMN - wide, 1)}{says}\n")
    return "".join(told)


def since(valid_from_ms: int, lang: str) -> str:
    """Say from when on a version acts."""
    texts = TEXTS[lang]
    if valid_from_ms == BEGINNING_MS:
        return texts["beginning"]
    return texts["from"].format(since=iso(valid_from_ms))


def _ground(pack: Pack, lang: str) -> Iterator[Line]:
    texts, report, grid = TEXTS[lang], pack.report, pack.city.grid
    form = texts["grid.cells" if grid.side_m is None else "grid.squares"]
    digest = pack.city.digest[:HASH]
    yield (
        "grid",
        form.format(side=grid.side_m, tiles=report.tiles, blocks=report.blocks, digest=digest),
    )
    whole = ""
    if report.ground_m2 is not None:
        whole = texts["ground.of"].format(ground=_km2(report.ground_m2))
    walkable = texts["ground.walkable"].format(
        walkable=_km2(report.walkable_m2), assumed=report.assumed_ratio
    )
    yield "ground", whole + walkable


def _km2(area_m2: float) -> str:
    """Return an area with as many digits as it deserves.

    >>> _km2(1_674_480_000.0), _km2(55_225.0)
    ('1,674.5', '0.055')
    """
    area = area_m2 / KM2
    return f"{area:,.1f}" if area >= UNIT_MAX else f"{area:.3f}"


def _coverage(pack: Pack, lang: str) -> Iterator[Line]:
    texts = TEXTS[lang]
    tiles = len(pack.city.grid.tile_ids)
    yield "coverage", texts["coverage.served"].format(served=_served(pack), tiles=tiles)
    for one in pack.report.coverages:
        yield from _one_coverage(one, lang)


def _one_coverage(one: CoverageReport, lang: str) -> Iterator[Line]:
    texts = TEXTS[lang]
    yield (
        "",
        texts["coverage.line"].format(
            since=since(one.valid_from_ms, lang),
            feed=feed_of(one.feed, lang),
            cells=one.cells,
            outside=one.outside_ratio,
        ),
    )
    if one.valid_from_ms != BEGINNING_MS:
        yield (
            "",
            texts["coverage.change"].format(
                added=one.added, removed=one.removed, moved=one.moved, far=one.moved_max_m
            ),
        )
    worst = [f"{cell} {share:.0%}" for cell, share in one.outside_worst[:WORST_MAX] if share > 0]
    if worst:
        yield "", texts["coverage.worst"].format(worst=", ".join(worst))
    if one.fallback:
        first = ", ".join(one.fallback_cells)
        yield "", texts["coverage.fallback"].format(cells=one.fallback, first=first)


def _served(pack: Pack) -> int:
    """Count the tiles that a cell of the newest version serves."""
    feeds = pack.city.versions[-1].feeds.values()
    return len(np.unique(np.concatenate([cover.tile for cover in feeds])))


def _people(pack: Pack, lang: str) -> Iterator[Line]:
    """Yield who answers where, and the sites."""
    texts = TEXTS[lang]
    for layer in ("police", "fire"):
        areas = _tiles_of(pack, layer)
        named = [texts["area.tiles"].format(**area) for area in areas[:NAMED_MAX]]
        if len(areas) > NAMED_MAX:
            named.append(texts["area.more"].format(more=len(areas) - NAMED_MAX))
        told = texts["areas"].format(areas=len(areas), named=", ".join(named))
        yield layer, told if areas else texts["areas.none"]
    posts = 0 if pack.city.duty is None else len(pack.city.duty.posts)
    yield "posts", texts["posts.count"].format(posts=posts) if posts else texts["areas.none"]
    for number, site in enumerate(pack.city.sites[:SHOWN_MAX]):
        told = texts["site.tiles"].format(site=site_line(site, lang), tiles=len(site.tiles))
        yield "" if number else "sites", told
    if len(pack.city.sites) > SHOWN_MAX:
        yield "", texts["area.more"].format(more=len(pack.city.sites) - SHOWN_MAX)
    yield "panel", texts["panel.cells"].format(cells=pack.report.panel)


def _tiles_of(pack: Pack, layer: str) -> list[dict[str, Any]]:
    """Areas that have a tile, with how many; in the order of their ids."""
    duty = pack.city.duty
    if duty is None:
        return []
    areas: Sequence[Area] = duty.police if layer == "police" else duty.fire
    of: NDArray[np.int32] = duty.police_of if layer == "police" else duty.fire_of
    tiles = np.bincount(of[of >= 0], minlength=len(areas)).tolist()
    return [
        {"id": area.id, "name": area.name, "tiles": size}
        for area, size in zip(areas, tiles, strict=True)
        if size
    ]


def _notes(pack: Pack, lang: str) -> Iterator[Line]:
    """Yield what was mended, and what went in."""
    texts, report = TEXTS[lang], pack.report
    slivers = [one for one in report.slivers if one.gaps or one.overlaps]
    for number, sliver in enumerate(slivers):
        layers = ", ".join(texts.get(name, name) for name in sliver.layer.split(", "))
        told = texts["sliver.line"].format(
            layer=layers,
            gaps=sliver.gaps,
            gap=sliver.gap_m2,
            overlaps=sliver.overlaps,
            overlap=sliver.overlap_m2,
        )
        yield "" if number else "slivers", told
    for number, line in enumerate(report.repaired[:SHOWN_MAX]):
        yield "" if number else "repaired", line
    if len(report.repaired) > SHOWN_MAX:
        yield "", texts["area.more"].format(more=len(report.repaired) - SHOWN_MAX)
    for number, one in enumerate(pack.inputs):
        yield "" if number else "inputs", f"{one.sha256[:HASH]} {clipped(one.file, 60)}"
    yield "tools", ", ".join(report.tools)

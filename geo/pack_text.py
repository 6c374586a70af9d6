"""The part of a pack that is text (`pack.json`): names, ids, versions, report, inputs."""

from __future__ import annotations

import msgspec

# Needed at run time: decoders are built from the annotations.
from geo.duty import Area, Post
from geo.pack_report import Input, Report

__all__ = ["SCHEMA", "GridText", "PackText", "SiteText", "VersionText"]

SCHEMA = "pack/1"


class GridText(msgspec.Struct, frozen=True, kw_only=True):
    """The grid. side_m: None for the identity tiling. projection: of the plane, None without one.

    digest: sha256 (hex) of the grid, what saved state is bound to. tiles, names: of the identity
    tiling, in tile order; those of squares follow from row and column.
    """

    side_m: float | None
    projection: str | None
    digest: str
    tiles: tuple[str, ...] = ()
    names: tuple[str | None, ...] = ()


class VersionText(msgspec.Struct, frozen=True, kw_only=True):
    """One version: since when, its digest, and for each feed the number of its coverage."""

    valid_from_ms: int
    digest: str
    feeds: dict[str, int]


class SiteText(msgspec.Struct, frozen=True, kw_only=True):
    """A site without its tiles; fields as in `geo.site.PlacedSite`."""

    name: str
    capacity: float | None
    access_risk: tuple[str, ...]
    rungs: tuple[float, float, float, float] | None


class PackText(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is text. schema: of the whole pack; another one is refused."""

    schema: str
    name: str
    name_zh: str | None
    grid: GridText
    cells: tuple[str, ...]
    versions: tuple[VersionText, ...]
    police: tuple[Area, ...]
    fire: tuple[Area, ...]
    posts: tuple[Post, ...]
    duty: bool
    sites: tuple[SiteText, ...]
    inputs: tuple[Input, ...]
    report: Report

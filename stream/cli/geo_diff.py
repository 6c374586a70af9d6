"""What `geo diff` prints: what differs between two packs, and what follows for saved state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from stream.cli.geo_report import lines_of, since
from stream.cli.geo_text import TEXTS, feed_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.difference import CellsDifference, Difference

__all__ = ["difference_json", "difference_text"]

Line = tuple[str, str]


def difference_json(found: Difference) -> bytes:
    """Return the difference as one line of JSON (`geo-diff/1`)."""
    told: dict[str, Any] = {"schema": "geo-diff/1", "state_goes_on": found.state_goes_on}
    return msgspec.json.encode(told | msgspec.structs.asdict(found)) + b"\n"


def difference_text(found: Difference, *, lang: str) -> str:
    """Return the difference as lines, the verdict last. lang: a key of TEXTS."""
    texts = TEXTS[lang]
    if found.same_bytes:
        return texts["diff.bytes"] + "\n"
    lines = [*_grid(found, lang), *_cells(found, lang), *_versions(found, lang)]
    lines += [*_duty(found, lang), *_sites(found, lang), *_verdict(found, lang)]
    return lines_of(lines, lang)


def _grid(found: Difference, lang: str) -> Iterator[Line]:
    texts, grid = TEXTS[lang], found.grid
    if grid.same:
        yield "grid", texts["diff.grid.same"]
        return
    yield "grid", texts["diff.grid.other"]
    before, after = grid.side_m
    if before is not None and after is not None and before != after:
        yield "", texts["diff.side"].format(before=before, after=after)
    if grid.projection[0] != grid.projection[1]:
        before_plane, after_plane = grid.projection
        yield "", texts["diff.projection"].format(before=before_plane, after=after_plane)
    yield (
        "",
        texts["diff.tiles"].format(
            before=grid.tiles[0], after=grid.tiles[1], gone=grid.only_before, come=grid.only_after
        ),
    )
    if grid.walkable:
        yield "", texts["diff.walkable"].format(tiles=grid.walkable)
    if grid.assumed:
        yield "", texts["diff.assumed"].format(tiles=grid.assumed)


def _cells(found: Difference, lang: str) -> Iterator[Line]:
    texts = TEXTS[lang]
    for number, one in enumerate(found.cells):
        head = texts["diff.feed"].format(
            feed=feed_of(one.feed, lang), before=one.cells[0], after=one.cells[1]
        )
        told = "; ".join(_changes(one, lang)) or texts["diff.nothing"]
        yield "" if number else "coverage", f"{head}; {told}"


def _changes(one: CellsDifference, lang: str) -> Iterator[str]:
    texts = TEXTS[lang]
    if one.added:
        first = _first(one.added_first, one.added)
        yield texts["diff.added"].format(cells=one.added, first=first)
    if one.removed:
        first = _first(one.removed_first, one.removed)
        yield texts["diff.removed"].format(cells=one.removed, first=first)
    if one.moved:
        yield texts["diff.moved"].format(cells=one.moved, cell=one.farthest, far=one.moved_max_m)
    if one.reshaped:
        yield texts["diff.reshaped"].format(cells=one.reshaped)


def _first(names: tuple[str, ...], total: int) -> str:
    """List the first names.

    >>> _first(("a", "b"), 2), _first(("a", "b"), 3)
    ('a, b', 'a, b, …')
    """
    return ", ".join((*names, "…") if total > len(names) else names)


def _versions(found: Difference, lang: str) -> Iterator[Line]:
    texts = TEXTS[lang]
    lines = [
        texts["diff.version.added"].format(
            since=since(one.valid_from_ms, lang),
            feed=feed_of(one.feed, lang),
            added=one.added,
            removed=one.removed,
            moved=one.moved,
            far=one.moved_max_m,
        )
        for one in found.coverages_added
    ]
    lines += [
        texts[f"diff.version.{kind}"].format(since=since(at, lang))
        for kind, moments in (
            ("removed", found.versions_removed),
            ("changed", found.versions_changed),
        )
        for at in moments
    ]
    for number, line in enumerate(lines or [texts["diff.nothing"]]):
        yield "" if number else "versions", line


def _duty(found: Difference, lang: str) -> Iterator[Line]:
    texts, duty, grid = TEXTS[lang], found.duty, found.grid
    if grid.only_before == grid.tiles[0]:
        return  # Not one tile to compare.
    if not duty.first:
        yield "duty", texts["diff.nothing"]
        return
    yield (
        "duty",
        texts["diff.duty"].format(
            police=duty.police, fire=duty.fire, posts=duty.posts, first=", ".join(duty.first)
        ),
    )


def _sites(found: Difference, lang: str) -> Iterator[Line]:
    texts = TEXTS[lang]
    kinds = ("added", "removed", "changed")
    lists = (found.sites_added, found.sites_removed, found.sites_changed)
    lines = [
        texts[f"diff.sites.{kind}"].format(names=", ".join(names))
        for kind, names in zip(kinds, lists, strict=True)
        if names
    ]
    for number, line in enumerate(lines or [texts["diff.nothing"]]):
        yield "" if number else "sites", line


def _verdict(found: Difference, lang: str) -> Iterator[Line]:
    """Yield what an operator has to know before the workers get the second pack."""
    texts = TEXTS[lang]
    if not found.state_goes_on:
        yield "verdict", texts["verdict.other"]
        return
    yield "verdict", texts["verdict.same"]
    for at in found.versions_added:
        yield "", texts["verdict.acts"].format(since=since(at, lang))
    for at in (*found.versions_changed, *found.versions_removed):
        yield "", texts["verdict.rewritten"].format(since=since(at, lang))

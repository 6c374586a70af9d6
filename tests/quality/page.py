"""The page docs/quality.md: every accepted figure, the trade-offs, and what was tuned on what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.quality.figure import BY_TILE
from tests.quality.picture import file_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.quality.figure import Figure

__all__ = ["PAGE", "PICTURES", "page"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "quality.md"
PICTURES: Final = PAGE.with_name("quality")
_TUNED: Final = Path(__file__).with_name("tuned.md")
_MARK: Final = {True: "yes", False: "**no**", None: ""}

_HEAD: Final = Path(__file__).with_name("counted.md")


def page(figures: Sequence[Figure]) -> str:
    """Return the page of the accepted figures, in their order."""
    parts = [_HEAD.read_text(encoding="utf-8"), *_asked(figures), *_sets(figures), _tuned()]
    return "\n".join(parts)


def _asked(figures: Sequence[Figure]) -> Iterator[str]:
    yield "## Asked and reached\n"
    yield "| set | what | asked | got | reached | laboratory | best peer |"
    yield "|---|---|---|---|---|---|---|"
    for one in figures:
        if one.asked is not None:
            sign = "at least" if one.more else "at most"
            yield (
                f"| {one.set} | {one.what} | {sign} {_number(one)} | {_got(one)} "
                f"| {_MARK[one.met]} | {one.lab} | {_best(one)} |"
            )
    yield ""


def _sets(figures: Sequence[Figure]) -> Iterator[str]:
    for name in dict.fromkeys(one.set for one in figures):
        yield f"## {name}\n"
        drawn = file_name(name)
        if (PICTURES / drawn).exists():
            yield f"![Trade-off of {name}](quality/{drawn})\n"
        yield "| what | got | how | peers, at their best threshold |"
        yield "|---|---|---|---|"
        for one in figures:
            if one.set == name:
                peers = ", ".join(f"{peer} {got}" for peer, got in one.peers.items())
                yield f"| {one.what} | {one.shown} | {one.note} | {peers} |"
        yield ""


def _tuned() -> str:
    """Return the section that people write: it is kept beside the harness."""
    return "## What was tuned on what\n\n" + _TUNED.read_text(encoding="utf-8")


def _number(one: Figure) -> str:
    if one.asked is None:
        return ""
    return f"{one.asked:.0%}" if one.shown.endswith("%") else f"{one.asked:g}"


def _got(one: Figure) -> str:
    """Return what was got and, where an incident may lie on several tiles, the stricter count."""
    strict = one.peers.get(BY_TILE)
    return one.shown if strict is None else f"{one.shown} (tile by tile {strict})"


def _best(one: Figure) -> str:
    """Return the peer that found most, as printed; `-` where none was run."""

    def found(name: str) -> float:
        return float(one.peers[name].partition("/")[0].rstrip("%"))

    name = max((each for each in one.peers if each != BY_TILE), key=found, default=None)
    return "-" if name is None else f"{name} {one.peers[name]}"

"""Painted lines: pieces of text with a tint, wrapped to a terminal whose letters may be wide.

A Chinese character takes two columns and may stand at the start of any line, but no closing mark
may; words of other scripts are kept whole. Where nobody knows the width, nothing is wrapped.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["BETWEEN", "Line", "Span", "columns", "paint"]

BETWEEN: Final = " · "
"""What stands between facts of one line."""
CLOSING: Final = "，。、；：！？）】》”’…,.;:!?)]}%"
OPENING: Final = "（【《“‘(["
COLUMNS_MIN: Final = 40
# One piece that is not to be broken: opening marks, a word or one wide letter, closing marks.
PIECE: Final = re.compile(
    f"[{re.escape(OPENING)}]*(?:[\\u2e80-\\u9fff\\uff00-\\uffef]|[^\\s\\u2e80-\\u9fff\\uff00-\\uffef]+)?"
    f"[{re.escape(CLOSING)}]*[ ]*|\\s+"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text. fg, bg: colours as click names them, or numbers of the 256.

    whole: stays on one line if it fits on one.
    """

    text: str
    fg: int | str | None = None
    bg: int | str | None = None
    bold: bool = False
    dim: bool = False
    whole: bool = False

    def painted(self, text: str) -> str:
        """Return some of its text in its tint."""
        if not (self.fg or self.bg or self.bold or self.dim):
            return text
        return click.style(
            text, fg=self.fg, bg=self.bg, bold=self.bold or None, dim=self.dim or None
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line, before it is wrapped. hang: columns by which what follows is set in."""

    spans: tuple[Span, ...]
    hang: int = 0


def columns(text: str) -> int:
    """Return how many columns a text takes at a terminal.

    >>> columns("crowd"), columns("人群")
    (5, 4)
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    none = sum(unicodedata.combining(letter) != 0 for letter in text)
    return len(text) + wide - none


def paint(lines: Sequence[Line], width: int | None) -> str:
    """Return lines as text with tints; width: columns of the terminal, None = do not wrap.

    >>> print(paint([Line((Span("one two"), Span(" three")), hang=2)], 40))
    one two three
    """
    if width is None or width < COLUMNS_MIN:
        return "\n".join("".join(one.painted(one.text) for one in line.spans) for line in lines)
    return "\n".join(part for line in lines for part in _wrapped(line, width))


def _wrapped(line: Line, width: int) -> Iterator[str]:
    """Yield a line as the lines it takes."""
    done: list[tuple[Span, str]] = []
    used = 0
    for span, piece in _pieces(line, width - line.hang):
        is_fresh = not any(text.strip() for _, text in done)
        if columns(piece.rstrip()) > width - used and not is_fresh:
            yield _joined(done)
            done, used = [(Span(""), " " * line.hang)], line.hang
            if not piece.strip():
                continue
        done.append((span, piece))
        used += columns(piece)
    yield _joined(done)


def _pieces(line: Line, room: int) -> Iterator[tuple[Span, str]]:
    """Yield what is not to be broken; a fact that is wider than a whole line is."""
    for span in line.spans:
        if span.whole and columns(span.text) <= room:
            yield span, span.text
        else:
            yield from ((span, found) for found in PIECE.findall(span.text) if found)


def _joined(pieces: list[tuple[Span, str]]) -> str:
    """Return pieces in their tints, those of one span under one tint."""
    together = [
        (span, "".join(text for _, text in group))
        for span, group in groupby(pieces, key=lambda piece: piece[0])
    ]
    # What stands between two facts is not needed where the line ends.
    if len(together) > 1 and together[-1][1] == BETWEEN:
        del together[-1]
    last, text = together[-1]
    together[-1] = (last, text if last.bg else text.rstrip(" "))
    return "".join(span.painted(text) for span, text in together)

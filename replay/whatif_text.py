"""An answer of `whatif` at a terminal: the difference in a line, then the tables behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from replay.explain_text import columns
from replay.whatif_say import Compared

if TYPE_CHECKING:
    from replay.whatif_report import WhatIf
    from replay.whatif_say import Table

__all__ = ["whatif_text"]

_INDENT: Final = "  "


def whatif_text(found: WhatIf, lang: str) -> str:
    """Return the answer as text, its last line ended."""
    said = Compared(found, lang)
    lines = [said.title(), "", said.verdict(), "", said.words["section.settings"]]
    for one in found.settings:
        lines.append(f"{_INDENT}{one.key}: {one.base} → {one.other}")
        if one.says:
            lines.append(f"{_INDENT}{_INDENT}{one.says}")
    for table in said.tables():
        if table.rows:
            lines += ["", table.title, *_laid(table)]
        elif table.title in {said.words["section.gained"], said.words["section.lost"]}:
            lines += ["", f"{table.title}{said.words['colon']}{said.words['none']}"]
    hashes = f"{found.base.settings_hash} → {found.other.settings_hash}"
    lines += ["", *found.notes, said.words["hash"].format(hash=hashes)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _laid(table: Table) -> list[str]:
    every = [table.head, *table.rows]
    wide = [max(columns(row[at]) for row in every) for at in range(len(table.head))]
    lines = [
        _INDENT
        + "  ".join(
            text + " " * (width - columns(text)) for text, width in zip(row, wide, strict=True)
        )
        for row in every
    ]
    return [*lines, *([f"{_INDENT}… {table.more}"] if table.more else [])]

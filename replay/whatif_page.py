"""An answer of `whatif` as one HTML page: the difference in a line, then the tables behind it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from replay.explain_paper import page, table
from replay.whatif_say import Compared

if TYPE_CHECKING:
    from replay.whatif_report import WhatIf
    from replay.whatif_say import Table

__all__ = ["whatif_page"]

_TALL: Final = 5  # columns from which a phone has no room for a row


def whatif_page(found: WhatIf, lang: str) -> str:
    """Return the page."""
    said = Compared(found, lang)
    words = said.words
    body = [
        f"<h1>{escape(said.title())}</h1>",
        f'<p class="verdict">{escape(said.verdict())}</p>',
    ]
    body.append(_part(said.settings(), none=words["none"], tall=True))
    body += [_part(one, none=words["none"], tall=len(one.head) >= _TALL) for one in said.tables()]
    hashes = f"{found.base.settings_hash} → {found.other.settings_hash}"
    notes = [*found.notes, words["hash"].format(hash=hashes)]
    return page(f"{words['title']} · {said.title()}", body, lang=lang, notes=notes)


def _part(one: Table, *, none: str, tall: bool) -> str:
    title = f"<h2>{escape(one.title)}</h2>"
    if not one.rows:
        return f"{title}<p>{escape(none)}</p>"
    more = f"<p>… {escape(one.more)}</p>" if one.more else ""
    return title + table(one.head, one.rows, tall=tall) + more

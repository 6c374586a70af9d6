"""An answer of `explain` as one HTML page: verdict, picture, rules, facts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from replay.explain_chart import charts
from replay.explain_facts import sections
from replay.explain_paper import page, pairs
from replay.explain_say import Said

if TYPE_CHECKING:
    from replay.explain_report import Explanation
    from replay.explain_say import RuleSaid

__all__ = ["explain_page"]


def explain_page(found: Explanation, lang: str) -> str:
    """Return the page."""
    said = Said(found, lang)
    words = said.words
    first, *after = said.verdict()
    body = [f"<h1>{escape(said.title())}</h1>", f'<p class="verdict">{escape(first)}</p>']
    body += [f'<p class="after">{escape(line)}</p>' for line in after]
    if len(found.tiles) > 1:
        others = words["others"].format(word=found.asked[0], tiles=len(found.tiles))
        body.append(f"<p>{escape(others)}</p>")
    body += [f"<h2>{escape(words['section.picture'])}</h2>", charts(said)]
    body += [f"<h2>{escape(words['section.rules'])}</h2>", *map(_rule, _shares(said))]
    body.append('<div class="facts">')
    body += [
        f"<section><h2>{escape(one.title)}</h2>{pairs(one.rows)}</section>"
        for one in sections(said)
    ]
    body.append("</div>")
    notes = [*found.notes, words["settings"].format(hash=found.settings_hash)]
    title = f"{words['title']} · {found.place} · {found.hop[1][:16].replace('T', ' ')}"
    return page(title, body, lang=lang, notes=notes)


def _shares(said: Said) -> list[tuple[RuleSaid, str]]:
    """Return rules with how near they are in words."""
    return [
        (
            rule,
            said.words["rule.met"]
            if rule.met
            else said.words["rule.share"].format(share=f"{min(rule.share, 0.99):.0%}"),
        )
        for rule in said.rules()
    ]


def _rule(shared: tuple[RuleSaid, str]) -> str:
    rule, near = shared
    kind = "yes" if rule.met else "no"
    needs = "".join(
        f'<li class="{"yes" if met else "no"}">{escape(text)}</li>' for text, met in rule.needs
    )
    remedy = f"<div>→ <code>{escape(rule.remedy)}</code></div>" if rule.remedy else ""
    return (
        f'<div class="rule {kind}"><header><span>{escape(rule.title)}</span>'
        f"<span>{escape(near)}</span></header>"
        f'<div class="bar"><i style="width:{rule.share:.0%}"></i></div>'
        f"<ul>{needs}</ul>{remedy}</div>"
    )

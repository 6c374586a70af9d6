"""The paper that answers are printed on: one HTML page with its style, no network, no script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["page", "pairs", "table"]

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--card:#f6f8fa;
--line:#d0d7de;--people:#0b5cad;--usual:#6e7781;--score:#8250df;--limit:#b35900;--yes:#1a7f37;--no:#b3261e;
--event:#f2c94c33}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--paper:#0d1117;--card:#161b22;
--line:#30363d;--people:#58a6ff;--usual:#9198a1;--score:#bc8cff;--limit:#f0a04b;--yes:#3fb950;--no:#ff7b72;
--event:#f2c94c26}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,"PingFang SC",
"Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:1000px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.05rem;font-weight:600;color:var(--soft);margin:0 0 6px}
h2{font-size:1.05rem;margin:28px 0 8px}
.verdict{font-size:1.35rem;line-height:1.35;font-weight:650;margin:0 0 4px}
.after{font-size:1.05rem;margin:0 0 4px}
svg{width:100%;height:auto;display:block}
svg text{font-size:12px;fill:var(--ink)}svg .tick{fill:var(--soft)}svg .key{fill:var(--soft)}
svg .when{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:3px}
svg path{fill:none;stroke-width:2;stroke-linejoin:round}
svg .people{stroke:var(--people);stroke-width:2.4}
svg .usual{stroke:var(--usual);stroke-dasharray:2 3}
svg .score{stroke:var(--score)}svg .limit{stroke:var(--limit);stroke-dasharray:6 4}
svg .near{stroke:var(--yes);stroke-width:1.4}
svg .band{fill:var(--usual);fill-opacity:.18;stroke:none}svg .event{fill:var(--event)}
svg .grid{stroke:var(--line)}svg .moment{stroke:var(--ink);stroke-width:1.5}
svg .none{fill:var(--card);stroke:var(--line)}
svg .level1{fill:#2f6fde}svg .level2{fill:#f2c200}svg .level3{fill:#e8710a}svg .level4{fill:#c62828}
svg .grade1,svg .grade4{fill:#fff}svg .grade2,svg .grade3{fill:#000}
.narrow{display:none}
@media(max-width:640px){.wide{display:none}.narrow{display:block}main{padding:14px 10px 40px}
.verdict{font-size:1.15rem}}
.rule{border:1px solid var(--line);border-left-width:4px;border-radius:6px;padding:8px 12px;
margin:8px 0;background:var(--card)}
.rule.yes{border-left-color:var(--yes)}.rule.no{border-left-color:var(--no)}
.rule header{display:flex;gap:10px;justify-content:space-between;font-weight:600}
.rule ul{margin:4px 0 0;padding-left:0;list-style:none}
.rule li::before{display:inline-block;width:1.4em}
li.yes::before{content:"✓";color:var(--yes)}li.no::before{content:"✗";color:var(--no)}
.bar{height:5px;border-radius:3px;background:var(--line);margin:6px 0 2px;overflow:hidden}
.bar i{display:block;height:100%;background:var(--no)}.yes .bar i{background:var(--yes)}
code{font:13px ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:0 28px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 14px;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft);white-space:nowrap}
@media(max-width:640px){table.tall,table.tall tbody,table.tall tr,table.tall td{display:block}
table.tall thead{display:none}table.tall tr{border-bottom:1px solid var(--line);padding:6px 0}
table.tall td{border:0;padding:1px 0}
table.tall td::before{content:attr(data-head);color:var(--soft);
margin-right:8px}
table.tall td[data-head=""]::before{margin:0}}
footer{margin-top:28px;color:var(--soft);font-size:13px}footer p{margin:2px 0}
"""


def page(title: str, body: Iterable[str], *, lang: str, notes: Sequence[str]) -> str:
    """Return a whole page. body: HTML, part by part. notes: plain text for its foot."""
    foot = "".join(f"<p>{escape(note)}</p>" for note in notes)
    main = "\n".join(body)
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n{main}\n<footer>{foot}</footer></main></body></html>\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, tall: bool = False) -> str:
    """Return a table; tall: on a phone each row stands as lines of its own."""
    heads = "".join(f"<th>{escape(one)}</th>" for one in head)
    lines = "".join(
        "<tr>"
        + "".join(
            f'<td data-head="{escape(name, quote=True)}">{escape(cell)}</td>'
            for name, cell in zip(head, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    kind = ' class="tall"' if tall else ""
    return (
        f'<div class="scroll"><table{kind}><thead><tr>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Return labelled lines; a label that is empty belongs to the line above."""
    return (
        "<dl>"
        + "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in rows)
        + "</dl>"
    )

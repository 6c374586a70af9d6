"""The paper of a report: one HTML page with its style; no network, no script, system fonts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["badge", "callout", "figures", "page", "paragraph", "section", "table"]

_STYLE: Final = """
:root{color-scheme:light dark;
--ink:#1b1f24;--soft:#57606a;--paper:#fff;--card:#f6f8fa;
--line:#d0d7de;--people:#0b5cad;--usual:#6e7781;--score:#7a3fd0;--limit:#b35900;
--event:#7fb5e633;--eventline:#3d7ebf;--found:#1a7f37;--false:#b3261e;--hole:#8886}
@media(prefers-color-scheme:dark){:root{
--ink:#e6edf3;--soft:#9aa4ae;--paper:#0d1117;--card:#161b22;
--line:#30363d;--people:#58a6ff;--usual:#9198a1;--score:#bc8cff;--limit:#f0a04b;
--event:#58a6ff2e;--eventline:#79b8ff;--found:#3fb950;--false:#ff7b72;--hole:#8886}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,"PingFang SC",
"Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:1040px;margin:0 auto;padding:20px 18px 56px}
h1{font-size:1rem;font-weight:600;color:var(--soft);margin:0 0 6px}
h2{font-size:1.15rem;margin:38px 0 6px;padding-top:10px;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:22px 0 2px}
p{margin:4px 0 8px;overflow-wrap:anywhere}.soft{color:var(--soft)}
.headline{font-size:1.35rem;line-height:1.4;font-weight:650;margin:0 0 12px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));
gap:10px;margin:14px 0}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:9px 12px}
.figures b{display:block;font-size:1.35rem;line-height:1.25}
.figures span{color:var(--soft);font-size:.86rem}
.callout{border-left:4px solid var(--limit);background:var(--card);padding:8px 12px;margin:10px 0;
border-radius:0 6px 6px 0}
.callout b{display:block;margin-bottom:2px}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:8px 0;font-size:.93rem}
a{color:var(--people)}
svg{width:100%;height:auto;display:block;margin:4px 0}
svg text{font-size:12px;fill:var(--ink)}svg .soft{fill:var(--soft)}
svg .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
svg path{fill:none;stroke-width:2;stroke-linejoin:round}
svg .people{stroke:var(--people);stroke-width:2.4}
svg .usual{stroke:var(--usual);stroke-dasharray:2 3}
svg .score{stroke:var(--score)}svg .limit{stroke:var(--limit);stroke-dasharray:6 4}
svg .band{fill:var(--usual);fill-opacity:.2;stroke:none}
svg .event{fill:var(--event);stroke:var(--eventline);stroke-width:1}
svg .missed{stroke:var(--false);stroke-width:2;stroke-dasharray:3 2}
svg .grid{stroke:var(--line)}svg .mark{stroke:var(--false);stroke-width:1.6}
svg .hole{fill:var(--hole)}svg .dot{fill:var(--people)}svg .now{fill:var(--limit)}
svg .bar{fill:var(--people);fill-opacity:.75}svg .halfway{fill:var(--card)}
svg .outside{fill:var(--usual);fill-opacity:.45}svg .baseline{fill:var(--usual);fill-opacity:.7}
.g1{fill:#2f6fde}.g2{fill:#e0b000}.g3{fill:#e8710a}.g4{fill:#c62828}
.badge{display:inline-block;border-radius:4px;padding:0 7px;font-size:.86rem;font-weight:600;
white-space:nowrap}
.b1{background:#2f6fde;color:#fff}.b2{background:#f2c200;color:#000}
.b3{background:#e8710a;color:#000}.b4{background:#c62828;color:#fff}
.yes{color:var(--found);font-weight:600}.no{color:var(--false);font-weight:600}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:6px 0}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
code{font:13px ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.narrow{display:none}
@media(max-width:640px){.wide{display:none}.narrow{display:block}main{padding:14px 12px 44px}
.headline{font-size:1.12rem}.figures{grid-template-columns:1fr 1fr}
table.tall,table.tall tbody,table.tall tr,table.tall td{display:block;text-align:left}
table.tall thead{display:none}table.tall tr{border-bottom:1px solid var(--line);padding:7px 0}
table.tall td{border:0;padding:1px 0}
table.tall td::before{content:attr(data-head);color:var(--soft);margin-right:8px}}
@media print{main{max-width:none}h2{break-after:avoid}svg{break-inside:avoid}}
footer{margin-top:36px;color:var(--soft);font-size:13px}
"""


def page(title: str, body: Iterable[str], *, lang: str) -> str:
    """Return a whole page. title: plain text. body: HTML, part by part."""
    main = "\n".join(body)
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><main>\n{main}\n</main></body></html>\n"
    )


def section(name: str, title: str) -> str:
    """Return the head of a section, with a name that links can aim at."""
    return f'<h2 id="{name}">{escape(title)}</h2>'


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph of plain text; kind: `soft`, `headline` or nothing."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def callout(question: str, answer: str) -> str:
    """Return a question that people ask, and its answer."""
    return f'<div class="callout"><b>{escape(question)}</b>{escape(answer)}</div>'


def figures(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a row of large figures, each with what it counts."""
    cards = "".join(
        f"<div><b>{escape(figure)}</b><span>{escape(what)}</span></div>" for figure, what in pairs
    )
    return f'<div class="figures">{cards}</div>'


def badge(level: int, text: str) -> str:
    """Return a grade as people are shown it: a colour that always comes with its word."""
    return f'<span class="badge b{level}">{escape(text)}</span>'


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, tall: bool = False, numbers: str = ""
) -> str:
    """Return a table of cells that are HTML already.

    tall: on a phone each row stands as lines of its own. numbers: one letter a column, `n` for
    those aligned as numbers.
    """
    kinds = [' class="n"' if kind == "n" else "" for kind in numbers.ljust(len(head), "-")]
    heads = "".join(f"<th{kind}>{escape(one)}</th>" for one, kind in zip(head, kinds, strict=True))
    lines = "".join(
        "<tr>"
        + "".join(
            f'<td{kind} data-head="{escape(name, quote=True)}">{cell}</td>'
            for name, kind, cell in zip(head, kinds, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    style = ' class="tall"' if tall else ""
    return (
        f'<div class="scroll"><table{style}><thead><tr>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )

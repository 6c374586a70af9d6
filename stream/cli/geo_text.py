"""What the commands of `geo` say, in Chinese and in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from geo.pack import Pack
    from geo.site import PlacedSite

__all__ = ["TEXTS", "clipped", "feed_of", "site_line", "site_lines", "title_of"]

DOT: Final = " · "

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "step.read": "读取文件",
        "step.shapes": "小区形状",
        "step.ground": "地面",
        "step.cells": "分摊覆盖",
        "step.duty": "责任划分",
        "step.sites": "场所",
        "step.pack": "城市包",
        "step.write": "写入城市包",
        "report.head": "{name} · 城市包 {digest}",
        "grid": "网格",
        "grid.squares": "边长 {side:g} 米方格，{tiles:,} 个，{blocks:,} 块，指纹 {digest}",
        "grid.cells": "每个小区自成一格，{tiles:,} 个，{blocks:,} 块，指纹 {digest}",
        "ground": "地面",
        "ground.of": "{ground} 平方公里，",
        "ground.walkable": "可站立 {walkable} 平方公里；{assumed:.1%} 的网格按假定比例估算",
        "coverage": "覆盖",
        "coverage.served": "最新版本服务 {served:,} / {tiles:,} 个网格",
        "coverage.line": "{since} · {feed}：{cells:,} 个小区，平均 {outside:.2%} 落在网格之外",
        "coverage.worst": "落在网格外最多：{worst}",
        "coverage.change": (
            "与上一版相比：新增 {added}，移除 {removed}，移动 {moved}（最远 {far:g} 米）"
        ),
        "coverage.fallback": "未触及可站立地面、按全部地面分摊的小区：{cells}（{first}）",
        "beginning": "自始",
        "from": "自 {since} 起",
        "police": "公安",
        "fire": "消防",
        "posts": "网格岗位",
        "areas": "{areas} 个，网格数：{named}",
        "areas.none": "未提供；按默认席位处理",
        "area.tiles": "{name} {tiles:,}",
        "area.more": "另 {more} 个",
        "posts.count": "{posts} 个，每个网格恰有一个",
        "sites": "场所",
        "site.tiles": "{site} · {tiles} 格",
        "panel": "代表小区",
        "panel.cells": "{cells} 个，均匀分布",
        "slivers": "细缝",
        "feed.any": "任一来源",
        "sliver.line": (
            "{layer}：缝隙 {gaps} 格共 {gap:.1f} 平方米，重叠 {overlaps} 格共 {overlap:.1f} 平方米"
        ),
        "repaired": "已修复",
        "inputs": "输入",
        "tools": "工具",
        "diff.bytes": "两个城市包完全相同",
        "diff.grid.same": "网格相同",
        "diff.grid.other": "网格不同：",
        "diff.side": "边长 {before:g} 米 → {after:g} 米",
        "diff.projection": "平面 {before} → {after}",
        "diff.tiles": "{before:,} → {after:,} 个网格（移除 {gone:,}，新增 {come:,}）",
        "diff.walkable": "{tiles:,} 个网格的可站立面积改变",
        "diff.assumed": "{tiles:,} 个网格的面积来源改变（假定或实测）",
        "diff.feed": "{feed}：{before:,} → {after:,} 个小区",
        "diff.nothing": "无变化",
        "diff.added": "新增 {cells}（{first}）",
        "diff.removed": "移除 {cells}（{first}）",
        "diff.moved": "{cells} 个的地面移动（最远 {cell}，{far:g} 米）",
        "diff.reshaped": "{cells} 个的地面原处改变",
        "versions": "版本",
        "diff.version.added": (
            "新增版本，{since}生效；{feed}：新增 {added}，移除 {removed}，"
            "移动 {moved}（最远 {far:g} 米）"
        ),
        "diff.version.removed": "缺少{since}生效的版本",
        "diff.version.changed": "{since}生效的版本内容不同",
        "duty": "责任",
        "diff.duty": "网格归属改变：公安 {police:,}，消防 {fire:,}，岗位 {posts:,}（如 {first}）",
        "diff.sites.added": "新增：{names}",
        "diff.sites.removed": "移除：{names}",
        "diff.sites.changed": "改变：{names}",
        "verdict": "结论",
        "verdict.same": "网格相同：已保存的状态可以继续使用",
        "verdict.acts": "新的覆盖{since}生效；载入时该时刻必须尚未到来",
        "verdict.rewritten": (
            "但{since}生效的版本与原来不同。已经生效的版本不能改写："
            "请保留原文件，另加一个带 valid_from 的 [[cells]]"
        ),
        "verdict.other": (
            "网格不同：已保存的状态不能继续使用。迁移：停止全部工作进程，"
            "设置新的 topics.prefix 后重新开始，基线重新学习；"
            "或保留原来的 [grid]、[boundary] 和 [ground]"
        ),
        "nothing_to_draw": "网格没有位置，无法绘图",
        "nothing_to_draw.write": "请提供多边形，或 row 与 col",
        "picture.side": "{side:g} 米网格 · ",
        "picture.facts": "{side}{tiles:,} 格 · {cells:,} 个小区 · 指纹 {digest}",
        "picture.colours": "覆盖每个网格的小区数",
        "picture.none": "无覆盖",
        "picture.sites": "重点场所",
        "picture.more": "另有 {more} 处",
        "picture.north": "北",
        "site.capacity": "容量 {capacity:,.0f} 人",
        "site.rungs": "分级 {rungs} 人/平方米",
        "narrow": "通道狭窄",
        "one_exit": "单一出口",
        "slope": "坡道",
        "water_edge": "临水",
    },
    "en": {
        "step.read": "files",
        "step.shapes": "shapes of cells",
        "step.ground": "ground",
        "step.cells": "coverage",
        "step.duty": "duty",
        "step.sites": "sites",
        "step.pack": "pack",
        "step.write": "writing the pack",
        "report.head": "{name} · pack {digest}",
        "grid": "grid",
        "grid.squares": "{tiles:,} squares of {side:g} m in {blocks:,} blocks, grid {digest}",
        "grid.cells": "{tiles:,} cells, each its own tile, in {blocks:,} blocks, grid {digest}",
        "ground": "ground",
        "ground.of": "{ground} km², ",
        "ground.walkable": "{walkable} km² walkable; assumed for {assumed:.1%} of the tiles",
        "coverage": "coverage",
        "coverage.served": "the newest version serves {served:,} of {tiles:,} tiles",
        "coverage.line": (
            "{since} · {feed}: {cells:,} cells, in the mean {outside:.2%} of one outside the grid"
        ),
        "coverage.worst": "most outside: {worst}",
        "coverage.change": (
            "against the version before: {added} added, {removed} removed, {moved} moved"
            " (farthest {far:g} m)"
        ),
        "coverage.fallback": (
            "cells without walkable ground, spread over all their ground: {cells} ({first})"
        ),
        "beginning": "from the beginning",
        "from": "from {since}",
        "police": "police",
        "fire": "fire",
        "posts": "grid posts",
        "areas": "{areas}, with tiles: {named}",
        "areas.none": "not given; the default desks apply",
        "area.tiles": "{name} {tiles:,}",
        "area.more": "{more} more",
        "posts.count": "{posts}, exactly one a tile",
        "sites": "sites",
        "site.tiles": "{site} · tiles: {tiles}",
        "panel": "panel",
        "panel.cells": "{cells} cells, spread over the ground",
        "slivers": "slivers",
        "feed.any": "any feed",
        "sliver.line": (
            "{layer}: gaps on {gaps} tiles, {gap:.1f} m² in all;"
            " overlaps on {overlaps} tiles, {overlap:.1f} m²"
        ),
        "repaired": "repaired",
        "inputs": "inputs",
        "tools": "tools",
        "diff.bytes": "the packs are the same to the last byte",
        "diff.grid.same": "the same",
        "diff.grid.other": "another one:",
        "diff.side": "side {before:g} m → {after:g} m",
        "diff.projection": "plane {before} → {after}",
        "diff.tiles": "{before:,} → {after:,} tiles ({gone:,} gone, {come:,} new)",
        "diff.walkable": "{tiles:,} tiles with another walkable area",
        "diff.assumed": "{tiles:,} tiles whose area is assumed in one pack only",
        "diff.feed": "{feed}: {before:,} → {after:,} cells",
        "diff.nothing": "no change",
        "diff.added": "{cells} added ({first})",
        "diff.removed": "{cells} removed ({first})",
        "diff.moved": "the ground of {cells} moved (farthest {cell}, {far:g} m)",
        "diff.reshaped": "the ground of {cells} changed in place",
        "versions": "versions",
        "diff.version.added": (
            "new, acts {since}; {feed}: {added} added, {removed} removed,"
            " {moved} moved (farthest {far:g} m)"
        ),
        "diff.version.removed": "gone: the one that acts {since}",
        "diff.version.changed": "the one that acts {since} says something else",
        "duty": "duty",
        "diff.duty": (
            "tiles for which somebody else answers: police {police:,}, fire {fire:,},"
            " posts {posts:,} (as {first})"
        ),
        "diff.sites.added": "new: {names}",
        "diff.sites.removed": "gone: {names}",
        "diff.sites.changed": "changed: {names}",
        "verdict": "so",
        "verdict.same": "same grid: saved state goes on",
        "verdict.acts": "new coverage acts {since}, which must lie ahead when it is loaded",
        "verdict.rewritten": (
            "but the version that acts {since} is not what it was. What has acted cannot be"
            " rewritten: keep the old file and add a [[cells]] with a valid_from"
        ),
        "verdict.other": (
            "another grid: saved state cannot go on. To migrate: stop all workers, set a new"
            " topics.prefix and start again, baselines are learned anew; or keep [grid],"
            " [boundary] and [ground] as they were"
        ),
        "nothing_to_draw": "has tiles without a place, nothing to draw",
        "nothing_to_draw.write": "give polygons, or row and col",
        "picture.side": "{side:g} m tiles · ",
        "picture.facts": "{side}{tiles:,} tiles · {cells:,} cells · grid {digest}",
        "picture.colours": "cells that serve a tile",
        "picture.none": "none",
        "picture.sites": "sites",
        "picture.more": "{more} more",
        "picture.north": "N",
        "site.capacity": "capacity {capacity:,.0f}",
        "site.rungs": "rungs {rungs} people/m²",
        "narrow": "narrow",
        "one_exit": "one exit",
        "slope": "slope",
        "water_edge": "water's edge",
    },
}
"""Language to texts; a test holds their keys, and the names inside them, equal."""


def clipped(text: str, width: int) -> str:
    """Cut a text to a width; Chinese characters are twice as wide as Latin ones.

    >>> clipped("Crowdtide", 6), clipped("湛江市赤坎区", 8), clipped("short", 8)
    ('Crowd…', '湛江市…', 'short')
    """
    if _width(text) <= width:
        return text
    while _width(text) > width - 1:
        text = text[:-1]
    return text + "…"


def _width(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)  # noqa: PLR2004  see above


def site_line(site: PlacedSite, lang: str) -> str:
    """Say a site in one line: name, capacity, access risks."""
    return DOT.join(_site_parts(site, lang))


def site_lines(site: PlacedSite, lang: str, width: int) -> list[str]:
    """Say the same in lines of a width: broken between its parts, for a risk must not be cut."""
    lines: list[str] = []
    for part in _site_parts(site, lang):
        if lines and _width(longer := lines[-1] + DOT + part) <= width:
            lines[-1] = longer
        else:
            lines.append(clipped(part, width))
    return lines


def _site_parts(site: PlacedSite, lang: str) -> list[str]:
    texts = TEXTS[lang]
    parts = [site.name]
    if site.capacity is not None:
        parts.append(texts["site.capacity"].format(capacity=site.capacity))
    return parts + [texts[risk] for risk in site.access_risk]


def title_of(pack: Pack, lang: str) -> str:
    """Return the name of a city in a language."""
    return (lang == "zh-CN" and pack.name_zh) or pack.name


def feed_of(feed: str, lang: str) -> str:
    """Return the name of a feed, or words for any feed."""
    return TEXTS[lang]["feed.any"] if feed in {"", "*"} else feed

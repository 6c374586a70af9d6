"""The words of a report page in Chinese, under the same keys as the other language."""

from typing import Final

__all__ = ["ZH"]

ZH: Final = {
    "title": "回放评估",
    "simulated": "模拟数据",
    "head.found": "{total} 场已知活动发现 {found} 场，其中半数{lead}；每周误报 {false:g} 次，每天 "
    "{spent:.2g} 次，预算为每天 {budget:g} 次。",
    "head.none": "{total} 场已知活动一场也未发现；每周误报 {false:g} 次，每天 {spent:.2g} 次，预"
    "算为每天 "
    "{budget:g} 次。",
    "head.free": "{weeks:.1f} 周内共 {incidents} 起事件，异常事件每天 {spent:.2g} 起，预算为每天 "
    "{budget:g} "
    "起。未提供已知活动，无法区分命中与漏报。",
    "lead.before": "在开始前至少 {minutes:.0f} 分钟预警",
    "lead.after": "在开始后 {minutes:.0f} 分钟内预警",
    "fig.found": "发现的活动",
    "fig.lead": "提前量中位数（开始前，分钟）",
    "fig.delay": "开始后延迟中位数（分钟）",
    "fig.false": "每周误报次数",
    "fig.spent": "每日预算使用比例",
    "fig.messages": "每天消息数（公安 / 消防）",
    "nav.timeline": "时间总览",
    "nav.missed": "漏报的活动",
    "nav.false": "误报",
    "nav.days": "最差的日子",
    "nav.found": "发现的活动",
    "nav.levels": "分级统计",
    "nav.budget": "预算与取舍",
    "nav.forecast": "预测",
    "nav.data": "数据",
    "weekdays": "周一 周二 周三 周四 周五 周六 周日",
    "timeline.how": "一行为一周。方框：已知活动（红色虚线框为漏报）。色条：事件，颜色为其最高级别"
    "；× 为误报。"
    "时间为当地时间（{zone}）。",
    "timeline.says": "{weeks} 周日历：{events} 场活动，发现 {found} 场；{incidents} 起事件，其中"
    "误报 {false} 起。",
    "key.people": "{unit}：实线为实测，点线为平时，灰色为 ±2 个离散度",
    "key.score": "异常分：实线；虚线为预算对应的阈值",
    "unit.people": "人数",
    "unit.activity": "活跃度",
    "chart.how": "蓝色区域：活动时段。红线：事件开始，其下色条为级别颜色。灰色短条：无数据。",
    "missed.none": "没有漏报。",
    "missed.free": "未提供已知活动。",
    "missed.q": "为什么漏报？",
    "why.unknown_place": "该地点没有可查看的网格：小区文件中没有这个小区，或城市过大未保存全部曲"
    "线。",
    "why.unseen": "当时看不见：活动期间 {gap:.0%} 的时段没有数据。",
    "why.withheld": "活动期间 {held:.0%} 的时段人数低于数据源的隐私下限，未提供数值。",
    "why.warming": "该地点在这个时段仍在积累历史（{warm:.0%} 的时段）：历史太少，说不出平时是多少"
    "。",
    "why.long": "该地点当时有事件，但持续超过 12 小时：一直不结束的警报不算发现活动。",
    "why.excess": "异常分已够（{score:.2f}，需要 {threshold:.2f}），但只比平时多 {excess:,.0f}，"
    "要求至少多 "
    "{least:,.0f}。",
    "why.score": "异常程度不够：最接近时（{at}）异常分 {score:.2f}，预算要求 {threshold:.2f}（实测 "
    "{people:,.0f}，平时 {expected:,.0f}）。",
    "why.other": "{at} 的异常分（{score:.2f}，需要 {threshold:.2f}）和超出人数都够，但未升级：可"
    "能是覆盖不足或升级"
    "规则。`crowdtide explain` 可逐条查看。",
    "missed.cost": "若预算为每天 {budget:g} 次可以发现，每周误报 {false:g} 次（现在 {now:g} 次）。",
    "missed.never": "试过的预算（最高每天 {budget:g} 次）都发现不了它。",
    "missed.ask": "逐条规则：crowdtide explain … --tile {tile} --at {time}",
    "missed.more": "另有 {count} 场漏报未画图：{names}",
    "false.none": "没有误报。",
    "false.free": "没有已知活动时，所有事件都不在名单上。最严重的：",
    "false.how": "没有遇到任何已知活动的事件；同一地点相隔不到一小时的合并后共 {count} 起。按级别"
    "和异常分排序，最严重的：",
    "false.more": "另有 {count} 起，见报告文件。",
    "days.q": "哪一天最差，为什么？",
    "days.worst": "{date}：误报 {false} 起，漏报 {missed} 场。{why}",
    "days.none": "没有一天出现误报或漏报。",
    "day.gaps": "缺少 {unseen:.0%} 的读数。",
    "day.warming": "{warming:.0%} 的地点仍在积累历史。",
    "day.level_up": "所有可判断地点合计为平时的 {level:.1f} 倍：整天都不寻常（或日期类型有误）。",
    "day.level_down": "所有可判断地点合计仅为平时的 {level:.1f} 倍。",
    "day.place": "其中 {count} 起在同一地点：{place}。",
    "day.scattered": "分散在多个地点。",
    "day.missed": "漏报了已知活动。",
    "day.plain": "没有其他异常：所有地点合计为平时的 {level:.1f} 倍，缺少 {unseen:.0%} 的读数。",
    "col.date": "日期",
    "col.false": "误报",
    "col.missed": "漏报",
    "col.level": "全部地点（与平时之比）",
    "col.unseen": "无数据",
    "col.start": "开始",
    "col.event": "活动",
    "col.lead": "提前量",
    "col.opened": "事件开始",
    "col.grade": "级别",
    "col.place": "地点",
    "col.peak": "峰值",
    "col.score": "异常分",
    "col.lasted": "持续",
    "col.why": "原因",
    "col.incidents": "事件数",
    "col.events": "达到该级别及以上时遇到的活动",
    "col.minutes": "提前",
    "col.places": "地点",
    "col.inside": "区间内",
    "col.under": "低于",
    "col.over": "高于",
    "col.error": "误差（与基线之比）",
    "col.baseline": "基线误差",
    "col.width": "区间宽度",
    "col.count": "预测次数",
    "lead.min": "{lead:+.0f} 分钟",
    "lasted.open": "未结束",
    "lasted.h": "{hours}:{minutes:02d} 小时",
    "found.says": "提前量：从预警到活动开始的分钟数；负数为开始之后。已扣除等待迟到数据的时间（"
    "{lateness} 秒）。",
    "grade": "{colour}色{grade}级",
    "colour.1": "蓝",
    "colour.2": "黄",
    "colour.3": "橙",
    "colour.4": "红",
    "reason.density": "密度高",
    "reason.occupancy": "接近容量",
    "reason.baseline_ratio": "多于平时",
    "reason.rate_of_change": "聚集快",
    "reason.forecast": "预测",
    "reason.planned": "有计划活动",
    "reason.beyond_plan": "超出计划",
    "reason.hold": "观察中",
    "reason.blind": "部分无数据",
    "reason.neighbourhood": "与周边合计多于平时",
    "budget.says": "承诺：每天误报不超过 {budget:g} 次。实际：每天 {spent:.2g} 次，为承诺的 "
    "{ratio:.0%}（含已知活动在内"
    "的异常事件每天 {raised:.2g} 起）。",
    "budget.weeks": "每七天的误报数（柱）；七天的预算为 {allowed:g} 次（虚线）。",
    "axis.week": "每周误报",
    "axis.found": "发现的活动数",
    "axis.false_week": "每周误报次数",
    "chart.now": "当前预算：每天 {budget:g} 次",
    "trade.q": "多发现一场活动要多少误报？",
    "trade.more": "预算每天 {budget:g} 次可发现 {total} 场中的 {found} 场：多 {extra} 场，每周多"
    "误报 {cost:.2g} 次"
    "（{now:.2g} → {then:.2g}）。",
    "trade.free": "预算每天 {budget:g} 次可发现 {total} 场中的 {found} 场：多 {extra} 场，每周误报"
    "不增加（{now:.2g} → {then:.2g}）。",
    "trade.none": "试过的预算（最高每天 {budget:g} 次）都不能发现更多。",
    "trade.less": "预算从每天 {budget:g} 次起即可发现同样多的活动，每周误报 {cost:.2g} 次。",
    "trade.how": "每个点是同一次运行换一个预算（点旁数字为每天允许的误报数）。选取阈值时不看活动"
    "名单。",
    "trade.off": "用 --tradeoff 运行即可看到：在同样的异常分上尝试其他预算。",
    "trade.says": "{count} 个预算下发现的活动数与每周误报数：{points}。",
    "forecast.none": "没有可与实测对照的预测：所有地点历史不足，或数据在预测后一小时内结束。",
    "forecast.says": "提前 {minutes:g} 分钟：{count:,} 次预测中有 {inside:.1%} 的实测落在 80% "
    "区间内，平均误差为基线的 {error}。",
    "forecast.crowded": "其中在远多于平时的地点作出的 {count:,} 次，落在区间内 {inside:.1%}，误差为"
    "基线的 {error}。",
    "forecast.how": "可靠的预测应有十分之一的实测低于区间，十分之一高于区间（虚线）。对照为基线本身"
    "：该地点该时段平时的数值，不考虑当前情况。拥挤：预测时比平时多 2 个离散度以上，这些预测决定它"
    "对值班人员有无帮助。误差以数据源的单位计（{unit}）。",
    "forecast.all": "全部",
    "forecast.busy": "拥挤",
    "chart.held": "低于、落在、高于 80% 区间的比例（%）",
    "chart.errors": "平均误差（{unit}）：蓝色为预测，灰色为基线",
    "data.feed": "数据源",
    "data.span": "时间范围",
    "data.tiles": "地点数",
    "data.rows": "数据行",
    "data.lost": "未使用",
    "data.gaps": "缺口",
    "data.settings": "设置",
    "data.labels": "范围之外",
    "data.notes": "说明",
    "data.nothing": "无",
    "data.gap": "{gap:.1%} 的网格时段没有数据；最差的一天 {date}：{worst:.0%}",
    "data.nogap": "无：每个地点每个时段都有数据",
    "data.hops": "{begin} 至 {end}（{zone}），{frames:,} 个时段，每个 {hop:g} 分钟",
    "data.account": "共 {rows:,} 行，采用 {accepted:,} 行",
    "curve.says": "{place}：实测最高 {people:,.0f}，平时 {expected:,.0f}；异常分最高 "
    "{score:.2f}，需要 {threshold:.2f}。",
}

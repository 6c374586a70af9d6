"""The words of a report page in Chinese and English, under the same keys."""

from __future__ import annotations

from typing import Final

__all__ = ["WORDS"]

_EN: Final = {
    "title": "Backtest",
    "simulated": "SIMULATED data",
    "head.found": "Found {found} of {total} events, half of them {lead}; {false:g} false "
    "alarms a week, {spent:.2g} a day against a budget of {budget:g}.",
    "head.none": "None of {total} events was found; {false:g} false alarms a week, {spent:.2g} a "
    "day against a budget of {budget:g}.",
    "head.free": "{incidents} incidents in {weeks:.1f} weeks, {spent:.2g} unusual ones a day "
    "against "
    "a budget of {budget:g}. No known events were given, so hits and misses cannot be told apart.",
    "lead.before": "at least {minutes:.0f} min before their start",
    "lead.after": "no later than {minutes:.0f} min after their start",
    "fig.found": "events found",
    "fig.lead": "median lead, min before the start",
    "fig.delay": "median delay after the start, min",
    "fig.false": "false alarms a week",
    "fig.spent": "of the daily budget spent",
    "fig.messages": "messages a day, police / fire",
    "nav.timeline": "Timeline",
    "nav.missed": "Missed events",
    "nav.false": "False alarms",
    "nav.days": "Worst days",
    "nav.found": "Found events",
    "nav.levels": "Grades",
    "nav.budget": "Budget and trade-off",
    "nav.forecast": "Forecast",
    "nav.data": "Data",
    "weekdays": "Mon Tue Wed Thu Fri Sat Sun",
    "timeline.how": "One line is one week. Box: a known event (dashed red: missed). Bar: an "
    "incident "
    "in the colour of its highest grade; × marks a false alarm. Times are local ({zone}).",
    "timeline.says": "Calendar of {weeks} weeks with {events} events, {found} found, and "
    "{incidents} incidents, {false} of them false alarms.",
    "key.people": "{unit} - solid: counted, dotted: expected, grey: ± 2 spreads",
    "key.score": "score - solid, and the threshold of the budget - dashed",
    "unit.people": "people",
    "unit.activity": "activity",
    "chart.how": "Blue area: the event. Red line: an incident opens; its bar has the colour of its "
    "grade. Grey ticks: no data.",
    "missed.none": "No event was missed.",
    "missed.free": "No known events were given.",
    "missed.q": "Why was it missed?",
    "why.unknown_place": "Its place has no tile that was followed: the cells file does not know "
    "the "
    "cell, or the city is too large to keep every curve.",
    "why.unseen": "We could not see: {gap:.0%} of the hops of the event had no data.",
    "why.withheld": "The counts were below the privacy floor of the feed for {held:.0%} of the "
    "event.",
    "why.warming": "The place was still warming up at this hour ({warm:.0%} of the hops): too "
    "little "
    "history to say what is usual.",
    "why.long": "An incident was open there, but for more than 12 hours: an alarm that never ends "
    "does not count as finding an event.",
    "why.excess": "The score was high enough ({score:.2f} of {threshold:.2f}), but only "
    "{excess:,.0f} "
    "more than usual were there, of {least:,.0f} that are asked.",
    "why.score": "The place was not unusual enough: at its nearest, {at}, the score was "
    "{score:.2f} of "
    "the {threshold:.2f} that the budget asks ({people:,.0f} where {expected:,.0f} are usual).",
    "why.other": "Score ({score:.2f} of {threshold:.2f}) and excess sufficed at {at}, yet no level "
    "was raised: coverage, or the rule for rising. `crowdtide explain` shows it rule by rule.",
    "missed.cost": "A budget of {budget:g} a day would have found it, at {false:g} false alarms a "
    "week (now {now:g}).",
    "missed.never": "No budget that was tried finds it (up to {budget:g} a day).",
    "missed.ask": "Rule by rule: crowdtide explain … --tile {tile} --at {time}",
    "missed.more": "{count} more missed events without a picture: {names}",
    "false.none": "No false alarm.",
    "false.free": "Without known events every incident counts as off the list. The worst:",
    "false.how": "Incidents that met no known event; {count} after joining those of one place less "
    "than an hour apart. The worst by grade and score:",
    "false.more": "{count} more in the report file.",
    "days.q": "Which day was worst, and why?",
    "days.worst": "{date}: false alarms {false}, missed events {missed}. {why}",
    "days.none": "No day had a false alarm or a miss.",
    "day.gaps": "{unseen:.0%} of the readings were missing.",
    "day.warming": "{warming:.0%} of all places were still warming up.",
    "day.level_up": "All judged places together stood at {level:.1f} times the expected count: the "
    "day as a whole was unusual (or its kind of day is wrong).",
    "day.level_down": "All judged places together stood at {level:.1f} times the expected count.",
    "day.place": "{count} of them at one place, {place}.",
    "day.scattered": "They were at several places.",
    "day.missed": "A known event was missed.",
    "day.plain": "Nothing else stood out: all places together stood at {level:.1f} times the "
    "expected count, {unseen:.0%} of the readings were missing.",
    "col.date": "Day",
    "col.false": "False alarms",
    "col.missed": "Missed",
    "col.level": "All places, of expected",
    "col.unseen": "No data",
    "col.start": "Start",
    "col.event": "Event",
    "col.lead": "Lead",
    "col.opened": "Opened",
    "col.grade": "Grade",
    "col.place": "Place",
    "col.peak": "Peak",
    "col.score": "Score",
    "col.lasted": "Lasted",
    "col.why": "Why",
    "col.incidents": "Incidents",
    "col.events": "Events met at this grade or above",
    "col.minutes": "Ahead",
    "col.inside": "Inside the 80 % interval",
    "col.error": "Error, of the baseline's",
    "col.count": "Forecasts",
    "lead.min": "{lead:+.0f} min",
    "lasted.open": "open",
    "lasted.h": "{hours}:{minutes:02d} h",
    "found.says": "Lead: minutes from the alert to the start of the event; negative = after it. "
    "The wait for late readings ({lateness} s) is already taken off.",
    "grade": "{colour} {grade}",
    "colour.1": "blue",
    "colour.2": "yellow",
    "colour.3": "orange",
    "colour.4": "red",
    "reason.density": "dense",
    "reason.occupancy": "near capacity",
    "reason.baseline_ratio": "more than usual",
    "reason.rate_of_change": "filling fast",
    "reason.hold": "held",
    "reason.blind": "partly blind",
    "reason.neighbourhood": "more than usual with the places around it",
    "budget.says": "Promised: at most {budget:g} false alarms a day. Spent: {spent:.2g} a day, "
    "{ratio:.0%} "
    "of the promise ({raised:.2g} unusual incidents a day, known events included).",
    "budget.weeks": "False alarms in each seven days (bars); the budget of seven days is "
    "{allowed:g} (dashed).",
    "axis.week": "false alarms a week",
    "axis.found": "events found",
    "axis.false_week": "false alarms a week",
    "chart.now": "budget now: {budget:g} a day",
    "trade.q": "What would one more found event cost?",
    "trade.more": "A budget of {budget:g} a day finds {found} of {total}: {extra} more, for "
    "{cost:.2g} more false alarms a week ({now:.2g} → {then:.2g}).",
    "trade.none": "No budget that was tried (up to {budget:g} a day) finds more.",
    "trade.less": "The same number is found from a budget of {budget:g} a day on, with {cost:.2g} "
    "false alarms a week.",
    "trade.how": "Each point is the same run under another budget (figures beside the points: "
    "false "
    "alarms allowed a day). Events were not looked at to choose it.",
    "trade.off": "Run with --tradeoff to see it: other budgets are tried on the same scores.",
    "trade.says": "Found events against false alarms a week for {count} budgets: {points}.",
    "forecast.none": "No forecast was measured in this run.",
    "data.feed": "Feed",
    "data.span": "Span",
    "data.tiles": "Places",
    "data.rows": "Rows",
    "data.lost": "Not used",
    "data.gaps": "Gaps",
    "data.settings": "Settings",
    "data.labels": "Outside the span",
    "data.notes": "Notes",
    "data.nothing": "nothing",
    "data.gap": "{gap:.1%} of all tile-hops had no data; worst day {date}: {worst:.0%}",
    "data.nogap": "none: every hop of every place had data",
    "data.hops": "{begin} to {end} ({zone}), {frames:,} hops of {hop:g} min",
    "data.account": "{rows:,} rows, {accepted:,} accepted",
    "curve.says": "{place}: at most {people:,.0f} counted where {expected:,.0f} were expected; "
    "score at "
    "most {score:.2f} of {threshold:.2f} needed.",
}

_ZH: Final = {
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
    "col.inside": "落在 80% 区间内",
    "col.error": "误差（与基线之比）",
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
    "trade.none": "试过的预算（最高每天 {budget:g} 次）都不能发现更多。",
    "trade.less": "预算从每天 {budget:g} 次起即可发现同样多的活动，每周误报 {cost:.2g} 次。",
    "trade.how": "每个点是同一次运行换一个预算（点旁数字为每天允许的误报数）。选取阈值时不看活动"
    "名单。",
    "trade.off": "用 --tradeoff 运行即可看到：在同样的异常分上尝试其他预算。",
    "trade.says": "{count} 个预算下发现的活动数与每周误报数：{points}。",
    "forecast.none": "本次运行未测量预测。",
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

WORDS: Final[dict[str, dict[str, str]]] = {"zh-CN": _ZH, "en": _EN}
"""Language to texts; a test holds their keys, and the names inside them, equal."""

"""What the demo says, in Chinese and in English, from catalogues with the same keys."""

from __future__ import annotations

from typing import Final

__all__ = ["TEXTS"]

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "title": "Crowdtide 演示：{day}，米兰一个足球之夜的真实计数",
        "match": "{name}，{kickoff} 开球，约 {whistle} 终场",
        "what": "活跃度（通话与短信、上网流量）不是人数，单位任意",
        "units": (
            "圣西罗球场：通话与短信；另外 {squares} 个街区：上网。预算：每台每天 {budget:g} 次误报"
        ),
        "data": "数据",
        "history": "历史",
        "history.times": "已用 {{spent}} 秒，约剩 {{left}} 秒",
        "history.done": (
            "{first} 至 {last}，{readings:,} 条读数，离线引擎 {seconds:.1f} 秒，状态写入快照主题"
        ),
        "history.raised": "其间共 {raised} 起事件报给公安，其中圣西罗 {here} 起",
        "history.line": "三场较早比赛的峰值，用于估算观众人数：{peaks}",
        "broker": "消息系统",
        "broker.embedded": "内嵌，{bootstrap}（无需安装 Kafka）",
        "broker.named": "{bootstrap}，主题前缀 {prefix}",
        "worker": "工作进程",
        "worker.ready": "{seconds:.1f} 秒后就绪，进程 {pid}",
        "evening": "今晚",
        "evening.begins": "{first} 起，{speed}，经 Kafka；公安与消防两个订阅者在收听",
        "speed": "{speed:g} 倍速",
        "speed.full": "全速",
        "clock": "日志时间 {clock}，{moment}",
        "title.alert": "{place}：{kind}",
        "badge": "{colour}色 {grade} 级",
        "desk.police": "公安",
        "desk.fire": "消防",
        "before": "距开球 {minutes} 分钟",
        "during": "开球后 {since} 分钟，距终场 {minutes} 分钟",
        "after": "终场后 {minutes} 分钟",
        "now": "现有活跃度 {now}，平时 {usual}{times}，{trend}",
        "times": "（{times} 倍）",
        "now.unknown": "现有活跃度不明",
        "score": "评分 {score:.1f}，阈值 {threshold:.1f}",
        "trend.rising": "上升",
        "trend.flat": "持平",
        "trend.falling": "下降",
        "trend.unknown": "走势不明",
        "access": "通道受阻风险",
        "attendance": "观众人数估算：约 {people:,}",
        "attendance.how": (
            "（今晚至今峰值 {peak}，取自本月前 {points} 场比赛峰值连成的直线；仅供参考，并非计数）"
        ),
        "semicolon": "；",
        "stop": "，",
        "summary": "小结",
        "first": "{desk}首次收到预警：{clock}，{moment}",
        "first.none": "{desk}未收到预警",
        "count": (
            "预警消息：公安 {police} 条，消防 {fire} 条；共 {incidents} 起事件（圣西罗 {here} 起）"
        ),
        "equal": "与离线引擎对同一晚的结果逐字节一致：{count} 条",
        "differs": "与离线引擎的结果不一致（线上 {live} 条，离线 {offline} 条）：这是缺陷，请报告",
        "attended": "官方公布观众 {people:,} 人",
        "attended.line": "；直线在今晚峰值 {peak} 处给出 {estimate:,} 人",
        "took": "从启动到公安首次预警 {police} 秒，到消防 {fire} 秒",
        "next": "接下来",
        "next.keep": "保持运行，查看内部：crowdtide demo --keep",
        "next.budget": "预算放宽会更早：crowdtide demo --set alerts.false_alarms_per_day=3",
        "next.backtest": "自己的数据：crowdtide backtest 计数.csv --cells 小区.csv",
        "next.docs": "文档：README.zh-CN.md，docs/",
        "keep": "继续运行，按 Ctrl-C 结束",
        "keep.kcat": "公安主题：kcat -b {bootstrap} -t {topic} -C -o beginning -u",
        "keep.tail": "同上，易读：crowdtide tail police --from earliest {options}",
        "keep.metrics": "指标：http://127.0.0.1:{port}/metrics",
        "late": (
            "公安与消防未能都收到预警（收到：{heard}）：3 分钟已过，或当晚已结束；加 --keep 可查看"
        ),
        "nobody": "无",
        "dead": "工作进程已停止（代码 {code}），其日志末尾：",
        "not_ready": "工作进程 {seconds:.0f} 秒内未就绪（{why}），其日志末尾：",
        "ended": "已结束，临时数据已清除",
    },
    "en": {
        "title": "Crowdtide demo: a football evening in Milan on real counts, {day}",
        "match": "{name}, kick-off {kickoff}, final whistle about {whistle}",
        "what": "Activity (calls and texts, internet) is no count of people; its unit is arbitrary",
        "units": (
            "San Siro: calls and texts; {squares} other squares: internet."
            " Budget: {budget:g} false alarm a desk and day"
        ),
        "data": "data",
        "history": "history",
        "history.times": "{{spent}} s, about {{left}} s to go",
        "history.done": (
            "{first} to {last}, {readings:,} readings, offline engine {seconds:.1f} s,"
            " state in the snapshot topic"
        ),
        "history.raised": "police heard of {raised} incidents in that time, {here} at San Siro",
        "history.line": "peaks of the three earlier matches, for an attendance estimate: {peaks}",
        "broker": "broker",
        "broker.embedded": "embedded, {bootstrap} (no Kafka needed)",
        "broker.named": "{bootstrap}, topics {prefix}*",
        "worker": "worker",
        "worker.ready": "ready after {seconds:.1f} s, process {pid}",
        "evening": "evening",
        "evening.begins": (
            "from {first}, {speed}, through Kafka; a police and a fire subscriber listen"
        ),
        "speed": "{speed:g} x real time",
        "speed.full": "full speed",
        "clock": "log time {clock}, {moment}",
        "title.alert": "{place}: {kind}",
        "badge": "{colour} {grade}",
        "desk.police": "POLICE",
        "desk.fire": "FIRE",
        "before": "{minutes} min to kick-off",
        "during": "{since} min after kick-off, {minutes} min to the final whistle",
        "after": "{minutes} min after the final whistle",
        "now": "activity now {now}, usually {usual}{times}, {trend}",
        "times": " ({times} x)",
        "now.unknown": "activity now unknown",
        "score": "score {score:.1f}, threshold {threshold:.1f}",
        "trend.rising": "rising",
        "trend.flat": "steady",
        "trend.falling": "falling",
        "trend.unknown": "trend unknown",
        "access": "access at risk",
        "attendance": "match attendance estimate: about {people:,}",
        "attendance.how": (
            " (tonight's peak so far, {peak}, on the line through the peaks of the month's"
            " {points} earlier matches; a hint, no count)"
        ),
        "semicolon": "; ",
        "stop": ", ",
        "summary": "summary",
        "first": "{desk} first heard at {clock}: {moment}",
        "first.none": "{desk} heard nothing",
        "count": (
            "alert messages: police {police}, fire {fire}; incidents: {incidents}"
            " ({here} of them at San Siro)"
        ),
        "equal": "byte for byte what the offline engine says of the same evening: {count} messages",
        "differs": (
            "not what the offline engine says of the same evening (live {live}, offline {offline}"
            " messages): a bug, please report it"
        ),
        "attended": "attendance as published: {people:,}",
        "attended.line": "; the line says {estimate:,} at tonight's peak of {peak}",
        "took": "from start to the first police alert {police} s, to the first fire alert {fire} s",
        "next": "next",
        "next.keep": "look inside while it runs: crowdtide demo --keep",
        "next.budget": (
            "a looser budget hears earlier: crowdtide demo --set alerts.false_alarms_per_day=3"
        ),
        "next.backtest": "your own counts: crowdtide backtest counts.csv --cells cells.csv",
        "next.docs": "to read: README.md, docs/",
        "keep": "running on; Ctrl-C ends it",
        "keep.kcat": "police topic: kcat -b {bootstrap} -t {topic} -C -o beginning -u",
        "keep.tail": "the same for reading: crowdtide tail police --from earliest {options}",
        "keep.metrics": "metrics: http://127.0.0.1:{port}/metrics",
        "late": (
            "police and fire have not both heard (heard: {heard}), and 3 minutes or the evening"
            " are over; look with --keep"
        ),
        "nobody": "nobody",
        "dead": "the worker has stopped (code {code}); the end of its log:",
        "not_ready": "the worker was not ready within {seconds:.0f} s ({why}); the end of its log:",
        "ended": "ended, temporary data removed",
    },
}
"""Language to texts; a test holds their keys, and the names inside them, equal."""

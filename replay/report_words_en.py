"""The words of a report page in English, under the same keys as the other language."""

from typing import Final

__all__ = ["EN"]

EN: Final = {
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
    "col.places": "Places",
    "col.inside": "Inside",
    "col.under": "Under",
    "col.over": "Over",
    "col.error": "Error, of the baseline's",
    "col.baseline": "Baseline's error",
    "col.width": "Width",
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
    "reason.forecast": "forecast",
    "reason.planned": "a planned event",
    "reason.beyond_plan": "beyond the plan",
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
    "trade.free": "A budget of {budget:g} a day finds {found} of {total}: {extra} more, for no "
    "more false alarms a week ({now:.2g} → {then:.2g}).",
    "trade.none": "No budget that was tried (up to {budget:g} a day) finds more.",
    "trade.less": "The same number is found from a budget of {budget:g} a day on, with {cost:.2g} "
    "false alarms a week.",
    "trade.how": "Each point is the same run under another budget (figures beside the points: "
    "false "
    "alarms allowed a day). Events were not looked at to choose it.",
    "trade.off": "Run with --tradeoff to see it: other budgets are tried on the same scores.",
    "trade.says": "Found events against false alarms a week for {count} budgets: {points}.",
    "forecast.none": "No forecast could be compared with what came: no place had the history for "
    "one, or the feed ends within the hour after it.",
    "forecast.says": "{minutes:g} min ahead {inside:.1%} of {count:,} outcomes fell inside the "
    "80 % interval; the mean error was {error} the baseline's.",
    "forecast.crowded": " Of the {count:,} made where far more than usual were, {inside:.1%} held, "
    "with {error} the baseline's error.",
    "forecast.how": "A sound forecast leaves a tenth of the outcomes under its interval and a "
    "tenth over it (dashed). Beside it the baseline alone: what is usual for the place and hour, "
    "without what is known of the moment. Crowded: 2 spreads or more above usual when the forecast "
    "was made; these decide whether it helps a desk. Errors in the feed's unit, {unit}.",
    "forecast.all": "all",
    "forecast.busy": "crowded",
    "chart.held": "% under, inside and over the 80 % interval",
    "chart.errors": "mean error, {unit} - blue: forecast, grey: baseline",
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

"""The cases of a report page: misses and false alarms with their curves, found events by lead."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from replay.chart_curves import curve_chart
from replay.page import paragraph, table
from replay.report_missed import why_missed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from replay.chart_curves import Curve
    from replay.labels import Label, Span
    from replay.report_missed import Missed
    from replay.report_say import Speaker

__all__ = ["false_part", "found_part", "missed_part"]

_MISSES_MAX: Final = 20
_FALSE_DRAWN: Final = 6
_FALSE_MAX: Final = 30
_BEFORE_MS: Final = 6 * 3_600_000
_AFTER_MS: Final = 3 * 3_600_000
_LONG_MS: Final = 24 * 3_600_000


def missed_part(speaker: Speaker) -> Iterator[str]:
    """Show each missed event with its curve and what was lacking."""
    seen, words = speaker.seen, speaker.words
    found = seen.found()
    missed = [(at, one.label) for at, one in enumerate(found) if one.incident is None]
    if not missed:
        yield paragraph(words["missed.none" if found else "missed.free"])
        return
    yield paragraph(words["chart.how"], "soft")
    for number, label in missed[:_MISSES_MAX]:
        case = why_missed(seen, label, number=number)
        yield f"<h3>{escape(label.name)} · {_span(speaker, label)}</h3>"
        *lines, ask = [*speaker.missed(case), *([] if case.place is not None else [""])]
        yield f"<p><b>{escape(words['missed.q'])}</b> {escape(' '.join(lines))}</p>"
        if case.place is not None:
            yield _drawn(speaker, case)
            yield f'<p class="soft"><code>{escape(ask)}</code></p>'
    rest = [label.name for _, label in missed[_MISSES_MAX:]]
    if rest:
        yield paragraph(speaker.say("missed.more", count=len(rest), names=", ".join(rest)))


def _span(speaker: Speaker, label: Label) -> str:
    begin, end = speaker.time(label.start_ms), speaker.time(label.end_ms)
    return f"{begin} - {end[11:] if end[:10] == begin[:10] else end}"


def _drawn(speaker: Speaker, case: Missed) -> str:
    label = case.label
    assert case.place is not None
    curve = speaker.seen.curve(
        case.place,
        label.start_ms - _BEFORE_MS,
        min(label.end_ms, label.start_ms + _LONG_MS) + _AFTER_MS,
    )
    if curve is None:
        return ""
    low, high = int(curve.hop_ms[0]), int(curve.hop_ms[-1])
    event = (max(label.start_ms, low), min(label.end_ms, high))
    return _chart(speaker, replace(curve, events=(event,)), case.place)


def _chart(speaker: Speaker, curve: Curve, place: int) -> str:
    seen = speaker.seen
    tile = int(seen.curves.tiles[place])
    says = speaker.say(
        "curve.says",
        place=seen.city.grid.names[tile] or seen.course.tile_ids[tile],
        people=_most(curve.people),
        expected=_most(curve.expected),
        score=_most(curve.score),
        threshold=_most(curve.threshold),
    )
    return curve_chart(curve, speaker.words, seen.zone, says=says)


def _most(column: np.ndarray) -> float:
    return float(np.nanmax(column)) if np.isfinite(column).any() else float("nan")


def false_part(speaker: Speaker) -> Iterator[str]:
    """Show the worst false alarms with their curves, then a table."""
    seen, words = speaker.seen, speaker.words
    false = seen.false_alarms()
    if not false:
        yield paragraph(words["false.none"])
        return
    key = "false.how" if seen.labels else "false.free"
    yield paragraph(speaker.say(key, count=seen.report.off_list.count))
    for one, span in false[:_FALSE_DRAWN]:
        place = _nearest(speaker, span)
        grade = speaker.grade(one.level_max)
        yield f"<h3>{speaker.time(one.opened_ms)} · {escape(one.place)} {grade}</h3>"
        yield f"<p>{speaker.reasons(one.reasons)}</p>"
        if place is not None:
            end_ms = min(span.closed_ms, span.opened_ms + _LONG_MS)
            curve = seen.curve(place, span.opened_ms - _BEFORE_MS, end_ms + _AFTER_MS)
            if curve is not None:
                yield _chart(speaker, curve, place)
    yield _false_table(speaker)
    if len(false) > _FALSE_MAX:
        yield paragraph(speaker.say("false.more", count=len(false) - _FALSE_MAX), "soft")


def _nearest(speaker: Speaker, span: Span) -> int | None:
    """Return the followed tile of an incident with the highest score when it opened."""
    seen = speaker.seen
    places = [at for tile in sorted(span.tiles) if (at := seen.curves.place(tile)) is not None]
    if not places:
        return None
    hops = seen.curves.read()
    hop = min(int(np.searchsorted(hops["hop_ms"], span.opened_ms)), len(hops) - 1)
    score = np.nan_to_num(hops[hop]["tile"]["score"][places], nan=-1.0)
    return places[int(np.argmax(score))]


def _false_table(speaker: Speaker) -> str:
    words = speaker.words
    head = [
        words[f"col.{one}"]
        for one in ("opened", "grade", "place", "peak", "score", "lasted", "why")
    ]
    rows = [
        (
            speaker.time(one.opened_ms),
            speaker.grade(one.level_max),
            escape(one.place),
            _number(one.people_max, "{:,.0f}"),
            _number(one.score_max, "{:.1f}"),
            speaker.lasted(one.opened_ms, one.ended_ms),
            speaker.reasons(one.reasons),
        )
        for one, _ in speaker.seen.false_alarms()[:_FALSE_MAX]
    ]
    return table(head, rows, tall=True, numbers="---nnn-")


def _number(value: float | None, form: str) -> str:
    return "?" if value is None else form.format(value)


def found_part(speaker: Speaker) -> Iterator[str]:
    """Show the found events with their leads."""
    seen, words = speaker.seen, speaker.words
    by_id = {one.incident: one for one in seen.episodes}
    found = [one for one in seen.found() if one.incident is not None]
    if not found:
        yield paragraph(words["missed.free" if not seen.labels else "data.nothing"])
        return
    lateness = seen.course.lateness_ms // 1000
    yield paragraph(speaker.say("found.says", lateness=lateness), "soft")
    head = [words[f"col.{one}"] for one in ("event", "start", "opened", "lead", "grade", "peak")]
    rows: list[Sequence[str]] = []
    for one in found:
        incident = by_id[one.incident or ""]
        kind = "yes" if (one.lead_min or 0.0) >= 0 else "no"
        rows.append(
            (
                escape(one.label.name),
                speaker.time(one.label.start_ms),
                speaker.time(incident.opened_ms),
                f'<span class="{kind}">{speaker.say("lead.min", lead=one.lead_min)}</span>',
                speaker.grade(incident.level_max),
                _number(incident.people_max, "{:,.0f}"),
            )
        )
    yield table(head, rows, tall=True, numbers="---n-n")

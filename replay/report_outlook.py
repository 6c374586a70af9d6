"""The forecast of a report page: how often it held, how far off it was, and where it is weak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from replay.chart_forecast import forecast_chart
from replay.page import paragraph, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replay.report_forecast import ForecastRow, Held
    from replay.report_say import Speaker

__all__ = ["forecast_part"]

_TOLD_MIN: Final = 30.0  # the horizon that alerts carry


def forecast_part(speaker: Speaker) -> Iterator[str]:
    """Show how the forecasts held against what came, in all and in crowded places."""
    words, rows = speaker.words, speaker.seen.report.forecast
    if not rows:
        yield paragraph(words["forecast.none"], "soft")
        return
    yield paragraph(_told(speaker, min(rows, key=lambda row: abs(row.minutes - _TOLD_MIN))))
    says = " ".join(_told(speaker, row) for row in rows)
    yield forecast_chart(rows, words, says=says)
    yield paragraph(speaker.say("forecast.how", unit=speaker.unit), "soft")
    yield _table(speaker, rows)


def _told(speaker: Speaker, row: ForecastRow) -> str:
    text = speaker.say(
        "forecast.says",
        minutes=row.minutes,
        inside=row.all.inside_ratio,
        error=_ratio(row.all),
        count=row.all.outcomes,
    )
    if row.crowded is None:
        return text
    return text + speaker.say(
        "forecast.crowded",
        inside=row.crowded.inside_ratio,
        error=_ratio(row.crowded),
        count=row.crowded.outcomes,
    )


def _table(speaker: Speaker, rows: list[ForecastRow]) -> str:
    words = speaker.words
    columns = (
        "minutes",
        "places",
        "inside",
        "under",
        "over",
        "error",
        "baseline",
        "width",
        "count",
    )
    lines = [
        (f"{row.minutes:g} min", words[f"forecast.{which}"], *_cells(held))
        for which in ("all", "busy")
        for row in rows
        if (held := row.all if which == "all" else row.crowded) is not None
    ]
    return table([words[f"col.{one}"] for one in columns], lines, tall=True, numbers="n-nnnnnnn")


def _cells(held: Held) -> tuple[str, ...]:
    return (
        f"{held.inside_ratio:.1%}",
        f"{held.under_ratio:.1%}",
        f"{held.over_ratio:.1%}",
        f"{_ratio(held)} ({held.error:,.1f})",
        f"{held.baseline_error:,.1f}",
        f"{held.width:,.1f}",
        f"{held.outcomes:,}",
    )


def _ratio(held: Held) -> str:
    return "-" if held.error_ratio is None else f"{held.error_ratio:.2f} ×"

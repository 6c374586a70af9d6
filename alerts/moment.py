"""Epoch milliseconds as texts, for ids and for people; pure, always UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["iso", "stamp", "utc_clock"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_MS: Final = 60_000


def _moment(at_ms: int) -> datetime:
    # Integer arithmetic: a float of seconds would round far years.
    return _EPOCH + timedelta(milliseconds=at_ms)


def iso(at_ms: int) -> str:
    """Return ISO 8601 in UTC, to the second, or to the millisecond where there is a part of one.

    >>> iso(1385232000000), iso(1385232000250)
    ('2013-11-23T18:40:00Z', '2013-11-23T18:40:00.250Z')
    """
    text = _moment(at_ms).strftime("%Y-%m-%dT%H:%M:%S")
    rest_ms = at_ms % 1000
    return f"{text}.{rest_ms:03d}Z" if rest_ms else f"{text}Z"


def stamp(at_ms: int) -> str:
    """Return the short form that opens an incident's id; seconds only where they are not 0.

    >>> stamp(1385232000000), stamp(1385232010000)
    ('20131123T1840Z', '20131123T184010Z')
    """
    form = "%Y%m%dT%H%M%SZ" if at_ms % _MINUTE_MS else "%Y%m%dT%H%MZ"
    return _moment(at_ms).strftime(form)


def utc_clock(at_ms: int) -> str:
    """Return the time of day for a headline where no zone of the city is known.

    >>> utc_clock(1385232000000)
    '18:40 UTC'
    """
    return _moment(at_ms).strftime("%H:%M UTC")

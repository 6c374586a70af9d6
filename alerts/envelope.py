"""CloudEvents 1.0 structured JSON around a record; `data` comes last and unchanged."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from alerts.moment import iso

__all__ = ["Status", "wrap"]

Status = Literal["Actual", "Exercise", "Test", "System"]
"""CAP's status: a replay is never Actual. An extension attribute, for it is not part of data."""


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    """The envelope. Attribute names are those of the CloudEvents specification."""

    specversion: str = "1.0"
    id: str
    type: str
    source: str
    subject: str
    time: str
    dataschema: str
    datacontenttype: str = "application/json"
    status: Status
    data: msgspec.Raw


_encoder: Final = msgspec.json.Encoder()


def wrap(
    *,
    id: str,  # noqa: A002 - an attribute's name in the specification
    type: str,  # noqa: A002 - likewise its name
    source: str,
    subject: str,
    time_ms: int,
    dataschema: str,
    status: Status,
    data: bytes,
) -> bytes:
    """Return the envelope's bytes; everything after `"data":` but the last brace is data.

    >>> wrap(id="1", type="t", source="s", subject="p", time_ms=0, dataschema="urn:x",
    ...      status="Test", data=b"{}")[-26:]
    b'"status":"Test","data":{}}'
    """
    event = _Event(
        id=id,
        type=type,
        source=source,
        subject=subject,
        time=iso(time_ms),
        dataschema=dataschema,
        status=status,
        data=msgspec.Raw(data),
    )
    return _encoder.encode(event)

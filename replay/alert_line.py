"""One published alert as one line of JSON: the form of `tail --json` and `backtest --alerts`."""

from __future__ import annotations

import msgspec

__all__ = ["alert_line"]


class _Envelope(msgspec.Struct, frozen=True):
    """What the line needs of a CloudEvents envelope; data stay the bytes they are."""

    id: str
    type: str
    data: msgspec.Raw


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    topic: str
    key: str | None
    id: str
    type: str
    data: msgspec.Raw


def alert_line(topic: str, key: bytes | None, value: bytes) -> bytes:
    r"""Return the line, with its newline; `data` is byte for byte what was published.

    topic: with its prefix. Raises msgspec errors for a value that is no alert envelope.

    >>> alert_line("crowd.alerts.fire.v1", b"i7", b'{"id":"i7/fire/1","type":"t","data":{"a":1}}')
    b'{"topic":"crowd.alerts.fire.v1","key":"i7","id":"i7/fire/1","type":"t","data":{"a":1}}\n'
    """
    envelope = msgspec.json.decode(value, type=_Envelope)
    line = _Line(
        topic=topic,
        key=None if key is None else key.decode(),
        id=envelope.id,
        type=envelope.type,
        data=envelope.data,
    )
    return msgspec.json.encode(line) + b"\n"

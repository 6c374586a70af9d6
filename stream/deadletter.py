"""Dead letters: what could not be used, raw as it came, with the reasons beside it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from stream.machine import Outgoing
from stream.records import Reason
from stream.topics import Topic

if TYPE_CHECKING:
    from stream.machine import Delivered
    from stream.records import Rejected

__all__ = ["dead_letter"]

KEPT_BYTES_MAX: Final = 64 * 1024  # of a record that is over the size limit itself
KEY_BYTES_MAX: Final = 1024  # a key means nothing to us; one of 2 MB would fit into no topic


def dead_letter(
    record: Delivered,
    rejects: list[Rejected],
    *,
    source: Topic = Topic.COUNTS,
    to: Topic = Topic.COUNTS_DLQ,
) -> Outgoing:
    """Return the one dead letter of an input record, with counts per reason in its headers.

    Header names follow Kafka's own convention (KIP-1034), so that its tools can read them.
    """
    value = record.value or b""
    headers = [
        ("__streams.errors.exception", rejects[0].reason.encode()),
        ("__streams.errors.message", "; ".join(r.what for r in rejects)[:1000].encode()),
        ("__streams.errors.stacktrace", b""),
        ("__streams.errors.topic", source.encode()),
        ("__streams.errors.partition", str(record.partition).encode()),
        ("__streams.errors.offset", str(record.offset).encode()),
        ("crowd-reasons", ",".join(f"{r.reason}={r.count}" for r in rejects).encode()),
    ]
    if any(reject.reason is Reason.TOO_LARGE for reject in rejects):
        headers += [
            ("crowd-length", str(len(value)).encode()),
            ("crowd-sha256", hashlib.sha256(value).hexdigest().encode()),
        ]
        value = value[:KEPT_BYTES_MAX]
    key = None if record.key is None else record.key[:KEY_BYTES_MAX]
    return Outgoing(topic=to, partition=0, key=key, value=value, headers=tuple(headers))

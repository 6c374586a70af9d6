"""The chain that shows whether a ledger was changed after it was written.

Each entry carries a digest over itself and the digest before it. Whoever changes, removes or puts
in an entry has to change all digests after it, and the newest one no longer is the one that was
printed with last month's report.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from alerts.ledger.entry import Entry

__all__ = ["START", "linked"]

START: Final = bytes(32)
"""What the first entry is linked to."""


def linked(before: bytes, entry: Entry) -> bytes:
    """Return the digest (32 bytes) of an entry that follows the one with digest `before`.

    Each part is written with its length, so that no two entries read the same.
    """
    digest = hashlib.sha256(before)
    numbers = (entry.at_ms, entry.stamp_ms, entry.partition, entry.offset, entry.revision)
    texts = (entry.kind, entry.id, entry.topic, entry.desk, entry.incident, *map(str, numbers))
    for part in (*(text.encode() for text in texts), entry.value):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()

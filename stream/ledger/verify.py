"""Whether a ledger is as it was written: every digest follows from the one before it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from alerts.ledger.chain import START, linked

if TYPE_CHECKING:
    from stream.ledger.store import Store

__all__ = ["Verdict", "verified"]


class Verdict(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="ledger-verdict/1"
):
    """What was found. entries: how many, by kind in kinds; head: digest of the newest, hex.

    broken: number of the first entry that does not follow; missing: that of the first that is not
    there. expected: what was asked for; found_at: the entry that has this digest.
    """

    entries: int
    kinds: dict[str, int]
    head: str
    broken: int | None = None
    missing: int | None = None
    expected: str | None = None
    found_at: int | None = None

    @property
    def is_whole(self) -> bool:
        """Nothing was changed, and what was asked for is in it."""
        asked = self.expected is None or self.found_at is not None
        return self.broken is None and self.missing is None and asked


def verified(store: Store, *, expect: str | None = None) -> Verdict:
    """Read all entries and hold each against the one before it. Raises StoreError."""
    link, kinds = START, Counter[str]()
    count = 0
    broken = missing = found_at = None
    for one in store.every():
        count += 1
        if missing is None and one.seq != count:
            missing = count
            break
        kinds[str(one.entry.kind)] += 1
        link = linked(link, one.entry)
        if one.link != link:
            broken = one.seq
            break
        if expect and link.hex().startswith(expect.lower()):
            found_at = one.seq
    return Verdict(
        entries=count,
        kinds=dict(sorted(kinds.items())),
        head=link.hex(),
        broken=broken,
        missing=missing,
        expected=expect,
        found_at=found_at,
    )

"""Where every row of a feed went in an engine: the account of a backtest (law 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from replay.report import Account
from stream.readings import FATES

if TYPE_CHECKING:
    from replay.engine import Engine
    from replay.feed import Feed

__all__ = ["account_of", "reasons"]


def account_of(engine: Engine, feed: Feed) -> Account:
    """Return where every row went."""
    states = [state for block in engine.blocks for state in block.states]
    fates = dict.fromkeys(FATES, 0)
    refused: dict[str, int] = {}
    for state in states:
        totals = np.add.reduce(state.readings.fates, axis=(0, 1)).tolist()
        for fate, count in zip(FATES, totals, strict=True):
            fates[fate] += count
        for reason, count in sorted(state.refused.items()):
            refused[reason] = refused.get(reason, 0) + count
    return Account(
        rows=feed.rows,
        waiting=len(feed) - sum(fates.values()) - sum(refused.values()),
        bad_rows={bad.reason.value: bad.count for bad in feed.rejects},
        refused=refused,
        **fates,
    )


def reasons(account: Account) -> str:
    """Return why rows were not accepted, with counts."""
    counts = {**account.bad_rows, **account.refused, "late": account.late}
    counts["from_future"] = account.from_future
    return ", ".join(f"{count} {reason}" for reason, count in counts.items() if count)

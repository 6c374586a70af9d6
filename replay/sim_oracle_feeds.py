"""The oracle's view of feeds and of the desk's budget: what the system topic must have heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts.system import BudgetOverspent, FeedBlind, FeedSunk, FeedSuspect
from stream.common_mode import Movement, has_sunk, is_suspect, movement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alerts.message import Alert
    from alerts.system import SystemAlert
    from detectors.contract import Verdict
    from geo.coverage import Coverage
    from replay.sim_oracle_counts import Counts
    from stream.settings import Settings

__all__ = ["FeedsHop"]

WEEK_MS = 7 * 86_400_000
DAY_MS = 86_400_000
HANDFUL = 5


class FeedsHop:
    """Listens to the feeds hop by hop, over the whole city at once."""

    def __init__(self, settings: Settings, *, cells: int) -> None:
        self._names, self._cells = sorted(settings.feeds), cells
        self._counting = set(settings.counting)
        self._promised = settings.alerts.false_alarms_per_day
        self._silent = [-1] * len(self._names)
        self._suspect = [-1] * len(self._names)
        self._sunk = [-1] * len(self._names)
        self._has_drops = "drop" in settings.detectors.directions
        self._unusual_ms: list[int] = []
        self._said_ms: int | None = None

    def opened(self, hop_ms: int) -> int:
        """Return how many incidents a hop opened for being unusual and nothing more."""
        return self._unusual_ms.count(hop_ms)

    @property
    def held(self) -> bool:
        """Whether nothing unusual may raise a level."""
        return max(self._suspect) >= 0

    @property
    def drops_held(self) -> bool:
        """Whether no drop may raise a level."""
        silent = [
            since
            for name, since in zip(self._names, self._silent, strict=True)
            if name in self._counting
        ]
        return max(*self._suspect, *self._sunk, *silent) >= 0

    @property
    def states(self) -> tuple[tuple[str, str], ...]:
        """The state of every feed, as alerts tell it."""
        words = []
        for feed, name in enumerate(self._names):
            doubted = self._suspect[feed] >= 0 or self._sunk[feed] >= 0
            word = "blind" if self._silent[feed] >= 0 else "suspect" if doubted else "ok"
            if name in self._counting:
                words.append((name, word))
        return tuple(words)

    def hear(
        self, counts: Counts, covers: list[Coverage | None], hop_ms: int, told: list[SystemAlert]
    ) -> None:
        """Note feeds of which no known cell is present any more, or is again.

        A cell that the acting coverage does not have is not missed.
        """
        for feed, (name, cover) in enumerate(zip(self._names, covers, strict=True)):
            mine = slice(feed * self._cells, (feed + 1) * self._cells)
            known, present = counts.known[mine], counts.present[mine]
            known = known & (False if cover is None else cover.registered)
            silent = bool(known.any() and not (known & present).any())
            since_ms = self._silent[feed]
            if silent != (since_ms >= 0):
                self._silent[feed] = hop_ms if silent else -1
                begun = hop_ms if silent else since_ms
                told.append(FeedBlind(feed=name, blind=silent, since_ms=begun, hop_ms=hop_ms))

    def doubt(
        self,
        jump: tuple[NDArray[np.float32], NDArray[np.float32], Verdict],
        covers: list[Coverage | None],
        hop_ms: int,
        told: list[SystemAlert],
    ) -> None:
        """Note which feeds jump as a whole. jump: people, z of the hop before, verdict."""
        moved = []
        for cover in covers:
            on = np.zeros(len(jump[0]), np.bool_)
            if cover is not None:
                on[cover.tile] = True
            moved.append(movement(on, *jump))
        for feed, (name, seen) in enumerate(zip(self._names, moved, strict=True)):
            since_ms = self._suspect[feed]
            suspect = is_suspect(since_ms, seen, hop_ms)
            if suspect != (since_ms >= 0):
                self._suspect[feed] = hop_ms if suspect else -1
                told.append(
                    FeedSuspect(
                        feed=name,
                        suspect=suspect,
                        since_ms=hop_ms if suspect else since_ms,
                        hop_ms=hop_ms,
                        total=float(seen.people),
                        usual=float(seen.usual),
                        rising_ratio=round(seen.rising / max(seen.tiles, 1), 3),
                    )
                )
        if self._has_drops:
            self._doubt_drops(moved, hop_ms, told)

    def _doubt_drops(self, moved: list[Movement], hop_ms: int, told: list[SystemAlert]) -> None:
        """Note which feeds sink as a whole. moved: how the tiles of each moved."""
        for feed, (name, seen) in enumerate(zip(self._names, moved, strict=True)):
            since_ms = self._sunk[feed]
            sunk = has_sunk(since_ms, seen, hop_ms)
            if sunk != (since_ms >= 0):
                self._sunk[feed] = hop_ms if sunk else -1
                told.append(
                    FeedSunk(
                        feed=name,
                        sunk=sunk,
                        since_ms=hop_ms if sunk else since_ms,
                        hop_ms=hop_ms,
                        total=float(seen.people),
                        usual=float(seen.usual),
                        falling_ratio=round(seen.low / max(seen.heard, 1), 3),
                    )
                )

    def spend(self, alerts: list[Alert], hop_ms: int, told: list[SystemAlert]) -> None:
        """Note what the police desk was told of the unusual; say so where it is far too much."""
        new = [
            one
            for one in alerts
            if one.desk == "police"
            and one.kind == "raised"
            and "density" not in one.data.reasons
            and "occupancy" not in one.data.reasons
        ]
        self._unusual_ms += [hop_ms] * len(new)
        spent = sum(at > hop_ms - WEEK_MS for at in self._unusual_ms)
        again = self._said_ms is None or hop_ms - self._said_ms >= DAY_MS
        if new and again and spent >= HANDFUL and spent > 14 * self._promised:
            self._said_ms = hop_ms
            told.append(
                BudgetOverspent(
                    desk="police",
                    spent=spent,
                    allowed=round(self._promised * 7, 2),
                    window_s=WEEK_MS // 1000,
                    hop_ms=hop_ms,
                )
            )

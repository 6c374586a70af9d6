"""The threshold of a budget as the laws state it: at every height every run is asked about."""

import math


def budget_threshold(
    hops: list[tuple[list[tuple[int, float]], int]], hop_ms: int, wanted: float, *, tiles: int
) -> float:
    """Return the threshold after hops of (tile and peak of ended runs, tiles that could alarm).

    The tiles lie in a row. At each height the runs that reach it are told one after the other,
    the higher first where they end together; one beside another of the last three hours is none.
    """
    told = [
        (hop, tile, peak)
        for hop, (ended, _) in enumerate(hops)
        for tile, peak in sorted(ended, key=lambda one: (-math.floor(one[1] * 8), one[0]))
    ]
    weeks = sum(scored * hop_ms for _, scored in hops) / (7 * 86_400_000)
    before = max(10.0, 2.1 * tiles / 7)
    height, lower = 0.0, wanted
    while height < 159 / 8:
        reach = [one for one in told if one[2] - 1.0 >= height]
        new = [one for at, one in enumerate(reach) if not _beside_a_recent(one, reach[:at], hop_ms)]
        rate = (len(new) + before * 2.0 * math.exp(-height / 1.1)) / (weeks + before)
        if rate <= wanted:
            return 1.0 + height - (_steps_back(lower, rate, wanted) / 128 if height else 0.0)
        height, lower = height + 1 / 8, rate
    return 1.0 + height


def _steps_back(lower: float, rate: float, wanted: float) -> int:
    """Return how many sixteenths of the way back to `lower` are not too many yet."""
    back = 0
    while back < 15 and rate * (lower / rate) ** ((back + 1) / 16) <= wanted:
        back += 1
    return back


def _beside_a_recent(
    one: tuple[int, int, float], earlier: list[tuple[int, int, float]], hop_ms: int
) -> bool:
    """Whether a run stands beside another that ended within three hours before."""
    hop, tile, _ = one
    return any(
        abs(tile - beside) == 1 and (hop - before) * hop_ms < 3 * 3_600_000
        for before, beside, _ in earlier
    )

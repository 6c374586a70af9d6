"""The gate: what the last release reached, and how much of it a change may lose.

`expected.json` holds every figure as it was last accepted. A figure that was not run stays as it
is; a loss is written by hand where more or less than the usual one is meant.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tests.quality.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["EXPECTED", "accepted", "lost", "merged", "write"]

EXPECTED: Final = Path(__file__).with_name("expected.json")
_ROUNDING: Final = 1e-9


def accepted(path: Path = EXPECTED) -> tuple[Figure, ...]:
    """Return the figures of the last release, in the order of the table; none if it had none."""
    if not path.exists():
        return ()
    return msgspec.json.decode(path.read_bytes(), type=tuple[Figure, ...])


def lost(before: Sequence[Figure], now: Sequence[Figure]) -> list[str]:
    """Return one line for each figure that lost more than it may.

    >>> was = Figure(set="a", what="found", got=20, shown="20/24", loss=1)
    >>> lost([was], [Figure(set="a", what="found", got=18, shown="18/24")])
    ['a: found: 20/24 before, 18/24 now, 1 may be lost']
    >>> lost([was], [Figure(set="a", what="found", got=19, shown="19/24")])
    []
    """
    known = {one.key: one for one in before}
    return [
        f"{one.key}: {was.shown} before, {one.shown} now, {was.loss:g} may be lost"
        for one in now
        if (was := known.get(one.key)) is not None
        and (was.got - one.got if was.more else one.got - was.got) > was.loss + _ROUNDING
    ]


def merged(before: Sequence[Figure], now: Sequence[Figure]) -> tuple[Figure, ...]:
    """Return the figures to accept: new ones in their place, allowed losses as they were."""
    fresh = {one.key: one for one in now}
    kept = [
        msgspec.structs.replace(fresh[one.key], loss=one.loss) if one.key in fresh else one
        for one in before
    ]
    known = {one.key for one in before}
    kept += [one for one in now if one.key not in known]
    sets = list(dict.fromkeys(one.set for one in kept))
    return tuple(sorted(kept, key=lambda one: sets.index(one.set)))


def write(figures: Sequence[Figure], path: Path = EXPECTED) -> None:
    """Write the figures as the last release's."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1) + b"\n")

"""What a target of notify must be told, by docs/desk-tools.md, and whether it was.

A first message, a rise, an end, and what asks anew for an answer are owed, by themselves or as a
line of a later note. A kill may cut off the note that is on its way to a target: it comes again
then, with what it carried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.kafka.folded import Folded, Told

__all__ = ["Wanted", "owed_to", "wrongs"]

RISES: Final = {"raised", "escalated", "reopened"}
OVER: Final = {"resolved", "expired", "withdrawn", "merged"}
ASKS: Final = {"level_up", "overdue", "ack_expired", "handed_up", "hold_ended"}
OWN: Final = "notify/"
"""How ids of notify's own notes begin: silence, broken paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A target. path: of its webhook. desks: of whose topics. least: level of a first message."""

    path: str
    desks: tuple[str, ...]
    least: int


def owed_to(target: Wanted, desks: Mapping[str, Mapping[str, Folded]]) -> set[str]:
    """Return the ids that a target must be told of."""
    return {
        alert.id
        for desk in target.desks
        for one in desks[desk].values()
        for alert in _musts(one.revisions.values(), least=target.least)
    }


def _musts(alerts: Iterable[Told], *, least: int) -> list[Told]:
    """Return what must be told of one incident, from the first message that is worth it."""
    musts: list[Told] = []
    for alert in alerts:
        data = alert.data
        over = data["lifecycle"] in OVER
        if not musts:
            must = data["level"] >= least and not over
        else:
            must = over or data["kind"] in RISES or not ASKS.isdisjoint(data["changed"])
        musts += [alert] if must else []
    return musts


def again(notes: Iterable[Sequence[str]]) -> int:
    """Return how many notes bring an id that came before. notes: the ids of each, in order."""
    came: set[str] = set()
    found = 0
    for ids in notes:
        found += not came.isdisjoint(ids)
        came |= set(ids)
    return found


def wrongs(
    target: Wanted,
    desks: Mapping[str, Mapping[str, Folded]],
    notes: Sequence[Sequence[str]],
    *,
    kills: int,
) -> list[str]:
    """Return in words what is wrong with what a target was told; nothing = all is as it must be.

    notes: ids of each note, those it carried, too. kills: of notify.
    """
    came = {name for ids in notes for name in ids if not name.startswith(OWN)}
    known = {
        alert.id
        for desk in target.desks
        for one in desks[desk].values()
        for alert in one.revisions.values()
    }
    wrong = []
    if missing := owed_to(target, desks) - came:
        wrong.append(f"{target.path}: {len(missing)} never came: {sorted(missing)[:3]}")
    if invented := came - known:
        wrong.append(f"{target.path}: {len(invented)} of no topic: {sorted(invented)[:3]}")
    if (doubles := again(notes)) > kills:
        wrong.append(f"{target.path}: {doubles} notes came again after {kills} kills")
    return wrong

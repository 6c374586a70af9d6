"""Desks' topics as any reader folds them: by key and revision, and what is left open."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stream.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.kafka.tail_of import Received

__all__ = ["DESKS", "Told", "fold", "holes", "told_by"]

DESKS: Final = {"police": Topic.POLICE, "fire": Topic.FIRE}
ENDS: Final = {"resolved", "expired", "withdrawn", "merged", "closed"}


class _Envelope(msgspec.Struct, frozen=True):
    id: str
    type: str
    data: msgspec.Raw


_envelope: Final = msgspec.json.Decoder(_Envelope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert as it lay in a topic. key: of the record; id: of the event."""

    key: str
    id: str
    raw: bytes
    data: dict[str, Any]

    @property
    def revision(self) -> int:
        """Return which message of its incident it is, at its desk."""
        return int(self.data["revision"])


@dataclass(slots=True, kw_only=True)
class Folded:
    """One incident at one desk. revisions: each as it came first, in the order in which they came.

    repeats: how often one came again. contradictions: ids of those that said something else then.
    """

    revisions: dict[int, Told] = field(default_factory=dict)
    repeats: int = 0
    contradictions: list[str] = field(default_factory=list)

    @property
    def newest(self) -> Told:
        """Return the highest revision."""
        return self.revisions[max(self.revisions)]

    @property
    def is_open(self) -> bool:
        """Tell whether the desk has it before it."""
        return self.newest.data["lifecycle"] not in ENDS


def told_by(records: Iterable[Received]) -> list[Told]:
    """Return the alerts of a topic in order; self-tests are none."""
    found = []
    for record in records:
        event = _envelope.decode(record.value)
        if event.type != "crowd.alert.test.v1":
            raw = bytes(event.data)
            data = msgspec.json.decode(raw)
            found.append(Told(key=record.key.decode(), id=event.id, raw=raw, data=data))
    return found


def fold(alerts: Iterable[Told]) -> dict[str, Folded]:
    """Return each incident by its key; an old revision that comes again changes nothing."""
    folded: dict[str, Folded] = defaultdict(Folded)
    for alert in alerts:
        one = folded[alert.key]
        before = one.revisions.setdefault(alert.revision, alert)
        if before is not alert:
            one.repeats += 1
            if (before.id, before.raw) != (alert.id, alert.raw):
                one.contradictions.append(alert.id)
    return dict(folded)


def holes(desk: str, folded: Mapping[str, Folded]) -> list[str]:
    """Return in words what no reader should have to meet; nothing = all is as it must be."""
    wrong: list[str] = []
    for key, one in folded.items():
        came = list(one.revisions)
        if came != list(range(1, len(came) + 1)):
            wrong.append(f"{desk} {key}: revisions came as {came}")
        if one.contradictions:
            wrong.append(f"{desk} {key}: said again, and otherwise: {one.contradictions}")
        if any(alert.data["incident"] != key for alert in one.revisions.values()):
            wrong.append(f"{desk} {key}: another incident under this key")
    return wrong

"""Speak to the desks: let events meet their books, and compose what is to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.compose import compose
from alerts.desk import DESKS
from alerts.direction import Direction
from alerts.flood import sub_incidents
from alerts.lifecycle import ENDINGS, End, Kind
from alerts.quiet import hush, keep_quiet
from alerts.tell import Change, meet, occasion
from alerts.where import area

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from alerts.beside import Beside
    from alerts.compose import Circumstances
    from alerts.desk import Desk
    from alerts.ground import Ground
    from alerts.incident import Incident
    from alerts.message import Alert
    from alerts.quiet import Quiet
    from alerts.spec import AlertSpec
    from alerts.tell import Told

__all__ = ["Crier"]

_END_CHANGES: Final = {
    End.RESOLVED: Change.CLEARED,
    End.EXPIRED: Change.BLIND,
    End.WITHDRAWN: Change.WITHDRAWN,
    End.MERGED: Change.MERGED,
}


class Crier:
    """Spec and ground, ready to tell desks of incidents; keeps no state of its own."""

    def __init__(self, spec: AlertSpec, ground: Ground, beside: Beside) -> None:
        """Hold what every message needs."""
        self._spec = spec
        self._ground = ground
        self._beside = beside

    def news(
        self, incidents: Iterable[Incident], *, silences: Sequence[Quiet], at: Circumstances
    ) -> list[tuple[Incident, dict[Desk, Told]]]:
        """Rank the open incidents; return what desks have to be told of each, the worst first."""
        ranked = sorted(incidents, key=_rank)
        for rank, incident in enumerate(ranked, start=1):
            incident.rank = rank
        told = [(one, self._news(one, at)) for one in ranked]
        return [(one, _aloud(one, news, silences, at)) for one, news in told if news]

    def bury(
        self,
        incident: Incident,
        at: Circumstances,
        *,
        desks: Sequence[Desk] = DESKS,
        parts: Sequence[Incident] | None = None,
    ) -> list[Alert]:
        """Tell these desks how an incident ended, if they knew of it."""
        if incident.end is None:
            message = f"{incident.id} is open"
            raise AssertionError(message)
        told = (ENDINGS[incident.end], (_END_CHANGES[incident.end],))
        return self.speak(incident, dict.fromkeys(desks, told), at, parts=parts)

    def speak(
        self,
        incident: Incident,
        told: Mapping[Desk, Told],
        at: Circumstances,
        *,
        silences: Sequence[Quiet] = (),
        parts: Sequence[Incident] | None = None,
    ) -> list[Alert]:
        """Let events meet the desks' books, then compose what is to be sent.

        silences: of desks, now. parts: incidents that are told with it, of a city-wide one.
        """
        # All books first: a message names the desks that are informed, this hop's included.
        kinds: dict[Desk, tuple[Kind, tuple[Change, ...]]] = {}
        for desk, (event, changes) in told.items():
            book = incident.books[desk]
            kind = meet(incident, book, event, hop_ms=at.hop_ms, now_ms=at.moment_ms)
            if kind is not None:
                kinds[desk] = (kind, changes)
        if not kinds:
            return []
        where = area(self._ground, incident)
        return [
            compose(
                spec=self._spec,
                ground=self._ground,
                beside=self._beside,
                incident=incident,
                desk=desk,
                kind=kind,
                changed=changes,
                where=where,
                quiet=hush(silences, incident, desk),
                parts=None if parts is None else sub_incidents(self._ground, parts, desk),
                at=at,
            )
            for desk, (kind, changes) in kinds.items()
        ]

    def _news(self, incident: Incident, at: Circumstances) -> dict[Desk, Told]:
        told: dict[Desk, Told] = {}
        for desk, book in incident.books.items():
            news = occasion(
                self._spec, incident, book, desk=desk, hop_ms=at.hop_ms, now_ms=at.moment_ms
            )
            if news is not None:
                told[desk] = news
        return told


def _aloud(
    incident: Incident, told: dict[Desk, Told], silences: Sequence[Quiet], at: Circumstances
) -> dict[Desk, Told]:
    """Return what is told now; what a silence holds is listed instead, and told once it is over.

    The book of a silenced desk stays as it is, so that afterwards all that is new is new to it.
    """
    aloud: dict[Desk, Told] = {}
    for desk, news in told.items():
        quiet = hush(silences, incident, desk)
        if quiet is None:
            aloud[desk] = news
        else:
            keep_quiet(incident, quiet, news[0], hop_ms=at.hop_ms)
    return aloud


def _rank(incident: Incident) -> tuple[int, float, float, str]:
    """Order by level, then score, then people above (or missing of) what is usual, then id."""
    drawn = incident.picture
    excess = (drawn.people or 0.0) - (drawn.expected or 0.0)
    excess = -excess if incident.direction is Direction.DROP else excess
    return -incident.level, -(drawn.score or 0.0), -excess, incident.id

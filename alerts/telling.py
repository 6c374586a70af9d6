"""What desks are told, hop by hop and between hops: one by one, or as one while all ring at once.

Theory of operation. After a hop the open incidents are held against what each desk knows; what is
new is told, unless the desk silenced the ground, or the city is flooded (`quiet`, `flood`). Between
hops a desk's action is told to that desk, and so is what nobody did in time (`ring`). All state
of it is silences, flood and the newest ids; books of desks are the incidents' own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from alerts import flood, ring
from alerts.beside import Beside
from alerts.desk import DESKS, Desk
from alerts.lifecycle import ENDINGS, End, Event
from alerts.quiet import let_ring, silenced
from alerts.speak import Crier
from alerts.tell import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from alerts.action import DeskAction
    from alerts.compose import Circumstances
    from alerts.ground import Ground
    from alerts.incident import Incident, Picture
    from alerts.message import Alert
    from alerts.quiet import Quiet
    from alerts.spec import AlertSpec
    from alerts.tell import Told

    News = Sequence[tuple[Incident, dict[Desk, Told]]]
    Whole = Callable[[], tuple[Picture, NDArray[np.int32]]]

__all__ = ["Telling"]

LAST_IDS_MAX: Final = 10
"""Alert ids of each desk that the heartbeat names: a receiver finds its own gap by them."""

_CHANGES: Final = {
    Event.ACKED: Change.ACKNOWLEDGED,
    Event.CONFIRMED: Change.CONFIRMED,
    Event.COMMENTED: Change.COMMENT,
    Event.HANDED_UP: Change.HANDED_UP,
    Event.SHELVED: Change.SHELVED,
    Event.UNSHELVED: Change.HOLD_ENDED,
    Event.SILENCED: Change.SILENCED,
    Event.CLOSED: Change.CLOSED,
    Event.REVIVED: Change.REOPENED,
    Event.JUDGED: Change.OUTCOME,
    Event.OVERDUE: Change.OVERDUE,
    Event.UNANSWERED: Change.UNANSWERED,
    Event.LAPSED: Change.ACK_EXPIRED,
}
"""What the message about a desk action, or about the lack of one, says has changed."""

_CAN_WAIT: Final = {Event.UNANSWERED, *ENDINGS.values()}
"""What is told again, and what is over: they leave the room that a desk has to what is new."""


class Telling:
    """Spec and ground, and what is kept between messages; driven by the table.

    silences: of desks. flood: whether all is told as one. last_ids: newest alert ids of each desk.
    leaving: ended incidents, those among them whose end some desk was not told yet.
    """

    def __init__(self, spec: AlertSpec, ground: Ground) -> None:
        """Start with nothing told."""
        self._spec, self._ground = spec, ground
        self._beside = Beside(ground)
        self._crier = Crier(spec, ground, self._beside)
        self._due_ms: int | None = None
        self.silences: list[Quiet] = []
        self.flood = flood.Flood()
        self.leaving: list[Incident] = []
        self.last_ids: dict[Desk, list[str]] = {desk: [] for desk in DESKS}

    def begin(self, every: Sequence[Incident], at: Circumstances) -> None:
        """Let go, at the begin of a hop, of what is over; every: open incidents before it."""
        self.flood.forget(now_ms=at.moment_ms, keep_ms=self._spec.keep_s * 1000)
        self.silences = let_ring(self.silences, every, now_ms=at.moment_ms)

    def hop(
        self,
        every: Sequence[Incident],
        over: Sequence[Incident],
        at: Circumstances,
        *,
        whole: Whole,
    ) -> list[Alert]:
        """Tell desks what a hop brought, the worst first, ends last.

        every: open incidents after it. over: those that ended. whole: draws the picture of all
        raised tiles, and returns it with them.
        """
        news = self._crier.news(every, silences=self.silences, at=at)
        parts = flood.parts_of(every)
        if flood.is_flooded(self._spec, self.flood, _coming(news), parts):
            told = self._as_one(news, parts, at, whole=whole)
        else:
            told = [*self._ebb(every, at), *self._each(news, at)]
        sent = self._sent(told, now_ms=at.moment_ms) + self._bury(over, at)
        self.look_ahead(every)
        return sent

    def _bury(self, over: Sequence[Incident], at: Circumstances) -> list[Alert]:
        """Tell desks what ended at a hop, as far as they can read it now; the rest waits."""
        known = {one.id: one for one in (*self.leaving, *over)}
        told: list[Alert] = []
        for one in over:
            knew = one.awaits_end
            self._crier.bury(one, at, desks=[desk for desk in DESKS if desk not in knew])
        for one in sorted(known.values(), key=lambda one: (one.ended_ms, one.seniority)):
            for desk in one.awaits_end:
                if self.flood.room_ms(self._spec, desk) <= at.moment_ms:
                    told += self._sent(self._crier.bury(one, at, desks=[desk]), now_ms=at.moment_ms)
        self.leaving = list(known.values())
        return told

    def _each(self, news: News, at: Circumstances) -> list[Alert]:
        """Tell desks of each incident by itself."""
        speak = self._crier.speak
        told = (speak(one, new, at, silences=self.silences) for one, new in news)
        return [alert for alerts in told for alert in alerts]

    def _as_one(
        self, news: News, parts: Sequence[Incident], at: Circumstances, *, whole: Whole
    ) -> list[Alert]:
        """Tell desks of the city-wide incident, and hold what is new of its parts."""
        picture, tiles = whole()
        city = flood.found(self.flood, picture, tiles, hop_ms=at.hop_ms)
        for one, told in news:
            if flood.is_part(one):
                flood.hold_part(one, told, city, hop_ms=at.hop_ms)
        new = flood.news(self._spec, self.flood, city, parts, at)
        others = [(one, told) for one, told in news if not flood.is_part(one)]
        return [*self._crier.speak(city, new, at, parts=parts), *self._each(others, at)]

    def _ebb(self, every: Sequence[Incident], at: Circumstances) -> list[Alert]:
        """End the city-wide incident, if there is one; what is left is told one by one again."""
        city = self.flood.city
        if city is None:
            return []
        city.end, city.ended_ms = End.RESOLVED, at.hop_ms
        self.flood.city = None
        self.flood.over.append(city)
        ring.begin_anew(every, now_ms=at.moment_ms)
        return self._crier.bury(city, at, parts=flood.parts_of(every))

    def answer(
        self,
        incident: Incident,
        action: DeskAction,
        event: Event,
        every: Sequence[Incident],
        *,
        at: Circumstances,
    ) -> list[Alert]:
        """Tell a desk what became of its action; at: with the moment of it as `decided_ms`."""
        if event is Event.SILENCED:
            self.silences = silenced(
                self._ground, self._beside, self.silences, incident, action, moment_ms=at.decided_ms
            )
        told: list[Alert] = []
        if action.desk in incident.awaits_end:  # who acts on what is over is told so first
            told += self._crier.bury(incident, at, desks=[action.desk])
        told += self._between(incident, action.desk, event, every, at)
        sent = self._sent(told, now_ms=at.decided_ms)
        self.look_ahead(every)
        return sent

    def remind(
        self, every: Sequence[Incident], *, moment_ms: int, at: Circumstances
    ) -> list[Alert]:
        """Tell desks what is due by now: an alert nobody answered, an old answer, a hold's end."""
        due = [one for one in self._to_come(every) if one[0] <= moment_ms]
        due.sort(key=_in_turn)
        now = replace(at, decided_ms=moment_ms)
        told: list[Alert] = []
        for _, one, desk, event in due:
            if event in _CAN_WAIT and self.flood.room_ms(self._spec, desk) > moment_ms:
                continue
            if one.end is None:
                said = self._between(one, desk, event, every, now)
            else:
                said = self._crier.bury(one, now, desks=[desk])
            told += self._sent(said, now_ms=moment_ms)
        self.look_ahead(every)
        return told

    def _between(
        self,
        incident: Incident,
        desk: Desk,
        event: Event,
        every: Sequence[Incident],
        at: Circumstances,
    ) -> list[Alert]:
        """Tell a desk what a person did, or nobody did, between two hops."""
        parts = None
        if incident in self.cities():
            parts = flood.parts_of(every)
        told = {desk: (event, (_CHANGES[event],))}
        return self._crier.speak(incident, told, at, silences=self.silences, parts=parts)

    def cities(self) -> list[Incident]:
        """Return the city-wide incident, if it is open, and former ones that are remembered."""
        now = self.flood.city
        return [*self.flood.over, *([] if now is None else [now])]

    def due_ms(self) -> int | None:
        """Return when the next thing is due if no desk acts before; None = nothing is."""
        return self._due_ms

    def look_ahead(self, every: Sequence[Incident]) -> None:
        """Find when the next thing is due, once for all records until something changes."""
        self.leaving = [one for one in self.leaving if one.awaits_end]
        self._due_ms = min((when_ms for when_ms, *_ in self._to_come(every)), default=None)

    def _to_come(self, every: Sequence[Incident]) -> Iterator[ring.Due]:
        """Yield what is to come; while the city is told as one its parts wait.

        What can wait comes no sooner than its desk has room for it.
        """
        city = self.flood.city
        if city is not None:
            every = [city, *(one for one in every if not flood.is_part(one))]
        for when_ms, one, desk, event in ring.all_due(self._spec, every, self.silences):
            room_ms = self.flood.room_ms(self._spec, desk) if event in _CAN_WAIT else 0
            yield max(when_ms, room_ms), one, desk, event
        for one in self.leaving:
            for desk in one.awaits_end:
                yield (
                    self.flood.room_ms(self._spec, desk),
                    one,
                    desk,
                    ENDINGS[one.end or End.RESOLVED],
                )

    def _sent(self, alerts: list[Alert], *, now_ms: int) -> list[Alert]:
        """Note what was sent: how much a desk got lately, and the newest ids."""
        self.flood.note(alerts, now_ms=now_ms)
        for alert in alerts:
            self.last_ids[alert.desk] = [*self.last_ids[alert.desk], alert.id][-LAST_IDS_MAX:]
        return alerts


def _in_turn(due: ring.Due) -> tuple[bool, int, int, tuple[int, str], int]:
    """Order what is due at one moment: what can wait last, of that the worst first, then ends."""
    when_ms, incident, desk, event = due
    waits = event in _CAN_WAIT
    level = incident.level if waits and incident.end is None else 0
    when_ms = incident.ended_ms or when_ms
    return waits, -level, when_ms, incident.seniority, DESKS.index(desk)


def _coming(news: News) -> dict[Desk, int]:
    """Return how many messages of crowds each desk would get at this hop; ends can wait."""
    return {desk: sum(desk in told for one, told in news if flood.is_part(one)) for desk in DESKS}

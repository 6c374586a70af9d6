"""The life of an incident as one desk sees it: a table of states and events, and nothing else.

Theory of operation. Each desk has a state of its own for each incident (acknowledging and closing
are per desk). An event meets a state; the table says which state follows and which kind of alert
the desk is sent. `None` as kind: the desk is not told (it never heard of it, or it knows). `HELD`:
it would be told, had it not closed the incident; the alert is listed with this reason. A pair
that is not in the table cannot happen; meeting one is a bug of ours.

"Covered" = the level is not above the one that this desk acknowledged or closed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["ENDINGS", "TRANSITIONS", "DeskState", "End", "Event", "Kind", "transition"]


class DeskState(StrEnum):
    """Where a desk stands with an incident."""

    PENDING = "pending"
    OPEN = "open"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    CLOSED = "closed"
    ENDED = "ended"

    @property
    def rings(self) -> bool:
        """Somebody at the desk still has to acknowledge."""
        return self in {DeskState.OPEN, DeskState.ESCALATED}


class Event(StrEnum):
    """What happened to an incident, as it matters to one desk."""

    HEARD = "heard"  # this desk is to be told for the first time
    HEARD_COVERED = "heard_covered"  # likewise, and it had acknowledged what this came from
    ROSE = "rose"  # level up, above what the desk covered
    REGAINED = "regained"  # level up, covered
    FELL = "fell"  # level down, still above what the desk covered
    SETTLED = "settled"  # level down, covered
    CHANGED = "changed"  # people or ground changed enough, long enough after the last message
    REPEATED = "repeated"  # nothing was told for a long time
    ACKED = "acked"  # the desk acknowledged the level of now: somebody saw it
    CONFIRMED = "confirmed"  # somebody acts on it
    LAPSED = "lapsed"  # acknowledged long ago, and still open
    OVERDUE = "overdue"  # not acknowledged in time
    UNANSWERED = "unanswered"  # nor by the last post: it rings there again
    HANDED_UP = "handed_up"  # the desk passed it to its next post by hand
    COMMENTED = "commented"  # the desk wrote something beside it
    SHELVED = "shelved"  # the desk put it off for a while
    UNSHELVED = "unshelved"  # that while is over
    SILENCED = "silenced"  # the desk silenced its ground, or ended that
    REVIVED = "revived"  # the desk took back that it had closed it
    CLOSED = "closed"  # the desk closed it while it is raised
    JUDGED = "judged"  # the desk gave an outcome after the end
    CLEARED = "cleared"  # no tile is raised any more
    EXPIRED = "expired"  # every tile is blind since long ago
    WITHDRAWN = "withdrawn"  # a correction removed every reason
    MERGED = "merged"  # it goes on under the id of another incident
    RETURNED = "returned"  # raised again soon after its end


class Kind(StrEnum):
    """Kinds of alerts; the part of the CloudEvents type that changes."""

    RAISED = "raised"
    UPDATED = "updated"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    MERGED = "merged"
    RESOLVED = "resolved"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class End(StrEnum):
    """How an incident ended."""

    RESOLVED = "resolved"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Silence(StrEnum):
    """Why an alert that a state would ask for is not sent."""

    HELD = "closed by this desk"
    SHELVED = "shelved by this desk"
    GROUND = "its ground is silenced by this desk"
    PART = "told as part of a city-wide incident"
    LATER = "its end is told as soon as this desk has room for it"


HELD: Final = Silence.HELD
Outcome = tuple[DeskState, Kind | Silence | None]

ENDINGS: Final = {
    End.RESOLVED: Event.CLEARED,
    End.EXPIRED: Event.EXPIRED,
    End.WITHDRAWN: Event.WITHDRAWN,
    End.MERGED: Event.MERGED,
}
"""The event by which each end reaches the desks."""

_S, _E, _K = DeskState, Event, Kind

_ENDS: Final = {
    _E.CLEARED: (_S.ENDED, _K.RESOLVED),
    _E.EXPIRED: (_S.ENDED, _K.EXPIRED),
    _E.WITHDRAWN: (_S.ENDED, _K.WITHDRAWN),
    _E.MERGED: (_S.ENDED, _K.MERGED),
}
_TOLD: Final = {
    _E.FELL: _K.UPDATED,
    _E.CHANGED: _K.UPDATED,
    _E.REPEATED: _K.UPDATED,
    _E.COMMENTED: _K.UPDATED,
    _E.SILENCED: _K.UPDATED,
    _E.OVERDUE: _K.ESCALATED,
    _E.UNANSWERED: _K.ESCALATED,
    _E.HANDED_UP: _K.ESCALATED,
}
_ANSWERS: Final = {
    _E.ACKED: (_S.ACKNOWLEDGED, _K.ACKNOWLEDGED),
    _E.CONFIRMED: (_S.ACKNOWLEDGED, _K.ACKNOWLEDGED),
    _E.SHELVED: (_S.SHELVED, _K.UPDATED),
    _E.CLOSED: (_S.CLOSED, _K.UPDATED),
}


def _ringing(state: DeskState) -> dict[Event, Outcome]:
    """Return what can meet a desk where somebody still has to acknowledge."""
    return {
        _E.ROSE: (_S.ESCALATED, _K.ESCALATED),
        _E.SETTLED: (_S.ACKNOWLEDGED, _K.UPDATED),
        **{event: (state, kind) for event, kind in _TOLD.items()},
        **_ANSWERS,
        **_ENDS,
    }


TRANSITIONS: Final[dict[DeskState, dict[Event, Outcome]]] = {
    _S.PENDING: {
        _E.HEARD: (_S.OPEN, _K.RAISED),
        _E.HEARD_COVERED: (_S.ACKNOWLEDGED, _K.RAISED),
        _E.RETURNED: (_S.OPEN, _K.REOPENED),
        _E.CLEARED: (_S.ENDED, None),
        _E.EXPIRED: (_S.ENDED, None),
        _E.WITHDRAWN: (_S.ENDED, None),
        _E.MERGED: (_S.ENDED, None),
    },
    _S.OPEN: _ringing(_S.OPEN),
    _S.ESCALATED: _ringing(_S.ESCALATED),
    _S.ACKNOWLEDGED: {
        _E.ROSE: (_S.ESCALATED, _K.ESCALATED),
        _E.REGAINED: (_S.ACKNOWLEDGED, _K.ESCALATED),
        _E.SETTLED: (_S.ACKNOWLEDGED, _K.UPDATED),
        _E.CHANGED: (_S.ACKNOWLEDGED, _K.UPDATED),
        _E.REPEATED: (_S.ACKNOWLEDGED, _K.UPDATED),
        _E.COMMENTED: (_S.ACKNOWLEDGED, _K.UPDATED),
        _E.SILENCED: (_S.ACKNOWLEDGED, _K.UPDATED),
        _E.LAPSED: (_S.OPEN, _K.UPDATED),
        _E.HANDED_UP: (_S.ESCALATED, _K.ESCALATED),
        **_ANSWERS,
        _E.ACKED: (_S.ACKNOWLEDGED, None),
        **_ENDS,
    },
    _S.SHELVED: {
        _E.ROSE: (_S.ESCALATED, _K.ESCALATED),
        _E.REGAINED: (_S.ESCALATED, _K.ESCALATED),
        _E.FELL: (_S.SHELVED, Silence.SHELVED),
        _E.SETTLED: (_S.SHELVED, Silence.SHELVED),
        _E.CHANGED: (_S.SHELVED, Silence.SHELVED),
        _E.REPEATED: (_S.SHELVED, Silence.SHELVED),
        _E.COMMENTED: (_S.SHELVED, _K.UPDATED),
        _E.SILENCED: (_S.SHELVED, _K.UPDATED),
        _E.UNSHELVED: (_S.OPEN, _K.UPDATED),
        _E.HANDED_UP: (_S.ESCALATED, _K.ESCALATED),
        **_ANSWERS,
        **_ENDS,
    },
    _S.CLOSED: {
        _E.ROSE: (_S.ESCALATED, _K.ESCALATED),
        _E.REGAINED: (_S.CLOSED, HELD),
        _E.SETTLED: (_S.CLOSED, HELD),
        _E.CHANGED: (_S.CLOSED, HELD),
        _E.REPEATED: (_S.CLOSED, HELD),
        _E.COMMENTED: (_S.CLOSED, _K.UPDATED),
        _E.REVIVED: (_S.OPEN, _K.REOPENED),
        **_ENDS,
    },
    _S.ENDED: {
        _E.JUDGED: (_S.ENDED, _K.UPDATED),
        _E.COMMENTED: (_S.ENDED, _K.UPDATED),
    },
}


def transition(state: DeskState, event: Event) -> Outcome:
    """Return the state that follows, and the kind of alert (or why there is none).

    Raises AssertionError for a pair that cannot happen.

    >>> transition(DeskState.ACKNOWLEDGED, Event.ROSE)
    (<DeskState.ESCALATED: 'escalated'>, <Kind.ESCALATED: 'escalated'>)
    """
    outcome = TRANSITIONS[state].get(event)
    if outcome is None:
        message = f"{event} cannot meet a desk that is {state}"
        raise AssertionError(message)
    return outcome

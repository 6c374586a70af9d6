"""A made-up month of a city's book: sixty crowds, two desks that answer as desks do, troubles."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import msgspec

from alerts.action import Action, DeskAction, Outcome
from alerts.desk import Desk
from alerts.ground import Site
from alerts.ledger.note import LedgerNote, note_of
from tests.alerts.booked import Records
from tests.alerts.bookkeeping import Evening
from tests.alerts.scenario import MINUTE_MS, crowd, grid

if TYPE_CHECKING:
    from alerts.ground import Ground
    from alerts.ledger.entry import Entry
    from alerts.message import Alert

__all__ = ["made_month"]

PLACES: Final = ("人民广场", "South Gate & Pier", "老街夜市", "Stadium", "海滨浴场", "火车站前")
DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
HOURS: Final = (9, 11, 12, 13, 17, 18, 18, 19, 19, 19, 20, 20, 20, 21, 21, 22)
OUTCOMES: Final = (Outcome.REAL,) * 6 + (Outcome.UNFOUNDED,) * 3 + (Outcome.UNKNOWN, None, None)


def made_month(since_ms: int, days: int, *, incidents: int = 60, seed: int = 1) -> list[Entry]:
    """Return the entries of a month that begins at a local midnight."""
    chance = random.Random(seed)
    book, drills = Records(), Records(status="Exercise")
    for day in sorted(chance.randrange(days) for _ in range(incidents)):
        begin_ms = since_ms + day * DAY_MS + chance.choice(HOURS) * HOUR_MS
        _evening(book, begin_ms + chance.randrange(12) * 5 * MINUTE_MS, chance)
    _evening(drills, since_ms + 9 * DAY_MS + 10 * HOUR_MS, chance)
    for hour in range(days * 24):
        for desk in (Desk.POLICE, Desk.FIRE):
            _test(book, desk, since_ms + hour * HOUR_MS, comes_back=hour % 97 != 5)
    book.put("police", b"junk", since_ms + 5 * DAY_MS)
    notes = [
        _silence(since_ms + int(day * DAY_MS), minutes)
        for day, minutes in ((2.1, 4.0), (9.7, 33.5), (17.4, 2.5))
    ]
    return [*book.entries(), *drills.entries(), *notes]


def _ground() -> Ground:
    sites = [Site(name=name, capacity=9000.0, access_risk=True, tiles=1) for name in PLACES]
    return grid(1, len(PLACES), sites=sites, site_of={tile: tile for tile in range(len(PLACES))})


def _evening(book: Records, begin_ms: int, chance: random.Random) -> None:
    evening = Evening(book, begin_ms, ground=_ground())
    place = chance.randrange(len(PLACES))
    if chance.random() < 0.45:
        score, dense = {place: chance.uniform(4.0, 9.0)}, chance.uniform(0.3, 0.9)
        told = evening.see(crowd({place: dense}, score=score))
        grown = [crowd({place: dense * by}, score=score) for by in (1.1, 1.3, 1.7, 2.0, 2.1)]
        evening.see(*grown[: chance.randrange(6)])
    else:
        top = chance.choice((2.4, 2.8, 3.4, 3.8, 4.4, 5.6))
        steps = [1.8 + (top - 1.8) * step / 4 for step in (1, 2, 3, 4)]
        told = []
        for dense in steps[: chance.choice((4, 4, 4, 2))]:
            told += evening.see({place: dense})
    first = {one.desk: one for one in reversed(told)}
    for desk in (Desk.POLICE, Desk.FIRE):
        if desk in first:
            _answer(evening, desk, first[desk], chance)
    evening.see(*[None] * 9)
    level = max(one.data.level for one in evening.sent)
    for desk, alert in first.items():
        outcome = chance.choice(OUTCOMES)
        if outcome is not None:
            arrived = alert.data.decided_ms + chance.randrange(-4, 25) * MINUTE_MS
            evening.do(
                Action.CLOSE,
                alert.incident,
                level=level,
                desk=desk,
                outcome=outcome,
                arrived=arrived if outcome is Outcome.REAL else None,
            )


def _answer(evening: Evening, desk: Desk, alert: Alert, chance: random.Random) -> None:
    """Acknowledge, put off, or look away."""
    mine = [one for one in evening.sent if one.desk is desk]
    what = chance.random()
    if what < 0.12:
        evening.see(*[None] * 8)
        return
    level = mine[-1].data.level if chance.random() > 0.07 else 1
    after_min = min(chance.lognormvariate(0.0, 0.7), 4.0)
    if what < 0.2 and level < 4:
        until = evening.now_ms + 20 * MINUTE_MS
        action = Action.SHELVE if chance.random() < 0.6 else Action.SILENCE
        evening.do(action, alert.incident, level=level, until=until, text="夜市 market", desk=desk)
    evening.do(Action.ACK, alert.incident, level=level, after_min=after_min, desk=desk)
    if what > 0.6:
        evening.do(Action.CONFIRM, alert.incident, level=level, after_min=4.5, desk=desk)


def _test(book: Records, desk: Desk, at_ms: int, *, comes_back: bool) -> None:
    deed = DeskAction(
        incident="self-test",
        desk=desk,
        action=Action.TEST,
        revision_seen=0,
        level_seen=0,
        by="notify",
        id=str(at_ms),
    )
    book.put("acks", msgspec.json.encode(deed), at_ms)
    if comes_back:
        book.tested(deed, at_ms=at_ms)


def _silence(since_ms: int, minutes: float) -> Entry:
    until_ms = since_ms + int(minutes * MINUTE_MS)
    return note_of(LedgerNote(what="silence", at_ms=until_ms, since_ms=since_ms, until_ms=until_ms))

"""Carry out what desks asked for at one moment, and send what it makes: alerts, replies, tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from alerts.action import Action, DeskAction, Reply, Why
from alerts.selftest import SUBJECT, self_test
from stream.incident_out import alert_record, reply_record, self_test_record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.table import IncidentTable
    from stream.incident_state import WaitingAction
    from stream.machine import Outgoing
    from stream.settings import Settings

__all__ = ["carried_out"]

_actions: Final = msgspec.json.Decoder(DeskAction)


def carried_out(
    settings: Settings, table: IncidentTable, due: Iterable[WaitingAction], *, moment_ms: int
) -> list[Outgoing]:
    """Return the records of these actions, in their order; each one is answered."""
    out: list[Outgoing] = []
    for one in due:
        action = _actions.decode(one.action)
        if action.action is Action.TEST:
            out += _tested(settings, action, moment_ms=moment_ms)
            continue
        told, reply = table.act(action, moment_ms=moment_ms)
        out += [alert_record(settings, alert) for alert in told]
        out.append(reply_record(reply))
    return out


def _tested(settings: Settings, action: DeskAction, *, moment_ms: int) -> list[Outgoing]:
    """Return the self-test alert that was asked for, and the reply."""
    reply = Reply(
        incident=SUBJECT,
        desk=action.desk,
        action=action.action,
        accepted=True,
        why=Why.TESTED,
        revision=0,
        by=action.by,
        id=action.id,
        at_ms=moment_ms,
    )
    test = self_test(action, moment_ms=moment_ms)
    return [self_test_record(settings, test), reply_record(reply)]

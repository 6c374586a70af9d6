"""The self-test: a desk's tool asks for a message, and gets it the way every alert comes.

It goes through the acks topic, the incident stage and the desk's topic. What does not come back
would not have come as an alert either, and the tool can tell its people so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from alerts.desk import Desk
from alerts.envelope import wrap
from alerts.moment import iso

if TYPE_CHECKING:
    from alerts.action import DeskAction

__all__ = ["EVENT_TYPE", "SUBJECT", "SelfTest", "self_test", "self_test_envelope"]

EVENT_TYPE: Final = "crowd.alert.test.v1"
SUBJECT: Final = "self-test"
"""Key and incident of the message: no incident has such an id."""


class SelfTest(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="self-test/1"):
    """A message that says only that messages come. at: moment of the log; id: of the request."""

    desk: Desk
    at: str
    at_ms: int
    by: str
    id: str | None
    headline: dict[str, str]

    @property
    def event_id(self) -> str:
        """The CloudEvents id."""
        return "/".join(filter(None, (SUBJECT, self.desk, self.at, self.id)))


_encoder: Final = msgspec.json.Encoder()
_HEADLINE: Final = {
    "zh-CN": "测试：预警通道畅通，无需处置",
    "en": "TEST: the way of the alerts is open, nothing to do",
}


def self_test(action: DeskAction, *, moment_ms: int) -> SelfTest:
    """Return the message that such a request gets at this moment of the log."""
    return SelfTest(
        desk=action.desk,
        at=iso(moment_ms),
        at_ms=moment_ms,
        by=action.by,
        id=action.id,
        headline=_HEADLINE,
    )


def self_test_envelope(test: SelfTest, *, source: str) -> bytes:
    """Return it as CloudEvents 1.0 structured JSON; its status is always Test."""
    return wrap(
        id=test.event_id,
        type=EVENT_TYPE,
        source=source,
        subject=SUBJECT,
        time_ms=test.at_ms,
        dataschema="urn:crowdtide:schema:self-test:1",
        status="Test",
        data=_encoder.encode(test),
    )

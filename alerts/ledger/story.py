"""One incident as one desk heard it, and what the desk did: folded from the entries of a ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alerts.ledger.entry import EntryKind
from alerts.ledger.recorded import read_alert, read_reply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.ledger.entry import Entry
    from alerts.ledger.recorded import Recorded, ReplyRecord

__all__ = ["Story", "stories_of"]

OVERDUE = "overdue"


@dataclass(slots=True, kw_only=True)
class Story:
    """What a desk was told of an incident, and did. All moments: epoch ms on the clock of the log.

    status: of its messages (Actual, Exercise, Test, System). first, newest: messages. worst: the
    first one of its highest level. peak: the one with most people, None where nobody could say.
    revisions: how many messages. passed_on: how often nobody answered in time. answered_ms: when
    the desk first acknowledged, confirmed or closed it. ended_ms: when it was over.
    """

    incident: str
    desk: str
    status: str
    first: Recorded
    newest: Recorded
    worst: Recorded
    peak: Recorded | None = None
    revisions: int = 0
    passed_on: int = 0
    answered_ms: int | None = None
    ended_ms: int | None = None
    replies: list[ReplyRecord] = field(default_factory=list)

    @property
    def told_ms(self) -> int:
        """When the desk first heard of it."""
        return self.first.moment_ms

    @property
    def is_actual(self) -> bool:
        """It was meant in earnest."""
        return self.status == "Actual"

    def take(self, message: Recorded) -> None:
        """Take in a message, in the order of the topic; an older revision changes nothing."""
        if self.revisions and message.revision <= self.newest.revision:
            return
        self.newest = message
        self.revisions += 1
        self.passed_on += OVERDUE in message.changed
        if message.level > self.worst.level:
            self.worst = message
        count = message.count
        if count is not None and (self.peak is None or count > (self.peak.count or 0)):
            self.peak = message
        # What is said of it afterwards ends it no second time; one that came back is not over.
        ended_ms = message.moment_ms if self.ended_ms is None else self.ended_ms
        self.ended_ms = ended_ms if message.is_over else None
        if self.answered_ms is None:
            done = (message.acknowledged, message.confirmed, message.outcome)
            self.answered_ms = min((one.at_ms for one in done if one is not None), default=None)


def stories_of(
    entries: Iterable[Entry], *, until_ms: int | None = None
) -> dict[tuple[str, str], Story]:
    """Return stories by desk and incident, in the order in which desks first heard of them.

    until_ms: what was decided later is left out, so that one can see what was known then.
    """
    stories: dict[tuple[str, str], Story] = {}
    for entry in entries:
        if until_ms is not None and entry.at_ms > until_ms:
            continue
        if entry.kind is EntryKind.ALERT:
            _take_alert(stories, entry)
        elif entry.kind is EntryKind.REPLY:
            reply = read_reply(entry.value)
            story = stories.get((entry.desk, entry.incident))
            if reply is not None and story is not None:
                story.replies.append(reply)
    return stories


def _take_alert(stories: dict[tuple[str, str], Story], entry: Entry) -> None:
    read = read_alert(entry.value)
    if read is None:
        return
    status, message = read
    key = (message.desk, message.incident)
    story = stories.get(key)
    if story is None:
        story = stories[key] = Story(
            incident=message.incident,
            desk=message.desk,
            status=status,
            first=message,
            newest=message,
            worst=message,
        )
    story.take(message)

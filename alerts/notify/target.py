"""Who wants to be told of what, and in which hours only of the worst."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import tzinfo

    from alerts.heard import Heard

__all__ = ["SYSTEM", "Quiet", "Target"]

SYSTEM: Final = "system"
"""The desk of those who look after the system itself."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of the day, local time of the city, in which only what is urgent is told.

    from_min, to_min: minutes of the day; a span over midnight has the smaller one last.

    >>> night = Quiet(from_min=23 * 60, to_min=6 * 60, zone=UTC)
    >>> night.until_ms(23 * 3_600_000) // 3_600_000, night.until_ms(12 * 3_600_000)
    (30, None)
    """

    from_min: int
    to_min: int
    zone: tzinfo

    def until_ms(self, now_ms: int) -> int | None:
        """Return when it ends, epoch ms; None while it is not quiet."""
        local = (_EPOCH + timedelta(milliseconds=now_ms)).astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        inside = (minute - self.from_min) % 1440 < (self.to_min - self.from_min) % 1440
        if not inside:
            return None
        end = local.replace(hour=self.to_min // 60, minute=self.to_min % 60)
        end = end.replace(second=0, microsecond=0)
        if end <= local:
            end += timedelta(days=1)
        return (end - _EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One receiver: a group chat, a mailbox, a webhook.

    desks: of which topics. least_level: of a crowd's first message. posts: only what one of them
    is to answer; empty = whoever is. kinds: of messages; empty = all. retries: attempts after the
    first. quiet: hours in which only red and troubles of the system are told.
    """

    name: str
    desks: frozenset[str]
    lang: str = "zh-CN"
    least_level: int = 1
    posts: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    retries: int = 20
    quiet: Quiet | None = None

    def begins(self, alert: Heard) -> bool:
        """Whether this message is reason enough to begin telling of its incident.

        A message that names no post passes every filter of posts: nothing is lost for lack of
        a rule.
        """
        meant = not self.posts or alert.duty_post is None or alert.duty_post in self.posts
        return alert.level >= self.least_level and meant and self.hears(alert.kind)

    def hears(self, kind: str) -> bool:
        """Whether messages of this kind are wanted at all."""
        return not self.kinds or kind in self.kinds

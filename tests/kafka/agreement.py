"""Whether topics, ledger, webhooks and a handover say the same once everybody has come to rest."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from stream.ledger.verify import verified
from tests.kafka.book import booked_records, differences, until_caught_up
from tests.kafka.folded import DESKS, fold, holes, told_by
from tests.kafka.told import again, owed_to, wrongs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream.topics import Topic
    from tests.kafka.folded import Folded
    from tests.kafka.keeping import Keeping
    from tests.kafka.notifying import Notifying
    from tests.kafka.tail_of import Received
    from tests.kafka.told import Wanted
    from tests.kafka.trial import Trial
    from tests.notify.hook import Hook

__all__ = ["Agreement", "Scene"]

QUIET_S: Final = 180.0  # notify paces an incident by the minute: what comes later never comes
LOOK_S: Final = 0.5

Desks = dict[str, dict[str, "Folded"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How it came out. wrong: in words, nothing = all agrees."""

    figures: str
    wrong: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who is there when nobody publishes any more. targets: of notify, at the hook."""

    trial: Trial
    notify: Notifying
    ledger: Keeping
    hook: Hook
    targets: Sequence[Wanted]

    @property
    def _prefix(self) -> str:
        return self.trial.settings.topics.prefix

    def settle(self) -> None:
        """Wait until notify and ledger have done all that they owe; end both."""
        topics = booked_records(self.trial.bootstrap, self._prefix)
        ends = {self._prefix + name: held[-1].offset + 1 for name, held in topics.items() if held}
        until_caught_up(self.ledger, ends)
        desks = _desks(topics)
        came, heard_s = 0, time.monotonic()
        while any(
            owed_to(target, desks) - set(self.hook.ids(target.path)) for target in self.targets
        ):
            if len(self.hook.got) > came:
                came, heard_s = len(self.hook.got), time.monotonic()
            if time.monotonic() - heard_s > QUIET_S:
                break  # what is missing is told by the agreement
            time.sleep(LOOK_S)
        assert self.ledger.stop() == 0, self.ledger.log.read_text()
        assert self.notify.stop() == 0, self.notify.log.read_text()

    def agreement(self, *, kills: int) -> Agreement:
        """Hold them against each other. kills: of notify."""
        topics = booked_records(self.trial.bootstrap, self._prefix)
        desks = _desks(topics)
        wrong = [told for desk, folded in desks.items() for told in holes(desk, folded)]
        with self.ledger.book() as store:
            wrong += differences(store, topics, self._prefix)
            kinds = verified(store).kinds
        for target in self.targets:
            wrong += wrongs(target, desks, self.hook.notes(target.path), kills=kills)
        wrong += self._handed_over(desks)
        figures = (
            f"{_told(desks)}; ledger {sum(kinds.values())} entries"
            f" ({', '.join(f'{count} {kind}' for kind, count in kinds.items())});"
            f" {'; '.join(self._webhook(target, desks) for target in self.targets)}"
        )
        return Agreement(figures=figures, wrong=wrong)

    def _handed_over(self, desks: Desks) -> list[str]:
        """Return what a handover at the end of the log has open, and the topics have not."""
        left = {(desk, key) for desk, held in desks.items() for key in held if held[key].is_open}
        newest = [one.newest.data["decided_ms"] for held in desks.values() for one in held.values()]
        at = datetime.fromtimestamp(max(newest) / 1000, UTC).isoformat()
        told = self.ledger.read("handover", "--at", at)
        handed = [(one["desk"], one["incident"]) for one in told["open"]]
        if sorted(handed) == sorted(left):
            return []
        return [f"a handover has {sorted(handed)} open, the topics {sorted(left)}"]

    def _webhook(self, target: Wanted, desks: Desks) -> str:
        notes = self.hook.notes(target.path)
        owed = owed_to(target, desks)
        came = {name for ids in notes for name in ids}
        return (
            f"webhook {target.path}: {len(owed)} owed, {len(owed - came)} missing, {len(notes)}"
            f" notes with {sum(map(len, notes))} ids, {again(notes)} notes came again"
        )


def _desks(topics: Mapping[Topic, list[Received]]) -> Desks:
    return {desk: fold(told_by(topics[topic])) for desk, topic in DESKS.items()}


def _told(desks: Desks) -> str:
    incidents = {key for held in desks.values() for key in held}
    alerts = {
        desk: sum(len(one.revisions) for one in held.values()) for desk, held in desks.items()
    }
    repeats = sum(one.repeats for held in desks.values() for one in held.values())
    highest = max(
        (max(one.revisions) for held in desks.values() for one in held.values()), default=0
    )
    still = Counter(desk for desk, held in desks.items() for one in held.values() if one.is_open)
    return (
        f"{len(incidents)} incidents, {' + '.join(f'{n} {desk}' for desk, n in alerts.items())}"
        f" alerts, {repeats} said again, up to revision {highest}, open {sum(still.values())}"
    )

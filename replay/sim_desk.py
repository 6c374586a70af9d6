"""The desks of the simulator: they read alerts, acknowledge, close, err; and the acks clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from replay.sim_script import tick
from stream.topics import Topic

if TYPE_CHECKING:
    from replay.sim_broker import Broker
    from replay.sim_chance import Chance
    from replay.sim_world import World

__all__ = ["Desks"]

ACKS: Final = (Topic.ACKS, 0)
ACTIONS: Final = (
    *("ack", "ack", "ack", "confirm", "close", "close", "comment"),
    *("shelve", "shelve", "silence", "escalate", "reopen"),
)
JUNK: Final = (b"ack!", b'{"schema": "desk-action/1"}', None)


class Desks:
    """Police and fire, and whoever ticks into the acks topic."""

    def __init__(self, chance: Chance, world: World, broker: Broker) -> None:
        self._chance, self._broker = chance, broker
        self._hop_ms = world.settings.hop_ms
        checked = world.settings.time.ticks == "worker"
        self._skew_ms = chance.randrange(-self._hop_ms, self._hop_ms) // 2 * (not checked)
        self._begin_ms = world.begin_ms + chance.randrange(-self._hop_ms, 2 * self._hop_ms)
        self._next_tick_ms = self._begin_ms
        self._act_share = chance.choice((0.02, 0.06, 0.15))

    def turn(self) -> None:
        """Tick if it is time, and perhaps act on an alert."""
        now_ms = self._broker.now_ms
        while self._next_tick_ms <= now_ms:
            value = tick((self._next_tick_ms + self._skew_ms) // 1000 * 1000)
            self._broker.append(ACKS, value, at_ms=self._next_tick_ms)
            self._next_tick_ms += self._chance.randrange(self._hop_ms // 6, self._hop_ms)
            if self._chance.hits(0.2):
                self._next_tick_ms += 3 * self._hop_ms
        if self._chance.hits(self._act_share):
            self._broker.append(ACKS, self._action())

    def _action(self) -> bytes | None:
        chance = self._chance
        desk = chance.choice((Topic.POLICE, Topic.POLICE, Topic.FIRE))
        log = self._broker.log((desk, 0))
        if not log or chance.hits(0.1):
            return chance.choice(JUNK)
        event = msgspec.json.decode(chance.choice(log[-6:]).value or b"")
        data = event["data"]
        return msgspec.json.encode(
            {
                "schema": "desk-action/1",
                "incident": data["incident"] if chance.hits(0.95) else "nobody-knows",
                "desk": "police" if desk is Topic.POLICE else "fire",
                "action": chance.choice(ACTIONS),
                "revision_seen": data["revision"],
                "level_seen": max(data["level"], 1),
                "by": f"officer {chance.randrange(9)}",
                "until": data["decided_ms"] + chance.randrange(-1, 4) * self._hop_ms,
                "text": chance.choice((None, "fireworks", "known")),
                "id": chance.choice((None, None, f"deed {chance.randrange(40)}")),
            }
        )

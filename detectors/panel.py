"""Stand-in of the panel until the detectors room has it."""

from dataclasses import dataclass

import numpy as np

from detectors.contract import CityNow


@dataclass
class PanelState:
    hot: np.ndarray
    mu: np.ndarray

    @classmethod
    def empty(cls, members, slots):
        return cls(np.zeros(members), np.zeros((3, slots, members)))

    def adopt(self, before, place):
        stays = np.flatnonzero(place >= 0)
        self.hot[place[stays]] = before.hot[stays]
        self.mu[:, :, place[stays]] = before.mu[:, :, stays]

    def hot_bytes(self):
        return self.hot.tobytes()

    def load_hot(self, data):
        self.hot[:] = np.frombuffer(data)

    def slot_bytes(self, kind, slot):
        return self.mu[kind, slot].tobytes()

    def load_slot(self, kind, slot, data):
        self.mu[kind, slot] = np.frombuffer(data)


class Panel:
    def __init__(self, spec, *, members, hop_min, slot_min, state=None):
        self.state = state or PanelState.empty(members, 1440 // slot_min)
        self.slot_min = slot_min

    def hop(self, seen, moment):
        s = self.state
        there = np.isfinite(seen.point)
        s.hot[there] = 0.9 * s.hot[there] + 0.1 * seen.point[there]
        slot = int(moment.minute // self.slot_min)
        learnt = float("nan")
        if moment.slot_ends:
            s.mu[moment.kind, slot, there] += s.hot[there]
            learnt = float(np.add.accumulate(s.mu[moment.kind, slot])[-1])
        whole = float(np.add.accumulate(s.hot)[-1]) if len(s.hot) else 0.0
        left = float(np.add.accumulate(s.mu[moment.kind, slot])[-1])
        return CityNow(left=left, right=left, mean=0.0, whole=whole, off=0.0, learnt=learnt)

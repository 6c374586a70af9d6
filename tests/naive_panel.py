"""The slow and obvious twin of the panel: plain loops over members, the formulas as told."""

import math
from typing import Any

from tests.naive_detectors import Tile, clip
from tests.naive_shift import end_slot

FIGURES = ("w", "wg", "wgg", "wr", "wrg")


class Panel:
    """A panel of members; `hop` says of each hop what the city does."""

    def __init__(self, members: int, *, hop_min: float, slot_min: int) -> None:
        """Start with members nobody has seen."""
        self.hop_min, self.slot_min = hop_min, slot_min
        self.members = [Tile(hop_min=hop_min, slot_min=slot_min) for _ in range(members)]
        self.curve: dict[tuple[int, int], tuple[float, int]] = {}
        self.figures = dict.fromkeys(FIGURES, 0.0)
        self.kind = -1

    def at(self, kind: int, slot: int) -> float:
        """Return the day curve: of this kind, else of the others there, of all, else 1."""
        if (kind, slot) in self.curve:
            return self.curve[kind, slot][0]
        there = [self.curve[q, slot][0] for q in range(3) if (q, slot) in self.curve]
        everywhere = [value for value, _ in self.curve.values()]
        found = there or everywhere or [1.0]
        return sum(found) / len(found)

    def solve(self) -> tuple[float, float]:
        """Two equations of a ridge with 60 members that say nothing happens."""
        f = self.figures
        a, b, d = f["w"] + 60, f["wg"], f["wgg"] + 60
        return (f["wr"] * d - f["wrg"] * b) / (a * d - b * b), (a * f["wrg"] - b * f["wr"]) / (
            a * d - b * b
        )

    def hop(
        self, seen: list[dict[str, Any]], kind: int, minute: float, *, slot_ends: bool
    ) -> dict[str, float]:
        """Take one hop of all members (as `Tile.hop`); return what the city does."""
        count = 1440 // self.slot_min
        left = math.floor((minute + self.hop_min / 2) / self.slot_min - 0.5)
        values = [value for value, _ in self.curve.values()]
        city = {
            "left": self.at(kind, left % count),
            "right": self.at(kind, (left + 1) % count),
            "mean": sum(values) / len(values) if values else 0.0,
            "whole": 0.0,
            "off": 0.0,
            "learnt": math.nan,
        }
        if len(self.members) >= 8:
            self.move(seen, kind, minute, city)
            city["whole"], city["off"] = self.solve()
        for one, tile in zip(seen, self.members, strict=True):
            tile.hop(one, kind, minute, slot_ends=False, city=city)
        if slot_ends:
            city["learnt"] = self.learn(kind, int(minute // self.slot_min))
        return city

    def move(
        self, seen: list[dict[str, Any]], kind: int, minute: float, city: dict[str, float]
    ) -> None:
        """Move the factor by what the members show; held readings alone leave it as it is."""
        present = [one for one in seen if one["point"] is not None]
        if present and not any(one["fresh"] for one in present):
            return
        if kind != self.kind:
            self.figures = {name: 0.05 * value for name, value in self.figures.items()}
            self.kind = kind
        whole, off = self.solve()
        slot = math.floor((minute + self.hop_min / 2) / self.slot_min - 0.5)
        now = dict.fromkeys(FIGURES, 0.0)
        for one, tile in zip(seen, self.members, strict=True):
            due = tile.due(kind, minute, city, weekday=-1)
            m, d = due["m"], tile.dispersion
            usable = one["point"] is not None and one["fresh"] and not one["withheld"]
            if not usable or not due["known"] or (one["point"] == 0 and m > 10):
                continue
            unsure = d * (m + 0.02 * m * m) + (0.1 * tile.size() * city["mean"]) ** 2
            variance = unsure / (m + 3) ** 2 + 0.15 / (1 + due["n"]) ** 3 + tile.level_var
            g = tile.day_off(slot % (1440 // self.slot_min))
            told = whole + off * g
            raw, limit = clip((one["point"] - m) / (m + 3), -1, 1.5), 2.5 * math.sqrt(variance)
            r, w = told + clip(raw - told, -limit, limit), 1 / (variance + 0.01)
            for name, value in zip(FIGURES, (w, w * g, w * g * g, w * r, w * r * g), strict=True):
                now[name] += value
        keep = math.exp(-self.hop_min / 30)
        self.figures = {n: keep * self.figures[n] + (1 - keep) * now[n] for n in FIGURES}

    def learn(self, kind: int, slot: int) -> float:
        """Learn the curve between what members counted and how large they are; return it."""
        taught = [tile for tile in self.members if tile.gathered]
        people = sum(sum(x[0] for x in tile.gathered) / len(tile.gathered) for tile in taught)
        learnt = math.nan
        if taught:
            level = people / max(sum(tile.size() for tile in taught), 1e-9)
            value, days = self.curve.get((kind, slot), (0.0, 0))
            days = min(days + 1, 20)
            learnt = value + (level - value) / days
            self.curve[kind, slot] = (learnt, days)
        for tile in self.members:
            end_slot(tile, kind, slot, learnt, weekday=-1)
        return learnt

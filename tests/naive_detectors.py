"""The slow and obvious twin of the detectors: one tile, plain Python floats, the formulas as told.

It is written from the text of the detector's description, not from the kernels, and uses the
standard library's exp and log. It says what is right; the kernels have to be fast.
"""

import math
from dataclasses import dataclass, field
from typing import Any

from tests.naive_shift import Shift, end_slot

# A kind of day (row) borrows from the days of each kind (column).
BORROW = ((1, 0.5, 0.5), (0.25, 1, 1), (0.25, 1, 1))


def clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


def soft_clip(scaled: float) -> float:
    """Residuals as the build-up takes them: beyond 4 a tenth counts, up to 24."""
    return clip(scaled, -4, 4) + 0.1 * max(min(scaled, 24) - 4, 0)


@dataclass
class Slot:
    """One slot of one kind of day: mean, days, days with one sign."""

    mu: float = 0.0
    n: int = 0
    run: int = 0


@dataclass
class Tile:
    """One tile under the baseline detector; `hop` scores and then learns, returns the verdict."""

    hop_min: float
    slot_min: int
    level: float = 0.0
    level_var: float = 0.12**2
    dispersion: float = 1.0
    dispersion_n: int = 0
    own_var: float = 1.0
    own_n: int = 200
    hour_mean: float = 0.0
    buildup: float = 0.0
    surge: float = 0.0
    size_sum: float = 0.0
    size_den: float = 0.0
    week_xy: float = 0.0
    week_xx: float = 0.0
    scale: float = 1.0
    blank_min: float = 0.0
    shift: Shift = field(default_factory=Shift)
    gathered: list[tuple[float, float, float]] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=lambda: {"z": 0.0, "score": 0.0, "blind": False})

    def __post_init__(self) -> None:
        count = 1440 // self.slot_min
        self.day = [[Slot() for _ in range(count)] for _ in range(3)]
        self.week = [[Slot() for _ in range(count)] for _ in range(5)]

    def size(self) -> float:
        return self.size_sum / max(self.size_den, 1e-9) if self.size_den > 0 else 1.0

    def days(self, kind: int, i: int) -> int:
        """Days seen in a slot; an empty slot of a blank place was never seen."""
        slot = self.day[kind][i]
        return 0 if self.blank_min > 0 and slot.mu * self.scale < 4 else slot.n

    def slot_value(self, kind: int, i: int, curve: float) -> float:
        people = [self.day[q][i].mu * self.scale for q in range(3)]
        total, weight = curve * self.size(), 1.0
        for q in range(3):
            days = BORROW[kind][q] * min(self.days(q, i), 20)
            total, weight = total + days * people[q], weight + days
        n = self.days(kind, i)
        return (total / weight + n * people[kind]) / (1.0 + n)

    def deviation(self, weekday: int, i: int) -> float:
        """Relative deviation of a weekday in a slot, smoothed over three."""
        slots = self.week[weekday]
        beside = slots[i - 1].mu + slots[(i + 1) % len(slots)].mu
        return 0.5 * slots[i].mu + 0.25 * beside

    def week_factor(self, weekday: int, i: int) -> float:
        if weekday < 0:
            return 1.0
        trusted = clip(self.week_xy / (self.week_xx + 40), 0, 1)
        return clip(1 + trusted * self.deviation(weekday, i), 0.4, 2.5)

    def day_off(self, i: int) -> float:
        """Log of days off over working days in a slot."""
        work, one, two = (self.day[q][i] for q in range(3))
        if work.n < 2 or one.n + two.n == 0:
            return 0.0
        off = (one.n * one.mu + two.n * two.mu) / (one.n + two.n)
        return clip(math.log((off * self.scale + 3) / (work.mu * self.scale + 3)), -2, 2)

    def due(
        self, kind: int, minute: float, city: dict[str, float], *, weekday: int
    ) -> dict[str, float]:
        """Say how many people are due at the moment, and their variance."""
        count = 1440 // self.slot_min
        middle = (minute + self.hop_min / 2) / self.slot_min - 0.5
        left = math.floor(middle)
        share = middle - left
        base = (1 - share) * self.slot_value(kind, left % count, city["left"])
        base += (
            share * self.slot_value(kind, (left + 1) % count, city["right"]) if share > 0 else 0.0
        )
        week = self.week_factor(weekday, left % count)
        week += share * (self.week_factor(weekday, (left + 1) % count) - week)
        own = max(base, 2.0) * week
        base = own * clip(1 + city["whole"] + city["off"] * self.day_off(left % count), 0.2, 3)
        m, d = base * math.exp(self.level), self.dispersion
        n = self.days(kind, left % count)
        typical = 0.1 * self.size() * city["mean"]
        variance = d * (m + 0.02 * m * m) + typical**2
        variance += m * m * (0.15 / (1 + n) ** 3 + 0.02 * d / (1 + n) + self.level_var)
        known = any(self.days(q, left % count) > 0 for q in range(3))
        found = {"base": base, "own": own, "m": m, "variance": variance, "n": n}
        return found | {"known": known, "week": week}

    def hop(
        self,
        seen: dict[str, Any],
        kind: int,
        minute: float,
        *,
        slot_ends: bool,
        city: dict[str, float],
        weekday: int = -1,
    ) -> dict[str, Any]:
        """Take one hop: seen = point (None is missing), its interval, and how it was seen."""
        due = self.due(kind, minute, city, weekday=weekday)
        here = int(minute // self.slot_min)
        missing = seen["point"] is None
        z, blind = self.residual(seen, due)
        self.shift.due_now, self.shift.stands = due, not missing and not seen["fresh"]
        self.shift.good = bool(seen["fresh"] and due["known"]) and not (missing or blind)
        if missing or seen["fresh"]:
            believed = bool(due["known"]) and not missing and not blind
            self.alarm(z, believed=believed)
            self.last = {"z": z, "score": max(self.buildup, self.surge / 1.5), "blind": blind}
            teaches = not missing and not blind and seen["learnable"]
            self.learn_hop(seen, due, z, known=bool(due["known"]), teaches=teaches)
            if not missing and not blind and (teaches or seen["hidden"]):
                self.gather(seen, due, known=bool(due["known"]))
        verdict = dict(
            self.last,
            expected=due["m"],
            spread=math.sqrt(due["variance"]),
            known=due["known"],
            sightings=self.day[kind][here].n,
        )
        if slot_ends:
            end_slot(self, kind, here, city["learnt"], weekday=weekday)
        return verdict

    def residual(self, seen: dict[str, Any], due: dict[str, float]) -> tuple[float, bool]:
        m = due["m"]
        if seen["point"] is None or not due["known"]:
            return 0.0, False
        if not seen["withheld"]:
            blind = seen["point"] == 0 and m > 10
            z = self.normal(seen["point"], due)
            return (min(z, 0.0) if blind else z), blind
        blind = seen["low"] == 0 and m > 2 * (seen["high"] + 1)
        if seen["low"] > m:
            return self.normal(seen["low"], due), blind
        if seen["high"] + 1 < m:
            return min(self.normal(seen["high"] + 0.5, due), 0.0), blind
        return 0.0, blind

    def normal(self, x: float, due: dict[str, float]) -> float:
        m = due["m"]
        root = 3 * math.sqrt(max(m * m / due["variance"], 0.02))
        return root * (math.cbrt(x / m) - 1) + 1 / root

    def alarm(self, z: float, *, believed: bool) -> None:
        dt = self.hop_min
        scaled = z / math.sqrt(max(math.sqrt(self.own_var) / 1.5, 0.6))
        gain = 1 - math.exp(-dt / 60)
        self.hour_mean += gain * (clip(z, -12, 12) - self.hour_mean)
        if believed and self.hour_mean < 0:
            self.own_n = min(self.own_n + 1, 1000)
            square = self.hour_mean**2 / (gain / (2 - gain))
            self.own_var += (min(square, 6 * self.own_var) - self.own_var) / self.own_n
        push = min(dt / 30, 1) * (soft_clip(scaled) - 0.75)
        self.buildup = max(0.0, math.exp(-dt / 90) * self.buildup + push)
        self.surge += (1 - math.exp(-dt / 20)) * (clip(scaled, -8, 12) - self.surge)

    def learn_hop(
        self,
        seen: dict[str, Any],
        due: dict[str, float],
        z: float,
        *,
        known: bool,
        teaches: bool,
    ) -> None:
        x, base, m = seen["point"], due["base"], due["m"]
        spread = math.sqrt(due["variance"])
        keep = math.exp(-self.hop_min / 60 / 72)
        moved, left = self.level, self.level_var
        if known and teaches:
            noise = 2 * max(1, 30 / self.hop_min)
            noise *= max(self.dispersion * (1 / base + 0.02), 1e-6)
            gain = left / (left + noise)
            limit = 1.5 * math.sqrt(left + noise / 2)
            moved += gain * clip(x / base - math.exp(self.level), -limit, limit)
            left *= 1 - gain
        self.level = clip(keep * moved, -1.5, 1.0)
        self.level_var = keep**2 * left + (1 - keep**2) * 0.12**2
        if seen["withheld"] and x is not None:
            z = (x - m) / spread
        if known and teaches and due["n"] >= 1 and (z < 0 or z * z < 1e-4):
            self.dispersion_n = min(self.dispersion_n + 1, 2000)
            ratio = min(z * z, 1.5**2) / clipped_square_mean(1.5)
            step = self.dispersion * (ratio - 1) / max(self.dispersion_n, 3)
            self.dispersion = max(self.dispersion + step, 0.02)

    def gather(self, seen: dict[str, Any], due: dict[str, float], *, known: bool) -> None:
        """Keep a count for its slot; of a hidden one, what it likely was."""
        x, m, spread = seen["point"], due["m"], math.sqrt(due["variance"])
        if seen["hidden"]:
            x = likely(m, spread, seen["low"], seen["high"])
        bounded = clip(x, m - 2.5 * spread, m + 0.7 * spread) if known else x
        self.gathered.append((bounded, x, m / due["week"]))

    def learn_slot(
        self, kind: int, i: int, learnt: float, *, due: dict[str, float], weekday: int
    ) -> tuple[float, float] | None:
        """Learn a slot; return its mean count and what the profile alone made due."""
        if not self.gathered:
            return None
        mean, raw, plain = (sum(v) / len(self.gathered) for v in zip(*self.gathered, strict=True))
        self.gathered = []
        slot = self.day[kind][i]
        if weekday >= 0:
            residual = clip((mean - plain) / (plain + 3), -1, 1.5)
            self.learn_weekday(weekday, i, residual, due=due)
        mean /= due["week"]
        keep = math.exp(-self.slot_min / 1440 / 14)
        self.size_sum = self.size_sum * keep + mean
        self.size_den = self.size_den * keep + max(learnt, 1e-3)
        slot.n = min(self.days(kind, i) + 1, 20)
        sign = (raw > plain) - (raw < plain)
        slot.run = int(clip(slot.run + sign, -60, 60)) if slot.run * sign > 0 else sign
        step = clip(1 + abs(slot.run) - 5, 1, 6)
        slot.mu += min(step / slot.n, 0.5) * (mean / self.scale - slot.mu)
        return raw, plain * due["week"] * due["own"] / due["m"]

    def learn_weekday(
        self, weekday: int, i: int, residual: float, *, due: dict[str, float]
    ) -> None:
        """First how far the deviation foretold, then the deviation."""
        foretold, own = self.deviation(weekday, i), self.week[weekday][i]
        usable = self.day[0][i].n >= 3
        trusts = usable and own.n >= 1
        weight = 1 / (due["variance"] / due["m"] ** 2 + 0.005) if trusts else 0.0
        keep = 0.5 ** (self.slot_min / 1440 / 5 / 8)
        self.week_xy = keep * self.week_xy + weight * residual * foretold
        self.week_xx = keep * self.week_xx + weight * foretold**2
        if usable:
            own.n = min(own.n + 1, 8)
            own.mu += (residual - own.mu) / own.n


def likely(m: float, spread: float, low: float, high: float) -> float:
    """Mean of a normal count that is known to lie in an interval; Boyd's hazard."""
    over = (m - high) / spread
    hazard = (2 * over + math.sqrt((math.pi - 2) ** 2 * over**2 + 2 * math.pi)) / math.pi
    return clip(m - max(hazard, 0.0) * spread, low, high)


def clipped_square_mean(c: float) -> float:
    """Mean of z^2 cut at c^2, z standard normal."""
    beyond = math.erfc(c / math.sqrt(2))
    density = math.exp(-c * c / 2) / math.sqrt(2 * math.pi)
    return (1 - beyond) - 2 * c * density + c * c * beyond


def runs(scores: list[float], gates: list[bool], hop_min: float) -> list[tuple[int, float]]:
    """Return (hop at which it ended, peak) of each counted run of one tile."""
    found = []
    open_since: int | None = None
    for hop in range(len(scores)):
        above = [h for h in range(open_since or 0, hop + 1) if scores[h] > 1.0]
        if open_since is None:
            open_since = hop if scores[hop] > 1.0 else None
        elif (hop - above[-1]) * hop_min > 60.0:
            gated = [scores[h] for h in above if gates[h]]
            if gated:
                found.append((hop, max(gated)))
            open_since = None
    return found

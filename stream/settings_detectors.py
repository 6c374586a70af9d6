"""Settings of the detectors: which directions alarm, and the knobs of the baseline detector.

The knobs are the detector's own dataclasses: each stands, with why to turn it, beside the code
that uses it. Their limits are here, where an operator's value meets them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from detectors.baseline import BaselineSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Detectors", "baseline_limits"]

# Least and greatest values; every other knob must be above 0 (unless 0 is its default).
LIMITS: Final[dict[str, tuple[float, float]]] = {
    "buildup.slack": (0.0, 100.0),
    "buildup.over": (0.0, 1.0),
    "city.kept_ratio": (0.0, 1.0),
    "neighbours.least": (-100.0, 0.0),
    "weekday.days_min": (0.0, 254.0),
    "profile.people_min": (1.0, 1e6),
    "profile.run_days": (0.0, 1e6),
    "profile.run_gain": (0.0, 1e6),
    "profile.run_max": (1.0, 1e6),
    "shift.days_min": (0.0, 254.0),
    "shift.own_days_min": (0.0, 254.0),
    "shift.fall_ratio": (1.0, 1000.0),
    "shift.rise_ratio": (1.0, 1000.0),
    "spread.curvature": (0.0, 100.0),
    "spread.novelty": (0.0, 100.0),
    "spread.typical_ratio": (0.0, 100.0),
}


class Detectors(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What counts as unusual."""

    directions: Annotated[
        tuple[Literal["rise", "drop"], ...],
        Meta(
            min_length=1,
            max_length=2,
            description="Which way a count must leave the usual to alarm: `rise` always; add "
            "`drop` to hear, too, where people left (`alerts.drop_budget_ratio`).",
        ),
    ] = ("rise",)
    baseline: BaselineSpec = msgspec.field(default_factory=BaselineSpec)

    @property
    def has_drops(self) -> bool:
        """Whether too few people alarm as well."""
        return "drop" in self.directions


def baseline_limits(spec: BaselineSpec) -> Iterator[tuple[str, str]]:
    """Yield (knob, what is wrong) for each knob outside its limits, in the order of the parts.

    >>> list(baseline_limits(BaselineSpec()))
    []
    """
    usual: dict[str, dict[str, Any]] = msgspec.to_builtins(BaselineSpec())
    tree: dict[str, dict[str, Any]] = msgspec.to_builtins(spec)
    for part, knobs in tree.items():
        for name, value in knobs.items():
            if isinstance(value, bool):
                continue
            limits = LIMITS.get(f"{part}.{name}")
            if limits is None:
                least = usual[part][name]
                if value < 0 or (value == 0 and least > 0):
                    yield f"{part}.{name}", f"{value} is not above 0"
            elif not limits[0] <= value <= limits[1]:
                yield f"{part}.{name}", f"{value} is not from {limits[0]:g} to {limits[1]:g}"

"""What only one of the two services asks of an incident; null until somebody can tell."""

from __future__ import annotations

import msgspec

__all__ = ["Fire", "Police"]

Number = int | float
Position = tuple[float, float]


class Police(msgspec.Struct, frozen=True, kw_only=True):
    """What only police ask: where to stop inflow, whom to call."""

    edge_flow: list[str] | None = None
    cordon: list[list[Position]] | None = None
    stations_to_skip: list[str] | None = None
    organiser_contact: str | None = None
    repeat_calls: int | None = None


class Fire(msgspec.Struct, frozen=True, kw_only=True):
    """What only fire asks: can we reach them, how many may be hurt, what makes it worse.

    exposed_low, exposed_high: people inside. hazards: why access is at risk, as far as somebody
    named it. casualties is `unknown` unless somebody reported.
    """

    exposed_low: Number | None
    exposed_high: Number | None
    access_risk: bool
    approach_routes: list[str] | None = None
    blocked_routes: list[str] | None = None
    rendezvous: str | None = None
    hydrants: list[str] | None = None
    indoor_ratio: float | None = None
    hazards: list[str] | None = None
    casualties: str = "unknown"
    hospitals: list[str] | None = None

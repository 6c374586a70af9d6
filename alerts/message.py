"""The wire shape of `alert/1`: what one desk is told of one transition of one incident.

Numbers are rounded when a message is composed (see `compose`), so equal state gives equal bytes.
Keys that are null today are filled by later issues; they are here so that readers can rely on
them. Wall-clock facts (published, latency, offsets) are never in here: they travel in headers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from alerts.answerable import Jurisdiction, Responsible
from alerts.desk import Desk
from alerts.envelope import wrap
from alerts.figures import (
    Area,
    Baseline,
    Density,
    Occupancy,
    Peak,
    People,
    Quality,
    Trend,
)
from alerts.handling import (
    Acknowledgement,
    Comment,
    Course,
    Hold,
    PlannedEvent,
    Reasoning,
    Result,
    SubIncident,
    Unanswered,
)
from alerts.lifecycle import Kind
from alerts.service import Fire, Police

if TYPE_CHECKING:
    from alerts.envelope import Status

__all__ = ["VALUE_BYTES_MAX", "Alert", "AlertData", "encode", "envelope"]

VALUE_BYTES_MAX: Final = 64 * 1024
"""Largest envelope, by contract."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """What made this message, beside the settings."""

    inputs: list[str] | None = None
    code_version: str | None = None
    checksum: str | None = None


class AlertData(msgspec.Struct, frozen=True, kw_only=True):
    """`alert/1`. Times come twice: for people (ISO 8601, UTC) and as epoch ms.

    lifecycle: where this desk stands with the incident. needs_ack: it rings at this desk.
    level 1 to 4 with its colour and grade; at the end the last one it had. changed: what is new.
    probability: of the next level in horizon_min, to 0.1; null = below, or no forecast.
    rank: 1 = worst open incident at that hop (level, then score, then excess).
    district: police area of the worst tile. responsible: the posts that answer for most people.
    direction: too many people, or (drop) people who left; each is an incident of its own.
    jurisdiction: areas concerned, this desk's first. neighbours: areas of this desk beside it, on
    which it does not stand; related: incidents it touches across a border. informed: desks that
    know of it. merged_place: what the incident is called into which it went.
    ended: when it was over; its end may be told some minutes later.
    expires: without a newer message by then, we are silent.
    spoken: one sentence to read aloud. why: the rules that raised it, with their figures.
    parts: incidents told as one, at most 100 of parts_total.
    duty_post: who at this desk is to answer by ack_by; then those of escalates_to, in turn.
    unanswered: how often it rang, if more than once. course: people in earlier messages.
    acknowledged: somebody saw it; confirmed: somebody acts on it. comments: the newest three.
    """

    schema: Literal["alert/1"] = "alert/1"
    alert_id: str
    incident: str
    desk: Desk
    revision: int
    references: list[str]
    kind: Kind
    msg_type: Literal["Alert", "Update", "Cancel"]
    lifecycle: str
    needs_ack: bool
    changed: list[str]
    headline: dict[str, str]
    hop: str
    hop_ms: int
    window_start_ms: int
    window_end_ms: int
    opened: str
    opened_ms: int
    decided: str
    decided_ms: int
    expires: str | None
    expires_ms: int | None
    level: int
    grade: str
    colour: dict[str, str]
    previous_level: int
    level_since: str
    level_since_ms: int
    ended: str | None = None
    ended_ms: int | None = None
    direction: Literal["rise", "drop", "blind"] = "rise"
    severity: Literal["Minor", "Moderate", "Severe", "Extreme"]
    urgency: Literal["Immediate", "Expected", "Past"]
    certainty: Literal["Observed", "Unknown"]
    probability: float | None = None
    horizon_min: int | None = None
    lead_time_min: int | None = None
    rank: int
    reasons: list[str]
    people: People
    density: Density | None
    occupancy: Occupancy | None
    baseline: Baseline
    trend: Trend
    course: Course | None = None
    peak: Peak
    place: str
    district: str | None = None
    area: Area
    grid_side_m: float | None = None
    responsible: list[Responsible] | None = None
    responsible_total: int | None = None
    jurisdiction: list[Jurisdiction] | None = None
    neighbours: list[Jurisdiction] | None = None
    informed: list[Desk]
    merged_into: str | None
    merged_place: str | None = None
    merged_from: list[str]
    split_from: str | None
    related: list[str]
    data_quality: Quality
    spoken: dict[str, str] | None = None
    why: list[Reasoning] = []
    planned_event: PlannedEvent | None = None
    parts: list[SubIncident] | None = None
    parts_total: int | None = None
    nearby: list[str] | None = None
    response_type: Literal["Assess", "Monitor", "Prepare", "Execute", "AllClear", "None"] = "None"
    recommended_response: dict[str, str] | None = None
    duty_post: str | None = None
    ack_by: str | None = None
    ack_by_ms: int | None = None
    escalates_to: list[str] | None = None
    unanswered: Unanswered | None = None
    acknowledged: Acknowledgement | None
    confirmed: Acknowledgement | None = None
    hold: Hold | None = None
    comments: list[Comment] = []
    outcome: Result | None
    police: Police | None
    fire: Fire | None
    settings_hash: str
    provenance: Provenance = Provenance()


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert value as the table returns it: whom it is for, and what it says.

    hop_ms: the deciding hop; for an answer to a desk action the newest closed one.
    """

    desk: Desk
    kind: Kind
    incident: str
    revision: int
    place: str
    hop_ms: int
    data: AlertData

    @property
    def id(self) -> str:
        """incident/desk/revision: the CloudEvents id."""
        return self.data.alert_id

    @property
    def event_type(self) -> str:
        """The CloudEvents type."""
        return f"crowd.alert.{self.kind}.v1"


_encoder: Final = msgspec.json.Encoder()


def encode(data: AlertData) -> bytes:
    """Return the bytes that replay equality is about; equal data give equal bytes."""
    return _encoder.encode(data)


def envelope(alert: Alert, *, source: str, status: Status) -> bytes:
    """Return the alert as CloudEvents 1.0 structured JSON, `data` last."""
    return wrap(
        id=alert.id,
        type=alert.event_type,
        source=source,
        subject=alert.place,
        time_ms=alert.hop_ms,
        dataschema="urn:crowdtide:schema:alert:1",
        status=status,
        data=encode(alert.data),
    )

"""Compose `alert/1` from an incident, one desk's book, and the circumstances of the hop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np

from alerts import answerable, assumption, publish
from alerts.ahead import horizon_min
from alerts.desk import Desk
from alerts.direction import Direction
from alerts.figures import FeedState, Quality
from alerts.handled import acknowledgement, course, handled, result
from alerts.incident import unpack_tiles
from alerts.levels import REASONS
from alerts.lifecycle import Kind
from alerts.message import (
    VALUE_BYTES_MAX,
    Alert,
    AlertData,
    encode,
)
from alerts.moment import iso
from alerts.planned import planned_event
from alerts.service import Fire, Police
from alerts.text import GRADES, SEVERITIES, colours
from alerts.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.beside import Beside
    from alerts.figures import Area
    from alerts.ground import Ground
    from alerts.handling import SubIncident
    from alerts.incident import Incident
    from alerts.quiet import Quiet
    from alerts.spec import AlertSpec

__all__ = ["DATA_BYTES_MAX", "Circumstances", "compose"]

PLACE_MAX: Final = 200
"""Characters of a place name, so that the envelope's subject stays short too."""
IDS_MAX: Final = 50
"""Other incidents named in a message: more than anybody reads."""
DATA_BYTES_MAX: Final = VALUE_BYTES_MAX - 4096
"""The rest is for the envelope around it."""

Part = dict[str, Any]
"""Some fields of AlertData; a test decodes every message strictly against its types."""

_MSG_TYPES: Final[dict[Kind, Literal["Alert", "Cancel"]]] = {
    Kind.RAISED: "Alert",
    Kind.REOPENED: "Alert",
    Kind.RESOLVED: "Cancel",
    Kind.EXPIRED: "Cancel",
    Kind.WITHDRAWN: "Cancel",
    Kind.MERGED: "Cancel",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a message says beside its incident: the deciding hop, settings, feeds, budget.

    drop_held: no drop raised a level, for a feed was in doubt.
    """

    hop_ms: int
    hop_s: int
    decided_ms: int
    threshold: float
    near_threshold: float
    settings_hash: str
    feeds: tuple[tuple[str, str], ...]
    drop_threshold: float = math.inf
    drop_held: bool = False

    @property
    def moment_ms(self) -> int:
        """From when deadlines count: the end of the hop, or when it was decided if later."""
        return max(self.hop_ms, self.decided_ms)


def compose(
    *,
    spec: AlertSpec,
    ground: Ground,
    beside: Beside,
    incident: Incident,
    desk: Desk,
    kind: Kind,
    changed: Sequence[str],
    where: Area,
    at: Circumstances,
    quiet: Quiet | None = None,
    parts: tuple[list[SubIncident], int] | None = None,
) -> Alert:
    """Return the alert for one desk; its book must already stand at the new revision.

    quiet: the silence that lies over its ground, if one does. parts: of a city-wide incident, the
    worst ones, and how many there are.
    """
    book = incident.books[desk]
    data = _data(spec, ground, incident, desk, kind=kind, changed=changed, where=where, at=at)
    near = answerable.neighbours(ground, beside, unpack_tiles(incident.tiles), desk=desk)
    told = handled(spec, incident, desk, quiet=quiet)
    plan = planned_event(ground, incident, hop_ms=at.hop_ms)
    if plan is not None and data.police is not None:
        told["police"] = msgspec.structs.replace(data.police, organiser_contact=plan.contact)
    if parts is not None:
        told["parts"], told["parts_total"] = parts
    data = msgspec.structs.replace(data, neighbours=near, planned_event=plan, **told)
    data = msgspec.structs.replace(data, **in_words(spec, ground, incident, data))
    return Alert(
        desk=desk,
        kind=kind,
        incident=incident.id,
        revision=book.revision,
        place=data.place,
        hop_ms=at.hop_ms,
        data=_fit(data),
    )


def _fit(data: AlertData) -> AlertData:
    """List fewer tiles, then fewer parts, until the value fits the topic; names may be long."""
    while len(encode(data)) > DATA_BYTES_MAX and data.area.tiles:
        fewer = data.area.tiles[: len(data.area.tiles) // 2]
        data = msgspec.structs.replace(data, area=msgspec.structs.replace(data.area, tiles=fewer))
    while len(encode(data)) > DATA_BYTES_MAX and data.parts:
        data = msgspec.structs.replace(data, parts=data.parts[: len(data.parts) // 2])
    return data


def _data(
    spec: AlertSpec,
    ground: Ground,
    incident: Incident,
    desk: Desk,
    *,
    kind: Kind,
    changed: Sequence[str],
    where: Area,
    at: Circumstances,
) -> AlertData:
    return AlertData(
        **_identity(incident, desk, kind=kind, changed=changed),
        **_times(spec, incident, at),
        **_rank(incident),
        **_figures(ground, incident, at=at),
        **_people_in_it(ground, incident, desk),
        **_answerable(ground, incident, desk),
        area=where,
        data_quality=_quality(incident, at),
        settings_hash=at.settings_hash,
    )


def _identity(incident: Incident, desk: Desk, *, kind: Kind, changed: Sequence[str]) -> Part:
    book = incident.books[desk]
    name = f"{incident.id}/{desk}"
    # The head of the chain and the message before this one: enough to find all of them.
    earlier = sorted({1, book.revision - 1}) if book.revision > 1 else []
    return {
        "alert_id": f"{name}/{book.revision}",
        "incident": incident.id,
        "desk": desk,
        "revision": book.revision,
        "references": [f"{name}/{revision}" for revision in earlier],
        "kind": kind,
        "msg_type": _MSG_TYPES.get(kind, "Update"),
        "lifecycle": incident.end or book.state,
        "needs_ack": book.state.rings,
        "changed": list(changed),
        "headline": {},  # in words, once all figures are there
        "informed": [one for one, other in incident.books.items() if other.revision],
        "merged_into": incident.merged_into,
        "merged_place": (incident.merged_place or "")[:PLACE_MAX] or None,
        "merged_from": incident.merged_from[-IDS_MAX:],
        "split_from": incident.split_from,
        "related": incident.related[:IDS_MAX],
    }


def _times(spec: AlertSpec, incident: Incident, at: Circumstances) -> Part:
    expires_ms = None if incident.end else at.hop_ms + spec.repeat_s * 1000
    return {
        "hop": iso(at.hop_ms),
        "hop_ms": at.hop_ms,
        "window_start_ms": at.hop_ms - at.hop_s * 1000,
        "window_end_ms": at.hop_ms,
        "opened": iso(incident.opened_ms),
        "opened_ms": incident.opened_ms,
        "decided": iso(at.decided_ms),
        "decided_ms": at.decided_ms,
        "expires": None if expires_ms is None else iso(expires_ms),
        "expires_ms": expires_ms,
        "level_since": iso(incident.level_since_ms),
        "level_since_ms": incident.level_since_ms,
        "ended": iso(incident.ended_ms) if incident.end else None,
        "ended_ms": incident.ended_ms if incident.end else None,
    }


def _rank(incident: Incident) -> Part:
    level = incident.level
    reasons = [code for bit, code in REASONS if incident.picture.why & bit]
    return {
        "level": level,
        "direction": incident.direction,
        "grade": GRADES[level],
        "colour": colours(level),
        "previous_level": incident.previous_level,
        "severity": SEVERITIES[level],
        "urgency": "Past" if incident.end else "Immediate",
        "certainty": "Unknown" if incident.is_unseen else "Observed",
        "rank": incident.rank,
        "reasons": reasons,
    }


def _figures(ground: Ground, incident: Incident, *, at: Circumstances) -> Part:
    picture = incident.picture
    people = msgspec.structs.replace(publish.people(ground, picture), **assumption.factor(ground))
    density = publish.density(ground, picture)
    if density is not None:
        density = msgspec.structs.replace(density, **assumption.walkable(ground, incident))
    limits = (at.threshold, at.near_threshold)
    if incident.direction is Direction.DROP:
        limits = (at.drop_threshold, math.inf)
    baseline = publish.baseline(ground, picture, threshold=limits[0], near_threshold=limits[1])
    likely = publish.likely(ground, picture)
    return {
        "people": people,
        "density": density,
        "occupancy": publish.occupancy(ground, picture),
        "baseline": baseline,
        "trend": publish.trend(ground, picture),
        "probability": likely,
        "horizon_min": None if likely is None else horizon_min(at.hop_s),
        "peak": publish.peak(ground, incident),
        "place": incident.place[:PLACE_MAX],
    }


def _answerable(ground: Ground, incident: Incident, desk: Desk) -> Part:
    """Return where that is in the books of the authorities, and who answers for it."""
    picture = incident.picture
    tiles = unpack_tiles(incident.tiles)
    posts = answerable.responsible(ground, picture.posts)
    return {
        "district": answerable.district(ground, picture.worst_tile),
        "jurisdiction": answerable.jurisdiction(ground, tiles, worst=picture.worst_tile, desk=desk),
        "responsible": posts,
        "responsible_total": None if posts is None else picture.posts_total,
        "grid_side_m": ground.side_m,
    }


def _people_in_it(ground: Ground, incident: Incident, desk: Desk) -> Part:
    """Return what is this desk's own: what it did, and what only it asks for."""
    book = incident.books[desk]
    exposed = publish.people(ground, incident.picture)
    fire = Fire(
        exposed_low=exposed.low,
        exposed_high=exposed.high,
        access_risk=incident.picture.access_risk,
        hazards=_hazards(ground, incident) if incident.picture.access_risk else None,
    )
    return {
        "acknowledged": acknowledgement(book.ack),
        "outcome": result(book.close),
        "course": course(ground, book),
        "police": Police() if desk is Desk.POLICE else None,
        "fire": fire if desk is Desk.FIRE else None,
    }


def _hazards(ground: Ground, incident: Incident) -> list[str] | None:
    """Return why access is at risk on the sites it stands on; None where nobody named it."""
    sites = np.unique(ground.site[unpack_tiles(incident.tiles)]).tolist()
    kinds = {kind for site in sites if site >= 0 for kind in ground.sites[site].hazards}
    return sorted(kinds) or None


def _quality(incident: Incident, at: Circumstances) -> Quality:
    picture = incident.picture
    present = picture.present_ratio
    return Quality(
        feeds=[FeedState(name=name, state=state) for name, state in at.feeds],
        age_s=max(at.hop_ms - picture.seen_ms, 0) // 1000,
        present_ratio=None if present is None else round(present, publish.DECIMALS),
        blind_tiles=picture.blind,
    )

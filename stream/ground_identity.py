"""What a city decides, in a few digests: announced beside the settings, compared by who joins.

Two workers with other ground would write other alerts, as with other settings. Saved state is
bound to the grid alone; that sites, authorities and the coverage so far are the same, too, is
seen here. A coverage that only a later moment brings is no difference yet: the pack that holds it
may go to one worker after the other, as long as all of them have it before that moment.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from stream.settings_fault import ConfigError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo.city import City

__all__ = ["GroundIdentity", "Since", "check_ground", "identity"]

_SHOWN = 12  # digits of a digest that tell two packs apart for people


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """The coverage that acts from one moment on, by its digest."""

    valid_from_ms: int
    digest: str


class GroundIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A city by its digests. grid: what state is bound to. versions: ascending."""

    grid: str
    sites: str
    duty: str
    versions: tuple[Since, ...]


class _Announced(msgspec.Struct, frozen=True):
    """What of a `settings/1` record is read here; older ones and those of a replay say nothing."""

    ground: GroundIdentity | None = None


_decoder = msgspec.json.Decoder(_Announced)


def identity(city: City) -> GroundIdentity:
    """Return the identity of a city; equal cities have equal ones."""
    return GroundIdentity(
        grid=city.digest,
        sites=_sites_digest(city),
        duty=_duty_digest(city),
        versions=tuple(
            Since(valid_from_ms=one.valid_from_ms, digest=one.digest) for one in city.versions
        ),
    )


def check_ground(record: bytes, city: City, *, now_ms: int, accept_duty: bool = False) -> None:
    """Raise ConfigError where a log was begun with another city, in whatever acts by now.

    record: the `settings/1` record. now_ms: wall clock. accept_duty: other sites and
    authorities are meant, and every worker of the deployment was stopped and has them.
    """
    try:
        told = _decoder.decode(record).ground
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise ConfigError.one(
            f"the ground in the record cannot be read: {fault}",
            where="settings of this log",
            instead="run the version that began the log",
        ) from None
    if told is not None:
        faults = list(_differences(told, identity(city), now_ms=now_ms, accept_duty=accept_duty))
        if faults:
            raise ConfigError(faults)


def _differences(
    told: GroundIdentity, ours: GroundIdentity, *, now_ms: int, accept_duty: bool
) -> Iterator[Fault]:
    if told.grid != ours.grid:
        yield _fault("another grid", told.grid, ours.grid, "that pack, or another topics.prefix")
    elif (past := _past(told, now_ms)) != ours.versions[: len(past)]:
        theirs, mine = (_shown(one.digest for one in held) for held in (past, ours.versions))
        yield _fault(
            "another coverage that acts already", theirs, mine, "a pack that keeps what acted"
        )
    for name, theirs, mine in (
        ("other sites", told.sites, ours.sites),
        ("other authorities or posts", told.duty, ours.duty),
    ):
        if theirs != mine and not accept_duty:
            yield _fault(name, theirs, mine, "stop all workers, then start each --accept-duty")


def _past(told: GroundIdentity, now_ms: int) -> tuple[Since, ...]:
    return tuple(one for one in told.versions if one.valid_from_ms <= now_ms)


def _shown(digests: Iterator[str]) -> str:
    return " ".join(digest[:_SHOWN] for digest in digests)


def _fault(what: str, theirs: str, mine: str, instead: str) -> Fault:
    return Fault(
        where="settings of this log",
        key="worker.cells",
        what=f"has {what} ({mine[:_SHOWN]}) than the log was begun with ({theirs[:_SHOWN]})",
        instead=instead,
    )


def _sites_digest(city: City) -> str:
    columns = [one.tiles.astype("<i4").tobytes() for one in city.sites]
    rest = [(one.name, one.capacity, one.access_risk, one.rungs) for one in city.sites]
    return _digest(rest, *columns)


def _duty_digest(city: City) -> str:
    duty = city.duty
    if duty is None:
        return _digest(None)
    columns = (duty.police_of, duty.fire_of, duty.post_of)
    areas = (duty.police, duty.fire, duty.posts)
    return _digest(areas, *(column.astype("<i4").tobytes() for column in columns))


def _digest(text: Any, *columns: bytes) -> str:  # noqa: ANN401 - whatever JSON can hold
    digest = sha256()
    for part in (msgspec.json.encode(text), *columns):
        # The length first, so that no byte can move from one part to the next unseen.
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()

"""What police areas do otherwise than their city: rungs, and from which level desks hear."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from stream.settings import ConfigError
from stream.settings_fault import Fault

if TYPE_CHECKING:
    from alerts.spec import AlertSpec
    from geo.city import City
    from stream.settings import Settings

__all__ = ["local_specs"]

NAMED_MAX = 20
"""Known areas listed beside one that is not known."""


def local_specs(settings: Settings, spec: AlertSpec, city: City) -> tuple[AlertSpec, ...]:
    """Return what holds in each police area; nothing where none has a say of its own.

    Raises ConfigError listing every district that is no police area of the city.
    """
    districts = settings.alerts.districts
    if not districts:
        return ()
    known = [area.id for area in city.duty.police] if city.duty is not None else []
    told = ", ".join(known[:NAMED_MAX]) or "none: only a pack with police areas has districts"
    faults = [
        Fault(
            where="",
            key=f"alerts.districts.{name}",
            what="is no police area of this city",
            instead=f"one of {told}",
        )
        for name in sorted(set(districts) - set(known))
    ]
    local = [_local(spec, one, districts.get(one)) for one in known]
    faults += [one for one in local if isinstance(one, Fault)]
    if faults:
        raise ConfigError(faults)
    return tuple(one for one in local if not isinstance(one, Fault))


def _local(spec: AlertSpec, name: str, own: msgspec.Struct | None) -> AlertSpec | Fault:
    said = {} if own is None else msgspec.structs.asdict(own)
    try:
        return replace(spec, **{key: value for key, value in said.items() if value is not None})
    except ValueError as fault:
        return Fault(where="", key=f"alerts.districts.{name}", what=str(fault))

"""Settings of CAP messages: who sends them, and codes that the receiving platform gives."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = ["Cap"]

Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Cap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """CAP 1.2 and the Chinese platform's dialect (`crowdtide cap`)."""

    sender: Annotated[
        str,
        Meta(
            pattern=r"^[^ ,<&\s]{1,200}$",
            description="Id of the sender in CAP 1.2, unlike all others of the receivers: name "
            "the city; no spaces, commas, < or &.",
        ),
    ] = "crowdtide"
    name_zh: Annotated[
        Name, Meta(description="Full name of the sender in Chinese; receivers show it.")
    ] = "人群密度预警系统"
    name_en: Annotated[
        Name, Meta(description="Full name of the sender in English; receivers show it.")
    ] = "Crowd density early warning"
    sender_code: Annotated[
        str,
        Meta(
            pattern=r"^[0-9A-Za-z]{14}$",
            description="Code of the sender on the Chinese platform, 14 characters, given by its "
            "registrar; zeros are nobody's.",
        ),
    ] = "0" * 14
    event_type: Annotated[
        str,
        Meta(
            pattern=r"^[0-9A-Za-z]{1,20}$",
            description="Code of the event on the Chinese platform, given by its registrar; set "
            "it before messages leave the house.",
        ),
    ] = "00000"
    geocode: Annotated[
        str,
        Meta(
            pattern=r"^[0-9]{6,12}$",
            description="Administrative code of the city (GB/T 2260), e.g. 440800 for Zhanjiang; "
            "set it to your own.",
        ),
    ] = "000000"
    restriction: Annotated[
        Name,
        Meta(description="Who may read the messages; CAP tells receivers not to pass them on."),
    ] = "police and fire duty desks"
    web: (
        Annotated[
            str,
            Meta(
                pattern=r"^https?://[^\s]{1,500}$",
                description="Address of a page with more; unset = none is named.",
            ),
        ]
        | None
    ) = None

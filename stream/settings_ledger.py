"""Settings of `crowdtide ledger`: where the book is kept.

No key of this file enters the settings hash: it decides what is remembered, never what is
published.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta
from typing_extensions import override

__all__ = ["Ledger"]


class Ledger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The book of alerts, actions and outcomes: `crowdtide ledger`, a process of its own."""

    file: Annotated[
        str,
        Meta(
            min_length=1,
            description="Path of its SQLite file, where no PostgreSQL server is set. Keep it on a "
            "disk that outlives the process, and back it up; one process a file.",
        ),
    ] = "ledger.sqlite3"
    url: (
        Annotated[
            str,
            Meta(
                pattern=r"^postgres(ql)?://",
                description="Address of a PostgreSQL server, `postgresql://user:password@host/"
                "database`. It holds a secret: better `url_file` (or CROWD_LEDGER__URL_FILE), the "
                "path of a file that holds it.",
            ),
        ]
        | None
    ) = None
    schema: Annotated[
        str,
        Meta(
            pattern=r"^[a-z][a-z0-9_]{0,50}$",
            description="Schema of its tables on that server; each deployment needs its own.",
        ),
    ] = "crowdtide"
    web_port: (
        Annotated[
            int,
            Meta(ge=1, le=65_535, description="Port of /metrics of this process; unset = none."),
        ]
        | None
    ) = None
    web_bind: Annotated[str, Meta(min_length=1, description="Address that page listens on.")] = (
        "127.0.0.1"
    )

    @override
    def __repr__(self) -> str:
        # A log line must never show an address with its password.
        return f"Ledger(file={self.file!r}, ...)"

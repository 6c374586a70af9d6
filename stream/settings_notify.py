"""Settings of `crowdtide notify`: whom it tells of what, beyond the desks' topics.

No key of this file enters the settings hash: it decides who is told, never what is published.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec
from msgspec import Meta
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Notify", "NotifyTarget", "clashes_of"]

QUIET: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


class NotifyTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One receiver: a group chat, a mailbox, a webhook."""

    desks: Annotated[
        tuple[Literal["police", "fire", "system"], ...],
        Meta(
            min_length=1,
            description="Topics it is told of; `system` = blind and suspect feeds and troubles "
            "of workers. Silence of the whole system is told to every target.",
        ),
    ]
    least: Annotated[
        Literal["blue", "yellow", "orange", "red"],
        Meta(
            description="Colour from which an incident is told; once told, all of it is, to its "
            "end. Raise it where people are woken."
        ),
    ] = "blue"
    lang: Annotated[Literal["zh-CN", "en"], Meta(description="Language of its texts.")] = "zh-CN"
    posts: Annotated[
        tuple[str, ...],
        Meta(
            description="Only what one of these posts is to answer (`duty_post`); empty = all. A "
            "message that names no post passes."
        ),
    ] = ()
    kinds: Annotated[
        tuple[
            Literal[
                "raised",
                "updated",
                "escalated",
                "acknowledged",
                "merged",
                "resolved",
                "expired",
                "withdrawn",
                "reopened",
            ],
            ...,
        ],
        Meta(
            description="Kinds of messages it is told; empty = all. Ends of what it was told "
            "always come."
        ),
    ] = ()
    url: (
        Annotated[
            str,
            Meta(
                description="Apprise URL (`wecombot://`, `dingtalk://`, `feishu://`, `mailto://`, "
                "`jsons://`, ...). It holds a secret: better `url_file`."
            ),
        ]
        | None
    ) = None
    url_file: (
        Annotated[str, Meta(description="Path of a file that holds the URL, in its first line.")]
        | None
    ) = None
    retries: Annotated[
        int,
        Meta(
            ge=0,
            le=1000,
            description="Attempts after the first, 2 s to 5 min apart (20 of them take an hour); "
            "then the note is listed as undeliverable.",
        ),
    ] = 20
    timeout_s: Annotated[
        float,
        Meta(gt=0, le=300, description="Seconds an attempt may take; it delays no other target."),
    ] = 20.0
    quiet: (
        Annotated[
            str,
            Meta(
                description="Hours, local time, in which only red and troubles of the system are "
                "told, as in `23:00-06:00`; the rest comes folded at their end.",
            ),
        ]
        | None
    ) = None

    @override
    def __repr__(self) -> str:
        # A log line must never show a URL.
        return f"NotifyTarget(desks={self.desks!r}, ...)"


class Notify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Telling people of alerts: `crowdtide notify`, a process of its own."""

    state: Annotated[
        str,
        Meta(
            min_length=1,
            description="Path of its SQLite file: what was read, what waits, what was told. Keep "
            "it on a disk that outlives the process; one process a file.",
        ),
    ] = "notify.sqlite3"
    max_age_s: Annotated[
        int,
        Meta(
            ge=60,
            description="Seconds after which an alert that was not read yet is told only if it is "
            "still so (an end: only if its beginning was told).",
        ),
    ] = 3600
    self_test_s: Annotated[
        int,
        Meta(
            ge=0,
            description="Seconds between self-tests of each desk's path; 0 = none. Its targets "
            "hear when one does not come back within 120 s.",
        ),
    ] = 3600
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
    targets: dict[str, NotifyTarget] = msgspec.field(default_factory=dict)


def clashes_of(notify: Notify) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield what stands against telling a target: keys, what is wrong, what to write instead."""
    for name, target in sorted(notify.targets.items()):
        if (target.url is None) == (target.url_file is None):
            yield (
                (f"notify.targets.{name}.url", f"notify.targets.{name}.url_file"),
                "needs one of url and url_file, and only one",
                "url_file, the path of a file that holds the URL",
            )
        if target.quiet is not None and not QUIET.fullmatch(target.quiet):
            key = f"notify.targets.{name}.quiet"
            yield (key,), f"{target.quiet!r} is no span of hours", "one such as 23:00-06:00"

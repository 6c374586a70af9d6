"""Sends one note through Apprise, within a bounded time, and without a word of where to.

Apprise calls webhooks synchronously, and a server that sends a byte now and then could keep it for
ever. So each attempt runs in a thread that is left behind when its time is over; a few of them may
hang at once, then attempts fail without being made. What was left behind may still arrive: the
note comes again under the same id.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from stream.settings_fault import ConfigError

if TYPE_CHECKING:
    from alerts.notify.wording import Tone
    from stream.settings_notify import NotifyTarget

__all__ = ["AppriseSender", "Sender", "sender_of"]

HANGING_MAX: Final = 3


class Sender(Protocol):
    """Delivers a note to one target."""

    def send(self, title: str, body: str, tone: Tone) -> str | None:
        """Return None if it was taken, else why not."""
        ...


class AppriseSender:
    """A target behind one Apprise URL. Raises ConfigError for a URL that is none, unseen."""

    def __init__(self, url: str, *, name: str, timeout_s: float) -> None:
        """Read the URL; nothing is sent yet."""
        try:
            import apprise  # noqa: PLC0415 - an extra, needed by this process only
        except ImportError:
            told = "Apprise is not installed"
            raise ConfigError.one(told, key="notify", instead="crowdtide[notify]") from None
        # Its log lines may hold parts of URLs; what became of a note is told by ours.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        self._service = apprise.Apprise(asset=apprise.AppriseAsset(async_mode=False))
        if not self._service.add(url):
            key = f"notify.targets.{name}.url"
            raise ConfigError.one("is no URL that Apprise knows (not shown: a secret)", key=key)
        for server in self._service:
            server.socket_connect_timeout = server.socket_read_timeout = timeout_s
        self._timeout_s = timeout_s
        self._hanging: list[threading.Thread] = []

    def send(self, title: str, body: str, tone: Tone) -> str | None:
        """Return None if it was taken, else why not; never later than its time."""
        self._hanging = [thread for thread in self._hanging if thread.is_alive()]
        if len(self._hanging) >= HANGING_MAX:
            return f"{HANGING_MAX} attempts still hang"
        taken: list[bool] = []
        thread = threading.Thread(
            target=lambda: taken.append(self._call(title, body, tone)), daemon=True
        )
        thread.start()
        thread.join(self._timeout_s)
        if thread.is_alive():
            self._hanging.append(thread)
            return f"no answer within {self._timeout_s:g} s"
        return None if taken == [True] else "not taken"

    def _call(self, title: str, body: str, tone: Tone) -> bool:
        # An exception of a service's plugin must not end the process that tells of crowds.
        try:
            return bool(self._service.notify(body=body, title=title, notify_type=tone))
        except Exception:  # noqa: BLE001 - of any plugin; its text may hold the URL
            return False


def sender_of(name: str, target: NotifyTarget) -> AppriseSender:
    """Return the sender of a target. Raises ConfigError; the URL is never in it."""
    url = target.url or ""
    if target.url_file is not None:
        try:
            lines = Path(target.url_file).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as fault:
            key = f"notify.targets.{name}.url_file"
            why = getattr(fault, "strerror", None) or "is not UTF-8 text"
            raise ConfigError.one(f"{target.url_file}: {why}", key=key) from None
        url = lines[0].strip() if lines else ""
    return AppriseSender(url, name=name, timeout_s=target.timeout_s)

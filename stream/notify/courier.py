"""Sends the notes of one target, in a thread of its own: a dead webhook delays nobody else."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from stream.log_line import line

if TYPE_CHECKING:
    from stream.notify.office import Office
    from stream.notify.sender import Sender

__all__ = ["Courier"]

WAIT_S: Final = 1.0  # at most, before it looks whether it is over


class Courier(threading.Thread):
    """Takes notes one by one, sends, and says what became of it. fault: a bug of ours."""

    def __init__(self, target: str, office: Office, sender: Sender, over: threading.Event) -> None:
        """Prepare; `start` begins. A daemon, since an attempt in flight may be left behind."""
        super().__init__(name=f"courier {target}", daemon=True)
        self._target, self._office = target, office
        self._sender, self._over = sender, over
        self.fault: BaseException | None = None

    @override
    def run(self) -> None:
        """Work until it is over."""
        try:
            while not self._over.is_set():
                self._next()
        except BaseException as fault:  # noqa: BLE001 - the main thread ends the process with it
            self.fault = fault

    def _next(self) -> None:
        note = self._office.take(self._target, wait_s=WAIT_S)
        if note is None:
            return
        title, body = self._office.whole(self._target, note)
        # First sent, then marked: killed in between, it comes once more under the same id.
        why = self._sender.send(title, body, note.tone)
        self._office.done(self._target, note, why=why)
        event = "notify.sent" if why is None else "notify.failed"
        line(event, target=self._target, id=note.id, why=why)

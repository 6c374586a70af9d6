"""Log lines of the worker: one JSON object a line, one line a decision, on standard error."""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from stream.machine import SnapshotError
from stream.settings import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["JsonLines", "Seldom", "note", "open_journal"]

_logger: Final = logging.getLogger("crowdtide")
# Libraries that log each step of a rebalance at INFO; our own lines say what matters.
LIBRARIES: Final = ("aiokafka", "faust", "mode", "asyncio", "aiohttp")
# Faults of the operator or of saved state: the worker's last line says them in full, and where
# in the code they were raised helps nobody.
PLAIN: Final = (ConfigError, SnapshotError)


class JsonLines(logging.Formatter):
    """Formats any record, ours or a library's, as one line of JSON."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, event, then the fields of the event."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        fields = getattr(record, "fields", None)
        if fields is None:
            line |= {"event": "library", "logger": record.name, "message": record.getMessage()}
            if left_out := getattr(record, "left_out", 0):
                line["left_out"] = left_out
        else:
            line |= {"event": record.getMessage(), **fields}
        if record.exc_info and not isinstance(record.exc_info[1], PLAIN):
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Seldom(logging.Filter):
    """Lets one kind of library message through every few seconds, with how many were left out.

    While a broker is down the client library complains ten times a second, which would bury what
    the worker decides. A kind is a logger, a level and the message before its values are put in.
    clock_s: seconds that never go back.
    """

    def __init__(
        self, *, every_s: float = 10.0, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._every_s, self._clock_s = every_s, clock_s
        self._last: dict[tuple[str, int, str], tuple[float, int]] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written; our own always are."""
        if hasattr(record, "fields"):
            return True
        kind, now_s = (record.name, record.levelno, str(record.msg)), self._clock_s()
        since_s, left_out = self._last.get(kind, (-self._every_s, 0))
        if now_s - since_s < self._every_s:
            self._last[kind] = since_s, left_out + 1
            return False
        self._last[kind] = now_s, 0
        record.left_out = left_out
        return True


def open_journal(*, worker: str) -> None:
    """Send all log records of the process to standard error as JSON lines; once, at start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    _logger.setLevel(logging.INFO)
    note("worker.starts", worker=worker)


def note(event: str, *, level: str = "info", **fields: object) -> None:
    """Write one line: what was decided, and the fields that say about what."""
    _logger.log(getattr(logging, level.upper()), event, extra={"fields": fields})

"""Log lines of the worker: one JSON object a line, one line a decision, on standard error."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final

from typing_extensions import override

from stream.machine import SnapshotError
from stream.settings import ConfigError

__all__ = ["JsonLines", "note", "open_journal"]

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
        else:
            line |= {"event": record.getMessage(), **fields}
        if record.exc_info and not isinstance(record.exc_info[1], PLAIN):
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def open_journal(*, worker: str) -> None:
    """Send all log records of the process to standard error as JSON lines; once, at start."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
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

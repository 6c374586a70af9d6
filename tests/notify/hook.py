"""A webhook on the loopback address, as json:// calls it; each path has ways of its own."""

from __future__ import annotations

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Hook"]

ID: Final = re.compile(r"^(?:id: (\S+)|.*\[(\S+)\])$", re.MULTILINE)
WAIT_S: Final = 120.0  # a bound for machines that are busy, not a figure of the product


class Hook:
    """Takes notes. got: path and text of each that was answered with 200, in order.

    refuses: how many calls of a path are answered with 500 first. hanging: paths that are not
    answered before `let_go`. slow_s: how long any answer takes.
    """

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.calls: list[str] = []
        self.refuses: dict[str, int] = {}
        self.hanging: set[str] = set()
        self.slow_s = 0.0
        self._freed = threading.Event()
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str) -> str:
        return f"json://127.0.0.1:{self._server.server_address[1]}/{path}"

    def let_go(self) -> None:
        self._freed.set()

    def ids(self, path: str) -> list[str]:
        """Return the ids of all events that a path was told of, those told along, too."""
        return [one for note in self.notes(path) for one in note]

    def notes(self, path: str) -> list[list[str]]:
        """Return the ids of each note that a path took, in order, those told along, too."""
        with self._news:
            texts = [note["message"] for where, note in self.got if where == path]
        return [[one or other for one, other in ID.findall(text)] for text in texts]

    def wait(self, what: Callable[[], bool]) -> None:
        """Wait until something is so."""
        with self._news:
            assert self._news.wait_for(what, WAIT_S), (self.calls, self.got)

    def take(self, path: str, body: bytes) -> int:
        with self._news:
            self.calls.append(path)
            self._news.notify_all()
            left = self.refuses.get(path, 0)
            if left:
                self.refuses[path] = left - 1
                return 500
        time.sleep(self.slow_s)
        if path in self.hanging:
            self._freed.wait(WAIT_S)
        with self._news:
            self.got.append((path, json.loads(body)))
            self._news.notify_all()
        return 200


def _handler(hook: Hook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            code = hook.take(self.path.strip("/"), body)
            try:
                self.send_response(code)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                return  # whoever called has gone

        @override
        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler

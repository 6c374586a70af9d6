"""A real PostgreSQL for tests: a server of its own, empty, on the loopback address.

    with Postgres() as server:       # skips the test where PostgreSQL is not installed
        server.url                   # "postgresql://postgres@127.0.0.1:23456/postgres"
        server.stop()                # it is away
        server.start()               # and back, on the same port, with all that was committed

It lives as long as the block, and no longer than the thread that started it. Where the tests run
as root the server does not: it becomes the user `postgres`, or nobody.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import pytest

from tests.kafka.broker import LOOPBACK, free_ports

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Postgres", "missing"]

START_S: Final = 60.0
STOP_S: Final = 30.0
POLL_S: Final = 0.05
TAIL: Final = 2_000
DEBIAN: Final = "*/bin/postgres"  # below this folder, for each version
FOLDER: Final = Path("/usr/lib/postgresql")
SMALL: Final = {
    "unix_socket_directories": "",
    "shared_buffers": "16MB",
    "max_connections": "20",
    # The machine stays up, whatever is killed: its file cache is disk enough for a test.
    "fsync": "off",
}


def _programs() -> Path | None:
    """Return the folder of the server's programs, the newest version; None = not installed."""
    debian = sorted(FOLDER.glob(DEBIAN), key=lambda one: float(one.parts[-3]))
    if debian:
        return debian[-1].parent  # Debian keeps them out of everybody's way
    found = shutil.which("postgres")
    return Path(found).parent if found else None


def missing() -> str | None:
    """Return why there can be no server here; None = there can."""
    if _programs() is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return "PostgreSQL does not run as root, and there is no setpriv to become another user"
    try:
        import psycopg  # noqa: F401, PLC0415 - an extra
    except ImportError:
        return "psycopg is not installed (pip install 'crowdtide[postgres]')"
    return None


class Postgres:
    """One server with data of its own, for the length of a `with` block."""

    def __init__(self) -> None:
        (self._port,) = free_ports(1)
        self._folder = Path()
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address of its one database; it never changes."""
        return f"postgresql://postgres@{LOOPBACK}:{self._port}/postgres"

    def __enter__(self) -> Self:
        """Make the data, start it, and wait until it answers; skip the test where it cannot."""
        why = missing()
        if why is not None:
            pytest.skip(why)
        self._folder = Path(tempfile.mkdtemp(prefix="crowdtide-postgres-"))
        try:
            if os.geteuid() == 0:
                who = _user()
                os.chown(self._folder, who.pw_uid, who.pw_gid)
            self._run(
                "initdb", *(f"-D{self._data}", "-Upostgres", "-Atrust"), "--no-sync", "-EUTF8"
            )
            self.start()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it and remove its data."""
        self._close()

    def start(self) -> None:
        """Start it on the data it has, and wait until it answers."""
        assert self._server is None, "it runs already"
        options = [f"-c{name}={value}" for name, value in SMALL.items()]
        command = self._as_user("postgres")
        with self._output.open("ab") as output:
            self._server = subprocess.Popen(
                [*command, f"-D{self._data}", f"-h{LOOPBACK}", f"-p{self._port}", *options],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {self._tail()}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """End it at once, whoever is connected; what was committed stays."""
        server, self._server = self._server, None
        if server is None:
            return
        server.send_signal(signal.SIGQUIT)  # its children go with it, unlike after SIGKILL
        try:
            server.wait(STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _output(self) -> Path:
        return self._folder / "server.txt"

    def _answers(self) -> bool:
        import psycopg  # noqa: PLC0415 - an extra

        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        with self._output.open("ab") as output:
            done = subprocess.run(
                [*self._as_user(program), *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {self._tail()}")

    def _as_user(self, program: str) -> list[str]:
        """Return a command that ends with this thread, and is not root's."""
        folder = _programs()
        assert folder is not None, "looked for before"
        if shutil.which("setpriv") is None:
            return [str(folder / program)]
        who: list[str] = []
        if os.geteuid() == 0:
            user = _user()
            # In one command: a change of the user forgets the signal that was asked for before.
            who = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return ["setpriv", *who, "--pdeathsig", "KILL", "--", str(folder / program)]

    def _tail(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")[-TAIL:]

    def _close(self) -> None:
        self.stop()
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)


def _user() -> pwd.struct_passwd:
    """Return whom to become where the tests run as root."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("neither a user postgres nor nobody")

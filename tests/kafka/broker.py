"""A real Kafka for tests: one node in KRaft mode, run from the jars by the Java at hand.

    with Broker("4.4.0") as broker:
        broker.bootstrap             # "127.0.0.1:23456"; the same after every restart
        broker.kill()                # as a power cut would
        broker.start()               # with all that was acknowledged before

Needs Java 17 and, the first time, Maven (see `jars`). Nothing listens beyond the loopback
address.

The node dies with the *thread* that started it, however that ends, so a test run that is
killed leaves nothing behind. Therefore start it from the main thread.
"""

from __future__ import annotations

import base64
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from tests.kafka.jars import LOG_TAIL, BrokerError, jars

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["VERSIONS", "Broker", "BrokerError"]

VERSIONS: Final = ("4.4.0", "3.9.2")
"""What the project is tested on: the newest Kafka, and the last of the 3.x line."""

LOOPBACK: Final = "127.0.0.1"

# A small machine shares two cores between JVM, workers and tests: start fast, stay small.
JAVA: Final = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")
FORMAT_HEAP_MB: Final = 128
START_S: Final = 60.0
STOP_S: Final = 30.0
POLL_S: Final = 0.05

# Below the range that the system lends to outgoing connections. A port from that range may be
# lent out while the node is down: then the node cannot come back, or, on the loopback address,
# a client that keeps calling the silent port ends up connected to itself.
PORT_MIN: Final = 20_000
PORT_MAX: Final = 32_000

# ApiVersions, version 0, correlation 7, client "ct": the one request any broker answers.
HELLO_CORRELATION: Final = 7
HELLO: Final = struct.pack(">hhih2s", 18, 0, HELLO_CORRELATION, 2, b"ct")
HEADER: Final = struct.Struct(">ii")


class Broker:
    """One Kafka node with a data folder of its own, for the length of a `with` block.

    version: of Kafka, for example one of `VERSIONS`.
    settings: server properties that override the small-machine ones below.
    heap_mb: of the JVM; raise it if a test holds more than a few hundred MB in flight.
    """

    def __init__(
        self,
        version: str = VERSIONS[0],
        *,
        settings: Mapping[str, str] | None = None,
        heap_mb: int = 256,
    ) -> None:
        self.version = version
        self._heap_mb = heap_mb
        self._port, self._controller_port = free_ports(2)
        self._folder = Path(tempfile.mkdtemp(prefix="crowdtide-kafka-"))
        self._properties = self._folder / "server.properties"
        self._output = self._folder / "node.txt"
        self._settings = self._defaults() | dict(settings or {})
        self._node: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Return the address clients connect to; it never changes."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def pid(self) -> int | None:
        """Return the process id of the running node, or None."""
        return None if self._node is None else self._node.pid

    def __enter__(self) -> Self:
        """Format the data folder, start the node and wait until it answers."""
        try:
            self._format()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the node and remove its data."""
        self.close()

    def start(self) -> None:
        """Start the node on the data it has, and wait until it answers."""
        if self._node is not None:
            raise BrokerError("the broker is running already")
        command = self._java(self._heap_mb, "kafka.Kafka", str(self._properties))
        with self._output.open("ab") as output:
            self._node = subprocess.Popen(
                [*tied_to_parent(), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C at the desk is for the test, not for the node.
            )
        deadline = time.monotonic() + START_S
        while not answers(self._port):
            if self._node.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise BrokerError(f"Kafka {self.version} did not start: {self._tail()}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Ask the node to end (SIGTERM) and wait for it; the data stay."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the node at once (SIGKILL), as a power cut would; the data stay."""
        self._end(signal.SIGKILL)

    def restart(self, *, hard: bool = False) -> None:
        """End the node, cleanly or hard, and start it again on its data."""
        self._end(signal.SIGKILL if hard else signal.SIGTERM)
        self.start()

    def close(self) -> None:
        """End the node, if it runs, and remove its data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        node, self._node = self._node, None
        if node is None:
            return
        node.send_signal(how)
        try:
            node.wait(STOP_S)
        except subprocess.TimeoutExpired:
            node.kill()
            node.wait()

    def _format(self) -> None:
        lines = [f"{key}={value}\n" for key, value in self._settings.items()]
        self._properties.write_text("".join(lines), encoding="utf-8")
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = ("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}")
        command = self._java(FORMAT_HEAP_MB, *tool, f"--config={self._properties}")
        with self._output.open("ab") as output:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
            )
        if done.returncode:
            raise BrokerError(f"Kafka {self.version} could not format its log: {self._tail()}")

    def _java(self, heap_mb: int, *arguments: str) -> list[str]:
        if shutil.which(JAVA[0]) is None:
            raise BrokerError("a real broker needs Java 17 or newer: no java on the PATH")
        return [*JAVA, f"-Xmx{heap_mb}m", "-cp", f"{jars(self.version)}/*", *arguments]

    def _tail(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]

    def _defaults(self) -> dict[str, str]:
        """Return the properties of a node that is broker and controller in one."""
        clients, votes = f"{LOOPBACK}:{self._port}", f"{LOOPBACK}:{self._controller_port}"
        properties = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{votes}",
            "listeners": f"PLAINTEXT://{clients},CONTROLLER://{votes}",
            "advertised.listeners": f"PLAINTEXT://{clients}",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(self._folder / "data"),
            # As the contract has it: topics are made, never guessed from a client's typo.
            "auto.create.topics.enable": "false",
            # One node holds the only copy.
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "1",
            # Groups form at once, and a killed node is let back in after 2 s instead of 9.
            "group.initial.rebalance.delay.ms": "0",
            "broker.session.timeout.ms": "2000",
            "broker.heartbeat.interval.ms": "500",
            # The memory and threads of a test, not of a data centre.
            "log.cleaner.dedupe.buffer.size": "4194304",
            "log.cleaner.threads": "1",
            "log.index.size.max.bytes": "1048576",
            "num.io.threads": "4",
            "num.network.threads": "2",
            "background.threads": "2",
        }
        if int(self.version.split(".")[0]) >= 4:
            # Share groups came with 4.0; older brokers do not know these names.
            properties |= {
                "share.coordinator.state.topic.replication.factor": "1",
                "share.coordinator.state.topic.min.isr": "1",
                "share.coordinator.state.topic.num.partitions": "1",
            }
        return properties


def answers(port: int) -> bool:
    """Say whether a Kafka node on `port` answers a request for its API versions."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1.0) as client:
            client.sendall(struct.pack(">i", len(HELLO)) + HELLO)
            reply = client.recv(HEADER.size, socket.MSG_WAITALL)
    except OSError:
        return False
    return len(reply) == HEADER.size and HEADER.unpack(reply)[1] == HELLO_CORRELATION


def free_ports(wanted: int) -> list[int]:
    """Return ports that nobody listens on now and that the system lends to no one."""
    held: list[socket.socket] = []
    try:
        for port in random.sample(range(PORT_MIN, PORT_MAX), k=200):
            probe = socket.socket()
            held.append(probe)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                held.pop().close()
            if len(held) == wanted:
                return [probe.getsockname()[1] for probe in held]
    finally:
        for probe in held:
            probe.close()
    raise BrokerError(f"no {wanted} free ports between {PORT_MIN} and {PORT_MAX}")


def tied_to_parent() -> list[str]:
    """Return the words before a command that make it die with the thread that starts it.

    `setpriv` belongs to every Debian (util-linux). Elsewhere the node is only ended by `close`.
    """
    return ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []

"""The embedded broker: a small Kafka inside this process, for the demo and for tests.

librdkafka carries a *mock cluster* for its own tests: a real TCP listener on the loopback
address that speaks the Kafka protocol and keeps records in memory. The wheel of
`confluent-kafka` brings that library along, so one Python package is all it takes. It starts
within milliseconds and ends with the process.

It is a stand-in, and these are its limits (seen with librdkafka 2.16; a real broker has none):

- About 5 MB are kept per partition, and older records vanish without a word. No compaction:
  a reader of the snapshot topic meets every version that is still there.
- Everything is in memory: **no restart is promised**, closing loses all records.
- Topics come from here only. CreateTopics and topic settings are not served, and a misspelt
  topic name is created with 4 partitions by the first client that asks for it.
- Record stamps are the producer's (CreateTime), whatever the topic should say; the stamp in
  a producer's acknowledgement is a constant; a look-up of offsets by time finds nothing.
- **One consumer per group.** It answers the group's leader before the others have asked for
  their share and then refuses those who ask late, so a second worker may be told
  InvalidRequest and stop. Members with different assignors end the whole process.
- No passwords, no TLS, no limit on the size of a record.

What clients need here:

- *A Fetch that finds nothing is answered only after its whole `fetch_max_wait_ms`*, even if a
  record arrives meanwhile: the wait is the latency (measured with 500, 100 and 20 ms: at worst
  480, 96 and 22). Give consumers `CLIENT_WAIT_MS`.
- kafka-python needs `api_version=KAFKA_PYTHON_API`: it cannot read this broker's answer to
  its own version handshake. aiokafka and confluent-kafka need nothing.
- A group's first join takes `join_delay_ms`. Joining a group that was used before takes its
  session timeout less a second (5.0 s of 6 s), with static membership twice that (11.9 s):
  take a new group id for each run, or a short session.

    >>> with EmbeddedBroker({"crowd.demo": 2}) as broker:
    ...     broker.bootstrap.startswith("127.0.0.1:")
    True
"""

from __future__ import annotations

import ctypes
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["CLIENT_WAIT_MS", "KAFKA_PYTHON_API", "EmbeddedBroker", "EmbeddedBrokerError"]

CLIENT_WAIT_MS: Final = 20
"""`fetch_max_wait_ms` for consumers: low enough to feel instant, 50 idle requests a second."""

KAFKA_PYTHON_API: Final = (2, 1)
"""`api_version` for kafka-python: 2.0 to 2.3 work here (2.0 without zstd); 2.4 and later hang."""

_PRODUCER: Final = 0  # rd_kafka_type_t; the handle only carries the cluster's thread.
_LOG_LEVEL: Final = b"2"  # Critical: a client that leaves is no news.
_BROKERS: Final = 1  # Brokers, and so copies of each partition.
_REASON_MAX: Final = 512

_POINTER: Final = ctypes.c_void_p
_SIGNATURES: Final[dict[str, tuple[type | None, tuple[type, ...]]]] = {
    "rd_kafka_conf_new": (_POINTER, ()),
    "rd_kafka_conf_set": (
        ctypes.c_int,
        (_POINTER, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t),
    ),
    "rd_kafka_new": (_POINTER, (ctypes.c_int, _POINTER, ctypes.c_char_p, ctypes.c_size_t)),
    "rd_kafka_destroy": (None, (_POINTER,)),
    "rd_kafka_err2str": (ctypes.c_char_p, (ctypes.c_int,)),
    "rd_kafka_mock_cluster_new": (_POINTER, (_POINTER, ctypes.c_int)),
    "rd_kafka_mock_cluster_destroy": (None, (_POINTER,)),
    "rd_kafka_mock_cluster_bootstraps": (ctypes.c_char_p, (_POINTER,)),
    "rd_kafka_mock_topic_create": (
        ctypes.c_int,
        (_POINTER, ctypes.c_char_p, ctypes.c_int, ctypes.c_int),
    ),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, (_POINTER, ctypes.c_int32)),
}


class EmbeddedBrokerError(RuntimeError):
    """The embedded broker cannot run here; the text is one line that says what to do."""


class EmbeddedBroker:
    """A broker for the length of a `with` block.

    topics: partition count by topic name; every topic a client will touch, since none can be
        made later by an admin client.
    join_delay_ms: how long the first join of a group waits; raise it only to see a client's
        patience tested.

    Raises `EmbeddedBrokerError` on entry if the library is missing or refuses a topic, and on
    reading `bootstrap` outside the block.
    """

    def __init__(self, topics: Mapping[str, int], *, join_delay_ms: int = 50) -> None:
        """Note what to make; nothing runs before the block is entered."""
        self._topics = dict(topics)
        self._join_delay_ms = join_delay_ms
        self._running = ExitStack()
        self._bootstrap: str | None = None

    @property
    def bootstrap(self) -> str:
        """Return the address (`host:port`) that clients connect to."""
        if self._bootstrap is None:
            raise EmbeddedBrokerError("the embedded broker is not running: use a with block")
        return self._bootstrap

    def __enter__(self) -> Self:
        """Start listening and create the topics.

        What was opened is closed in reverse: the cluster goes before the handle whose thread
        serves it, and both go if a topic is refused.
        """
        if self._bootstrap is not None:
            raise EmbeddedBrokerError("the embedded broker is running already: make another one")
        library = _load_library()
        with ExitStack() as opened:
            handle = _new_handle(library)
            opened.callback(library.rd_kafka_destroy, handle)
            cluster = _new_cluster(library, handle)
            opened.callback(library.rd_kafka_mock_cluster_destroy, cluster)
            library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, self._join_delay_ms)
            for name, partitions in self._topics.items():
                _create_topic(library, cluster, name=name, partitions=partitions)
            self._bootstrap = library.rd_kafka_mock_cluster_bootstraps(cluster).decode()
            self._running = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close; whatever ended the block goes on."""
        self.close()

    def close(self) -> None:
        """Stop listening and forget all records; closing twice does nothing."""
        self._bootstrap = None
        self._running.close()


def _load_library() -> ctypes.CDLL:
    """Open the librdkafka that `confluent_kafka` itself is linked with.

    Symbols are looked up in the extension module: the loader searches what the module is
    linked with too, so the file name and place of the bundled library do not matter.
    """
    try:
        from confluent_kafka import cimpl  # Here, as the package is optional.
    except ImportError as missing:
        raise EmbeddedBrokerError(
            "the embedded broker needs confluent-kafka: pip install crowdtide[demo]"
            " (or name a Kafka with --bootstrap)"
        ) from missing
    library = ctypes.CDLL(cimpl.__file__)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name, None)
        if function is None:
            raise EmbeddedBrokerError(
                f"this confluent-kafka lacks {name}: pip install --upgrade crowdtide[demo]"
                " (or name a Kafka with --bootstrap)"
            )
        function.restype = result
        function.argtypes = arguments
    return library


def _new_handle(library: ctypes.CDLL) -> int:
    """Return a quiet client handle, which the mock cluster hangs on."""
    reason = ctypes.create_string_buffer(_REASON_MAX)
    conf = library.rd_kafka_conf_new()
    library.rd_kafka_conf_set(conf, b"log_level", _LOG_LEVEL, reason, _REASON_MAX)
    handle: int | None = library.rd_kafka_new(_PRODUCER, conf, reason, _REASON_MAX)
    if not handle:
        why = reason.value.decode(errors="replace")
        raise EmbeddedBrokerError(f"the embedded broker did not start: {why}")
    return handle


def _new_cluster(library: ctypes.CDLL, handle: int) -> int:
    cluster: int | None = library.rd_kafka_mock_cluster_new(handle, _BROKERS)
    if not cluster:
        raise EmbeddedBrokerError("the embedded broker could not listen on 127.0.0.1")
    return cluster


def _create_topic(library: ctypes.CDLL, cluster: int, *, name: str, partitions: int) -> None:
    if partitions < 1:  # The library would take it, and clients would wait for ever.
        raise EmbeddedBrokerError(f"topic {name!r} needs a partition, not {partitions}")
    fault = library.rd_kafka_mock_topic_create(cluster, name.encode(), partitions, _BROKERS)
    if fault:
        why = library.rd_kafka_err2str(fault).decode()
        raise EmbeddedBrokerError(
            f"the embedded broker refused topic {name!r} with {partitions} partitions: {why}"
        )

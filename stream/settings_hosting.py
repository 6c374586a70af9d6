"""Settings that say where a deployment runs, never what it decides: Kafka, topics, worker.

No key of this file enters the settings hash: two workers may differ in all of them and still
publish the same bytes.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from typing_extensions import override

__all__ = ["Kafka", "Partitions", "Topics", "Worker"]

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
Count = Annotated[int, Meta(ge=1, le=1024)]


class Kafka(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach the brokers."""

    bootstrap: Annotated[
        str,
        Meta(
            min_length=1,
            description="Addresses `host:port` of some brokers, comma-separated; name two or "
            "three, so that one of them may be down at start.",
        ),
    ] = "127.0.0.1:9092"
    security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
        Meta(description="How to talk to the brokers; SASL_SSL wherever the network is shared."),
    ] = "PLAINTEXT"
    sasl_mechanism: (
        Annotated[
            Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"],
            Meta(description="How to log in; needed with SASL_*, as the broker's listener says."),
        ]
        | None
    ) = None
    username: (
        Annotated[str, Meta(description="Login name with SASL_*; also as `username_file`.")] | None
    ) = None
    password: (
        Annotated[
            str,
            Meta(
                description="Password with SASL_*; better `password_file` (or "
                "`CROWD_KAFKA__PASSWORD_FILE`), the path of a file that holds it."
            ),
        ]
        | None
    ) = None
    ca_file: (
        Annotated[
            str,
            Meta(
                description="PEM file of the authority that signed the brokers' certificates; "
                "unset = the system's own list. Set it for an authority of your own."
            ),
        ]
        | None
    ) = None
    cert_file: (
        Annotated[str, Meta(description="PEM file of our certificate, where brokers ask for one.")]
        | None
    ) = None
    key_file: (
        Annotated[
            str, Meta(description="PEM file of our key; unset = it is in `cert_file` as well.")
        ]
        | None
    ) = None
    log_epoch: Annotated[
        int,
        Meta(
            ge=0,
            description="Number of the log. Raise it by one when topics were made anew or "
            "restored, so that their offsets start again.",
        ),
    ] = 0
    send_timeout_s: Annotated[
        float,
        Meta(
            gt=0,
            le=3600,
            description="Seconds a record may wait for its acknowledgement before the worker "
            "ends and starts again; raise it if broker failovers take longer.",
        ),
    ] = 60.0
    fetch_max_wait_ms: Annotated[
        int,
        Meta(
            ge=1,
            le=60_000,
            description="Milliseconds a broker may hold an empty fetch; lower it only for the "
            "embedded broker, which answers no sooner.",
        ),
    ] = 500
    session_timeout_s: Annotated[
        float,
        Meta(
            ge=1,
            le=600,
            description="Seconds of silence after which a worker counts as gone; lower it for a "
            "faster takeover, raise it if pauses of the machine cause takeovers.",
        ),
    ] = 10.0
    api_version: (
        Annotated[
            str,
            Meta(
                pattern=r"^\d+\.\d+(\.\d+)?$",
                description="Protocol version for kafka-python, such as `2.1`; unset = ask the "
                "broker. Set it only for a broker that cannot answer (the embedded one).",
            ),
        ]
        | None
    ) = None
    linger_ms: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000,
            description="Milliseconds a record waits for company before it is sent; raise it if "
            "the brokers suffer from many small requests, at the price of that delay.",
        ),
    ] = 0

    @override
    def __repr__(self) -> str:
        # A log line must never show a password.
        return f"Kafka(bootstrap={self.bootstrap!r}, ...)"


class Partitions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Partition counts; fixed for the life of the topics."""

    counts: Annotated[
        Count,
        Meta(description="Partitions of `cell-counts`; more of them admit more input workers."),
    ] = 4
    blocks: Annotated[
        Count,
        Meta(description="Partitions of `readings` and `density`; the most workers that share."),
    ] = 4
    snapshots: Annotated[
        Count,
        Meta(description="Partitions of `snapshots`; more of them make a takeover read less."),
    ] = 4


class Topics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names and shapes of the topics on the broker."""

    prefix: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9._-]{1,200}$",
            description="What every topic name begins with; one of its own for each city and for "
            "each replay, so that they never mix.",
        ),
    ] = "crowd."
    partitions: Partitions = Partitions()
    replication: Annotated[
        int,
        Meta(
            ge=1,
            le=32_767,
            description="Copies of each topic; 3 in production (`topics ensure` then also asks "
            "for two of them in step), 1 only where losing the broker may lose the log.",
        ),
    ] = 1


class Worker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One worker process."""

    id: Annotated[
        Name,
        Meta(
            description="Name of this worker, unlike all others of the deployment and the same "
            "after its restart, so that it gets its partitions back at once."
        ),
    ] = "w0"
    web_port: Annotated[
        int,
        Meta(
            ge=1,
            le=65_535,
            description="Port of /livez, /readyz and /metrics; another for each worker of one "
            "machine.",
        ),
    ] = 6066
    web_bind: Annotated[
        str,
        Meta(
            min_length=1,
            description="Address these pages listen on; `0.0.0.0` where Prometheus comes from "
            "another machine or container.",
        ),
    ] = "127.0.0.1"
    cells: (
        Annotated[
            str,
            Meta(
                description="Path of the city pack, or of a cells file (GeoJSON or CSV), that "
                "says where the cells are, from the working directory; the same for every worker."
            ),
        ]
        | None
    ) = None
    source: Annotated[
        str,
        Meta(
            min_length=1,
            description="Name of the deployment in the alerts' envelope; name the city.",
        ),
    ] = "crowdtide"
    status: Annotated[
        Literal["Actual", "Exercise", "Test"],
        Meta(description="What the alerts are meant as; `Exercise` during a drill."),
    ] = "Actual"

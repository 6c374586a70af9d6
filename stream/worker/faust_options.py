"""Faust's own settings for a worker; every one that keeps records safe is said here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import faust

from stream.kafka_clients import servers, tls_context
from stream.topics import MIB

if TYPE_CHECKING:
    from faust.types.auth import CredentialsT

    from stream.settings_hosting import Kafka
    from stream.worker.deployment import Deployment

__all__ = ["ENV_PREFIX", "faust_options"]

ENV_PREFIX: Final = "CROWDTIDE_FAUST_"
LONG_S: Final = 86_400.0  # Faust's own warnings of a stall: our /livez knows hops, they do not
COMMIT_S: Final = 0.25  # how soon an acknowledged batch is committed
REQUEST_S: Final = 30.0


def faust_options(deployment: Deployment) -> dict[str, Any]:
    """Return the arguments of `faust.App` after the group's name.

    A variable of the environment with the prefix would beat an argument; `check-config` and the
    worker's start refuse such variables, so what is said here holds.
    """
    kafka, worker = deployment.settings.kafka, deployment.settings.worker
    return {
        "broker": ";".join(f"kafka://{server}" for server in servers(kafka)),
        "broker_credentials": _credentials(kafka),
        "env_prefix": ENV_PREFIX,
        "autodiscover": False,
        # No tables at all; these keep Faust from minding any.
        "store": "memory://",
        "table_standby_replicas": 0,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "processing_guarantee": "at_least_once",
        # An error of ours ends the worker; with Faust's default it would skip the record.
        "agent_supervisor": "mode.CrashingSupervisor",
        # True (its default) waits for ever for records that we keep unacknowledged on purpose.
        "stream_wait_empty": False,
        "stream_buffer_maxsize": 256,
        "stream_processing_timeout": LONG_S,
        "broker_commit_interval": COMMIT_S,
        "broker_commit_livelock_soft_timeout": LONG_S,
        "broker_session_timeout": kafka.session_timeout_s,
        "broker_heartbeat_interval": kafka.session_timeout_s / 5,
        "broker_request_timeout": max(REQUEST_S, kafka.session_timeout_s),
        "broker_max_poll_interval": LONG_S,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": 4 * MIB,
        # Static membership: a worker killed and back within the session keeps its partitions.
        "consumer_group_instance_id": worker.id,
        "producer_request_timeout": REQUEST_S,
        "worker_redirect_stdouts": False,
        "web_bind": worker.web_bind,
        "web_port": worker.web_port,
        # Their default shows table data to whoever asks.
        "web_tables_enabled": False,
        "web_router_enabled": False,
    }


def _credentials(kafka: Kafka) -> CredentialsT | None:
    context = tls_context(kafka)
    if kafka.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=kafka.username,
            password=kafka.password,
            mechanism=kafka.sasl_mechanism,
            ssl_context=context,
        )
    return None if context is None else faust.SSLCredentials(context=context)

"""Knocks at the brokers before a client does: whoever says nothing at all is named in time.

kafka-python bounds its waiting by timeouts, but not everywhere: a TLS handshake that nobody
answers, or metadata that is asked for with a fixed `kafka.api_version`, keep it for ever. So its
clients are opened only once a broker has said anything, be it that it hangs up.
"""

from __future__ import annotations

import socket
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from stream.kafka_clients import CLIENT_ID, BrokerError, servers, tls_context

if TYPE_CHECKING:
    import ssl

    from stream.settings_hosting import Kafka

__all__ = ["knock"]

PAUSE_S: Final = 0.2
DEFAULT_PORT: Final = "9092"
# ApiVersions, version 0: what a broker answers anybody, before any login.
HEAD: Final = bytes.fromhex("0012 0000 00000001") + len(CLIENT_ID).to_bytes(2) + CLIENT_ID.encode()
QUESTION: Final = len(HEAD).to_bytes(4) + HEAD


def knock(kafka: Kafka, *, answer_ms: int) -> None:
    """Return once a broker of `kafka.bootstrap` has said anything; what it says is not judged.

    Raises BrokerError if none has within `answer_ms`, ConfigError for certificates.
    """
    tls, addresses = tls_context(kafka), servers(kafka)
    until = time.monotonic() + answer_ms / 1000
    each_s = answer_ms / 1000 / len(addresses)
    while True:
        why: str | None = None
        for address in addresses:
            why = _silence(address, tls, timeout_s=each_s)
            if why is None:
                return
        if time.monotonic() >= until:
            raise BrokerError(
                f"no broker answers at {kafka.bootstrap} with {kafka.security_protocol}; see "
                f"kafka.bootstrap and kafka.security_protocol ({why})"
            )
        time.sleep(PAUSE_S)


def _silence(address: str, tls: ssl.SSLContext | None, *, timeout_s: float) -> str | None:
    """Return why nothing was heard from an address; None if something was."""
    host, _, port = address.rpartition(":") if ":" in address else (address, "", DEFAULT_PORT)
    host = host.strip("[]")
    if not port.isdigit():
        return None  # the client says what is wrong with it
    try:
        wire = socket.create_connection((host, int(port)), timeout=timeout_s)
    except (OSError, OverflowError, UnicodeError) as fault:
        return str(fault)
    with closing(wire):
        try:
            if tls is not None:
                wire = tls.wrap_socket(wire, server_hostname=host)
            wire.sendall(QUESTION)
            wire.recv(1)
        except TimeoutError:
            return "it takes connections but says nothing"
        except OSError:
            return None  # it hung up, or showed the wrong certificate: the client tells better
        finally:
            wire.close()
    return None

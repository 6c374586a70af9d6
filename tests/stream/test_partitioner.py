"""The partition of a block is the one that every Kafka client would choose for its id."""

from __future__ import annotations

from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st

from stream.topics import murmur2


@given(st.binary(max_size=64))
def test_our_hash_is_the_clients_hash(data: bytes) -> None:
    """Bit for bit, so that kcat and operators' clients agree with us."""
    assert murmur2(data) == aiokafka_murmur2(data) & 0x7FFFFFFF

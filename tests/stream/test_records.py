"""Laws of decoding: any bytes are either a record or a reject with a reason."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.records import WITHHELD, Counts, Reason, Rejected, Tick, decode

GOOD = {
    "schema": "cell-counts/1",
    "feed": "cmcc",
    "seq": 41,
    "start": "2026-10-01T19:55:00+08:00",
    "period_s": 300,
    "cells": ["a", "b", "c"],
    "counts": [412, None, 0],
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


def say(**changes: object) -> bytes:
    """Return a good batch with some fields changed."""
    return json.dumps({**GOOD, **changes}).encode()


def reason(value: bytes | None) -> Reason:
    """Return why a whole record is refused."""
    seen = decode(value)
    assert isinstance(seen, Rejected), seen
    return seen.reason


def counts(value: bytes) -> Counts:
    """Return a record that must be accepted."""
    seen = decode(value)
    assert isinstance(seen, Counts), seen
    return seen


def test_a_good_batch_is_read_as_it_was_sent() -> None:
    """Null is withheld, zero is zero, the start is an instant."""
    seen = counts(say())
    assert seen.cells == ["a", "b", "c"]
    assert seen.values.tolist() == [412.0, WITHHELD, 0.0]
    assert (seen.start_ms, seen.period_s, seen.seq) == (1790855700000, 300, 41)


def test_epoch_milliseconds_are_a_start_too() -> None:
    """Both forms of the contract give the same instant."""
    assert counts(say(start=1790855700000)).start_ms == counts(say()).start_ms


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, Reason.MALFORMED),
        (b"", Reason.MALFORMED),
        (b"\xff\xfe{", Reason.MALFORMED),
        (say()[:-9], Reason.MALFORMED),
        (b"[" * 100_000, Reason.MALFORMED),
        (say(counts=[1, 2]), Reason.MALFORMED),
        (say(feed=7), Reason.MALFORMED),
        (say(seq=-1), Reason.MALFORMED),
        (say(seq=2**31), Reason.MALFORMED),
        (say(counts=[1, float("nan"), 3]), Reason.MALFORMED),
        (b'{"schema":"tick/1","now_ms":-5}', Reason.MALFORMED),
        (say(schema="cell-counts/2"), Reason.SCHEMA),
        (b"{}", Reason.SCHEMA),
        (b"[]", Reason.SCHEMA),
        (say(start="2026-10-01T19:55:00"), Reason.BAD_INTERVAL),
        (say(start="yesterday"), Reason.BAD_INTERVAL),
        (say(start=10**17), Reason.BAD_INTERVAL),
        (b" " * (10 * 1024 * 1024), Reason.TOO_LARGE),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(value: bytes | None, why: Reason) -> None:
    """Each kind of bad input has its named reject."""
    assert reason(value) == why


@pytest.mark.parametrize(
    "bad",
    [True, "12", -1, 1e8, [], {"n": 1}, 10**400],
    ids=["bool", "text", "negative", "too large", "list", "object", "huge integer"],
)
def test_one_bad_count_does_not_lose_the_others(bad: object) -> None:
    """The slow second look keeps the good elements."""
    seen = counts(say(counts=[412, bad, 0]))
    assert seen.cells == ["a", "c"]
    assert [(r.reason, r.count) for r in seen.rejects] == [(Reason.BAD_COUNT, 1)]


def test_one_bad_cell_id_does_not_lose_the_others() -> None:
    """A cell that is no string is an unknown cell."""
    seen = counts(say(cells=["a", 7, "c"]))
    assert seen.cells == ["a", "c"]
    assert [(r.reason, r.count) for r in seen.rejects] == [(Reason.UNKNOWN_CELL, 1)]


def test_unknown_fields_are_ignored() -> None:
    """Operators may send more than we ask for."""
    assert counts(say(vendor={"x": 1})).cells == ["a", "b", "c"]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_a_reject(value: bytes) -> None:
    """Decoding never raises."""
    assert isinstance(decode(value), Counts | Tick | Rejected)


@given(st.dictionaries(st.sampled_from([*GOOD, "other"]), anything))
def test_any_json_is_a_record_or_a_reject(changes: dict[str, object]) -> None:
    """Nor does any JSON that looks like a batch; every reading of it has one fate."""
    seen = decode(msgspec.json.encode({**GOOD, **changes}))
    assert isinstance(seen, Counts | Rejected | Tick)
    if isinstance(seen, Counts):
        assert seen.values.dtype == np.float32
        assert len(seen.cells) == len(seen.values)
        sent = len(changes.get("cells", GOOD["cells"]))  # type: ignore[arg-type]
        assert len(seen.cells) + sum(r.count for r in seen.rejects) == sent


@given(st.lists(st.floats(0, 1e7, width=32) | st.none(), max_size=20))
def test_what_is_sent_is_what_is_read(values: list[float | None]) -> None:
    """Counts come through as float32, whatever they are."""
    cells = [f"c{i}" for i in range(len(values))]
    seen = counts(say(cells=cells, counts=values))
    want = [WITHHELD if v is None else v for v in values]
    assert seen.values.tolist() == [float(v) for v in want]

"""Library chatter is thinned out; what the worker itself decides never is."""

from __future__ import annotations

import json
import logging

from stream.worker.journal import JsonLines, Seldom


def said(message: str, *values: object, name: str = "aiokafka") -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "", 0, message, values, None)


def test_one_kind_of_message_comes_once_in_ten_seconds_with_a_count() -> None:
    now = [100.0]
    seldom = Seldom(clock_s=lambda: now[0])
    written = []
    for tick in range(250):
        now[0] = 100.0 + tick / 10
        record = said("cannot connect to %s", tick)
        if seldom.filter(record):
            written.append(json.loads(JsonLines().format(record)))
    assert [line.get("left_out", 0) for line in written] == [0, 99, 99]


def test_another_kind_is_not_held_back() -> None:
    seldom = Seldom(clock_s=lambda: 5.0)
    assert seldom.filter(said("one"))
    assert seldom.filter(said("two"))
    assert seldom.filter(said("one", name="faust"))
    assert not seldom.filter(said("one"))


def test_our_own_lines_always_come() -> None:
    seldom = Seldom(clock_s=lambda: 5.0)
    for _ in range(3):
        record = said("alert.published", name="crowdtide")
        record.fields = {"incident": "x"}
        assert seldom.filter(record)

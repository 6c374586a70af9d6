"""Laws of `topics ensure` without a broker: what is refused, what is only said."""

from __future__ import annotations

from stream.settings import load
from stream.topic_admin import Existing, compare, planned_topics

PLANNED = planned_topics(load(None, env={}, sets=[]))


def found(**changes: str) -> list[str]:
    """Return faults if the first topic differs from the plan in these settings."""
    config = PLANNED[0].config | {key.replace("_", "."): value for key, value in changes.items()}
    there = {PLANNED[0].name: Existing(partitions=PLANNED[0].partitions, config=config)}
    return list(compare(PLANNED, there)[0].faults)


def test_an_empty_broker_lacks_every_topic() -> None:
    assert {finding.state for finding in compare(PLANNED, {})} == {"missing"}


def test_topics_as_planned_are_right() -> None:
    there = {
        topic.name: Existing(partitions=topic.partitions, config=topic.config | {"other": "x"})
        for topic in PLANNED
    }
    findings = compare(PLANNED, there)
    assert {finding.state for finding in findings} == {"ok"}
    assert not any(finding.notes for finding in findings)


def test_another_partition_count_is_refused_with_what_to_do() -> None:
    there = {PLANNED[0].name: Existing(partitions=9, config=PLANNED[0].config)}
    (fault,) = compare(PLANNED, there)[0].faults
    assert fault.startswith("crowd.cell-counts.v1 has 9 partitions, the settings say 4: set")


def test_what_results_rest_on_is_refused_each_in_one_line() -> None:
    faults = found(cleanup_policy="compact", message_timestamp_type="CreateTime")
    assert len(faults) == 2
    assert "cleanup.policy=compact, needed is delete" in faults[0]
    assert "message.timestamp.type=CreateTime, needed is LogAppendTime" in faults[1]


def test_a_smaller_record_limit_is_refused_and_a_larger_one_is_not() -> None:
    assert len(found(max_message_bytes="1000")) == 1
    assert found(max_message_bytes="99999999") == []


def test_retention_is_the_operators_and_only_said() -> None:
    config = PLANNED[0].config | {"retention.ms": "1000"}
    there = {PLANNED[0].name: Existing(partitions=4, config=config)}
    (finding, *_) = compare(PLANNED, there)
    assert finding.state == "ok"
    assert finding.notes == ("crowd.cell-counts.v1 has retention.ms=1000, planned is 604800000",)


def test_with_three_copies_two_must_be_in_step() -> None:
    safe = planned_topics(load(None, env={}, sets=["topics.replication=3"]))
    assert all(topic.config["min.insync.replicas"] == "2" for topic in safe)
    assert all(topic.config["unclean.leader.election.enable"] == "false" for topic in safe)
    assert not any("min.insync.replicas" in topic.config for topic in PLANNED)

"""Bad input of every kind on a real Kafka: a named reject or one clear line, and nothing stops."""

from __future__ import annotations

import json
import os
import random
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import MessageSizeTooLargeError

from replay.engine import Engine
from stream.records import Tick, decode
from stream.topics import MIB, Topic, plan
from tests.kafka.broker import Broker, free_ports
from tests.kafka.crew import COMMAND
from tests.kafka.saved import account, differences
from tests.kafka.tail_of import TailOf
from tests.kafka.trial import Trial, patiently
from tests.kafka.witness import compare, live_outputs, offline_run, read_logs, readings_in
from tests.laws.crowds import HOP_S, START_MS, log, squares
from tests.laws.test_fuzz import mangled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from replay.log import LogRecord

pytestmark = [pytest.mark.kafka, pytest.mark.jvm]

MESSAGES = int(os.environ.get("CROWDTIDE_FUZZ_ON_KAFKA", "20000"))
PER_HOP = 200
LATENESS_MS: Final = 60_000
LOGIN: Final = {
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN",
    "sasl.mechanism.inter.broker.protocol": "PLAIN",
    "listener.name.plaintext.plain.sasl.jaas.config": (
        "org.apache.kafka.common.security.plain.PlainLoginModule required"
        ' username="node" password="node" user_node="node" user_desk="right";'
    ),
}
SASL: Final = (
    *("kafka.security_protocol=SASL_PLAINTEXT", "kafka.sasl_mechanism=PLAIN"),
    "kafka.username=desk",
)


@pytest.fixture(scope="module", name="node")
def fixture_node() -> Iterator[Broker]:
    with Broker() as running:
        yield running


@pytest.fixture(scope="module", name="guarded")
def fixture_guarded() -> Iterator[Broker]:
    with Broker(settings=LOGIN) as running:
        yield running


@pytest.fixture(name="config")
def fixture_config(tmp_path: Path) -> Path:
    """Write a settings file for the small city of the laws."""
    squares(tmp_path)
    path = tmp_path / "crowdtide.toml"
    path.write_text(
        "# Settings of a test.\n"
        f"[feeds.cmcc]\nperiod_s = {HOP_S}\n"
        '[time]\nticks = "feed"\n[calendar]\ncountry = "none"\n'
        f'[worker]\ncells = "{tmp_path / "squares.csv"}"\n',
        encoding="utf-8",
    )
    return path


def command(
    *arguments: str, config: Path, sets: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, which must come by itself."""
    flags = [part for one in sets for part in ("--set", one)]
    return subprocess.run(
        [COMMAND, *arguments, "--config", str(config), *flags],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def refusals(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return why a worker refused to start; every line it wrote must be a line of JSON."""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.stdout == ""
    assert {line["event"] for line in lines} <= {"worker.starts", "worker.refuses"}
    return [line["why"] for line in lines if line["event"] == "worker.refuses"]


def send(bootstrap: str, records: Sequence[tuple[str, int, bytes | None]]) -> None:
    """Append (topic, partition, value) in this order within each partition."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, acks="all", linger_ms=20, max_request_size=8 * MIB
    )
    with closing(producer):
        # A record without a value needs a key; the stages do not look at it.
        sent = [
            producer.send(topic, value, key=b"k", partition=number)
            for topic, number, value in records
        ]
        for future in sent:
            future.get(timeout=120)


def tick(now_ms: int) -> bytes:
    return b'{"schema":"tick/1","now_ms":%d}' % now_ms


def test_no_broker_is_one_line(config: Path) -> None:
    (port,) = free_ports(1)
    done = command("run", config=config, sets=(f"kafka.bootstrap=127.0.0.1:{port}",))
    assert done.returncode == 1
    (why,) = refusals(done)
    assert f"no broker lets us in at 127.0.0.1:{port}" in why
    assert "kafka.bootstrap" in why


def test_wrong_credentials_are_one_line_without_the_password(guarded: Broker, config: Path) -> None:
    here = f"kafka.bootstrap={guarded.bootstrap}"
    done = command("run", config=config, sets=(here, *SASL, "kafka.password=geheim"))
    assert done.returncode == 1
    (why,) = refusals(done)
    assert "Authentication failed" in why or "refuses the login" in why
    assert "geheim" not in done.stderr


def test_the_right_credentials_let_a_worker_work(
    guarded: Broker, config: Path, tmp_path: Path
) -> None:
    """Faust's own consumer logs in as well, not only the clients that look around first."""
    sets = (*SASL, "kafka.password=right")
    trial = Trial.on(guarded, config, *sets, prefix="login.", partitions=(1, 1))
    with trial.crew(tmp_path, 1) as crew:

        def is_loaded() -> bool:
            return any(line.get("event") == "assignment.loaded" for line in crew.said())

        patiently(is_loaded, crew.look)
        assert not crew.exits


def test_a_topic_with_too_few_partitions_is_one_line(node: Broker, config: Path) -> None:
    """A worker refuses, and so does a replay."""
    admin = KafkaAdminClient(bootstrap_servers=node.bootstrap)
    for topic in plan("few.", counts=2, blocks=4):
        shape = {"num_partitions": topic.partitions, "replication_factor": 1}
        admin.create_topics({topic.name: shape | {"configs": topic.config}}, wait_for_metadata=True)
    admin.close()
    sets = (f"kafka.bootstrap={node.bootstrap}", "topics.prefix=few.")
    done = command("run", config=config, sets=sets)
    assert done.returncode == 1
    (why,) = refusals(done)
    assert "few.cell-counts.v1" in why
    assert "has 2 partitions on the broker, the settings say 4" in why
    feed = config.with_name("feed.csv")
    feed.write_text(f"start,cell,count\n{START_MS},c00,5\n", encoding="utf-8")
    replay = ("replay", str(feed), "--to-kafka", "--period", str(HOP_S))
    done = command(*replay, config=config, sets=sets)
    assert done.returncode == 1
    (why,) = done.stderr.splitlines()
    assert "has 2 partitions, the settings say 4" in why


def test_topics_that_are_missing_are_one_line_each(node: Broker, config: Path) -> None:
    sets = (f"kafka.bootstrap={node.bootstrap}", "topics.prefix=none.")
    done = command("run", config=config, sets=sets)
    assert done.returncode == 1
    whys = refusals(done)
    assert len(whys) == len(plan("none.", counts=4, blocks=4))
    assert all("crowdtide topics ensure" in why for why in whys)


def test_a_misspelt_setting_is_one_line_and_a_usage_error(config: Path) -> None:
    done = command("run", config=config, sets=("kafka.bootstrp=x:1",))
    assert done.returncode == 2
    wanted = "--set kafka.bootstrp: no such setting; instead: kafka.bootstrap"
    assert done.stderr.splitlines() == [wanted]


def test_the_broker_refuses_a_message_over_the_limit(node: Broker, config: Path) -> None:
    trial = Trial.on(node, config, prefix="large.", partitions=(1, 1))
    topic = trial.settings.topics.prefix + Topic.COUNTS
    with pytest.raises(MessageSizeTooLargeError):
        send(trial.bootstrap, [(topic, 0, b"[" * (MIB + 1))])
    send(trial.bootstrap, [(topic, 0, b"[" * (MIB - 1000))])
    with TailOf(trial.bootstrap, topic) as tail:
        assert [len(record.value) for record in tail.catch_up()] == [MIB - 1000]


def fuzz(trial: Trial) -> int:
    """Append fuzzed messages, nulls and noise to all inputs; return the last hop, epoch ms."""
    chance = random.Random(20261123)
    prefix, counts = trial.settings.topics.prefix, trial.settings.topics.partitions.counts
    everywhere = [(prefix + Topic.COUNTS, p) for p in range(counts)] + [(prefix + Topic.ACKS, 0)]
    records: list[tuple[str, int, bytes | None]] = [(*at, tick(START_MS)) for at in everywhere]
    hop = 0
    for number in range(MESSAGES):
        value: bytes | None = mangled(chance, hop)
        if number % 50 == 7:
            value = chance.choice(
                [None, b"", chance.randbytes(chance.randrange(2000)), b"[" * 9000]
            )
        if not isinstance(decode(value), Tick):  # a stray tick would move the clock for good
            records.append((prefix + Topic.COUNTS, chance.randrange(counts), value))
        if number % 100 == 13:
            records.append((prefix + Topic.ACKS, 0, chance.randbytes(30)))
        if number % PER_HOP == PER_HOP - 1:
            hop += 1
            now = tick(START_MS + hop * HOP_S * 1000 + LATENESS_MS)
            records += [(*at, now) for at in everywhere]
    hop += 30
    records += [(*at, tick(START_MS + hop * HOP_S * 1000 + LATENESS_MS)) for at in everywhere]
    send(trial.bootstrap, records)
    return START_MS + hop * HOP_S * 1000


def test_fuzz_never_stops_a_worker_and_every_refusal_is_a_letter(
    node: Broker, config: Path, tmp_path: Path
) -> None:
    """One letter for each refused record, raw and with reasons; the account balances."""
    trial = Trial.on(node, config, prefix="fuzz.", partitions=(2, 3))
    with trial.crew(tmp_path / "log", 1) as crew:
        saved = trial.through(fuzz(trial), crew.look)
        assert not crew.exits, crew.faults()
        assert not crew.faults()
    logs = read_logs(trial.bootstrap, trial.settings)
    engine = offline_run(trial.settings, trial.city, logs, seed=1)
    comparisons = compare(engine, live_outputs(trial.bootstrap, trial.settings))
    assert all(one.is_equal and one.repeats == 0 for one in comparisons), comparisons
    letters = {one.topic: one.wanted for one in comparisons}
    assert letters[Topic.COUNTS_DLQ] > MESSAGES / 5
    assert letters[Topic.ACKS_DLQ] == sum(not isinstance(decode(v), Tick) for v in logs.acks) > 0
    assert differences(saved, engine) == []
    told = account(saved)
    assert sum(told.values()) == sum(readings_in(value) for log in logs.counts for value in log)
    every = "bad_count bad_interval known malformed schema unknown_cell unknown_feed"
    assert set(told) == set(every.split())


def stirred(records: Iterator[LogRecord], chance: random.Random) -> Iterator[LogRecord]:
    """Yield the same log with the batches of each hop shuffled, and some of them twice."""
    held: list[LogRecord] = []
    for record in records:
        if not record.is_tick:
            held.append(record)
            continue
        held += [one for one in held if chance.random() < 0.5]
        chance.shuffle(held)
        yield from held
        yield record
        held = []


def test_repeated_and_reordered_batches_change_no_alert(
    node: Broker, config: Path, tmp_path: Path
) -> None:
    """A live run over a stirred log tells the desks what the plain log does."""
    trial = Trial.on(node, config, prefix="stirred.", partitions=(2, 2))
    prefix, chance = trial.settings.topics.prefix, random.Random(9)
    counts = [(prefix + Topic.COUNTS, number) for number in range(2)]
    records: list[tuple[str, int, bytes | None]] = []
    for record in stirred(log(hops=120), chance):
        if record.is_tick:
            records += [(*at, record.value) for at in (*counts, (prefix + Topic.ACKS, 0))]
        else:
            records.append((*chance.choice(counts), record.value))
    send(trial.bootstrap, records)
    with trial.crew(tmp_path / "log", 1) as crew:
        trial.through(START_MS + 120 * HOP_S * 1000, crew.look)
        assert not crew.exits, crew.faults()
    plain = Engine(trial.settings, trial.city)
    for record in log(hops=120):
        plain.feed(record)
    for topic in (Topic.POLICE, Topic.FIRE):
        with TailOf(trial.bootstrap, prefix + topic) as tail:
            told = [record.value for record in tail.catch_up()]
        assert told == [out.value for out in plain.published if out.topic is topic] != []

"""The process: couriers, self-tests, the page of metrics, and the loop that reads."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, start_http_server

from alerts.notify.target import Quiet, Target
from stream.kafka_clients import BrokerError
from stream.log_line import line
from stream.notify.courier import Courier
from stream.notify.metrics import NotifyMetrics
from stream.notify.office import Office
from stream.notify.probe import Prober
from stream.notify.sender import sender_of
from stream.notify.store import Store
from stream.settings_fault import ConfigError, Fault
from stream.topic_reader import follow_topics
from stream.topics import Topic
from stream.wall import wall_ms

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from stream.notify.sender import Sender
    from stream.settings import Settings
    from stream.settings_notify import NotifyTarget
    from stream.topic_reader import Start

__all__ = ["run", "target_of"]

BACK_MS: Final = 48 * 3_600_000
"""How far back the first reader of these topics begins, by contract."""
AGAIN_S: Final = 2.0
LAST_S: Final = 5.0
LEVELS: Final = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}


def run(settings: Settings, *, over: threading.Event) -> None:
    """Tell people until `over` is set. Raises ConfigError, before anything is sent."""
    notify = settings.notify
    if not notify.targets:
        told = "there is no target to tell anything"
        raise ConfigError.one(told, key="notify.targets", instead="[notify.targets.NAME]")
    zone = ZoneInfo(settings.calendar.tz)
    # The clients' own complaints: what matters of them is told in lines of ours.
    logging.getLogger("kafka").addHandler(logging.NullHandler())
    senders = _senders(notify.targets)
    targets = [target_of(name, one, zone) for name, one in sorted(notify.targets.items())]
    registry = CollectorRegistry()
    with closing(Store(Path(notify.state))) as store:
        metrics = NotifyMetrics.on(registry)
        office = Office(targets, store, metrics, zone=zone, max_age_s=notify.max_age_s, now=wall_ms)
        if notify.web_port is not None:
            start_http_server(notify.web_port, addr=notify.web_bind, registry=registry)
        couriers = [Courier(name, office, sender, over) for name, sender in senders.items()]
        for courier in couriers:
            courier.start()
        line("notify.started", targets=sorted(senders))
        try:
            _read(settings, office, couriers, over)
        finally:
            over.set()
            office.close()
            # What is in flight gets a moment to be marked, or it comes again after the restart.
            until_s = time.monotonic() + LAST_S
            for courier in couriers:
                courier.join(max(until_s - time.monotonic(), 0))


def target_of(name: str, one: NotifyTarget, zone: ZoneInfo) -> Target:
    """Return what a target wants, from its settings."""
    quiet = None
    if one.quiet is not None:
        start, end = (int(part[:2]) * 60 + int(part[3:]) for part in one.quiet.split("-"))
        quiet = Quiet(from_min=start, to_min=end, zone=zone)
    return Target(
        name=name,
        desks=frozenset(one.desks),
        lang=one.lang,
        least_level=LEVELS[one.least],
        posts=frozenset(one.posts),
        kinds=frozenset(one.kinds),
        retries=one.retries,
        quiet=quiet,
    )


def _senders(targets: Mapping[str, NotifyTarget]) -> dict[str, Sender]:
    """Return a sender for each target. Raises ConfigError with the faults of all of them."""
    made: dict[str, Sender] = {}
    faults: list[Fault] = []
    for name, target in sorted(targets.items()):
        try:
            made[name] = sender_of(name, target)
        except ConfigError as fault:
            faults += fault.faults
    if faults:
        raise ConfigError(faults)
    return made


def _read(
    settings: Settings, office: Office, couriers: list[Courier], over: threading.Event
) -> None:
    """Read until it is over, through any absence of the broker, also at the start."""
    told = ""
    with closing(Prober(settings, office)) as prober:
        while not over.is_set():
            try:
                _follow(settings, office, couriers, over, prober)
            except BrokerError as fault:
                if str(fault) != told:
                    told = str(fault)
                    line("broker.lost", why=told)
                _pass_time(office, couriers)
                over.wait(AGAIN_S)


def _follow(
    settings: Settings,
    office: Office,
    couriers: list[Courier],
    over: threading.Event,
    prober: Prober,
) -> None:
    prefix = settings.topics.prefix
    since_ms = wall_ms() - BACK_MS
    topics: dict[str, Start] = {
        prefix + topic: since_ms for topic in (Topic.SYSTEM, Topic.POLICE, Topic.FIRE)
    }
    records = follow_topics(
        settings,
        topics,
        lost=lambda fault: line("broker.lost", why=str(fault)),
        connected=lambda ends: _connected(office, ends),
        places=office.places(),
    )
    with closing(records):
        for record in records:
            if record is not None:
                office.take_in(record)
            _pass_time(office, couriers)
            prober.look()
            if over.is_set():
                return


def _connected(office: Office, ends: Mapping[tuple[str, int], int]) -> None:
    line("broker.reached")
    office.connected(ends)


def _pass_time(office: Office, couriers: list[Courier]) -> None:
    """Let time pass; end with a courier that ended by a bug of ours."""
    office.tick()
    for courier in couriers:
        if courier.fault is not None:
            raise courier.fault

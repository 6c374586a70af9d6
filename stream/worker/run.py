"""Run one worker from start to end and say with an exit code how it ended."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import faust
from prometheus_client import CollectorRegistry

from stream.machine import SnapshotError
from stream.metrics import Metrics
from stream.settings import ConfigError
from stream.worker.almanac import tell_until
from stream.worker.app import Parts, WorkerApp
from stream.worker.consumer import SeekStalledError
from stream.worker.deployment import Deployment
from stream.worker.faust_options import ENV_PREFIX
from stream.worker.fleet import Fleet
from stream.worker.heart import Heart
from stream.worker.host import LostRecordsError
from stream.worker.journal import note, open_journal
from stream.worker.leash import Leash
from stream.worker.preflight import check_broker
from stream.worker.producer import OutputProducer
from stream.worker.stages import crowd_stages
from stream.worker.ticker import Ticker
from stream.worker.watch import Watch

if TYPE_CHECKING:
    from geo.city import City
    from stream.settings import Loaded
    from stream.worker.fleet import Stages

__all__ = ["assemble", "run_worker"]

EXIT_FAULT = 1


def run_worker(
    loaded: Loaded,
    *,
    city: City,
    accept_gap: bool = False,
    accept_duty: bool = False,
    stages: Stages | None = None,
) -> int:
    """Work until a signal or a fault; return 0 after SIGTERM or SIGINT, 1 after a fault.

    loaded: settings, with the keys that somebody set. accept_gap: go on where retention took
    input that nobody had read. accept_duty: and where the log was begun with other sites or
    authorities. stages: other ones than Crowdtide's, for trials.
    """
    deployment = Deployment(loaded, city, accept_duty=accept_duty)
    open_journal(worker=deployment.worker)
    try:
        _refuse_variables()
        asyncio.run(check_broker(deployment))
    except ConfigError as fault:
        for line in fault.faults:
            note("worker.refuses", level="error", why=str(line))
        return EXIT_FAULT
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = assemble(deployment, stages or crowd_stages(), accept_gap=accept_gap)
    worker = faust.Worker(app, loop=loop, loglevel="WARN", override_logging=False)
    worker.spinner = None  # it draws on standard output
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        _say_how(worker.crash_reason)
        return int(ended.code or 0)


def assemble(deployment: Deployment, stages: Stages, *, accept_gap: bool) -> WorkerApp:
    """Wire all parts of a worker together; nothing runs yet."""
    kafka = deployment.settings.kafka
    registry = CollectorRegistry()
    metrics = Metrics.on(registry)
    tell_until(deployment.settings, metrics)
    app = WorkerApp(deployment)
    producer = OutputProducer(
        deployment.options, timeout_s=kafka.send_timeout_s, linger_ms=kafka.linger_ms
    )
    fleet = Fleet(
        deployment,
        stages,
        producer=producer,
        metrics=metrics,
        accept_gap=accept_gap,
        lag=app.lag,
        fail=app.fail,
    )
    leash = Leash(metrics)
    app.parts = Parts(
        deployment=deployment,
        producer=producer,
        fleet=fleet,
        ticker=Ticker(deployment, producer),
        heart=Heart(deployment, producer, metrics),
        leash=leash,
        watch=Watch(
            fleet,
            producer,
            metrics,
            lag=app.lag,
            unready=app.unready,
            rebalancing=lambda: app.rebalancing,
            held=lambda: leash.held,
        ),
        registry=registry,
    )
    return app


def _refuse_variables() -> None:
    """Faust lets such a variable beat its arguments; settings come from one place."""
    strays = sorted(name for name in os.environ if name.startswith(ENV_PREFIX))
    if strays:
        raise ConfigError.one(
            "variables of Faust's are not read here",
            key=", ".join(strays),
            instead="the setting itself, in the settings file",
        )


def _say_how(reason: BaseException | None) -> None:
    if reason is None:
        note("worker.stopped")
    elif isinstance(reason, (SnapshotError, ConfigError, LostRecordsError, SeekStalledError)):
        note("worker.stops", level="error", why=str(reason))
    else:
        note("worker.crashed", level="critical", why=repr(reason))

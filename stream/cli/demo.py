"""`crowdtide demo`: the whole system in one process tree, on real recorded counts."""

from __future__ import annotations

import logging
import signal
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from stream.cli.options import as_json, examples, language

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["demo"]

HURRY: Final = 1500.0
CLIENT_LOGS: Final = ("kafka", "aiokafka")
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option(
    "--speed",
    type=click.FloatRange(0),
    default=HURRY,
    show_default=True,
    metavar="X",
    help="Times real time; 0 = as fast as it goes.",
)
@click.option(
    "--until-alert",
    is_flag=True,
    help="End with the first police and the first fire alert; 1 after 3 minutes without.",
)
@click.option("--keep", is_flag=True, help="Leave all running after the evening, until Ctrl-C.")
@click.option(
    "--bootstrap",
    metavar="HOST:PORT",
    help="A Kafka to use instead of the embedded broker; topics get a prefix of their own.",
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another setting, as in --set alerts.false_alarms_per_day=3. Repeatable.",
)
@language
@as_json
@examples(
    "crowdtide demo",
    "crowdtide demo --until-alert --lang en",
    "crowdtide demo --keep --bootstrap localhost:9092",
)
@click.pass_context
def demo(
    ctx: click.Context,
    *,
    speed: float,
    until_alert: bool,
    keep: bool,
    bootstrap: str | None,
    sets: tuple[str, ...],
    lang: str,
    json: bool,
) -> None:
    """Show a football evening in Milan, 23 November 2013: counts in, police and fire alerts out.

    Three weeks run through the offline engine; then the evening goes through a broker, a worker
    and the alert topics, and two subscribers print what they receive. With --json they print
    what `tail --json` does, and the rest goes to stderr.

    Exit codes: 0 done, 1 no alerts, or the worker ended, 2 usage or settings.
    """
    from stream.cli.demo_run import Show

    if until_alert and keep:
        raise click.UsageError("--until-alert ends at the first alerts, --keep never: take one")
    began_s = time.monotonic()
    for name in CLIENT_LOGS:  # a broker that leaves with us is no news
        logging.getLogger(name).setLevel(logging.CRITICAL)
    show = Show(lang=lang, json=json, speed=speed, until_alert=until_alert, keep=keep)
    with _signals(), ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crowdtide-demo-")))
        try:
            code = show.run(bootstrap, sets, folder=folder, began_s=began_s)
        except KeyboardInterrupt:
            show.ended()
            code = 0 if keep else 130
    ctx.exit(code)


@contextmanager
def _signals() -> Iterator[None]:
    """End in order on SIGTERM and SIGHUP, too, as on Ctrl-C.

    SIGINT is named as well: a shell starts what it puts into the background with it ignored.
    """

    def leave(*_: Any) -> None:  # noqa: ANN401 - a signal's number and frame
        raise KeyboardInterrupt

    before = {one: signal.signal(one, leave) for one in SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)

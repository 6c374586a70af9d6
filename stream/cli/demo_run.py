"""The course of the demo: history, hand-over, worker, evening, summary; and how it ends."""

from __future__ import annotations

import os
import shlex
import sys
import time
from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

from replay.alert_line import alert_line
from replay.log import log_span
from replay.progress import Progress
from replay.samples import MILAN, SAN_SIRO_CALLS
from stream.cli.demo_broker import embedded, named, settings_with, write_state
from stream.cli.demo_clients import Sender, Subscribers
from stream.cli.demo_history import CONFIG, DESKS, STADIUM, evening_of, live_through
from stream.cli.demo_process import DeadWorkerError, Worker
from stream.cli.demo_screen import Screen
from stream.cli.demo_summary import Received, summary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stream.cli.demo_broker import Ground
    from stream.cli.demo_history import Evening, History
    from stream.cli.demo_screen import Heard

__all__ = ["Show"]

READY_S_MAX: Final = 60.0
ALERTS_S_MAX: Final = 180.0  # of --until-alert, from the start of the command
REST_S_MAX: Final = 30.0  # from the end of sending to the last alert
LOOK_S: Final = 0.1


class Show:
    """One run of the demo. Its options are those of the command."""

    def __init__(
        self, *, lang: str, json: bool, speed: float, until_alert: bool, keep: bool
    ) -> None:
        self._lang, self._json, self._speed = lang, json, speed
        self._until_alert, self._keep = until_alert, keep
        self._colour = False if os.environ.get("NO_COLOR") else None
        self._clock_shown = ""

    def run(
        self, bootstrap: str | None, sets: Sequence[str], *, folder: Path, began_s: float
    ) -> int:
        """Show all of it; return the exit code. Raises KeyboardInterrupt, and the faults of all."""
        self._began_s = began_s
        with Worker(folder) as worker:
            try:
                return self._run(bootstrap, sets, worker)
            except DeadWorkerError as fault:
                return self._dead(fault, worker)

    def _run(self, bootstrap: str | None, sets: Sequence[str], worker: Worker) -> int:
        settings = settings_with(sets).settings
        evening = evening_of(settings)
        self._screen = screen = Screen(
            lang=self._lang,
            tz=settings.calendar.tz,
            stadium=STADIUM,
            match=evening.match,
            line=evening.line,
        )
        self._out(
            screen.header(
                squares=len(evening.before.cells) - 1,
                budget=settings.alerts.false_alarms_per_day,
                attributions=(SAN_SIRO_CALLS.attribution, MILAN.attribution),
            )
        )
        with embedded(sets) if bootstrap is None else named(bootstrap, sets) as ground:
            self._prefix = ground.loaded.settings.topics.prefix
            history = self._history(ground, evening)
            try:
                self._wait_for(worker, ground)
                return self._evening(ground, evening, history, worker)
            finally:
                worker.stop()  # before its broker goes

    def ended(self) -> None:
        """Say that Ctrl-C has done its work."""
        self._clear()
        self._out(self._text("ended"))

    def _history(self, ground: Ground, evening: Evening) -> History:
        settings, screen = ground.loaded.settings, self._screen
        key = "broker.embedded" if ground.embedded else "broker.named"
        self._fact("broker", key, bootstrap=settings.kafka.bootstrap, prefix=settings.topics.prefix)
        progress = Progress(sys.stderr, screen.say("history"), times=screen.say("history.times"))
        history = live_through(evening, settings, progress)
        write_state(settings, history.state)
        self._fact(
            "history",
            "history.done",
            first=screen.day(int(evening.before.start_ms[0]))[:10],
            last=screen.day(evening.begins_ms),
            readings=len(evening.before),
            seconds=history.seconds,
        )
        self._fact("history", "history.raised", raised=history.raised, here=history.here)
        peaks = " / ".join(f"{peak:.0f}" for peak, _ in evening.peaks)
        self._fact("history", "history.line", peaks=peaks)
        return history

    def _wait_for(self, worker: Worker, ground: Ground) -> None:
        begun_s = time.monotonic()
        worker.begin(ground)
        worker.wait_ready(READY_S_MAX)
        self._fact("worker", "worker.ready", seconds=time.monotonic() - begun_s, pid=worker.pid)

    def _evening(self, ground: Ground, evening: Evening, history: History, worker: Worker) -> int:
        pace = "speed" if self._speed else "speed.full"
        self._fact(
            "evening",
            "evening.begins",
            first=self._screen.day(evening.begins_ms),
            speed=self._text(pace, speed=self._speed),
        )
        self._out("")
        with Subscribers(ground) as desks, Sender(ground, evening.after, speed=self._speed) as sent:
            received = self._listen(ground, evening, (desks, sent, worker), history)
            code = self._finish(evening, history, received)
            if self._keep:
                self._addresses(ground, worker)
                while True:
                    worker.check()
                    self._show(desks.received(LOOK_S), received)
        return code

    def _listen(
        self,
        ground: Ground,
        evening: Evening,
        parts: tuple[Subscribers, Sender, Worker],
        history: History,
    ) -> Received:
        """Show what comes until all has come that is waited for, or the time is over."""
        desks, sender, worker = parts
        settings = ground.loaded.settings
        span = log_span(evening.after, hop_ms=settings.hop_ms, lateness_ms=settings.lateness_ms)
        received, sent_s = Received(), 0.0
        while True:
            self._show(desks.received(LOOK_S), received)
            worker.check()
            now_s = time.monotonic()
            if sender.finished():
                sent_s = sent_s or now_s
            else:
                self._clock(round(span[0] + sender.share * (span[1] - span[0])))
            over = sent_s and now_s - sent_s > REST_S_MAX
            if self._until_alert:
                if over or received.both or now_s - self._began_s > ALERTS_S_MAX:
                    return received
            elif over or (sent_s and received.is_all(history)):
                self._show(desks.received(2 * LOOK_S), received)  # what should not come, if it does
                return received

    def _finish(self, evening: Evening, history: History, received: Received) -> int:
        """Tell how it went; return the exit code."""
        self._clear()
        if self._until_alert and not received.both:
            stop = self._text("stop")
            names = stop.join(self._text(f"desk.{desk}") for desk in received.first)
            text = self._text("late", heard=names or self._text("nobody"))
            self._out(click.style(text, fg="red"))
            return 1
        whole = not self._until_alert
        for line in summary(self._screen, received, evening, history, whole=whole):
            self._out(line)
        equal = not whole or received.values == history.expected
        return 0 if equal and received.both else 1

    def _addresses(self, ground: Ground, worker: Worker) -> None:
        settings = ground.loaded.settings
        bootstrap, prefix = settings.kafka.bootstrap, settings.topics.prefix
        options = ["--config", str(CONFIG), *(x for one in ground.sets for x in ("--set", one))]
        self._fact("next", "keep.kcat", bootstrap=bootstrap, topic=prefix + DESKS["police"])
        self._fact("next", "keep.tail", options=shlex.join(options))
        self._fact("next", "keep.metrics", port=worker.port)
        self._out(click.style(self._text("keep"), bold=True))

    def _dead(self, fault: DeadWorkerError, worker: Worker) -> int:
        self._clear()
        if fault.code is None:
            text = self._text("not_ready", seconds=READY_S_MAX, why=fault.why)
        else:
            text = self._text("dead", code=fault.code)
        self._out(click.style(text, fg="red"))
        for line in worker.log_tail():
            self._out(f"  {line}")
        return 1

    def _show(self, came: Sequence[Heard], received: Received) -> None:
        if came:
            self._clear()
        for one in came:
            received.take(one, time.monotonic() - self._began_s)
            if self._json:
                key = one.data["incident"].encode()
                topic = self._prefix + DESKS[one.desk]
                click.echo(alert_line(topic, key, one.value), nl=False)
        if self._json:
            return
        for _, group in groupby(sorted(came, key=_shown_as), key=_shown_as):
            same = list(group)
            estimate = self._screen.estimate(same[0].data)
            is_new = estimate is not None and estimate != received.estimate
            received.estimate = estimate if is_new else received.estimate
            self._out(self._screen.alert(same, estimate=is_new) + "\n")

    def _clock(self, at_ms: int) -> None:
        """Let the time of the log run in one changing line, where there is a screen."""
        if sys.stderr.isatty():
            screen = self._screen
            text = screen.say("clock", clock=screen.clock(at_ms), moment=screen.moment(at_ms))
            if text != self._clock_shown:
                shown = text if self._colour is False else click.style(text, dim=True)
                click.echo(f"\r\x1b[K{shown}", nl=False, err=True)
                self._clock_shown = text

    def _clear(self) -> None:
        if self._clock_shown:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._clock_shown = ""

    def _text(self, key: str, **facts: object) -> str:
        return self._screen.say(key, **facts)

    def _fact(self, label: str, key: str, **facts: object) -> None:
        self._out(self._screen.fact(label, self._text(key, **facts)))

    def _out(self, text: str) -> None:
        click.echo(text, err=self._json, color=self._colour)


def _shown_as(one: Heard) -> tuple[int, str, bool, str]:
    """Order alerts by time of the log and incident, and keep those together that are one block."""
    hop_ms, incident, kind = one.sameness
    return hop_ms, incident, kind != "escalated", kind

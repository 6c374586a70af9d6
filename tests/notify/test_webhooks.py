"""Laws of notify with a real webhook: retried, never late for another's sake, nothing is shown."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from prometheus_client import CollectorRegistry, generate_latest

from alerts.desk import Desk
from alerts.message import envelope
from stream.cli.group import _crowdtide
from stream.notify.courier import Courier
from stream.notify.metrics import NotifyMetrics
from stream.notify.office import Office
from stream.notify.run import run, target_of
from stream.notify.sender import AppriseSender, sender_of
from stream.notify.store import Store
from stream.settings import ConfigError
from stream.settings_load import load
from stream.settings_notify import NotifyTarget
from stream.topic_reader import Received
from stream.wall import wall_ms
from tests.alerts.scenario import Scenario, crowd, grid
from tests.notify.hook import Hook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alerts.message import Alert

ZONE = ZoneInfo("Asia/Shanghai")


def crowds(count: int) -> list[Alert]:
    """Return first messages to police of incidents that do not touch."""
    scene = Scenario(grid(1, 3 * count))
    scene.hop(crowd({3 * number: 2.5 for number in range(count)}))
    return [alert for alert in scene.sent if alert.desk == Desk.POLICE]


def records(alerts: list[Alert], *, first: int = 0) -> list[Received]:
    return [
        Received(
            topic="crowd.alerts.police.v1",
            partition=0,
            offset=first + number,
            timestamp_ms=wall_ms(),
            key=alert.incident.encode(),
            value=envelope(alert, source="/test", status="Test"),
            headers=(),
        )
        for number, alert in enumerate(alerts)
    ]


class Desk24:
    """An office with couriers, without Kafka: records are given to it by hand."""

    def __init__(self, state: Path, targets: dict[str, NotifyTarget]) -> None:
        self.registry = CollectorRegistry()
        self.store = Store(state)
        self.over = threading.Event()
        self.office = Office(
            [target_of(name, one, ZONE) for name, one in targets.items()],
            self.store,
            NotifyMetrics.on(self.registry),
            zone=ZONE,
            max_age_s=3600,
            now=wall_ms,
        )
        self.couriers = [
            Courier(name, self.office, sender_of(name, one), self.over)
            for name, one in targets.items()
        ]
        self.office.connected({})

    def take_in(self, told: list[Received]) -> None:
        for record in told:
            self.office.take_in(record)

    def metric(self, line: str) -> bool:
        self.office.tick()
        return line.encode() in generate_latest(self.registry)


@contextmanager
def working(state: Path, targets: dict[str, NotifyTarget]) -> Iterator[Desk24]:
    desk = Desk24(state, targets)
    for courier in desk.couriers:
        courier.start()
    try:
        yield desk
    finally:
        desk.over.set()
        desk.office.close()
        for courier in desk.couriers:
            courier.join()
            assert courier.fault is None
        desk.store.close()


@pytest.fixture(name="hook")
def fixture_hook() -> Iterator[Hook]:
    with Hook() as running:
        yield running


def target(hook: Hook, path: str, **options: object) -> NotifyTarget:
    chosen = {"desks": ("police",), "lang": "en", "url": hook.url(path), **options}
    return NotifyTarget(**chosen)  # type: ignore[arg-type]


def test_a_note_arrives_with_its_mark_its_text_and_its_id(hook: Hook, tmp_path: Path) -> None:
    (alert,) = crowds(1)
    with working(tmp_path / "s", {"duty": target(hook, "a")}) as desk:
        desk.take_in(records([alert]))
        hook.wait(lambda: bool(hook.got))
    ((_, note),) = hook.got
    assert note["title"] == f"[TEST] {alert.data.headline['en']}"
    assert hook.ids("a") == [alert.id]


def test_what_comes_again_is_sent_once_also_after_a_restart(hook: Hook, tmp_path: Path) -> None:
    first, second = crowds(2)
    targets = {"duty": target(hook, "a")}
    with working(tmp_path / "s", targets) as desk:
        desk.take_in(records([first, first]))
        hook.wait(lambda: len(hook.got) == 1)
        # Marked before it is stopped, so it need not come again.
        while not desk.metric('crowd_notify_sent_total{target="duty"} 1.0'):
            pass
    with working(tmp_path / "s", targets) as desk:
        assert desk.office.places() == {("crowd.alerts.police.v1", 0): 2}
        desk.take_in(records([first, second], first=2))
        hook.wait(lambda: len(hook.got) == 2)
    assert hook.ids("a") == [first.id, second.id]


def test_a_target_that_hangs_delays_no_other(hook: Hook, tmp_path: Path) -> None:
    hook.hanging.add("stuck")
    told = crowds(4)
    targets = {
        "stuck": target(hook, "stuck", timeout_s=30),
        "well": target(hook, "well"),
    }
    with working(tmp_path / "s", targets) as desk:
        desk.take_in(records(told))
        hook.wait(lambda: "stuck" in hook.calls)
        hook.wait(lambda: len(hook.ids("well")) == len(told))
        assert hook.ids("stuck") == [], "still hangs"
        hook.let_go()
        hook.wait(lambda: len(hook.ids("stuck")) == len(told))


def test_an_attempt_that_hangs_is_left_behind_and_only_a_few_of_them(hook: Hook) -> None:
    hook.hanging.add("stuck")
    sender = AppriseSender(hook.url("stuck"), name="t", timeout_s=0.2)
    # The client's own timeout would end it as well; a server that drips would not be ended by it.
    for server in sender._service:  # noqa: SLF001  nothing public sets it so
        server.socket_read_timeout = 60
    why = [sender.send("title", "text", "info") for _ in range(5)]
    assert why == ["no answer within 0.2 s"] * 3 + ["3 attempts still hang"] * 2
    assert hook.calls == ["stuck"] * 3


def test_refused_notes_are_tried_again_until_taken(hook: Hook, tmp_path: Path) -> None:
    hook.refuses["a"] = 1
    (alert,) = crowds(1)
    with working(tmp_path / "s", {"duty": target(hook, "a")}) as desk:
        desk.take_in(records([alert]))
        hook.wait(lambda: bool(hook.got))
        assert desk.metric('crowd_notify_failed_total{target="duty"} 1.0')
    assert hook.calls == ["a", "a"]
    assert hook.ids("a") == [alert.id]


def test_undeliverable_notes_are_counted_and_listed(
    hook: Hook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hook.refuses["a"] = 9
    told = crowds(2)
    state = tmp_path / "s"
    with working(state, {"duty": target(hook, "a", retries=0)}) as desk:
        desk.take_in(records(told))
        hook.wait(lambda: len(hook.calls) == 2)
        while not desk.metric('crowd_notify_undelivered_records{target="duty"} 2.0'):
            pass
    result = CliRunner().invoke(
        _crowdtide, ["notify", "status", "--lang", "en", "--set", f"notify.state={state}"]
    )
    assert result.exit_code == 1
    assert "duty: told of 0, 0 waiting, 2 undeliverable" in result.stdout
    for alert in told:
        assert f"undeliverable (not taken): [TEST] {alert.data.headline['en']} [{alert.id}]" in (
            result.stdout
        )
    assert hook.url("a") not in result.output + capsys.readouterr().err


def test_where_a_note_goes_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    secret = "s3cret-token"
    for url in (f"nonsense://{secret}", secret, ""):
        with pytest.raises(ConfigError) as told:
            sender_of("duty", NotifyTarget(desks=("police",), url=url))
        assert secret not in str(told.value)
        assert "notify.targets.duty.url" in str(told.value)
    one = NotifyTarget(desks=("police",), url=f"json://127.0.0.1:1/{secret}")
    assert sender_of("duty", one).send("title", "text", "info") == "not taken"
    assert secret not in repr(one) + caplog.text
    sets = [f'notify.targets.a={{desks=["police"], url=["{secret}"]}}']
    with pytest.raises(ConfigError) as faults:
        load(None, env={}, sets=sets)
    assert secret not in str(faults.value)


def test_a_url_may_lie_in_a_file(hook: Hook, tmp_path: Path) -> None:
    (tmp_path / "url").write_text(hook.url("a") + "\n")
    one = NotifyTarget(desks=("police",), url_file=str(tmp_path / "url"))
    assert sender_of("duty", one).send("title", "text", "info") is None
    with pytest.raises(ConfigError, match="url_file"):
        sender_of("duty", NotifyTarget(desks=("police",), url_file=str(tmp_path / "none")))


@pytest.mark.parametrize(
    ("sets", "fault"),
    [
        ((), "there is no target"),
        (('notify.targets.a.desks=["police"]',), "needs one of url and url_file"),
        (('notify.targets.a={desks=["police"], url="x", quiet="22-6"}',), "quiet"),
        (('notify.targets.a={desks=[], url="x"}',), "desks"),
    ],
)
def test_settings_that_could_tell_nobody_are_refused(sets: tuple[str, ...], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        run(load(None, env={}, sets=sets), over=threading.Event())


def test_one_file_is_for_one_process(tmp_path: Path) -> None:
    first = Store(tmp_path / "s")
    with pytest.raises(ConfigError, match="in use by another"):
        Store(tmp_path / "s")
    first.close()
    Store(tmp_path / "s").close()

"""Laws of the incident table, for any crowd: hypothesis draws the days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from alerts.action import Action, DeskAction, Why
from alerts.desk import Desk
from alerts.fold import Board
from alerts.incident import unpack_tiles
from alerts.lifecycle import End
from alerts.message import AlertData, encode
from alerts.saved import decode
from alerts.spec import AlertSpec
from tests.alerts.days import COLS, ROWS, TILES, Day, days, levels, play
from tests.alerts.scenario import Scenario, crowd, grid

if TYPE_CHECKING:
    from random import Random


def open_levels(scene: Scenario) -> list[tuple[str, Desk, int]]:
    """Return the level of each open incident, for each desk that knows of it."""
    known = {alert.incident: alert for alert in scene.sent}
    replies = [
        scene.act(Action.COMMENT, key, level=0, desk=desk)[1] for key in known for desk in Desk
    ]
    over = set(End)
    return [
        (one.incident, one.desk, one.level)
        for one in replies
        if one.revision and one.lifecycle not in over
    ]


@given(days)
def test_load_of_dump_at_every_hop_changes_no_byte(day: Day) -> None:
    straight, reloaded = play(day), play(day, reload=True)
    assert [encode(a.data) for a in straight.sent] == [encode(a.data) for a in reloaded.sent]
    assert straight.table.dump() == reloaded.table.dump()


@given(days)
def test_load_of_dump_changes_no_byte_under_two_of_three(day: Day) -> None:
    spec = AlertSpec(rise_hops=2)
    straight, reloaded = play(day, spec=spec), play(day, spec=spec, reload=True)
    assert straight.table.dump() == reloaded.table.dump()


@given(days)
def test_every_message_is_strictly_alert_1(day: Day) -> None:
    for alert in play(day).sent:
        data = msgspec.json.decode(encode(alert.data), type=AlertData, strict=True)
        assert encode(data) == encode(alert.data)


@given(days)
def test_revisions_of_a_desk_count_up_from_raised_without_a_gap(day: Day) -> None:
    newest: dict[tuple[str, str], int] = {}
    for alert in play(day).sent:
        key = (alert.incident, alert.desk)
        assert alert.revision == newest.get(key, 0) + 1
        assert (alert.kind == "raised") == (alert.revision == 1)
        newest[key] = alert.revision


@given(days)
def test_every_alert_has_one_desk_and_only_its_own_extras(day: Day) -> None:
    for alert in play(day).sent:
        assert alert.desk in set(Desk)
        assert (alert.data.police is not None) == (alert.desk is Desk.POLICE)
        assert (alert.data.fire is not None) == (alert.desk is Desk.FIRE)


@given(days)
def test_nothing_held_is_invisible(day: Day) -> None:
    """What a desk would be told now, and is not, stands in the list of what is held."""
    scene = play(day)
    listed = {(one.incident, one.desk) for one in scene.table.held()}
    told: dict[tuple[str, str], int] = {}
    for alert in scene.sent:
        told[alert.incident, alert.desk] = alert.data.level
    for one in scene.table.episodes():
        if one.ended_ms == 0 and (one.incident, "police") not in told:
            assert (one.incident, Desk.POLICE) in listed
    for incident, desk, level in open_levels(scene):
        if told.get((incident, desk), level) != level:
            assert (incident, desk) in listed


@given(days)
def test_no_two_open_incidents_touch_inside_an_area(day: Day) -> None:
    scene = Scenario(grid(ROWS, COLS, area_of={3: 1, 7: 1, 11: 1}), hop_min=10)
    for (density, blind), _ in day:
        scene.hop(density, blind=blind)
        alive = [one for one in scene.table.episodes() if one.ended_ms == 0]
        ground = [set(tiles_now(scene, one.incident)) for one in alive]
        for number, mine in enumerate(ground):
            for other in ground[number + 1 :]:
                assert not any(touch(one, two) for one in mine for two in other)


def tiles_now(scene: Scenario, incident: str) -> list[int]:
    saved = decode(scene.table.dump())
    return next(unpack_tiles(one.tiles).tolist() for one in saved.incidents if one.id == incident)


def touch(one: int, two: int) -> bool:
    """Tell whether two tiles adjoin inside one police area (the last column is its own)."""
    (row, col), (other_row, other_col) = divmod(one, COLS), divmod(two, COLS)
    same = (col == COLS - 1) == (other_col == COLS - 1)
    return same and abs(row - other_row) <= 1 and abs(col - other_col) <= 1


@given(days)
def test_no_action_is_carried_out_twice(day: Day) -> None:
    scene = play(day)
    for alert in list(scene.sent):
        before = scene.table.dump()
        more: dict[str, Any] = {"desk": alert.desk, "id": f"deed of {alert.id}", "text": "once"}
        scene.act(Action.COMMENT, alert.incident, level=4, **more)
        alerts, reply = scene.act(Action.COMMENT, alert.incident, level=4, **more)
        assert not reply.accepted
        assert alerts == []
        assert (scene.table.dump() != before) == (reply.why is Why.DUPLICATE)


@given(days)
def test_what_rings_rings_until_somebody_answers(day: Day) -> None:
    scene = play(day)
    scene.remind(scene.now_ms + 3 * 3_600_000)
    if scene.table.open_incidents().unacknowledged and not scene.table.holding():
        assert scene.table.due_ms() is not None
    for alert in scene.sent:
        assert (alert.data.ack_by_ms is not None) == alert.data.needs_ack


@given(days)
def test_once_told_a_desk_is_told_the_end(day: Day) -> None:
    scene = play(day)
    scene.until(scene.minute + 40)
    boards = {desk: Board() for desk in Desk}
    for alert in scene.sent:
        boards[alert.desk].take(alert.data)
    for board in boards.values():
        assert not board.open_incidents()
    assert scene.table.open_incidents().total == 0


@given(days, st.randoms(use_true_random=False))
def test_the_folded_picture_is_the_same_under_duplicates(day: Day, chance: Random) -> None:
    sent = [a.data for a in play(day).sent if a.desk is Desk.POLICE]
    plain, noisy = Board(), Board()
    for at, data in enumerate(sent):
        plain.take(data)
        noisy.take(data)
        for old in chance.sample(sent[: at + 1], min(2, at + 1)):
            noisy.take(old)
    assert plain.incidents == noisy.incidents


@given(days)
def test_a_blind_tile_never_loses_its_level(day: Day) -> None:
    scene = Scenario(grid(ROWS, COLS), hop_min=10)
    for (density, blind), _ in day:
        before = levels(scene)
        scene.hop(density, blind=blind)
        after = levels(scene)
        for tile in blind:
            assert after.get(tile, 0) >= before.get(tile, 0)


@given(days, st.integers(0, TILES - 1), st.sampled_from([0.1, 1.0, 3.0]))
def test_more_people_now_never_lower_a_level(day: Day, tile: int, more: float) -> None:
    plain, fuller = (Scenario(grid(ROWS, COLS), hop_min=10) for _ in range(2))
    for number, ((density, blind), _) in enumerate(day):
        plain.hop(density, blind=blind)
        crowded = density
        if number == len(day) - 1:
            crowded = density | {tile: density.get(tile, 0.0) + more}
        fuller.hop(crowded, blind=blind)
    one, other = levels(plain), levels(fuller)
    assert all(other.get(at, 0) >= level for at, level in one.items())


@given(days)
def test_no_level_falls_sooner_than_its_hold_time(day: Day) -> None:
    scene = Scenario(grid(ROWS, COLS), hop_min=10)
    risen_at: dict[int, int] = {}
    for (density, blind), _ in day:
        before = levels(scene)
        scene.hop(density, blind=blind)
        after = levels(scene)
        for tile in set(before) | set(after):
            if after.get(tile, 0) > before.get(tile, 0):
                risen_at[tile] = scene.minute
            elif after.get(tile, 0) < before.get(tile, 0):
                assert scene.minute - risen_at[tile] >= 20  # two hops of ten minutes


@given(st.lists(st.integers(90, 110), min_size=1, max_size=60))
def test_flat_traffic_gives_no_alert(people: list[int]) -> None:
    scene = Scenario(grid(1, 2))
    for count in people:
        # Ordinary noise scores up to 2.5 here; the budget's threshold is 3.
        seen = crowd({0: count / 1000}, expected=100.0, score={0: abs(count - 100) / 4})
        assert scene.hop(seen) == []
    assert scene.table.active_tiles().size == 0


@given(days)
def test_only_silence_of_a_day_expires(day: Day) -> None:
    assert all(a.data.lifecycle != End.EXPIRED for a in play(day).sent)


@given(
    st.binary(max_size=300)
    | st.builds(
        msgspec.json.encode,
        st.dictionaries(
            st.sampled_from(
                ["schema", "incident", "desk", "action", "revision_seen", "level_seen", "by"]
            ),
            st.none()
            | st.integers()
            | st.text(max_size=9)
            | st.just("desk-action/1")
            | st.just("ack"),
        ),
    )
)
def test_any_bytes_are_an_action_or_a_refusal(value: bytes) -> None:
    scene = Scenario(grid(1, 1))
    scene.hop({0: 2.0})
    try:
        action = msgspec.json.decode(value, type=DeskAction)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    scene.table.act(action, moment_ms=0)

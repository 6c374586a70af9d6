"""Laws of `alert/1` and its envelope."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_structured
from cloudevents.core.formats.json import JSONFormat

from alerts.catalogue import CATALOGUES
from alerts.fold import Board
from alerts.ground import Ground, Site
from alerts.message import VALUE_BYTES_MAX, AlertData, encode, envelope
from alerts.spec import AlertSpec
from alerts.system import BudgetOverspent, FeedBlind, FeedSuspect, Heartbeat, system_envelope
from tests.alerts.scenario import AREA_M2, Scenario, crowd, grid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alerts.system import SystemAlert


def square(tiles: NDArray[np.int32]) -> list[list[tuple[float, float]]]:
    lon = 110.3592461 + float(tiles[0]) / 1000
    corners = [(lon, 21.2), (lon + 0.001, 21.2), (lon + 0.001, 21.201), (lon, 21.201), (lon, 21.2)]
    return [corners]


def first(ground: Ground, density: float, **columns: dict[int, float]) -> AlertData:
    return Scenario(ground).hop(crowd({0: density}, expected=100.0, **columns))[0].data


def test_the_envelope_is_a_cloud_event() -> None:
    (alert,) = Scenario(grid(1, 2)).hop({0: 2.0})
    value = envelope(alert, source="/zhanjiang", status="Test")
    message = KafkaMessage(
        headers={"content-type": b"application/cloudevents+json"}, key=None, value=value
    )
    event = from_structured(message, JSONFormat())
    assert event.get_id() == "20131123T1105Z-r0c0/police/1"
    assert event.get_type() == "crowd.alert.raised.v1"
    assert event.get_source() == "/zhanjiang"
    assert event.get_subject() == "r0c0"
    assert str(event.get_time()) == "2013-11-23 11:05:00+00:00"
    assert event.get_extension("status") == "Test"
    assert event.get_data() == json.loads(encode(alert.data))


def test_data_comes_last_and_is_untouched_by_the_envelope() -> None:
    (alert,) = Scenario(grid(1, 2)).hop({0: 2.0})
    data = encode(alert.data)
    for status in ("Actual", "Exercise"):
        value = envelope(alert, source="/s", status=status)
        assert value.endswith(b'"data":' + data + b"}")
        assert value.count(b'"status"') == 1


def test_every_key_of_the_contract_is_there() -> None:
    data = json.loads(encode(first(grid(1, 2, outline=square), 2.0)))
    assert data["schema"] == "alert/1"
    wanted = {
        "level", "grade", "changed", "people", "density", "occupancy", "baseline", "reasons",
        "trend", "place", "district", "area", "responsible", "data_quality", "planned_event",
        "settings_hash", "decided_ms", "references", "grid_side_m", "jurisdiction", "nearby",
        "recommended_response", "ack_by", "escalates_to", "outcome", "provenance", "probability",
        "horizon_min", "lead_time_min", "severity", "urgency", "certainty", "merged_into",
        "split_from", "headline", "police", "fire",
    }  # fmt: skip
    assert wanted <= set(data)
    assert data["area"]["polygon"][0][0] == [110.359246, 21.2]
    assert {"worst_tile", "tiles", "tiles_total"} <= set(data["area"])
    assert {"expected", "spread", "score"} <= set(data["baseline"])


def test_no_wall_clock_fact_is_in_the_data() -> None:
    data = json.loads(encode(first(grid(1, 2), 2.0)))
    assert not {"status", "source", "published", "detected_at", "published_at"} & set(data)


def test_a_value_of_five_thousand_tiles_fits_the_topic() -> None:
    size = 5_000
    plain = grid(50, 100, outline=square)
    ids = tuple(f"{name}-{'x' * 200}" for name in plain.tile_ids)  # the longest ids anyone has
    ground = Ground(
        tile_ids=ids,
        row=plain.row,
        col=plain.col,
        walkable_m2=plain.walkable_m2,
        area=plain.area,
        site=plain.site,
        names=("广" * 400,) * size,
    )
    alerts = Scenario(ground).hop(dict.fromkeys(range(size), 5.0))
    for alert in alerts:
        assert len(envelope(alert, source="/s", status="Actual")) <= VALUE_BYTES_MAX
        assert alert.data.area.tiles_total == size
        assert 0 < len(alert.data.area.tiles) <= 500
    short = Scenario(plain).hop(dict.fromkeys(range(size), 5.0))[0].data
    assert len(short.area.tiles) == 500
    assert short.area.worst_tile in short.area.tiles


def test_what_is_below_the_privacy_floor_is_not_narrowed() -> None:
    ground = grid(1, 1, floor=20, sites=[Site(name="Lift", capacity=10, tiles=1)], site_of={0: 0})
    data = first(ground, 0.012)
    assert (data.people.low, data.people.best, data.people.high) == (0, None, 19)
    assert data.density is not None
    assert (data.density.newest_per_m2, data.density.rolling_per_m2) == (None, None)
    assert data.occupancy is not None
    assert data.occupancy.ratio is None
    assert data.trend.slope_per_min is data.baseline.excess is data.peak.people is None
    assert "fewer than 20 people" in data.headline["en"]
    assert "不足20人" in data.headline["zh-CN"]


def test_desks_are_told_small_cells_as_withheld_and_levels_know_better() -> None:
    seen = crowd({0: 2.0}, told_people={0: 1995.0}, told_low={0: 1985.4}, told_high={0: 2004.2})
    data = Scenario(grid(1, 1)).hop(seen)[0].data
    assert data.level == 1, "2,000 people on 1,000 m2 are a rung; 1,995 are none"
    assert (data.people.low, data.people.best, data.people.high) == (1985, 1995, 2005)
    assert data.density is not None
    assert data.density.newest_per_m2 == pytest.approx(1.995)
    assert data.peak.people == 1995


def test_what_is_usual_is_told_from_the_floor_on() -> None:
    data = Scenario(grid(1, 1)).hop(crowd({0: 2.0}, expected=7.0, score={0: 4.5678}))[0].data
    assert data.baseline.expected is data.baseline.spread is data.baseline.excess is None
    assert (data.baseline.score, data.peak.score) == (4.6, 4.6)
    assert "usually fewer than 20;" in data.headline["en"]
    assert "平时不足20人" in data.headline["zh-CN"]


def test_a_withheld_part_keeps_the_interval_open_to_zero() -> None:
    data = first(grid(1, 1), 2.0, low={0: 7.0}, high={0: 2019.4})
    assert (data.people.low, data.people.best, data.people.high) == (0, 2000, 2020)


def test_activity_is_told_as_it_is() -> None:
    ground = grid(1, 1, unit="activity", sites=[Site(name="San Siro", tiles=1)], site_of={0: 0})
    seen = crowd({0: 0.0124567}, expected=2.5, score={0: 4.0})
    data = Scenario(ground, AlertSpec(min_people=0.0)).hop(seen)[0].data
    assert data.people.best == pytest.approx(12.457)
    assert (data.people.unit, data.density) == ("activity", None)
    assert data.headline["en"].startswith(
        "San Siro: blue IV, warning: activity 12.457 now, usually 2.5; far more than usual; since"
    )


def test_the_headline_says_place_colour_number_usual_why_and_since() -> None:
    ground = grid(1, 1, sites=[Site(name="观海长廊", tiles=1)], site_of={0: 0})
    data = first(ground, 4.0)
    assert data.headline == {
        "zh-CN": "观海长廊：橙色II级预警，现有4000人，平时100人，密度高，11:05 UTC起",
        "en": "观海长廊: orange II, warning: 4000 people now, usually 100; dense; since 11:05 UTC",
    }


def test_catalogues_hold_the_same_keys_and_the_same_names_inside() -> None:
    chinese, english = CATALOGUES["zh-CN"], CATALOGUES["en"]
    assert set(chinese) == set(english)
    for key in chinese:
        names = [
            {part.split("}")[0] for part in text[key].split("{")[1:]} for text in (chinese, english)
        ]
        assert names[0] == names[1], key


def test_time_to_the_next_level_is_told_in_whole_minutes() -> None:
    data = first(grid(1, 1), 2.0, slope_per_min={0: 20.0})
    assert data.trend.next_level_min == int(1.0 * AREA_M2 / 20.0)
    assert data.trend.direction == "rising"


def test_sums_are_over_tiles_and_density_is_of_the_worst() -> None:
    (alert,) = Scenario(grid(1, 3)).hop({0: 2.0, 1: 2.5, 2: 0.5})
    data = alert.data
    assert data.people.best == 4500
    assert data.density is not None
    assert (data.density.newest_per_m2, data.density.walkable_m2) == (2.5, 2000.0)
    assert data.area.worst_tile == "r0c1"
    assert (data.baseline.expected, data.baseline.spread) == (200, 14)


def test_messages_refer_to_the_head_and_the_one_before() -> None:
    scene = Scenario(grid(1, 1))
    for density in (2.0, 3.0, 4.0):
        scene.hop({0: density})
    last = [a for a in scene.sent if a.desk == "police"][-1].data
    assert last.references == [f"{last.incident}/police/1", f"{last.incident}/police/2"]


def test_an_older_revision_never_wins() -> None:
    scene = Scenario(grid(1, 1))
    one, two = scene.hop({0: 2.0})[0].data, scene.hop({0: 3.0})[0].data
    board = Board()
    assert [board.take(data) for data in (one, two, one, two)] == [True, True, False, False]
    assert board.incidents[one.incident] == two


@pytest.mark.parametrize(
    "news",
    [
        FeedBlind(feed="cmcc", blind=True, since_ms=0, hop_ms=60_000),
        FeedBlind(feed="cmcc", blind=False, since_ms=0, hop_ms=60_000),
        FeedSuspect(
            feed="cmcc", suspect=True, since_ms=0, hop_ms=0, total=9.0, usual=3.0, rising_ratio=0.5
        ),
        BudgetOverspent(desk="fire", spent=3, allowed=1.0, window_s=86_400, hop_ms=0),
        Heartbeat(
            worker="w1",
            at_ms=1,
            hop_ms=0,
            open_by_level=(1, 0, 0, 0),
            unacknowledged=1,
            feeds=["cmcc"],
            blind_ratio=0.0,
            last_ids={"police": [], "fire": []},
        ),
    ],
)
def test_system_alerts_travel_in_the_same_envelope(news: SystemAlert) -> None:
    event = json.loads(system_envelope(news, source="/s", status="System"))
    assert event["type"] == f"crowd.system.{news.kind}.v1"
    assert list(event)[-1] == "data"
    assert event["data"]["origin"] in {"decided", "host"}

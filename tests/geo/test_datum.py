"""Laws of datums: there and back to a millimetre, and what independent programs say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import DatumError, from_wgs84, known, to_wgs84

MM_DEG = 1e-3 / 111_320
# Well inside the rectangle, so that no offset crosses its edge.
inland = st.tuples(st.floats(73.5, 136.5), st.floats(2.5, 54.5))
abroad = st.one_of(
    st.tuples(st.floats(-180, 71.9), st.floats(-89, 89)),
    st.tuples(st.floats(138, 180), st.floats(-89, 89)),
    st.tuples(st.floats(-180, 180), st.floats(-89, 0.8)),
)
# WGS 84 -> GCJ-02, BD-09 as coord-convert 0.2.1 (PyPI) gives them: Zhanjiang, Shanghai, Beijing,
# Urumqi, Harbin.
WITNESS = [
    (
        (110.36, 21.27),
        (110.36449751744294, 21.267618950824616),
        (110.37103513261027, 21.273528628973146),
    ),
    (
        (121.49, 31.24),
        (121.4944680014103, 31.238015473428977),
        (121.50107550005599, 31.24367072139499),
    ),
    (
        (116.4, 39.9),
        (116.40624278491117, 39.901403529849404),
        (116.41262802928223, 39.90773378164862),
    ),
    ((87.6, 43.8), (87.60283897227161, 43.80121203029208), (87.60921015182171, 43.80747250765041)),
    (
        (126.6, 45.8),
        (126.60591820066094, 45.80189956036948),
        (126.6122701982135, 45.808255086717665),
    ),
]
# GCJ-02 of Zhanjiang by eviltransform 0.1.1, which uses another ellipsoid: 1.5 cm apart.
OTHER_WITNESS = (110.3644975935987, 21.26761891050668)


def one(point: tuple[float, float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([point], np.float64)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@given(point=inland)
def test_there_and_back_is_within_a_millimetre(datum: str, point: tuple[float, float]) -> None:
    for first, second in ((from_wgs84, to_wgs84), (to_wgs84, from_wgs84)):
        back = second(datum, first(datum, one(point)))
        assert np.abs(back - one(point)).max() < MM_DEG


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@given(point=abroad)
def test_outside_china_nothing_moves(datum: str, point: tuple[float, float]) -> None:
    assert from_wgs84(datum, one(point)).tolist() == [list(point)]
    assert to_wgs84(datum, one(point)).tolist() == [list(point)]


@given(point=inland)
def test_the_offset_is_some_hundred_metres(point: tuple[float, float]) -> None:
    lon, lat = (from_wgs84("gcj02", one(point)) - one(point))[0].tolist()
    metres = np.hypot(lon * 111_320 * np.cos(np.radians(point[1])), lat * 110_574)
    assert 20 < metres < 1500


@pytest.mark.parametrize(
    ("wgs", "gcj", "bd"), WITNESS, ids=["湛江", "上海", "北京", "乌鲁木齐", "哈尔滨"]
)
def test_an_independent_program_agrees(
    wgs: tuple[float, float], gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    for datum, there in (("gcj02", gcj), ("bd09", bd)):
        assert np.abs(from_wgs84(datum, one(wgs)) - there).max() < MM_DEG / 1000
        assert np.abs(to_wgs84(datum, one(there)) - wgs).max() < MM_DEG


def test_a_second_one_agrees_to_its_own_two_centimetres() -> None:
    ours = from_wgs84("gcj02", one((110.36, 21.27)))
    assert np.abs(ours - OTHER_WITNESS).max() < 20 * MM_DEG


def test_an_epsg_code_is_taken_east_before_north() -> None:
    """CGCS2000 in three-degree zones around 114 E, as surveyors in Guangdong have it."""
    there = from_wgs84("EPSG:4547", one((110.36, 21.27)))
    assert 100_000 < there[0, 0] < 200_000
    assert 2_340_000 < there[0, 1] < 2_370_000
    assert np.abs(to_wgs84("EPSG:4547", there) - (110.36, 21.27)).max() < MM_DEG


def test_names_have_one_spelling() -> None:
    assert [known(name) for name in ("WGS84", "wgs-84", "GCJ_02", " bd-09 ", "epsg:4490")] == [
        "wgs84",
        "wgs84",
        "gcj02",
        "bd09",
        "EPSG:4490",
    ]


@pytest.mark.parametrize("name", ["", "china", "EPSG:", "EPSG:99999", "gcj03"])
def test_an_unknown_datum_is_one_line_with_what_to_write(name: str) -> None:
    with pytest.raises(DatumError, match="write wgs84, gcj02, bd09 or EPSG:<code>"):
        known(name)

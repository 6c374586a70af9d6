"""Cases for tests of the forecast: hops from plain numbers, made-up days."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.contract import Mask, Tiles
from detectors.forecast import Ahead, Forecast, ForecastSpec

AHEAD = ("people", "low", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """What one hop says to a forecast."""

    point: Tiles
    fresh: Mask
    expected: Tiles
    spread: Tiles
    ahead: Tiles
    known: Mask
    hop: int


def forecast(tiles: int, *, hop_min: float = 10.0) -> Forecast:
    return Forecast(ForecastSpec(), tiles=tiles, hop_min=hop_min)


def step(
    room: Forecast,
    hop: Hop,
    index: NDArray[np.intp] | slice = slice(None),
    *,
    at: NDArray[np.intp] | None = None,
) -> Ahead:
    return room.step(
        hop.point[index],
        hop.fresh[index],
        expected=hop.expected[index],
        spread=hop.spread[index],
        ahead=hop.ahead[:, index],
        known=hop.known[index],
        hop=hop.hop,
        at=at,
    )


def made_up(seed: int, *, tiles: int, hops: int, missing: float = 0.03) -> list[Hop]:
    """Return hops with day shapes, residuals that last for hours, and all kinds of silence."""
    chance = np.random.default_rng(seed)
    size = np.exp(chance.normal(4.0, 1.0, tiles))
    off = np.zeros(tiles)
    found = []

    def due(hop: int) -> Tiles:
        people: Tiles = (size * (1.2 + np.sin(hop / 23))).astype(np.float32)
        return people

    for hop in range(hops):
        off = 0.95 * off + chance.normal(0, 0.08, tiles)
        expected = due(hop)
        count = chance.poisson(np.maximum(expected * (1 + off), 0)).astype(np.float32)
        count[chance.random(tiles) < missing] = np.nan
        found.append(
            Hop(
                point=count,
                fresh=chance.random(tiles) < 0.9,
                expected=expected,
                spread=np.sqrt(expected + 0.04 * expected * expected).astype(np.float32),
                ahead=np.stack([due(hop + 2), due(hop + 3), due(hop + 6)]),
                known=np.full(tiles, hop > 20) | (np.arange(tiles) % 2 == 0),
                hop=hop + 1000,
            )
        )
    return found


def steady(
    people: float, *, hop: int, fresh: bool = True, expected: float = 100.0, tiles: int = 1
) -> Hop:
    flat = np.full(tiles, expected, np.float32)
    return Hop(
        point=np.full(tiles, people, np.float32),
        fresh=np.full(tiles, fresh, np.bool_),
        expected=flat,
        spread=flat / 10,
        ahead=np.stack([flat] * 3),
        known=np.ones(tiles, np.bool_),
        hop=hop,
    )


def same_bits(one: Ahead, other: Ahead) -> bool:
    return all(getattr(one, f).tobytes() == getattr(other, f).tobytes() for f in AHEAD)

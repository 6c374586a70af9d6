"""What the block stage needs of settings and city, resolved once: times, feeds, gates, rungs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.levels import rungs
from stream.calendar import Calendar
from stream.feeds_factor import counted_ratio
from stream.ground import alert_spec, build_ground, min_excess, unit_of
from stream.links import FeedScale
from stream.readings import FeedTimes, Readings
from stream.settings import settings_hash

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.baseline import BaselineSpec
    from geo.city import City
    from stream.layout import Layout
    from stream.settings import Settings

__all__ = ["BlockSpec", "FeedSpec", "block_spec", "no_readings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """One feed, resolved; `scale` says how its counts become people."""

    name: str
    period_ms: int
    max_age_ms: int
    scale: FeedScale


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlockSpec:
    """Everything fixed about a deployment's block stage.

    sources: partitions of cell-counts, each a clock. feeds: in name order, as on the wire.
    walkable_m2: float64 (city tiles,). rungs_per_m2: float64 (city tiles, 4).
    always_watched: city tiles whose numbers the incident stage needs at every hop, because the
    occupancy of their site spans blocks. has_ladder: False for activity, which is no density.
    has_drops: too few people alarm as well.
    privacy_floor: published people below it are withheld; 0 for activity. protects_tiles: tiles
    below it, too, not only cells.
    """

    sources: int
    log_epoch: int
    hop_ms: int
    lateness_ms: int
    future_ms: int
    window_hops: int
    slot_min: int
    watch_ms: int
    min_excess: float
    lower_ratio: float
    occupancy_rungs: tuple[float, float]
    has_ladder: bool
    has_drops: bool
    privacy_floor: int
    protects_tiles: bool
    calendar: Calendar
    feeds: tuple[FeedSpec, ...]
    baseline: BaselineSpec
    walkable_m2: NDArray[np.float64]
    rungs_per_m2: NDArray[np.float64]
    always_watched: NDArray[np.bool_]
    tile_ids: tuple[str, ...]
    settings_hash: str
    city_digest: str


def block_spec(settings: Settings, city: City) -> BlockSpec:
    """Resolve settings and city. Raises ConfigError where a site names tiles that are not there."""
    ground, alerts = build_ground(settings, city), alert_spec(settings, city)
    tiles = len(city.grid.tile_ids)
    watched = np.zeros(tiles, np.bool_)
    for number, site in enumerate(ground.sites):
        on_site = ground.site == number
        if site.capacity is not None:
            watched |= on_site
    activity = unit_of(settings) == "activity"
    return BlockSpec(
        sources=settings.topics.partitions.counts,
        log_epoch=settings.kafka.log_epoch,
        hop_ms=settings.hop_ms,
        lateness_ms=settings.lateness_ms,
        future_ms=settings.time.future_s * 1000,
        window_hops=settings.window_hops,
        slot_min=settings.slot_min,
        watch_ms=settings.alerts.watch_s * 1000,
        min_excess=min_excess(settings),
        lower_ratio=alerts.lower_ratio,
        occupancy_rungs=(alerts.occupancy_yellow_ratio, alerts.occupancy_red_ratio),
        has_ladder=not activity,
        has_drops=settings.detectors.has_drops,
        privacy_floor=0 if activity else settings.privacy.floor,
        protects_tiles=settings.privacy.protects == "tiles",
        calendar=Calendar(
            tz=settings.calendar.tz, country=settings.calendar.country, days=settings.calendar.days
        ),
        feeds=_feeds(settings),
        baseline=settings.detectors.baseline,
        walkable_m2=city.grid.walkable_m2,
        rungs_per_m2=rungs(alerts, ground),
        always_watched=watched,
        tile_ids=city.grid.tile_ids,
        settings_hash=settings_hash(settings),
        city_digest=city.digest,
    )


def no_readings(spec: BlockSpec, layout: Layout) -> Readings:
    """Return room for the readings of a run of blocks."""
    widths = [entries.stop - entries.start for entries in layout.entry_slices]
    return Readings(
        tuple(FeedTimes(period_ms=f.period_ms, max_age_ms=f.max_age_ms) for f in spec.feeds),
        home=layout.entry_home,
        block=np.repeat(np.arange(len(widths)), widths),
        blocks=len(layout.blocks),
    )


def _feeds(settings: Settings) -> tuple[FeedSpec, ...]:
    return tuple(
        FeedSpec(
            name=name,
            period_ms=feed.period_s * 1000,
            max_age_ms=settings.max_age_ms(name),
            scale=FeedScale(
                name=name,
                expansion=feed.expansion,
                floor=feed.floor,
                counted_ratio=counted_ratio(feed),
                supports=feed.supports,
            ),
        )
        for name, feed in sorted(settings.feeds.items())
    )

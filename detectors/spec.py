"""All knobs of the baseline detector, one group per part."""

from dataclasses import dataclass, field

from detectors.buildup import BuildUpSpec
from detectors.city import CitySpec
from detectors.closure import ClosureSpec
from detectors.contrast import ContrastSpec
from detectors.level import LevelSpec
from detectors.neighbours import NeighbourSpec
from detectors.own_scale import OwnScaleSpec
from detectors.profile import ProfileSpec
from detectors.quick import QuickSpec
from detectors.residual import ResidualSpec
from detectors.runs import RunSpec
from detectors.shift import ShiftSpec
from detectors.spread import SpreadSpec
from detectors.standing import StandingSpec
from detectors.surge import SurgeSpec
from detectors.weekday import WeekdaySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineSpec:
    """Settings of the baseline detector, one group per part; each says why to turn its knobs."""

    profile: ProfileSpec = field(default_factory=ProfileSpec)
    weekday: WeekdaySpec = field(default_factory=WeekdaySpec)
    city: CitySpec = field(default_factory=CitySpec)
    level: LevelSpec = field(default_factory=LevelSpec)
    spread: SpreadSpec = field(default_factory=SpreadSpec)
    residual: ResidualSpec = field(default_factory=ResidualSpec)
    own_scale: OwnScaleSpec = field(default_factory=OwnScaleSpec)
    buildup: BuildUpSpec = field(default_factory=BuildUpSpec)
    surge: SurgeSpec = field(default_factory=SurgeSpec)
    neighbours: NeighbourSpec = field(default_factory=NeighbourSpec)
    runs: RunSpec = field(default_factory=RunSpec)
    closure: ClosureSpec = field(default_factory=ClosureSpec)
    standing: StandingSpec = field(default_factory=StandingSpec)
    contrast: ContrastSpec = field(default_factory=ContrastSpec)
    quick: QuickSpec = field(default_factory=QuickSpec)
    shift: ShiftSpec = field(default_factory=ShiftSpec)

"""Detectors: what is unusual for a place and hour, and what no ground can hold.

One idea per file. `baseline` puts the parts together: `profile`, `weekday`, `city` and `level`
say what is due, `censored` what a withheld count was, `spread` how far counts scatter, `residual`
makes a normal score, `alarm` turns it into statistics (`buildup`, `surge`, `own_scale`), for a
tile and with its `neighbours`; `standing` and `closure` watch what lasts; `runs` and `budget` set
the threshold; `ceiling` needs no history. `panel` is how a block hears of the city. All of it is
arrays over tiles and pure: no place, no clock, no files, no chance; bits do not depend on the
processor (`exact`) nor on which other tiles are computed beside, but for neighbours and panel.
"""

from detectors.baseline import Baseline, BaselineSpec
from detectors.budget import BudgetSpec, BudgetState
from detectors.contract import Moment, Observation, Verdict
from detectors.panel import Panel, PanelState
from detectors.state import BaselineState

__all__ = [
    "Baseline",
    "BaselineSpec",
    "BaselineState",
    "BudgetSpec",
    "BudgetState",
    "Moment",
    "Observation",
    "Panel",
    "PanelState",
    "Verdict",
]

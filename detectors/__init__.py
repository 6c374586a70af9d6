"""Detectors: what is unusual for a place and hour, and what no ground can hold.

One idea per file. `baseline` puts the parts together: `profile` and `level` say what is due,
`spread` how far counts scatter, `residual` makes a normal score, `buildup` and `surge` turn it
into alarm statistics, `runs` and `budget` set the threshold; `ceiling` needs no history. All of
it is arrays over tiles and pure: no place, no clock, no files, no chance; bits do not depend on
the processor (`exact`) nor on which other tiles are computed beside.
"""

from detectors.baseline import Baseline, BaselineSpec
from detectors.budget import BudgetSpec, BudgetState
from detectors.contract import Detector, Moment, Observation, Verdict
from detectors.state import BaselineState

__all__ = [
    "Baseline",
    "BaselineSpec",
    "BaselineState",
    "BudgetSpec",
    "BudgetState",
    "Detector",
    "Moment",
    "Observation",
    "Verdict",
]

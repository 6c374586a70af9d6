"""The ground: which tiles there are, which cells cover them, and how many people stand on each.

The room knows places and nothing of time, detectors or alerts. A city comes as a pack that
`geo.making` made of the files of a city, or is made on the spot from a cells file (`load_city`
takes both); every hop then turns the counts of cells into people on tiles (`people`, over a
`Spread` that `prepare` made once).
"""

from geo.city import City, load_city
from geo.coverage import Coverage
from geo.density import TilePeople, people
from geo.fault import RegisterError
from geo.grid import Grid
from geo.rolling import rolling
from geo.spread import Spread, prepare

__all__ = [
    "City",
    "Coverage",
    "Grid",
    "RegisterError",
    "Spread",
    "TilePeople",
    "load_city",
    "people",
    "prepare",
    "rolling",
]

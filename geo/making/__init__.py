"""The builder of city packs: from the files of a city to one pack.

It runs on somebody's desk, long before any count comes: it may take its time, ask PROJ, and
repair what a drawing program left behind, but it says so. `geo` itself knows nothing of it.
"""

from geo.making.city_file import CityFile, load_city_file
from geo.making.files import Inputs
from geo.making.layer import Layer, load_layer

__all__ = ["CityFile", "Inputs", "Layer", "load_city_file", "load_layer"]

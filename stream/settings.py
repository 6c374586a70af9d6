"""The one door to the settings: what other rooms need of them, each made in its own file.

`settings_model` has the whole value, `settings_hosting`, `settings_deciding`, `settings_alerts`
and `settings_detectors` its sections; `settings_load` reads them (with `settings_shape` and
`settings_check`), `settings_hash` tells which of them decide. `docs/settings.md` lists them all.
"""

from stream.settings_deciding import Site
from stream.settings_fault import ConfigError
from stream.settings_feed import Feed
from stream.settings_hash import adopt, announce, settings_hash, with_file_feed
from stream.settings_load import Loaded, load
from stream.settings_model import Settings

__all__ = [
    "ConfigError",
    "Feed",
    "Loaded",
    "Settings",
    "Site",
    "adopt",
    "announce",
    "load",
    "settings_hash",
    "with_file_feed",
]

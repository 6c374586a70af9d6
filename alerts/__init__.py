"""From tile scores to messages for desks: levels, incidents, who hears, and what they read.

A *level* (1 blue to 4 red) is a decision about one tile, with hysteresis. Tiles with a level that
adjoin are an *incident*: one episode with an id, a life and an end. An *alert* is the message
about one transition of one incident to one desk. `table.IncidentTable` drives them hop by hop;
it is pure: no clock, no files, no Kafka, and everything it knows is in what it dumps.
"""

from alerts.ground import Ground, Site
from alerts.message import Alert, encode, envelope
from alerts.spec import AlertSpec
from alerts.table import HopView, IncidentTable

__all__ = [
    "Alert",
    "AlertSpec",
    "Ground",
    "HopView",
    "IncidentTable",
    "Site",
    "encode",
    "envelope",
]

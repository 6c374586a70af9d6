"""The peer: the program that Faust's own guide leads to, on the same readings.

One Record per reading, a tumbling window per cell in a table with a changelog, an alert where a
window's people exceed a threshold. To be measured from outside it also writes one mark for every
1,000 readings. Variables: PEER_BOOTSTRAP, PEER_FOLDER.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta

import faust

BOOTSTRAP = os.environ.get("PEER_BOOTSTRAP", "localhost:9092")
FOLDER = os.environ.get("PEER_FOLDER", ".")
MARK_EVERY = 1000
ALERT_PEOPLE = 10_000

app = faust.App(
    "bench-peer",
    broker=f"kafka://{BOOTSTRAP}",
    store="memory://",
    topic_partitions=1,
    datadir=FOLDER,
    web_port=7412,
    topic_allow_declare=False,
)


class Reading(faust.Record, serializer="json"):
    """One cell's count for one interval."""

    cell: str
    start: int
    count: float


readings = app.topic("peer-readings", value_type=Reading)
alerts = app.topic("peer-alerts", value_serializer="json")
people = app.Table("people", default=float, partitions=1).tumbling(
    timedelta(minutes=15), expires=timedelta(hours=1)
)


@app.agent(readings)
async def count(stream: faust.StreamT[Reading]) -> None:
    """Add up each cell's window and alert on the large ones."""
    number = 0
    async for reading in stream:
        people[reading.cell] += reading.count
        if people[reading.cell].value() > ALERT_PEOPLE:
            await alerts.send(value={"cell": reading.cell})
        number += 1
        if number % MARK_EVERY == 0:
            await alerts.send(value={"mark": number})


if __name__ == "__main__":
    sys.argv[1:] = ["worker", "-l", "error"]
    app.main()

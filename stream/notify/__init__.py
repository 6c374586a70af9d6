"""The process that tells people: reads the desks' topics, keeps what it owes, sends it on.

What is told to whom and when is decided in `alerts/notify/`; here are the threads, the SQLite
file, the webhooks and the topics. `office` holds the decisions together under one lock, `store`
makes them durable, `courier` sends for one target, `sender` calls Apprise, `run` reads.
"""

from stream.notify.run import run

__all__ = ["run"]

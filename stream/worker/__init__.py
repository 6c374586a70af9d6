"""The live host: the three stages on Kafka, driven by one Faust app per process.

`run_worker` is a worker from start to end. `fleet` holds one `host` for each partition that the
worker owns; hosts keep the order that makes the stages exact after any crash. This is the only
room that knows Faust, and it holds no rule about crowds.
"""

from stream.worker.run import run_worker

__all__ = ["run_worker"]

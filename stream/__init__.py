"""From Kafka bytes to alerts: records, clocks, the three stages, and the hosts that drive them.

The stages (`gateway`, `block`, `incident`) are pure: no clock, no I/O, no chance. `worker`
hosts them on Kafka and is the only place that knows Faust; `cli` is the command line. The
offline engine of the `replay` room drives the very same stages over files.

Import what you need from its own file; nothing is exported here, so that a stage can be
imported without Faust.
"""

__all__: list[str] = []

"""History through the very same stages: feeds from files, the log they make, reports, pushes.

A feed file becomes the one log (`feed`, `log`) that the offline engine and a push into Kafka
both read, so that a replay cannot differ from what it is compared with. Nothing here knows
Faust; import what you need from its own file.
"""

__all__: list[str] = []

"""What one CAP message costs: building it, and holding it against the official schema."""

from __future__ import annotations

import time
from statistics import median

from alerts.cap import Chain, event_of, oasis_xml
from stream.cli.cap_schema import faults
from tests.alerts.messages import events
from tests.alerts.test_cap import SENDER

__all__ = ["main"]

ROUNDS = 30


def main() -> None:
    """Print the median cost of a message, in milliseconds."""
    values = events()
    build, check = [], []
    for _ in range(ROUNDS):
        for value in values:
            began = time.perf_counter()
            xml = oasis_xml(event_of(value), SENDER, Chain())
            built = time.perf_counter()
            assert faults(xml) == []
            build.append(built - began)
            check.append(time.perf_counter() - built)
    ms = [1000 * median(one) for one in (build, check)]
    print(f"CAP message: build {ms[0]:.2f} ms, schema and rules {ms[1]:.2f} ms (median)")


if __name__ == "__main__":
    main()

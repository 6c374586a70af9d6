"""Writes the golden CAP messages anew: `python -m tests.alerts.cap_golden`."""

from __future__ import annotations

from tests.alerts.test_cap import GOLDEN, messages

__all__ = ["main"]


def main() -> None:
    """Write one file a message and dialect."""
    for path in GOLDEN.glob("*.xml"):
        path.unlink()
    for number, (event, oasis, chinese) in enumerate(messages()):
        name = f"{number:02}-{event.data['desk']}-{event.data['kind']}"
        (GOLDEN / f"{name}.xml").write_bytes(oasis)
        (GOLDEN / f"{name}.china.xml").write_bytes(chinese)


if __name__ == "__main__":
    main()

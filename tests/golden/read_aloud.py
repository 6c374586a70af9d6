"""Prints docs/alerts-read.md: the commonest messages as they are told, and a judgement of each.

`python -m tests.golden.read_aloud > docs/alerts-read.md`
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tests.golden.evening import EVENINGS
from tests.golden.evening_run import play

__all__ = ["page"]

HEAD = """# Ten alerts, read by a person

The commonest messages, exactly as the evenings of `tests/golden/evenings` tell them (made by
`make golden-update`, a test holds this page equal), each judged: could an officer act on it
within ten seconds? The judgements are ours, written after reading all of these; a duty officer of
Zhanjiang has not read them yet.
"""


@cache
def _told(evening: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as work:
        *_, alerts = play(EVENINGS / evening, Path(work))
    return [json.loads(value)["data"] for value in alerts]


def _find(alert: str) -> dict[str, Any]:
    evening, desk, kind, changed = alert.split()
    for data in _told(evening):
        if (data["desk"], data["kind"]) == (desk, kind) and changed in data["changed"]:
            return data
    message = f"nothing like {alert!r} is told"
    raise LookupError(message)


def page() -> str:
    """Return the page, in Markdown."""
    text = (Path(__file__).parent / "judgements.toml").read_text(encoding="utf-8")
    parts = [HEAD]
    for number, one in enumerate(tomllib.loads(text)["read"], start=1):
        data = _find(one["alert"])
        said = [
            f"> **{data['headline'][language]}**\n>\n> {data['spoken'][language]}"
            for language in ("zh-CN", "en")
        ]
        reasons = "; ".join(rule["text"]["en"] for rule in data["why"]) or "-"
        asked = f"`{data['duty_post']}` by {data['ack_by']}" if data["needs_ack"] else "nobody"
        parts += [
            f"## {number}. {one['title']}\n",
            f"{data['desk']}, `{data['kind']}` ({data['changed'][0]}); to answer: {asked}\n",
            "\n\n".join(said) + "\n",
            f"Why: {reasons}\n",
            f"{one['verdict'].strip()}\n",
        ]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())

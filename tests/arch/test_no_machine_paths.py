"""Nothing in the project knows the machine it was written on, nor any registry's host."""

from __future__ import annotations

import re
from typing import Final

from tests.arch.house import named, project_files

# Written in pieces, so that this very file passes its own test.
TRACES: Final = re.compile(
    "|".join(
        (
            r"(?<![\w.<])/wor" + r"k/",
            r"(?<![\w.])/roo" + r"t/",
            r"(?<![\w.])/hom" + r"e/\w",
            r"python" + r"hosted\.org",
            r"py" + r"pi\.org/simple",
            r"repo1?\.maven\." + r"(apache\.)?org",
            r"registry\.npm" + r"js",
            r"deb\.deb" + r"ian\.org",
            r"proxy\.gol" + r"ang",
            r"--(extra-)?index" + r"-url",
            r"--find" + r"-links",
        )
    )
)


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # Samples are compressed; their makers are tested where they are made.
        found += [
            f"{named(path)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if TRACES.search(line)
        ]
    assert not found, "\n".join(found)

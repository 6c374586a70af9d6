"""The stadium's two signals on tape, run once for all tests of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.quality.labelled import taped
from tests.quality.shipped import shipped

if TYPE_CHECKING:
    from replay.sweep import Tape
    from tests.quality.labelled import LabelledSet


@pytest.fixture(scope="session")
def stadium() -> dict[str, tuple[LabelledSet, Tape]]:
    made = [one for one in shipped() if one.name.startswith("San Siro")]
    return {one.name: (one, taped(one)) for one in made}

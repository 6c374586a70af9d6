"""Law of feeds in parts: files named by a star are one feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from replay.badrow import FeedError
from replay.feed import read_feed

if TYPE_CHECKING:
    from pathlib import Path

ROWS = ["2026-01-05T08:00Z,a,10", "2026-01-05T08:05Z,a,11.5", "2026-01-05T08:10Z,b,0"]


def test_files_named_by_a_star_are_one_feed_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name, rows in (("whole", ROWS), ("part-1", ROWS[:2]), ("part-2", ROWS[2:])):
        lines = ["start,cell,count,period_s", *(f"{row},300" for row in rows)]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    whole, parts = read_feed(tmp_path / "whole.csv"), read_feed(tmp_path / "part-*.csv")
    assert parts.cells == whole.cells
    assert np.array_equal(parts.start_ms, whole.start_ms)
    assert np.array_equal(parts.count, whole.count)
    with pytest.raises(FeedError, match="no file has such a name"):
        read_feed(tmp_path / "none-*.csv")

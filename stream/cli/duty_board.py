"""What a desk has before it now: the last 48 hours of its topic, folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.fold import Board
from alerts.heard import Heard, hear
from stream.topic_reader import read_topics
from stream.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.settings import Settings

__all__ = ["BACK_MS", "board_of", "found"]

BACK_MS: Final = 48 * 3_600_000
"""An open incident is repeated every 12 hours, so by contract nothing open is older."""


def board_of(settings: Settings, desk: str, *, now_ms: int) -> Board[Heard]:
    """Return the board of a desk. Raises BrokerError."""
    topic = settings.topics.prefix + Topic[desk.upper()]
    board: Board[Heard] = Board()
    for record in read_topics(settings, {topic: now_ms - BACK_MS}, until_end=True):
        event = hear(record.value) if record is not None else None
        if event is not None and event.alert is not None:
            board.take(event.alert)
    return board


def found(board: Board[Heard], asked: str, *, also_closed: bool) -> Sequence[Heard]:
    """Return the incidents that somebody may mean: by id, else by its beginning.

    asked: empty = whatever is open at this desk. also_closed: those that the desk closed, too.
    """
    if asked in board.incidents:
        return [board.incidents[asked]]
    if asked:
        return [one for name, one in board.incidents.items() if name.startswith(asked)]
    return [one for one in board.open_incidents() if also_closed or one.is_open]

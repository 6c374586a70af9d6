"""Where a long backtest stands, in a folder, so that an interrupted one goes on and ends the same.

Theory of operation. The machines' own snapshots are their whole state; with the logs' ends, the
incidents known so far and the lengths of the files being written they are the whole run. All of
it is one record, written whole or not at all. Output grows in files of the folder; a run that
goes on cuts them to the lengths in the record, and moves them to their names only at its end.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

import msgspec
import numpy as np

from alerts.direction import Direction
from alerts.summary import Episode
from replay.badrow import FeedError
from replay.engine import Heads
from replay.whole_file import whole_file
from stream.machine import Delivered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from replay.engine import Engine
    from stream.machine import Machine

__all__ = ["Folder", "Saving", "Stand", "pack", "read_tape", "unpack", "write_tape"]

VERSION: Final = 2
_STAND: Final = "stand"
_LENGTH_BYTES: Final = 4


class Stand(msgspec.Struct, kw_only=True):
    """One moment of a run, between two records of its log.

    key: what the run is of: feed, settings, cells and outputs. records: of the log, done.
    machines: snapshot entries of each block partition, then of the incident stage.
    lengths: bytes of each file that was being written. told: messages by desk and day.
    outcomes: of the forecasts so far, and the forecasts whose time has not come.
    """

    version: int = VERSION
    key: dict[str, str]
    records: int
    heads: Heads
    machines: list[dict[str, bytes]]
    episodes: list[tuple[object, ...]]
    lengths: dict[str, int]
    told: dict[str, int]
    outcomes: bytes


class Folder:
    """The folder of one run. stand: where it stopped; None at the beginning."""

    def __init__(self, path: Path, key: Mapping[str, str]) -> None:
        """Open or make the folder.

        Raises FeedError where it belongs to another run, naming what differs, and where it holds
        something else.
        """
        self._path, self.key = path, dict(key)
        try:
            path.mkdir(parents=True, exist_ok=True)
            self.stand = self._load()
            strange = self.stand is None and next(path.glob("[!.]*"), None)
        except OSError as fault:
            raise FeedError(f"{path}: {fault.strerror or fault}") from fault
        if strange and strange.name not in {"alerts", "scores", "curves", "tape"}:
            raise FeedError(f"{path}: holds {strange.name}, so no backtest of ours; name a new one")

    def _load(self) -> Stand | None:
        file = self._path / _STAND
        if not file.exists():
            return None
        try:
            stand = msgspec.msgpack.decode(file.read_bytes(), type=Stand)
        except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
            raise FeedError(f"{file}: unreadable ({fault}); remove {self._path}") from fault
        if stand.version != VERSION:
            raise FeedError(f"{file}: of another release; remove {self._path} and begin anew")
        names = sorted(self.key.keys() | stand.key.keys())
        other = [name for name in names if self.key.get(name) != stand.key.get(name)]
        if other:
            raise FeedError(
                f"{self._path}: was begun with another {', '.join(other)};"
                " go on with the same, or name a new folder"
            )
        return stand

    def save(self, stand: Stand) -> None:
        """Write where the run stands, whole or not at all."""
        with whole_file(self._path / _STAND) as file:
            file.write(msgspec.msgpack.encode(stand))

    @contextmanager
    def growing(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file that grows with the run, cut to where the run stands."""
        length = 0 if self.stand is None else self.stand.lengths.get(name, 0)
        path = self._path / name
        try:
            with path.open("r+b" if path.exists() else "w+b") as file:
                if file.seek(0, 2) < length:
                    raise FeedError(f"{path}: is cut off; remove {self._path} and begin anew")
                file.truncate(length)
                file.seek(length)
                yield file
        except OSError as fault:
            raise FeedError(f"{path}: {fault.strerror or fault}") from fault

    def remove(self) -> None:
        """Take the folder away: its run is done and its files are where they belong."""
        (self._path / _STAND).unlink(missing_ok=True)
        for file in sorted(self._path.iterdir()):
            file.unlink()
        self._path.rmdir()


class Saving:
    """Keeps what the machines' snapshots add up to: finished slots come only once."""

    def __init__(self, engine: Engine) -> None:
        """Start with machines that have no state yet."""
        self._machines: list[Machine] = [*engine.blocks, engine.incident]
        self._entries: list[dict[str, bytes]] = [{} for _ in self._machines]

    def load(self, entries: Sequence[dict[str, bytes]]) -> None:
        """Restore the machines. Raises SnapshotError as they do."""
        self._entries = [dict(one) for one in entries]
        for machine, one in zip(self._machines, self._entries, strict=True):
            machine.load(one)

    def entries(self) -> list[dict[str, bytes]]:
        """Return the whole state of all machines."""
        for machine, kept in zip(self._machines, self._entries, strict=True):
            shot = machine.snapshot()
            kept.update((entry.key, entry.value) for entry in (*shot.slots, *shot.hot))
            for key in shot.gone:
                kept.pop(key, None)
        return self._entries


def pack(episodes: Sequence[Episode]) -> list[tuple[object, ...]]:
    """Return incidents as plain values."""
    return [
        (
            one.incident,
            one.place,
            one.opened_ms,
            one.ended_ms,
            one.end,
            one.level_max,
            one.tiles.tolist(),
            one.reasons,
            one.score_max,
            one.people_max,
            one.split_from,
            one.merged_into,
            one.direction.value,
        )
        for one in episodes
    ]


def unpack(rows: Sequence[Sequence[object]]) -> list[Episode]:
    """Return what was packed."""
    names = tuple(Episode.__dataclass_fields__)
    episodes = []
    for row in rows:
        values = dict(zip(names, row, strict=True))
        tiles, reasons = values["tiles"], values["reasons"]
        assert isinstance(tiles, list)
        assert isinstance(reasons, list)
        values |= {"tiles": np.array(tiles, np.int32), "reasons": tuple(reasons)}
        values["direction"] = Direction(str(values["direction"]))
        episodes.append(Episode(**values))  # type: ignore[arg-type]
    return episodes


def write_tape(file: IO[bytes], records: Sequence[Delivered]) -> None:
    """Append records of the detections topic, each after its length."""
    for one in records:
        value = msgspec.msgpack.encode(one)
        file.write(len(value).to_bytes(_LENGTH_BYTES) + value)


def read_tape(file: IO[bytes]) -> list[Delivered]:
    """Return all records of a file and leave it at its end."""
    file.seek(0)
    records = []
    while head := file.read(_LENGTH_BYTES):
        value = file.read(int.from_bytes(head))
        records.append(msgspec.msgpack.decode(value, type=Delivered))
    return records

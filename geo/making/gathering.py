"""Faults of many files gathered, so that one build tells them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from geo.fault import Fault, RegisterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["BuildError", "Gathering"]

Read = TypeVar("Read")


class BuildError(ValueError):
    """A pack cannot be built. errors: one for each file, in the order in which it was met."""

    def __init__(self, errors: Iterable[RegisterError]) -> None:
        """Make the message: the lines of all files."""
        self.errors = tuple(errors)
        super().__init__("\n".join(map(str, self.errors)))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults of all files."""
        return tuple(fault for error in self.errors for fault in error.faults)


class Gathering:
    """Faults found so far; nothing goes on past `check` with one."""

    def __init__(self) -> None:
        """Start with none."""
        # By file; a dictionary, because a file that is named twice has its faults twice.
        self._found: dict[str, dict[Fault, None]] = {}

    def tried(self, work: Callable[[], Read]) -> Read | None:
        """Do the work; None, and its faults kept, if it raises `RegisterError`."""
        try:
            return work()
        except RegisterError as error:
            self.add(error.file, error.faults)
            return None

    def add(self, file: str, faults: Iterable[Fault]) -> None:
        """Keep faults of a file, each once."""
        self._found.setdefault(file, {}).update(dict.fromkeys(faults))

    def check(self) -> None:
        """Raise `BuildError` if there is any fault."""
        found = [RegisterError(file, faults) for file, faults in self._found.items() if faults]
        if found:
            raise BuildError(found)

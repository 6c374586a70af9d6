"""What is wrong with a geometry file, said so that its owner can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# A file with every row wrong must not fill a screen or a log; the error object keeps them all.
SHOWN_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of one place in the file.

    where: line, feature or cell; empty if it is the whole file. field: column or property.
    says: what is there. write: what to write instead.
    """

    where: str
    field: str
    says: str
    write: str

    def line(self, file: str) -> str:
        """One line: file, place, field, what is wrong, remedy."""
        place = ": ".join(part for part in (file, self.where, self.field) if part)
        text = f"{place}: {self.says}; {self.write}"
        # What comes from outside (a key, a path) may hold line ends and worse.
        return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


class RegisterError(ValueError):
    """A cells file cannot be used; lists all its faults at once.

    faults: every one of them, in file order, also those the message leaves out.
    """

    def __init__(self, file: str, faults: Iterable[Fault]) -> None:
        """Make the message: one line a fault, at most `SHOWN_MAX` of them, then their number."""
        self.file = file
        self.faults = tuple(faults)
        lines = [fault.line(file) for fault in self.faults[:SHOWN_MAX]]
        if len(self.faults) > SHOWN_MAX:
            lines.append(f"{file}: {len(self.faults) - SHOWN_MAX} more faults")
        super().__init__("\n".join(lines))

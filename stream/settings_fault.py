"""What is wrong with the settings: one `ConfigError` that lists every fault at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ConfigError", "Fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of the operator's settings.

    where: the file, variable or `--set` argument it came from; empty where it is a default.
    key: dotted path of the setting. what: what is wrong. instead: what to write, if known.

    >>> Fault(where="a.toml", key="time.hop", what="no such setting", instead="time.hop_s").line()
    'a.toml: time.hop: no such setting; instead: time.hop_s'
    """

    where: str
    key: str
    what: str
    instead: str = ""

    def line(self) -> str:
        """Return the fault as one line."""
        # `--set time.hop_s` names its key already.
        parts = (self.where, "" if self.where.endswith(f" {self.key}") else self.key)
        place = ": ".join(part for part in parts if part)
        advice = f"; instead: {self.instead}" if self.instead else ""
        return f"{place}: {self.what}{advice}" if place else f"{self.what}{advice}"

    @override
    def __str__(self) -> str:
        return self.line()


class ConfigError(ValueError):
    """Settings that cannot be used. `faults` lists all of them, the message one a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order given."""
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.line() for fault in self.faults))

    @classmethod
    def one(cls, what: str, *, key: str = "", where: str = "", instead: str = "") -> ConfigError:
        """Return an error with a single fault."""
        return cls([Fault(where=where, key=key, what=what, instead=instead)])

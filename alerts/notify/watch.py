"""Two things that no message tells: that none would come, and that one did not get through.

Silence: no heartbeat for 120 s (PROTOCOL 22). Broken path: a self-test that was asked for did not
come back on the desk's topic within 120 s, so neither would an alert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from alerts.system import SILENT_MS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["BACK_MS", "Matter", "Probe", "Watch"]

BACK_MS: Final = 120_000


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told: form of the text, key, moment it is about; desk: None = to everybody."""

    form: str
    key: str
    at_ms: int
    ends: bool
    desk: str | None = None


class Probe(msgspec.Struct, kw_only=True):
    """The newest self-test of a desk. is_out: asked for and not yet back."""

    id: str = ""
    posted_ms: int = 0
    is_out: bool = False
    is_broken: bool = False


class Watch(msgspec.Struct, kw_only=True):
    """What was heard last. heard_ms: newest heartbeat. listens_ms: since when anybody listens."""

    heard_ms: int
    listens_ms: int = 0
    is_silent: bool = False
    probes: dict[str, Probe] = msgspec.field(default_factory=dict)

    def heartbeat(self, at_ms: int) -> None:
        """Take a heartbeat that was published then; an old one moves nothing."""
        self.heard_ms = max(self.heard_ms, at_ms)

    def listen(self, now_ms: int) -> None:
        """Begin to listen, maybe again: what nobody heard is neither silence nor a broken path."""
        self.listens_ms = now_ms

    def due(self, desks: Collection[str], *, now_ms: int, every_s: int) -> list[str]:
        """Return the desks whose path is to be tested now; none while the last test is out."""
        if every_s <= 0:
            return []
        return [
            desk
            for desk in sorted(desks)
            if not (probe := self.probes.get(desk, Probe())).is_out
            and now_ms - probe.posted_ms >= every_s * 1000
        ]

    def posted(self, desk: str, probe_id: str, *, now_ms: int) -> None:
        """Note that a self-test was asked for."""
        probe = self.probes.setdefault(desk, Probe())
        probe.id, probe.posted_ms, probe.is_out = probe_id, now_ms, True

    def step(self, *, now_ms: int) -> Iterator[Matter]:
        """Yield what a moment brings: silence that began or ended, tests that are overdue."""
        # A silence that was told goes on until a heartbeat comes, whoever starts anew meanwhile.
        since_ms = self.heard_ms if self.is_silent else max(self.heard_ms, self.listens_ms)
        silent = now_ms - since_ms > SILENT_MS
        if silent and not self.is_silent:
            yield Matter(form="silent", key="system/silence", at_ms=self.heard_ms, ends=False)
        elif self.is_silent and not silent:
            yield Matter(form="returned", key="system/silence", at_ms=self.heard_ms, ends=True)
        self.is_silent = silent
        for desk, probe in sorted(self.probes.items()):
            if probe.is_out and now_ms - max(probe.posted_ms, self.listens_ms) > BACK_MS:
                probe.is_out = False
                if not probe.is_broken:
                    yield self._path(desk, probe, broken=True)
                probe.is_broken = True

    def came_back(self, desk: str, probe_id: str) -> Iterator[Matter]:
        """Take a self-test off the desk's topic; a late one counts, somebody else's does not."""
        probe = self.probes.get(desk)
        if probe is None or probe.id != probe_id:
            return
        probe.is_out = False
        if probe.is_broken:
            probe.is_broken = False
            yield self._path(desk, probe, broken=False)

    def _path(self, desk: str, probe: Probe, *, broken: bool) -> Matter:
        return Matter(
            form="path_broken" if broken else "path_whole",
            key=f"system/path/{desk}",
            # The end is a later moment than the beginning, or it would be no news.
            at_ms=probe.posted_ms + (0 if broken else 1),
            ends=not broken,
            desk=desk,
        )

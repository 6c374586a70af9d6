"""Settings of the duty desks: who is asked in which order, and how soon each has to answer."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from alerts.spec import RING_AGAIN_MIN_S, DeskSpec

__all__ = ["DeskDuty", "Desks"]

Post = Annotated[str, Meta(min_length=1, max_length=200)]
Deadline = Annotated[int, Meta(ge=10, le=86_400)]
Again = Annotated[int, Meta(ge=0, le=86_400)]


class DeskDuty(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The duty chain of one desk."""

    chain: Annotated[
        tuple[Post, ...],
        Meta(
            min_length=1,
            max_length=10,
            description="Posts in the order in which they are asked to answer, the last one the "
            "city's: roles, never persons. `duty_officer`, `shift_chief` and `city_desk` are "
            "shown in the reader's language, others as they stand here. One post alone rings "
            "until it answers.",
        ),
    ] = DeskSpec().chain
    ack_deadline_s: Annotated[
        tuple[Deadline, Deadline, Deadline, Deadline],
        Meta(
            description="Seconds for a post to acknowledge, of blue, yellow, orange and red; then "
            "the next post is asked. Lower them to bring the next one in sooner."
        ),
    ] = DeskSpec().ack_deadline_s

    ring_again_s: Annotated[
        tuple[Again, Again, Again, Again],
        Meta(
            description="Seconds after which the last post rings again while nobody has "
            "acknowledged, of blue, yellow, orange and red; 0 = never. Lower them if a desk must "
            "be woken, raise them if it works off a list."
        ),
    ] = DeskSpec().ring_again_s
    ring_growth_ratio: Annotated[
        float,
        Meta(
            gt=0,
            le=1000,
            description="It rings again at once where people grew by more than this part, and by "
            "`alerts.min_people`, since it last rang; raise it if that rings too often.",
        ),
    ] = DeskSpec().ring_growth_ratio

    def __post_init__(self) -> None:
        """Refuse a chain that asks one post twice."""
        if len(set(self.chain)) < len(self.chain):
            message = "chain names a post twice; wanted different posts"
            raise ValueError(message)
        if any(0 < wait_s < RING_AGAIN_MIN_S for wait_s in self.ring_again_s):
            message = f"ring_again_s: wanted 0 (never) or {RING_AGAIN_MIN_S} and more"
            raise ValueError(message)

    def spec(self) -> DeskSpec:
        """Return this chain as the alerts room takes it."""
        return DeskSpec(
            chain=self.chain,
            ack_deadline_s=self.ack_deadline_s,
            ring_again_s=self.ring_again_s,
            ring_growth_ratio=self.ring_growth_ratio,
        )


class Desks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The duty desks of the city."""

    police: DeskDuty = DeskDuty()
    fire: DeskDuty = DeskDuty()

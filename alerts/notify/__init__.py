"""Who is told of what, and when, beyond the topics: decisions for people's phones and mailboxes.

The room is pure: it is given messages of the desks' topics and moments of a clock, and says which
note is to go to which target now. `target` says who wants what, `decide` turns a message into a
note, `outbox` paces the notes of one target, `watch` notices silence and a broken path, `wording`
writes them. Threads, files and webhooks are the host's (`stream/notify/`).
"""

from alerts.notify.decide import note_of
from alerts.notify.outbox import Outbox, Slot
from alerts.notify.target import Quiet, Target
from alerts.notify.watch import Watch
from alerts.notify.wording import Note, Wording

__all__ = ["Note", "Outbox", "Quiet", "Slot", "Target", "Watch", "Wording", "note_of"]

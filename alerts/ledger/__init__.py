"""What the book of alerts, actions and outcomes holds, and what is read out of it.

The room is pure: it is given records and entries, never a database. `entry` says what of a record
is written down and under which id, `chain` links entries, `note` is what the ledger says itself;
`story` folds entries into what a desk heard and did, `handover` says what the next shift must
know, `judged` what came of it all. The database, the topics and the process are the host's
(`stream/ledger/`).
"""

from alerts.ledger.chain import START, linked
from alerts.ledger.entry import Entry, EntryKind, entry_of
from alerts.ledger.story import Story, stories_of

__all__ = ["START", "Entry", "EntryKind", "Story", "entry_of", "linked", "stories_of"]

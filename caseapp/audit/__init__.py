"""The log: who did what, to whose case, on which ground; chained, append-only, written before the answer leaves.

One entry is written for every reading, writing, refusal, sign-in, search and export, in the same transaction as what it tells.
Each entry carries a keyed MAC over itself and the one before, so that whoever can write to the database still cannot
re-stamp the chain; signed checkpoints outside the database say how long it was. `verify` walks it. Who may read the log is decided
above, in accounts.
"""

from .chain import GUARD, Entry, append, detail_place
from .checkpoints import Kept, checkpoint_key, keep_checkpoints, keeper_of, make_checkpoint, read_checkpoint
from .entries import ReadEntry, entries_of_case
from .models import AuditEntry
from .own import Written, last_entry_before, meetings_read, written_since
from .recent import verify_checkpoints, verify_newest
from .verify import Finding, last_checkpoint, verify, vouch

__all__ = [
    "GUARD",
    "AuditEntry",
    "Entry",
    "Finding",
    "Kept",
    "ReadEntry",
    "Written",
    "append",
    "checkpoint_key",
    "detail_place",
    "entries_of_case",
    "keep_checkpoints",
    "keeper_of",
    "last_checkpoint",
    "last_entry_before",
    "make_checkpoint",
    "meetings_read",
    "read_checkpoint",
    "verify",
    "verify_checkpoints",
    "verify_newest",
    "vouch",
    "written_since",
]

"""The log: who did what, to whose case, on which ground; chained, append-only, written before the answer leaves.

One entry is written for every reading, writing, refusal, sign-in, search and export, in the same transaction as what it tells.
Each entry carries a keyed MAC over itself and the one before, so that whoever can write to the database still cannot
re-stamp the chain. `verify` walks it. Who may read the log is decided above, in accounts.
"""

from .chain import GUARD, Entry, append
from .entries import ReadEntry, entries_of_case
from .models import AuditEntry
from .recent import verify_newest
from .verify import Finding, verify

__all__ = ["GUARD", "AuditEntry", "Entry", "Finding", "ReadEntry", "append", "entries_of_case", "verify", "verify_newest"]

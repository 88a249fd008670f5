"""Rows and the door they lie behind: engine, transactions, sealed attributes, row seals.

The question answered here is "how does a value get into a row and out of it again?". Promised: a sealed attribute is
ciphertext from the moment it is assigned, opens only where a key was handed out for this piece of work, and never in another
place; a row that was changed past the application is noticed when it is loaded. Not decided here: who gets keys.
"""

from .batching import batches
from .engine import Database, bound_database, is_twin, session, transaction
from .every_column import every_column
from .glancing import glance
from .opened import Opened, Unreadable, Withheld, at_work, coded, opened
from .passing import open_passing
from .remembered import once_for, remembered
from .rows import Base, CaseRow, DamagedRow, OfficeRow, PassingRow, ReadOnlyRow, Row, UtcDateTime, new_id
from .sealed import KeyNotHeld, sealed, sealed_bytes, sealed_codes, sealed_piece
from .written import first_written

__all__ = [
    "Base",
    "CaseRow",
    "DamagedRow",
    "Database",
    "KeyNotHeld",
    "OfficeRow",
    "Opened",
    "PassingRow",
    "ReadOnlyRow",
    "Row",
    "Unreadable",
    "UtcDateTime",
    "Withheld",
    "at_work",
    "batches",
    "bound_database",
    "coded",
    "every_column",
    "first_written",
    "glance",
    "is_twin",
    "new_id",
    "once_for",
    "open_passing",
    "opened",
    "remembered",
    "sealed",
    "sealed_bytes",
    "sealed_codes",
    "sealed_piece",
    "session",
    "transaction",
]

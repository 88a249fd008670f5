"""The end of the chain: are the newest entries whole? For a look that must not take as long as walking everything."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from caseapp.keyholder import Keyholder

from .chain import FIRST, entry_mac
from .models import AuditEntry


def verify_newest(session: Session, keyholder: Keyholder, count: int) -> tuple[int, list[int]]:
    """How many of the newest entries were looked at (at most `count`), and the sequence numbers of those that do not follow."""
    key = keyholder.purpose_key("audit")
    newest = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(count + 1)
    entries = list(reversed(session.scalars(newest).all()))
    before = entries.pop(0) if len(entries) > count else None
    previous, expected = (before.mac, before.sequence + 1) if before else (FIRST, 1)
    wrong = []
    for entry in entries:
        try:
            follows = entry.sequence == expected and entry_mac(key, previous, entry) == entry.mac
        except (AttributeError, TypeError):  # a column holds something of another kind than the program writes
            follows = False
        if not follows:
            wrong.append(entry.sequence)
        previous, expected = entry.mac, entry.sequence + 1
    return len(entries), wrong

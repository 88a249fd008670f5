"""The end of the chain: are the newest entries whole, and does the log hold what its checkpoints vouch for?

For a look that must not take as long as walking everything.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from caseapp.keyholder import Keyholder

from .chain import FIRST, entry_mac
from .checkpoints import judge, keeper_of
from .models import AuditEntry

_BATCH = 500  # SQLite's oldest limit on variables in one statement is 999


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
            follows = entry.sequence == expected and entry_mac(key, previous, entry.told()) == entry.mac
        except (AttributeError, TypeError):  # a column holds something of another kind than the program writes
            follows = False
        if not follows:
            wrong.append(entry.sequence)
        previous, expected = entry.mac, entry.sequence + 1
    return len(entries), wrong


def verify_checkpoints(session: Session, keyholder: Keyholder) -> tuple[int, list[str]]:
    """How many checkpoints there are, and what is wrong by them, in English sentences. Nothing else of the log is looked at."""
    keeper = keeper_of(keyholder)
    kept = keeper.kept() if keeper else []
    numbers = sorted({one.checkpoint.sequence for one in kept if one.checkpoint})
    macs: dict[int, bytes] = {}
    for start in range(0, len(numbers), _BATCH):
        chosen = AuditEntry.sequence.in_(numbers[start : start + _BATCH])
        macs.update((row.sequence, row.mac) for row in session.execute(select(AuditEntry.sequence, AuditEntry.mac).where(chosen)))
    last = session.scalar(select(func.max(AuditEntry.sequence))) or 0
    return len(numbers), [f"Entry {sequence} of the log: {message}." for sequence, message in judge(keyholder, kept, macs, last)]

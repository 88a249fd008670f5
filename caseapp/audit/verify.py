"""Walking the chain: is the log what was written, in the order it was written?"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from caseapp.crypto import Damaged
from caseapp.keyholder import Keyholder

from .chain import FIRST, detail_place, entry_mac
from .models import AuditEntry

_BATCH = 5000


@dataclass(frozen=True)
class Finding:
    """Something wrong with the log: at which sequence number, and what, in one English sentence."""

    sequence: int
    message: str


def verify(session: Session, keyholder: Keyholder, progress: Callable[[int], None] = lambda _count: None) -> tuple[int, list[Finding]]:
    """How many entries there are, and everything that is wrong with them; `progress` gets the count so far."""
    key, sealer = keyholder.purpose_key("audit"), keyholder.purpose_sealer("audit")
    findings: list[Finding] = []
    expected, previous, count = 1, FIRST, 0
    while True:
        batch = session.scalars(
            select(AuditEntry).where(AuditEntry.sequence >= expected).order_by(AuditEntry.sequence).limit(_BATCH)
        ).all()
        for entry in batch:
            if entry.sequence != expected:
                findings.append(Finding(expected, f"entries {expected} to {entry.sequence - 1} are missing"))
            elif entry_mac(key, previous, entry) != entry.mac:
                findings.append(Finding(entry.sequence, "the entry was changed, reordered or written past the application"))
            try:
                sealer.open(entry.detail_sealed, detail_place(entry.sequence))
            except Damaged:
                findings.append(Finding(entry.sequence, "the sealed detail cannot be opened"))
            previous, expected, count = entry.mac, entry.sequence + 1, count + 1
        session.expunge_all()
        progress(count)
        if len(batch) < _BATCH:
            return count, findings

"""Walking the chain: is the log what was written, in the order it was written, and are the rows what it says?"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from caseapp.crypto import Damaged
from caseapp.db import DamagedRow
from caseapp.keyholder import Keyholder

from .chain import FIRST, detail_place, entry_mac
from .kept_rows import LastWrites
from .models import AuditEntry

_BATCH = 5000


@dataclass(frozen=True)
class Finding:
    """Something wrong: at which sequence number of the log, and what, in one English sentence."""

    sequence: int
    message: str


def verify(session: Session, keyholder: Keyholder, progress: Callable[[int], None] = lambda _count: None) -> tuple[int, list[Finding]]:
    """How many entries there are, and everything that is wrong with them or with the rows they tell of.

    `progress` gets the count so far.
    """
    key, sealer = keyholder.purpose_key("audit"), keyholder.purpose_sealer("audit")
    findings: list[Finding] = []
    writes = LastWrites()
    expected, previous, count = 1, FIRST, 0
    following = select(AuditEntry).order_by(AuditEntry.sequence).limit(_BATCH)
    batch = _entries(session, following, expected, findings)
    while batch:
        for entry in batch:
            if entry.sequence < expected:
                findings.append(Finding(entry.sequence, "the entry stands before the first and was written past the application"))
                continue
            if entry.sequence != expected:
                findings.append(Finding(expected, f"entries {expected} to {entry.sequence - 1} are missing"))
            elif _follows(key, previous, entry):
                writes.note(entry.sequence, json.loads(entry.writes))
            else:
                findings.append(Finding(entry.sequence, "the entry was changed, reordered or written past the application"))
            try:
                sealer.open(entry.detail_sealed, detail_place(entry.sequence))
            except Damaged:
                findings.append(Finding(entry.sequence, "the sealed detail cannot be opened"))
            previous, expected = entry.mac, entry.sequence + 1
        count += len(batch)
        progress(count)
        session.expunge_all()
        batch = _entries(session, following.where(AuditEntry.sequence >= expected), expected, findings)
    strays = [Finding(*stray) for stray in writes.strays(session)]
    if not findings:  # where the chain is broken, that is what is told: the writes of a missing entry are not known either
        strays += [Finding(*newer) for newer in writes.newer_than_the_log(_written_meanwhile(session, key, previous, expected))]
    return count, findings + strays


def _written_meanwhile(session: Session, key: bytes, previous: bytes, expected: int) -> LastWrites:
    later = LastWrites()
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.sequence >= expected).order_by(AuditEntry.sequence)):
        if not _follows(key, previous, entry):
            break
        later.note(entry.sequence, json.loads(entry.writes))
        previous = entry.mac
    return later


def _entries(session: Session, query: Select[AuditEntry], expected: int, findings: list[Finding]) -> Sequence[AuditEntry]:
    try:
        return session.scalars(query).all()
    except DamagedRow as damage:
        findings.append(Finding(expected, f"the entries from here on cannot be read: {damage}"))
        return ()


def _follows(key: bytes, previous: bytes, entry: AuditEntry) -> bool:
    try:
        return entry_mac(key, previous, entry) == entry.mac
    except (AttributeError, TypeError):  # a column holds something of another kind than the program writes
        return False

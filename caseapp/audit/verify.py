"""Walking the chain: is the log what was written, in the order it was written, and are the rows what it says?

A million entries are walked in well under a minute: they are read as plain columns, a batch at a time, and nothing but the latest write
of each row is remembered. What is wrong is told, never mended.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from caseapp.crypto import Damaged
from caseapp.db import DamagedRow, transaction
from caseapp.formats import clock
from caseapp.keyholder import Keyholder

from .chain import FIRST, detail_place, entry_mac, missing_guards
from .checkpoints import Checkpoint, Kept, judge, keeper_of, make_checkpoint
from .kept_rows import LastWrites
from .models import TOLD, AuditEntry, told

_BATCH = 5000
_COLUMNS = [AuditEntry.__table__.c[name] for name in (*TOLD, "mac")]
_SEQUENCE, _WRITES, _DETAIL, _MAC = 0, TOLD.index("writes"), TOLD.index("detail_sealed"), len(TOLD)


@dataclass(frozen=True)
class Finding:
    """Something wrong: at which sequence number of the log, and what, in one English sentence."""

    sequence: int
    message: str


def verify(
    session: Session,
    keyholder: Keyholder,
    progress: Callable[[int], None] = lambda _count: None,
    kept_elsewhere: Sequence[Kept] = (),
) -> tuple[int, list[Finding]]:
    """How many entries there are, and everything that is wrong with them or with the rows they tell of.

    `progress` gets the count so far. The installation's own checkpoints are asked what they know, and those `kept_elsewhere`.
    """
    keeper = keeper_of(keyholder)
    checkpoints = [*(keeper.kept() if keeper else ()), *kept_elsewhere]
    walker = _Walker(session, keyholder, frozenset(kept.checkpoint.sequence for kept in checkpoints if kept.checkpoint))
    walker.walk(progress)
    findings = walker.findings
    strays = [Finding(*stray) for stray in walker.writes.strays(session)]
    if not findings:  # where the chain is broken, that is what is told: the writes of a missing entry are not known either
        later = walker.written_meanwhile()
        strays += [Finding(*one) for one in (*walker.writes.unknown(later), *walker.writes.newer_than_the_log(later))]
    # where the log could not be read to its end, nothing is said about where it ends
    last = walker.expected - 1 if walker.is_walked else max((one.checkpoint.sequence for one in checkpoints if one.checkpoint), default=0)
    vouched = [Finding(*wrong) for wrong in judge(keyholder, checkpoints, walker.macs, last)]
    guards = [Finding(0, f"the log's guard {guard} is gone: entries could be changed or removed") for guard in missing_guards(session)]
    return walker.count, findings + vouched + guards + strays


def last_checkpoint(session: Session, keyholder: Keyholder) -> Checkpoint | None:
    """A checkpoint of the log as it ends now; None while it is empty."""
    query = select(_COLUMNS[_SEQUENCE], _COLUMNS[_MAC]).order_by(_COLUMNS[_SEQUENCE].desc()).limit(1)
    last = session.connection().execute(query).first()
    return make_checkpoint(keyholder, last[0], last[1], clock.now()) if last else None


def vouch(keyholder: Keyholder) -> None:
    """Keep a checkpoint of the log as it ends now, for instance when a server stops. Does nothing where nobody keeps checkpoints."""
    keeper = keeper_of(keyholder)
    if keeper is not None:
        with transaction(reading=True) as current:
            last = last_checkpoint(current, keyholder)
        if last is not None:
            keeper.note(last.sequence, bytes.fromhex(last.mac), clock.now(), at_once=True)


class _Walker:
    def __init__(self, session: Session, keyholder: Keyholder, wanted: frozenset[int]) -> None:
        self._session, self._wanted = session, wanted
        self._key, self._sealer = keyholder.purpose_key("audit"), keyholder.purpose_sealer("audit")
        self.findings: list[Finding] = []
        self.writes = LastWrites()
        self.macs: dict[int, bytes] = {}
        self.is_walked = True
        self.count, self.expected, self._previous = 0, 1, FIRST

    def walk(self, progress: Callable[[int], None]) -> None:
        """Take in every entry, in order."""
        for batch in self._batches():
            for entry in batch:
                self._take(entry)
            self.count += len(batch)
            progress(self.count)

    def _batches(self) -> Iterator[Sequence[Any]]:
        following = select(*_COLUMNS).order_by(_COLUMNS[_SEQUENCE]).limit(_BATCH)
        query = following
        while True:
            try:
                batch = self._session.connection().execute(query).all()
            except DamagedRow as damage:
                self._find(self.expected, f"the entries from here on cannot be read: {damage}")
                self.is_walked = False
                return
            if not batch:
                return
            yield batch
            query = following.where(_COLUMNS[_SEQUENCE] >= self.expected)

    def _take(self, entry: Sequence[Any]) -> None:
        sequence = entry[_SEQUENCE]
        if sequence < self.expected:
            self._find(sequence, "the entry stands before the first and was written past the application")
            return
        if sequence != self.expected:
            self._find(self.expected, f"entries {self.expected} to {sequence - 1} are missing")
        elif _follows(self._key, self._previous, entry):
            if entry[_WRITES] != "[]":
                self.writes.note(sequence, json.loads(entry[_WRITES]))
            if sequence in self._wanted:
                self.macs[sequence] = entry[_MAC]
        else:
            self._find(sequence, "the entry was changed, reordered or written past the application")
        try:
            self._sealer.open(entry[_DETAIL], detail_place(sequence))
        except Damaged:
            self._find(sequence, "the sealed detail cannot be opened")
        self._previous, self.expected = entry[_MAC], sequence + 1

    def written_meanwhile(self) -> LastWrites:
        """The writes of entries that came while the rows were read."""
        later, previous = LastWrites(), self._previous
        query = select(*_COLUMNS).where(_COLUMNS[_SEQUENCE] >= self.expected).order_by(_COLUMNS[_SEQUENCE])
        for entry in self._session.connection().execute(query):
            if not _follows(self._key, previous, entry):
                break
            later.note(entry[_SEQUENCE], json.loads(entry[_WRITES]))
            previous = entry[_MAC]
        return later

    def _find(self, sequence: int, message: str) -> None:
        self.findings.append(Finding(sequence, message))


def _follows(key: bytes, previous: bytes, entry: Sequence[Any]) -> bool:
    try:
        return entry_mac(key, previous, told(entry)) == entry[_MAC]
    except (AttributeError, TypeError):  # a column holds something of another kind than the program writes
        return False

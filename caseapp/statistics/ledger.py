"""The ledger's rows, read inside an action: which releases stand, which quarter may come next, and which one may be corrected.

A release *stands* from its approval on, for ever: also when it was recalled its numbers are known to whoever has them, so it goes on to
bind every later one. It promises rows in order and frozen values; it changes nothing. A damaged row stops the work.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from caseapp.access import STATISTICIAN, Actor, Permission, fetch, session, today
from caseapp.accounts import Office
from caseapp.accounts.models import Municipality
from caseapp.cases.models import Case
from caseapp.formats import Quarter
from caseapp.formats import quarter as quarter_of
from caseapp.statistics.models import APPROVED, STANDING, WRITTEN, Release, RoundedTable
from caseapp.statistics.releases import Kept, counts_of

Mark = tuple[tuple[str, int], ...]
"""The ledger at one moment: (id, version) of every release."""


@dataclass(frozen=True)
class ReleaseCard:
    """One line of the ledger. `label` is the name of its folder."""

    id: str
    label: str
    quarter: Quarter
    state: str
    sha256: str
    prepared_by_id: str
    prepared_by: str
    prepared_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str

    @property
    def has_contents(self) -> bool:
        """Whether there is a file to fetch: it was approved once."""
        return self.state in STANDING


def releases() -> Sequence[Release]:
    """Every release in order of quarter and number."""
    return session().scalars(select(Release).order_by(Release.quarter, Release.number)).all()


def hold_ledger() -> None:
    """Whoever changes what may leave the house does so one at a time, until the transaction ends. SQLite has one writer anyway."""
    session().scalars(select(Municipality.id).with_for_update()).all()


def rounded_tables() -> Sequence[RoundedTable]:
    """What was written rounded and not discarded."""
    return session().scalars(select(RoundedTable).where(RoundedTable.state == WRITTEN).order_by(RoundedTable.written_at)).all()


def rounded_years(rows: Sequence[RoundedTable]) -> frozenset[int]:
    """Years of which nothing exact may leave: somebody has rounded numbers of them."""
    return frozenset(row.year for row in rows)


def find(release_id: str) -> Release:
    """The release with this id; NotFound."""
    return fetch(Release, release_id)


def card(row: Release, register: Office) -> ReleaseCard:
    """A row as a frozen value."""
    return ReleaseCard(
        id=row.id,
        label=row.about["label"],
        quarter=Quarter.parse(row.quarter),
        state=row.state,
        sha256=row.sha256,
        prepared_by_id=row.prepared_by_id,
        prepared_by=register.user_name(row.prepared_by_id),
        prepared_at=row.prepared_at,
        decided_by=register.user_name(row.decided_by_id),
        decided_at=row.decided_at,
        reason=row.reason,
    )


def kept(row: Release) -> Kept:
    """A standing row as a constraint on later ones."""
    return Kept(row.about["label"], row.archive, counts_of(row.counts), row.about, row.sha256)


def standing(rows: Sequence[Release]) -> list[Release]:
    """The releases that bind later ones, in the order they were approved: each was made knowing those before it."""
    there = [row for row in rows if row.state in STANDING]
    return sorted(there, key=lambda row: (row.decided_at or row.prepared_at, row.quarter, row.number))


def counted(rows: Sequence[Release]) -> dict[str, datetime]:
    """Released quarter → the moment its records were read. A correction counts what its first release counted, so the first it is."""
    found: dict[str, datetime] = {}
    for row in standing(rows):
        found[row.quarter] = min(found.get(row.quarter, row.prepared_at), row.prepared_at)
    return found


def correctable(rows: Sequence[Release]) -> tuple[Quarter, ...]:
    """The quarters whose every release was recalled: each may be corrected by a new one."""
    there = standing(rows)
    valid = {row.quarter for row in there if row.state == APPROVED}
    return tuple(Quarter.parse(quarter) for quarter in sorted({row.quarter for row in there} - valid))


def next_quarters(rows: Sequence[Release], rounded: Collection[int]) -> tuple[Quarter, ...]:
    """The quarters that may be prepared now for the first time, the newest first: the next in order, or where to begin.

    `rounded`: the years that are passed by.
    """
    there = [row.quarter for row in standing(rows)]
    if there:
        coming = Quarter.parse(max(there)).next
        while coming.year in rounded:
            coming = coming.next
        return (coming,) if coming.end < today() else ()
    first = session().scalar(select(func.min(Case.opened_on)))
    found, quarter = [], quarter_of(today()).previous
    while first is not None and quarter >= quarter_of(first):
        if quarter.year not in rounded:
            found.append(quarter)
        quarter = quarter.previous
    return tuple(found)


def mark(rows: Sequence[Release]) -> Mark:
    """The ledger as it is now, to be compared later."""
    return tuple((row.id, row.version) for row in rows)


def permission_to_ask(actor: Actor) -> Permission:
    """What a statistician or a unit manager needs, for what either of them may ask for or take back."""
    return Permission.PREPARE_STATISTICS if actor.has_role(STATISTICIAN) else Permission.APPROVE_STATISTICS

"""What people do with a quarter: prepare it, look at it, approve or turn it down, fetch it again.

A release is prepared by a statistician and approved by a unit manager, who is somebody else and has just given the second factor; what
is approved are the bytes that were looked at, named by their hash. One release is prepared at a time, quarter after quarter, only after
the quarter has ended. Computing takes seconds and holds no transaction: the records are read in one action, and the result is stored in
another, which refuses if the ledger has changed in between.

Source: förordning (2024:158) and the grant follow-up for what is counted; `caseapp.disclosure` for why a second person approves bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from caseapp.access import (
    STATISTICIAN,
    UNIT_MANAGER,
    Actor,
    NotFound,
    Permission,
    Refused,
    action,
    allow,
    log_as,
    log_detail,
    now,
    session,
    today,
)
from caseapp.accounts import Office, office
from caseapp.accounts.proof import demand_fresh_proof
from caseapp.cases.models import Case
from caseapp.formats import Quarter
from caseapp.formats import quarter as quarter_of
from caseapp.statistics.models import APPROVED, PREPARED, REJECTED, WITHDRAWN, Release
from caseapp.statistics.reading import Reading, read_quarter
from caseapp.statistics.releases import Kept, Made, Town, counts_of, digest, make, stored_counts, town

Progress = Callable[[str], None]
Mark = tuple[tuple[str, int], ...]
"""The ledger at one moment: (id, version) of every release."""


# -- looking ----------------------------------------------------------------------------------------------------------


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


@dataclass(frozen=True)
class Ledger:
    """Every release, the newest first; which quarters may be prepared now, or which one is `coming`; what to offer this person."""

    releases: tuple[ReleaseCard, ...]
    choices: tuple[Quarter, ...]
    coming: Quarter
    may_prepare: bool
    may_approve: bool

    @property
    def waiting(self) -> ReleaseCard | None:
        """The release that waits for a second person."""
        return next((card for card in self.releases if card.state == PREPARED), None)


@action
def list_releases(actor: Actor) -> Ledger:
    """The ledger of releases."""
    allow(actor, Permission.READ_STATISTICS)
    register, rows = office(), releases()
    return Ledger(
        releases=tuple(card(row, register) for row in reversed(rows)),
        choices=() if any(row.state == PREPARED for row in rows) else _next_quarters(rows),
        coming=quarter_of(today()),
        may_prepare=actor.has_role(STATISTICIAN),
        may_approve=actor.has_role(UNIT_MANAGER),
    )


def releases() -> Sequence[Release]:
    """The ledger's rows in order. Inside an action; a damaged row stops it."""
    return session().scalars(select(Release).order_by(Release.quarter, Release.number)).all()


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


def _next_quarters(rows: Sequence[Release]) -> tuple[Quarter, ...]:
    """The quarters that may be prepared now, the newest first: the next in order, or where to begin."""
    approved = [row.quarter for row in rows if row.state == APPROVED]
    if approved:
        coming = Quarter.parse(max(approved)).next
        return (coming,) if coming.end < today() else ()
    first = session().scalar(select(func.min(Case.opened_on)))
    found, quarter = [], quarter_of(today()).previous
    while first is not None and quarter >= quarter_of(first):
        found.append(quarter)
        quarter = quarter.previous
    return tuple(found)


# -- preparing --------------------------------------------------------------------------------------------------------


def prepare(actor: Actor, quarter: str, progress: Progress = lambda _step: None) -> str:
    """Count and protect a quarter that has ended, and put it before a second person; the release's id.

    `progress` is told each step (a word). Raises Refused with a reason, or CannotPublish if no safe tables exist.
    """
    material = _read(actor, _parsed(quarter), progress)
    made = make(material.reading, quarter, material.number, material.town, material.earlier, progress)
    return _store(actor, quarter, material, made)


def _parsed(quarter: str) -> Quarter | None:
    try:
        return Quarter.parse(quarter)
    except ValueError:
        return None


@dataclass(frozen=True)
class _Material:
    reading: Reading
    town: Town
    number: int
    earlier: tuple[Kept, ...]
    read_at: datetime
    mark: Mark


@action
def _read(actor: Actor, quarter: Quarter | None, progress: Progress) -> _Material:
    allow(actor, Permission.PREPARE_STATISTICS)
    rows = releases()
    if any(row.state == PREPARED for row in rows):
        raise Refused("release_waits", Permission.PREPARE_STATISTICS)
    if quarter is None or quarter.end >= today():
        raise Refused("quarter_not_ended", Permission.PREPARE_STATISTICS)
    if quarter not in _next_quarters(rows):
        raise Refused("quarter_not_next", Permission.PREPARE_STATISTICS)
    read_at, number = now(), 1 + sum(row.quarter == str(quarter) for row in rows)
    mark, earlier = _mark(rows), tuple(kept(row) for row in rows if row.state == APPROVED)
    counted = {row.quarter: row.prepared_at for row in rows if row.state == APPROVED}
    register = office()
    forms = {team.work_form for team in register.teams.values()}
    reading = read_quarter(quarter, counted, progress)
    log_detail(quarter=str(quarter), cases=len(reading.records))
    where = town(register.settings.get("code", "0000"), register.municipality, register.settings, forms, earlier)
    return _Material(reading, where, number, earlier, read_at, mark)


@action
def _store(actor: Actor, quarter: str, material: _Material, made: Made) -> str:
    allow(actor, Permission.PREPARE_STATISTICS)
    if _mark(releases()) != material.mark:
        raise Refused("ledger_changed", Permission.PREPARE_STATISTICS)
    release = Release(
        quarter=quarter,
        number=material.number,
        state=PREPARED,
        sha256=made.sha256,
        prepared_by_id=actor.user_id,
        prepared_at=material.read_at,
        about=made.about,
        counts=stored_counts(made.counts),
        archive=made.archive,
    )
    session().add(release)
    try:
        session().flush()
    except IntegrityError:  # the same quarter was stored by somebody else in this very moment
        raise Refused("ledger_changed", Permission.PREPARE_STATISTICS) from None
    log_detail(release=made.about["label"], sha256=made.sha256)
    return release.id


def _mark(rows: Sequence[Release]) -> Mark:
    return tuple((row.id, row.version) for row in rows)


def kept(row: Release) -> Kept:
    """An approved row as a constraint on later ones."""
    return Kept(row.about["label"], row.archive, counts_of(row.counts), row.about)


# -- deciding ---------------------------------------------------------------------------------------------------------


@action
def approve(actor: Actor, release_id: str, *, sha256: str) -> None:
    """Approve exactly the bytes with this hash. By a unit manager who is not the one who prepared them, freshly proved."""
    allow(actor, Permission.APPROVE_STATISTICS)
    demand_fresh_proof(actor)
    release = _waiting(release_id)
    if release.prepared_by_id == actor.user_id:
        raise Refused("same_person", Permission.APPROVE_STATISTICS)
    if not sha256 == release.sha256 == digest(release.archive):
        raise Refused("bytes_changed", Permission.APPROVE_STATISTICS)
    _decide(release, actor, APPROVED)
    log_detail(release=release.about["label"], sha256=sha256)


@action
def reject(actor: Actor, release_id: str, *, reason: str) -> None:
    """Turn a prepared release down. It keeps its line in the ledger; its contents are gone."""
    allow(actor, Permission.APPROVE_STATISTICS)
    _empty(_waiting(release_id), actor, REJECTED, reason)


@action
def withdraw(actor: Actor, release_id: str, *, reason: str = "") -> None:
    """Take a prepared release back, before anybody approved it. Its contents are gone; the quarter can be prepared again."""
    allow(actor, Permission.PREPARE_STATISTICS)
    _empty(_waiting(release_id), actor, WITHDRAWN, reason)


def find(release_id: str) -> Release:
    """The release with this id. Inside an action."""
    release = session().get(Release, release_id) if release_id.isprintable() else None
    if release is None:
        raise NotFound("not_found")
    return release


def _waiting(release_id: str) -> Release:
    release = find(release_id)
    if release.state != PREPARED:
        raise Refused("already_decided", Permission.APPROVE_STATISTICS)
    return release


def _decide(release: Release, actor: Actor, state: str) -> None:
    release.state, release.decided_by_id, release.decided_at = state, actor.user_id, now()


def _empty(release: Release, actor: Actor, state: str, reason: str) -> None:
    _decide(release, actor, state)
    label = release.about["label"]
    release.about, release.counts, release.archive, release.reason = {"label": label}, {}, b"", reason
    log_detail(release=label, state=state)


# -- fetching ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bundle:
    """The file of an approved release."""

    label: str
    archive: bytes


@action
def bundle(actor: Actor, release_id: str) -> Bundle:
    """The archive of an approved release: the bytes that were approved. Raises NotFound for any other release."""
    allow(actor, Permission.READ_STATISTICS)
    log_as("export")
    release = find(release_id)
    if release.state != APPROVED:
        raise NotFound("not_found")
    if digest(release.archive) != release.sha256:
        raise Refused("bytes_changed", Permission.READ_STATISTICS)
    log_detail(release=release.about["label"], sha256=release.sha256)
    return Bundle(release.about["label"], release.archive)

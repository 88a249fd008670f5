"""What people do with a release: look at the ledger, approve or turn one down, take it back, fetch it again.

A release is prepared by a statistician (`preparing`) and approved by a unit manager, who is somebody else and has just given the second
factor; what is approved are the bytes that were looked at, named by their hash. What was approved stands for ever: it can be recalled
(`recalling`), and goes on to bind every later release.

Source: förordning (2024:158) and the grant follow-up for what is counted; `caseapp.disclosure` for why a second person approves bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
    today,
)
from caseapp.accounts import office
from caseapp.accounts.proof import demand_fresh_proof
from caseapp.formats import Quarter
from caseapp.formats import quarter as quarter_of
from caseapp.statistics.jobs import PreparationCard, latest_preparation
from caseapp.statistics.ledger import ReleaseCard, card, correctable, find, next_quarters, releases, rounded_tables, rounded_years
from caseapp.statistics.models import APPROVED, PREPARED, RECALLED, REJECTED, STANDING, WITHDRAWN, Release
from caseapp.statistics.plan import table_plan
from caseapp.statistics.recalling import asked_among
from caseapp.statistics.releases import digest

# -- looking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoundedCard:
    """A table of a year, written in multiples of a base: no quarter of that year is released."""

    table: str
    year: int
    base: int
    written_at: datetime


@dataclass(frozen=True)
class Ledger:
    """Every release, the newest first, and what comes next.

    `choices`: the quarters that may be prepared for the first time, or which one is `coming`; `corrections`: those that may be corrected;
    `work`: what goes on in the background, or how it ended if nothing came after it; `to_recall`: ids of the releases that somebody wants
    recalled; `rounded`: the years' tables that were written with rounded counts instead.
    """

    releases: tuple[ReleaseCard, ...]
    choices: tuple[Quarter, ...]
    corrections: tuple[Quarter, ...]
    coming: Quarter
    work: PreparationCard | None
    to_recall: frozenset[str]
    rounded: tuple[RoundedCard, ...]
    may_prepare: bool
    may_approve: bool

    @property
    def waiting(self) -> ReleaseCard | None:
        """The release that waits for a second person."""
        return next((card for card in self.releases if card.state == PREPARED), None)


def planned_tables(language: str) -> list[Sequence[str]]:
    """[(id, words)] of the tables of the plan that the next quarter is made by."""
    return [(table.id, f"{table.id}: {table.titles[language]}") for table in table_plan().tables]


@action
def list_releases(actor: Actor) -> Ledger:
    """The ledger of releases."""
    allow(actor, Permission.READ_STATISTICS)
    register, rows, rounded = office(), releases(), rounded_tables()
    waits = any(row.state == PREPARED for row in rows)
    return Ledger(
        releases=tuple(card(row, register) for row in reversed(rows)),
        choices=() if waits else next_quarters(rows, rounded_years(rounded)),
        corrections=() if waits else correctable(rows),
        coming=quarter_of(today()),
        work=latest_preparation(register),
        to_recall=asked_among(rows),
        rounded=tuple(RoundedCard(row.table_id, row.year, row.base, row.written_at) for row in rounded),
        may_prepare=actor.has_role(STATISTICIAN),
        may_approve=actor.has_role(UNIT_MANAGER),
    )


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
    """The file of a release that stands. `name` is what it is saved under; it says so where the release was recalled."""

    label: str
    archive: bytes
    is_recalled: bool

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"{self.label}-recalled.zip" if self.is_recalled else f"{self.label}.zip"


@action
def bundle(actor: Actor, release_id: str) -> Bundle:
    """The archive of a release that stands: the bytes that were approved. Raises NotFound for any other release."""
    allow(actor, Permission.READ_STATISTICS)
    log_as("export")
    release = find(release_id)
    if release.state not in STANDING:
        raise NotFound("not_found")
    if digest(release.archive) != release.sha256:
        raise Refused("bytes_changed", Permission.READ_STATISTICS)
    log_detail(release=release.about["label"], sha256=release.sha256)
    return Bundle(release.about["label"], release.archive, release.state == RECALLED)

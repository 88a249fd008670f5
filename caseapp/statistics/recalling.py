"""Recalling an approved release: asked for with a reason by one person, confirmed by another, as strictly as it was approved.

What was published cannot be unpublished. A recalled release keeps its bytes, its line and its counts, is marked wherever it is shown or
fetched, and goes on to bind every later release, because whoever has it goes on to know its numbers. What changes is that nobody is to
use it, and that its quarter may be corrected by a new release.

A correction counts the quarter as it was counted the first time (`releases.as_published`): no printed number is replaced, for the
difference between the two would tell who came in between. What was noted too late counts in the next quarter (`rules.counted_in`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from caseapp.access import Actor, NotFound, Permission, Refused, action, allow, log_detail, now, session
from caseapp.accounts import Office
from caseapp.accounts.proof import demand_fresh_proof
from caseapp.statistics.ledger import find, permission_to_ask
from caseapp.statistics.models import APPROVED, RECALLED, Recall, Release
from caseapp.statistics.releases import digest

ASKED, CONFIRMED, DROPPED = "asked", "confirmed", "dropped"


@dataclass(frozen=True)
class RecallCard:
    """Who wants a release recalled and why; who decided, where it was confirmed."""

    reason: str
    asked_by_id: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether a second person has still to decide."""
        return self.decided_at is None


@action
def ask_for_recall(actor: Actor, release_id: str, *, reason: str) -> None:
    """Ask for an approved release to be recalled. By a statistician or a unit manager."""
    allow(actor, permission_to_ask(actor))
    release = _held(release_id)
    if release.state != APPROVED:
        raise Refused("not_approved", Permission.APPROVE_STATISTICS)
    if _waiting(release.id) is not None:
        raise Refused("recall_waits", Permission.APPROVE_STATISTICS)
    session().add(Recall(release_id=release.id, state=ASKED, asked_by_id=actor.user_id, asked_at=now(), reason=reason))
    log_detail(release=release.about["label"])


@action
def confirm_recall(actor: Actor, release_id: str, *, sha256: str) -> None:
    """Recall it. By a unit manager who is not the one who asked, freshly proved, and for exactly these bytes."""
    allow(actor, Permission.APPROVE_STATISTICS)
    demand_fresh_proof(actor)
    release = _held(release_id)
    recall = _demanded(release)
    if recall.asked_by_id == actor.user_id:
        raise Refused("same_asker", Permission.APPROVE_STATISTICS)
    if not sha256 == release.sha256 == digest(release.archive):
        raise Refused("bytes_changed", Permission.APPROVE_STATISTICS)
    release.state = RECALLED
    _decide(recall, actor, CONFIRMED)
    log_detail(release=release.about["label"], sha256=sha256, state=RECALLED)


@action
def drop_recall(actor: Actor, release_id: str) -> None:
    """Let the release stand as it is: the wish to recall it is turned down, or taken back."""
    allow(actor, permission_to_ask(actor))
    release = _held(release_id)
    _decide(_demanded(release), actor, DROPPED)
    log_detail(release=release.about["label"], state=DROPPED)


def recall_of(release: Release, register: Office) -> RecallCard | None:
    """That a release was recalled or that it is asked for; None otherwise. Inside an action."""
    rows = [row for row in _rows(release.id) if row.state == (CONFIRMED if release.state == RECALLED else ASKED)]
    if not rows:
        return None
    row = rows[-1]
    decided_by = register.user_name(row.decided_by_id)
    return RecallCard(row.reason, row.asked_by_id, register.user_name(row.asked_by_id), row.asked_at, decided_by, row.decided_at)


def asked_among(releases: Iterable[Release]) -> frozenset[str]:
    """The ids of the approved releases whose recall waits for a second person. Inside an action."""
    asked = set(session().scalars(select(Recall.release_id).where(Recall.state == ASKED)))
    return frozenset(row.id for row in releases if row.state == APPROVED and row.id in asked)


def _held(release_id: str) -> Release:
    """The release, held until the transaction ends, so that two people who decide at once decide one after the other."""
    release = find(release_id)
    session().refresh(release, with_for_update=True)
    return release


def _demanded(release: Release) -> Recall:
    recall = _waiting(release.id)
    if recall is None or release.state != APPROVED:
        raise NotFound("not_found")
    return recall


def _waiting(release_id: str) -> Recall | None:
    return next((row for row in _rows(release_id) if row.state == ASKED), None)


def _rows(release_id: str) -> list[Recall]:
    return list(session().scalars(select(Recall).where(Recall.release_id == release_id).order_by(Recall.asked_at, Recall.id)))


def _decide(recall: Recall, actor: Actor, state: str) -> None:
    recall.state, recall.decided_by_id, recall.decided_at = state, actor.user_id, now()

"""Looking at emergency openings afterwards: who opened what, when and why, what they read, and what the unit manager thinks of it.

What was read is taken from the log, not from memory: every entry of that person in that case while the opening ran.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from caseapp import audit, codelists
from caseapp.access import (
    UNIT_MANAGER,
    Actor,
    BreakGlass,
    Gate,
    Permission,
    Refused,
    Unreadable,
    Withheld,
    action,
    allow,
    check_version,
    fetch,
    log_as,
    log_detail,
    now,
    observe,
    remember_result,
    session,
)
from caseapp.access.rules import is_running
from caseapp.accounts import Office, office
from caseapp.audit import ReadEntry
from caseapp.cases.models import Case
from caseapp.consent import open_account, opened_in
from caseapp.db import batches, bound_database, coded, glance

from .rules import end_of, is_overdue, review_until, why_not_review

Shown = str | Withheld | Unreadable

_AT_A_TIME = 200
#: How many closed reviews the list shows, the newest first.
CLOSED = 100


@dataclass(frozen=True)
class EmergencyCard:
    """One opening. `ended_at` is when it stopped or will stop; `why_not` a code when this person may not review it now, else ""."""

    id: str
    version: int
    case_id: str
    case_number: str
    person: str
    agency: str
    begun_at: datetime
    ended_at: datetime
    is_running: bool
    review_until: datetime
    is_overdue: bool
    reviewed_at: datetime | None
    reviewed_by: str
    why_not: str


@dataclass(frozen=True)
class Emergencies:
    """The openings in a unit manager's teams: those that wait for a review, the oldest first, and those that are closed."""

    waiting: tuple[EmergencyCard, ...]
    closed: tuple[EmergencyCard, ...]

    @property
    def to_do(self) -> tuple[EmergencyCard, ...]:
        """Those this person is to review; an own one waits for somebody else."""
        return tuple(card for card in self.waiting if card.why_not != "own_emergency")


@dataclass(frozen=True)
class ReadLine:
    """One entry of the log while the opening ran. `opened`: (agency, information types) that rested on the opening and nothing else."""

    at: datetime
    permission: str
    refused: bool
    opened: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class EmergencyPage:
    """An opening with its reason, what was read, and the assessment once there is one. `verdict`: a code of EmergencyAssessment."""

    card: EmergencyCard
    reason: Shown
    lines: tuple[ReadLine, ...]
    verdict: str
    assessment: Shown


@action
def list_emergencies(actor: Actor) -> Emergencies:
    """The openings in the teams where this person is unit manager. The log tells which they were shown."""
    allow(actor, Permission.LIST_EMERGENCIES)
    teams = [team_id for team_id, roles in actor.teams.items() if UNIT_MANAGER in roles]
    query = select(BreakGlass).join(Gate, Gate.id == BreakGlass.case_id).where(Gate.team_id.in_(teams)).order_by(BreakGlass.begun_at)
    may = {}
    rows = []
    for row in glance(BreakGlass, query):
        if row.case_id not in may:
            may[row.case_id] = observe(actor, Permission.REVIEW_EMERGENCY, row.case_id)
        if may[row.case_id]:
            rows.append(row)
    cards = _cards(actor, rows)
    log_detail(cases=sorted({card.case_id for card in cards}))
    closed = [card for card in reversed(cards) if card.reviewed_at is not None]
    return Emergencies(tuple(card for card in cards if card.reviewed_at is None), tuple(closed[:CLOSED]))


def unreviewed_in(actor: Actor, gates: Sequence[Gate]) -> list[EmergencyCard]:
    """The openings by others that wait for a review in these cases, for the coordinator's day. Called from inside an action."""
    case_ids = [gate.id for gate in gates]
    rows = glance(BreakGlass, select(BreakGlass).where(BreakGlass.case_id.in_(case_ids), BreakGlass.reviewed_at.is_(None)))
    return _cards(actor, sorted((row for row in rows if row.user_id != actor.user_id), key=lambda row: row.begun_at))


def _cards(actor: Actor, rows: Iterable[BreakGlass]) -> list[EmergencyCard]:
    rows = list(rows)
    register = office()
    numbers: dict[str, str] = {}
    for chosen in batches({row.case_id for row in rows}):
        query = select(Case).where(Case.id.in_(chosen))
        numbers.update((case.id, case.case_number) for case in glance(Case, query))
    return [_card(actor, row, numbers.get(row.case_id, ""), register) for row in rows]


def _card(actor: Actor, row: BreakGlass, case_number: str, register: Office) -> EmergencyCard:
    return EmergencyCard(
        id=row.id,
        version=row.version,
        case_id=row.case_id,
        case_number=case_number,
        person=register.user_name(row.user_id),
        agency=register.agency_name(row.source_agency_id),
        begun_at=row.begun_at,
        ended_at=end_of(row.begun_at, row.ended_at),
        is_running=is_running(row.begun_at, row.ended_at, now()),
        review_until=review_until(row.begun_at),
        is_overdue=is_overdue(row.begun_at, row.reviewed_at, now()),
        reviewed_at=row.reviewed_at,
        reviewed_by=register.user_name(row.reviewed_by_id),
        why_not=_why_not(actor, row) or "",
    )


def _why_not(actor: Actor, row: BreakGlass) -> str | None:
    return why_not_review(
        opened_by=row.user_id,
        reviewer=actor.user_id,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        reviewed_at=row.reviewed_at,
        now=now(),
    )


@action
def read_emergency(actor: Actor, opening_id: str) -> EmergencyPage:
    """One opening as its reviewer sees it. Its own person does not see what was thought of it here."""
    row = fetch(BreakGlass, opening_id)
    gate = allow(actor, Permission.REVIEW_EMERGENCY, on=row.case_id)
    log_as("view")
    if row.user_id == actor.user_id:
        raise Refused("own_emergency", Permission.REVIEW_EMERGENCY, row.case_id)
    log_detail(emergency=row.id)
    open_account(gate)
    outcome = coded(row.outcome)
    return EmergencyPage(
        card=_cards(actor, [row])[0],
        reason=row.reason,
        lines=tuple(_lines(row, office())),
        verdict=outcome.get("verdict", ""),
        assessment=row.assessment,
    )


def _lines(row: BreakGlass, register: Office) -> list[ReadLine]:
    until = end_of(row.begun_at, row.ended_at)
    return [
        ReadLine(entry.at, entry.permission, entry.decision == "refused", _opened_by(row, entry, register))
        for entry in _entries_since(row.case_id, row.begun_at)
        if entry.actor_id == row.user_id and entry.at <= until
    ]


def _entries_since(case_id: str, moment: datetime) -> list[ReadEntry]:
    """The entries of the case from this moment on, the oldest first."""
    keyholder = bound_database().keyholder
    found: list[ReadEntry] = []
    while some := audit.entries_of_case(session(), keyholder, case_id, _AT_A_TIME, offset=len(found)):
        found += some
        if some[-1].at < moment:
            break
    return [entry for entry in reversed(found) if entry.at >= moment]


def _opened_by(row: BreakGlass, entry: ReadEntry, register: Office) -> tuple[tuple[str, tuple[str, ...]], ...]:
    together: dict[str, set[str]] = {}
    for owner, kind, _reason, ground_id in opened_in(entry.detail or {}).get(row.case_id, []):
        if ground_id == row.id:
            together.setdefault(register.agency_name(owner), set()).add(kind)
    order = tuple(codelists.codelist("InformationType"))
    return tuple((agency, tuple(kind for kind in order if kind in kinds)) for agency, kinds in sorted(together.items()))


@action
def close_review(
    actor: Actor, opening_id: str, *, verdict: str, assessment: str, version: int | None = None, once: str | None = None
) -> None:
    """Write down what the unit manager thinks of the opening; it is then closed. `verdict`: a code of EmergencyAssessment.

    Raises Refused for the person's own opening, one that is running, and one that is closed.
    """
    row = fetch(BreakGlass, opening_id)
    gate = allow(actor, Permission.REVIEW_EMERGENCY, on=row.case_id, once=once)
    why_not = _why_not(actor, row)
    if why_not is not None:
        raise Refused(why_not, Permission.REVIEW_EMERGENCY, row.case_id)
    check_version(row, version)
    log_detail(emergency=row.id)
    open_account(gate)
    row.reviewed_at, row.reviewed_by_id = now(), actor.user_id
    row.outcome = {"verdict": codelists.codelist("EmergencyAssessment")[verdict].code}
    row.assessment = assessment
    remember_result(once, "/emergency/reviews")

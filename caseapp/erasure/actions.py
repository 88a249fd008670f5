"""What people do about erasure: see what is due and why, hold a case back, propose, approve, take back.

Carrying it out is the installation's work (`retention run`), and done only on what two people agreed. Each decision is looked at
again then: a case that was opened, held or written in since is not erased.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from caseapp.access import (
    COORDINATOR,
    UNIT_MANAGER,
    Actor,
    NotFound,
    Permission,
    Refused,
    action,
    allow,
    fetch,
    log_as,
    log_detail,
    now,
    observe,
    remember_result,
    session,
    today,
)
from caseapp.accounts import Office, office
from caseapp.accounts.proof import demand_fresh_proof
from caseapp.cases.models import Case

from .facts import Candidate, candidates, holds_of, judged
from .models import ErasureDecision, LegalHold
from .rules import APPROVED, CANCELLED, DONE, PROPOSED, UNDER_WAY, Profile, Verdict, may_become, profile_of, why_not_approve


@dataclass(frozen=True)
class DecisionCard:
    """A decision about one case. `state`: proposed, approved, cancelled or done."""

    id: str
    version: int
    case_id: str
    case_number: str
    state: str
    due_on: date
    proposed_by: str
    proposed_by_id: str
    proposed_at: datetime
    approved_by: str
    approved_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class HoldCard:
    """A hold in force."""

    id: str
    case_id: str
    case_number: str
    reason: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class RetentionPage:
    """What is due in the teams of this person, what was decided, what is kept and why.

    `may`: case id → what this person may do about it.
    """

    profile: Profile
    due: tuple[Candidate, ...]
    kept: tuple[Candidate, ...]
    decisions: tuple[DecisionCard, ...]
    report: tuple[DecisionCard, ...]
    holds: tuple[HoldCard, ...]
    may: Mapping[str, frozenset[Permission]]


_OFFERED = (Permission.PROPOSE_ERASURE, Permission.APPROVE_ERASURE, Permission.HOLD_ERASURE)
#: How many carried out decisions the page shows, the newest first.
REPORT = 100


@action
def read_retention(actor: Actor) -> RetentionPage:
    """What is to be erased and why, in the teams where this person is coordinator or unit manager."""
    allow(actor, Permission.READ_RETENTION)
    register = office()
    teams = [team_id for team_id, roles in actor.teams.items() if roles & {COORDINATOR, UNIT_MANAGER}]
    profile = profile_of(register.settings)
    found = candidates(teams, profile, today())
    decisions = _decisions(teams, register)
    waiting = {card.case_id for card in decisions if card.state in UNDER_WAY}
    concerned = {one.case_id for one in found} | waiting
    return RetentionPage(
        profile=profile,
        due=tuple(one for one in found if one.verdict.is_due and one.case_id not in waiting),
        kept=tuple(one for one in found if not one.verdict.is_due and one.verdict.reason != "not_yet"),
        decisions=tuple(card for card in decisions if card.state in UNDER_WAY),
        report=tuple(card for card in decisions if card.state == DONE)[:REPORT],
        holds=_holds([one for one in found if one.hold], register),
        may={case_id: frozenset(p for p in _OFFERED if observe(actor, p, case_id)) for case_id in concerned},
    )


@action
def hold(actor: Actor, case_id: str, *, reason: str, once: str | None = None) -> str:
    """Keep this case from being erased until somebody lifts it, and take back what was decided. The id of the hold."""
    gate = allow(actor, Permission.HOLD_ERASURE, on=case_id, once=once)
    if case_id in holds_of([case_id]):
        raise Refused("held_already", Permission.HOLD_ERASURE, case_id)
    for decision in _under_way(gate.id):
        _end(decision, CANCELLED)
    row = LegalHold(case_id=case_id, set_by_id=actor.user_id, set_at=now(), reason=reason)
    session().add(row)
    remember_result(once, row.id)
    return row.id


@action
def lift_hold(actor: Actor, case_id: str) -> None:
    """The case may be erased again when its time is out."""
    allow(actor, Permission.HOLD_ERASURE, on=case_id)
    found = holds_of([case_id]).get(case_id)
    if found is None:
        return
    row = fetch(LegalHold, found)
    row.lifted, row.lifted_by_id, row.lifted_at = True, actor.user_id, now()


@action
def propose(actor: Actor, case_id: str) -> str:
    """Propose that a case whose time is out is erased. The id of the decision. Refused with the reason if it is not due."""
    gate = allow(actor, Permission.PROPOSE_ERASURE, on=case_id)
    judgement = _judge(case_id)
    if not judgement.verdict.is_due:
        raise Refused(judgement.verdict.reason, Permission.PROPOSE_ERASURE, case_id)
    decision = ErasureDecision(
        case_id=case_id,
        team_id=gate.team_id,
        state=PROPOSED,
        due_on=judgement.verdict.due_on,
        proposed_by_id=actor.user_id,
        proposed_at=now(),
        case_number=judgement.case_number,
    )
    session().add(decision)
    try:
        session().flush()
    except IntegrityError:  # proposed by somebody else already, perhaps in this very moment
        raise Refused("erasure_under_way", Permission.PROPOSE_ERASURE, case_id) from None
    return decision.id


@action
def approve(actor: Actor, case_id: str) -> None:
    """Approve the proposal for this case. By a unit manager who did not propose it, freshly proved, while the case is still due."""
    allow(actor, Permission.APPROVE_ERASURE, on=case_id)
    demand_fresh_proof(actor)
    decision = _proposal(case_id, Permission.APPROVE_ERASURE)
    against = why_not_approve(decision.proposed_by_id, actor.user_id, _judge(case_id).verdict)
    if against is not None:
        raise Refused(against, Permission.APPROVE_ERASURE, case_id)
    decision.state, decision.approved_by_id, decision.approved_at = APPROVED, actor.user_id, now()


@action
def take_back(actor: Actor, case_id: str) -> None:
    """Take back what was proposed or approved, as long as it has not been carried out."""
    allow(actor, Permission.PROPOSE_ERASURE, on=case_id)
    found = _under_way(case_id)
    if not found:
        raise Refused("nothing_decided", Permission.PROPOSE_ERASURE, case_id)
    for decision in found:
        _end(decision, CANCELLED)


# -- carrying out: the installation's work, from the terminal -----------------------------------------------------------


@dataclass(frozen=True)
class Approved:
    """A decision to carry out. `verdict` is today's; None where the case is gone already, and an interrupted run is to be finished."""

    decision_id: str
    case_id: str
    case_number: str
    approved_by_ids: tuple[str, str]
    verdict: Verdict | None


@action
def everything_due(actor: Actor) -> tuple[Candidate, ...]:
    """Every closed case of the installation whose time is out, with the reason for each that is kept."""
    allow(actor, Permission.RUN_RETENTION)
    log_as("view")
    register = office()
    return tuple(one for one in candidates(register.teams, profile_of(register.settings), today()) if one.verdict.reason != "not_yet")


@action
def approved_decisions(actor: Actor) -> tuple[Approved, ...]:
    """What two people approved and nobody has carried out, each judged again today."""
    allow(actor, Permission.RUN_RETENTION)
    log_as("view")
    rows = session().scalars(select(ErasureDecision).where(ErasureDecision.state == APPROVED).order_by(ErasureDecision.approved_at)).all()
    cases = session().scalars(select(Case).where(Case.id.in_([row.case_id for row in rows]))).all()
    judgements = {one.case_id: one.verdict for one in judged(cases, profile_of(office().settings), today())}
    return tuple(
        Approved(row.id, row.case_id, row.case_number, (row.proposed_by_id, row.approved_by_id or ""), judgements.get(row.case_id))
        for row in rows
    )


@action
def note_carried_out(actor: Actor, decision_id: str) -> None:
    """The case of this decision is erased; the decision stays as the account of it."""
    allow(actor, Permission.RUN_RETENTION)
    decision = fetch(ErasureDecision, decision_id)
    if session().get(Case, decision.case_id) is not None:
        raise Refused("nothing_decided", Permission.RUN_RETENTION, decision.case_id)
    _end(decision, DONE)


def _end(decision: ErasureDecision, state: str) -> None:
    if not may_become(decision.state, state):
        raise Refused("nothing_decided", Permission.PROPOSE_ERASURE, decision.case_id)
    decision.state, decision.ended_at = state, now()


def _under_way(case_id: str) -> Sequence[ErasureDecision]:
    query = select(ErasureDecision).where(ErasureDecision.case_id == case_id, ErasureDecision.state.in_(sorted(UNDER_WAY)))
    return session().scalars(query).all()


def _proposal(case_id: str, permission: Permission) -> ErasureDecision:
    found = next((decision for decision in _under_way(case_id) if decision.state == PROPOSED), None)
    if found is None:
        raise Refused("nothing_decided", permission, case_id)
    return found


def _judge(case_id: str) -> Candidate:
    case = session().get(Case, case_id)
    if case is None:
        raise NotFound("not_found", case_id=case_id)
    return judged([case], profile_of(office().settings), today())[0]


# -- what the page shows ----------------------------------------------------------------------------------------------


def _decisions(team_ids: Sequence[str], register: Office) -> list[DecisionCard]:
    query = select(ErasureDecision).where(ErasureDecision.team_id.in_(team_ids)).order_by(ErasureDecision.proposed_at.desc())
    return [_card(row, register) for row in session().scalars(query)]


def _card(row: ErasureDecision, register: Office) -> DecisionCard:
    return DecisionCard(
        id=row.id,
        version=row.version,
        case_id=row.case_id,
        case_number=row.case_number,
        state=row.state,
        due_on=row.due_on,
        proposed_by=register.user_name(row.proposed_by_id),
        proposed_by_id=row.proposed_by_id,
        proposed_at=row.proposed_at,
        approved_by=register.user_name(row.approved_by_id),
        approved_at=row.approved_at,
        ended_at=row.ended_at,
    )


def _holds(held: Sequence[Candidate], register: Office) -> tuple[HoldCard, ...]:
    numbers = {one.hold: one.case_number for one in held}
    rows = session().scalars(select(LegalHold).where(LegalHold.id.in_(list(numbers))))
    return tuple(
        HoldCard(row.id, row.case_id, numbers[row.id], row.reason, register.user_name(row.set_by_id), row.set_at) for row in rows
    )


@dataclass(frozen=True)
class CaseHold:
    """A case for the form that holds it back."""

    case_id: str
    case_number: str


@action
def read_for_hold(actor: Actor, case_id: str) -> CaseHold:
    """The case a hold is about to be set on: its number and nothing else."""
    allow(actor, Permission.HOLD_ERASURE, on=case_id)
    log_as("view")
    case = session().get_one(Case, case_id)
    log_detail(case_number=case.case_number)
    return CaseHold(case_id, case.case_number)

"""Opening a case in an emergency, and ending that: what the person in the middle of it does.

A case that does not exist and one that is not the person's to open get the same answer, and neither is given before a right code.
"""

from sqlalchemy import select

from caseapp.access import (
    Actor,
    BreakGlass,
    NotFound,
    Permission,
    Refused,
    StaleForm,
    action,
    allow,
    end_running,
    log_detail,
    now,
    observe,
    running_emergency,
    session,
)
from caseapp.accounts.proof import demand_fresh_proof
from caseapp.accounts.signing_in import Rejected, TryLater, prove_again
from caseapp.cases.models import Case
from caseapp.consent import open_account, reads_everything

from .rules import end_of, why_no_reason


def open_in_emergency(actor: Actor, *, case_number: str, reason: str, code: str, network: str) -> str | Rejected | TryLater:
    """Open the case with this number to the actor for an hour, and give its id. The code is a new one of the second factor.

    Where an opening of theirs is running already it goes on: it becomes no longer. Raises NotFound for a case that is not there or not
    the actor's to open, Refused("open_already") for one they read everything in as it is, ValueError for a poor reason.
    """
    if why_no_reason(reason) is not None:
        raise ValueError("an emergency opening needs a reason that can be judged afterwards")
    proved = prove_again(actor, code, network=network)
    if not isinstance(proved, Actor):
        return proved
    try:
        return _begin(proved, case_number, reason)
    except StaleForm:  # the twin of this form was committed in this very moment: that opening is running now
        return _begin(proved, case_number, reason)


@action
def _begin(actor: Actor, case_number: str, reason: str) -> str:
    case = session().scalars(select(Case).where(Case.case_number == case_number)).one_or_none()
    if case is None or case.is_damaged:  # another number may have been written on it, to have somebody open what they do not mean
        raise NotFound("not_found", Permission.BREAK_GLASS)
    begin_emergency(actor, case.id, reason=reason)
    return case.id


@action
def begin_emergency(actor: Actor, case_id: str, *, reason: str) -> str:
    """The opening itself, by somebody who has just proved themselves; gives its id, which is the ground's in the log."""
    gate = allow(actor, Permission.BREAK_GLASS, on=case_id)
    demand_fresh_proof(actor)
    running = running_emergency(actor, gate.id)
    if running is not None:
        log_detail(emergency=running.id, goes_on=True)
        return running.id
    if observe(actor, Permission.READ_CASE, gate.id) and reads_everything(actor, gate):
        raise Refused("open_already", Permission.BREAK_GLASS, gate.id)
    for earlier in _unended(actor, gate.id):
        earlier.ended_at = end_of(earlier.begun_at, None)
    open_account(gate)
    row = BreakGlass(
        case_id=gate.id,
        owner_agency_id=gate.home_agency_id,
        source_agency_id=actor.agency_id,
        created_by_id=actor.user_id,
        user_id=actor.user_id,
        begun_at=now(),
        reason=reason,
    )
    session().flush()  # what is over must be so in the database before the next begins
    session().add(row)
    session().flush()
    log_detail(emergency=row.id)
    return row.id


def _unended(actor: Actor, case_id: str) -> list[BreakGlass]:
    query = select(BreakGlass).where(BreakGlass.case_id == case_id, BreakGlass.user_id == actor.user_id, BreakGlass.ended_at.is_(None))
    return list(session().scalars(query))


@action
def end_emergency(actor: Actor, case_id: str) -> bool:
    """End the actor's opening of this case at once, if one is running. Whether they may still read the case, for they take part in it."""
    allow(actor, Permission.END_EMERGENCY, on=case_id)
    for opening_id in end_running(_unended(actor, case_id), actor):
        log_detail(ended=opening_id)
    session().flush()
    return observe(actor, Permission.READ_CASE, case_id)

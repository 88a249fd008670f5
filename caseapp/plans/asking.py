"""What every action on the plan asks before it writes: may this person, for this agency, in this case, and is the compartment open?

Refused with the telling reason before anything is sealed. Who may do what stands in the access policy; this only asks it.
"""

from typing import Any

from caseapp import codelists
from caseapp.access import Actor, Gate, Permission, Refused, allow, fetch
from caseapp.accounts import office
from caseapp.consent import Opening

from .models import Commitment, Goal, Intervention

#: What the young person takes on stands beside what the agencies do; it is no actor of the code list.
YOUTH = "youth"


def allow_writing(actor: Actor, case_id: str, once: str | None) -> Gate:
    gate = allow(actor, Permission.WRITE_PLAN, on=case_id, once=once)
    require_open_case(gate, Permission.WRITE_PLAN)
    return gate


def allow_for_agency(actor: Actor, case_id: str, agency_id: str, once: str | None) -> Gate:
    """Writing for one's own agency asks less than writing for somebody else's."""
    permission = Permission.REPORT_COMMITMENT if agency_id == actor.agency_id else Permission.WRITE_PLAN
    gate = allow(actor, permission, on=case_id, once=once)
    require_open_case(gate, permission)
    if agency_id not in office().teams[gate.team_id].agency_ids:
        raise Refused("not_in_team", permission, case_id)
    return gate


def require_open_case(gate: Gate, permission: Permission) -> None:
    if not gate.is_open:
        raise Refused("case_closed", permission, gate.id)


def require_open(opening: Opening, owner_agency_id: str, information_type: str) -> None:
    """Refuse with the telling reason, before anything is sealed, what this person holds no key for."""
    decision = opening.decide(owner_agency_id, information_type)
    if not opening.may_write(owner_agency_id, information_type):
        raise Refused("ground_for_reading" if decision.allowed else decision.reason, case_id=opening.case_id)


def require_goal(case_id: str, goal_id: str | None) -> None:
    if goal_id is not None:
        fetch(Goal, goal_id, case_id=case_id)


def owner_of(model: type[Commitment | Intervention], row_id: str, case_id: str) -> str:
    row: Commitment | Intervention = fetch(model, row_id, case_id=case_id)
    return row.owner_agency_id


def actor_code(agency_id: str, made_by: str | None = None) -> str:
    if made_by:
        return made_by if made_by == YOUTH else known("Actor", made_by)
    return office().agencies[agency_id].actor


def known(name: str, code: str) -> str:
    return codelists.codelist(name)[code].code if code else ""


def readable(answers: Any) -> dict[str, Any]:
    if not isinstance(answers, dict):
        raise Refused("unreadable")
    return answers

"""What tests about members do again and again: let somebody into a team the way it is done, and look at a case's rows."""

from collections.abc import Callable

from sqlalchemy import select

from caseapp.access import Actor, Gate, NamedReader, NotFound, Participation, Permission, Refused, action, allow, session
from caseapp.cases.actions import read_case
from caseapp.db import transaction
from caseapp.members import actions as members
from tests.municipality import Municipality

ACT = Callable[[str], Actor]


def join(actor: ACT, municipality: Municipality, login: str, role: str, team: str = "norr") -> None:
    """The administrator proposes, the unit manager approves."""
    proposal = members.propose(actor("admin"), municipality[login].id, municipality.teams[team], role)
    members.approve_proposal(actor("ulla"), proposal)


def can_open(actor: Actor, case_id: str) -> bool:
    """Whether the person gets the case's first page."""
    try:
        read_case(actor, case_id)
    except NotFound:
        return False
    return True


def refused(act: Callable[[], object]) -> str:
    """The reason with which this was refused."""
    try:
        act()
    except Refused as refusal:
        return refusal.reason
    raise AssertionError("it was not refused")


def epoch(case_id: str) -> int:
    """The epoch of the case's gate as it is stored."""
    with transaction(reading=True) as current:
        return current.get_one(Gate, case_id).epoch


def near(case_id: str, user_id: str) -> tuple[int, int]:
    """(parts that have not ended, places on the list) of a person in a case, as they are stored."""
    with transaction(reading=True) as current:
        parts = current.scalars(select(Participation).where(Participation.case_id == case_id, Participation.user_id == user_id)).all()
        places = current.scalars(select(NamedReader).where(NamedReader.case_id == case_id, NamedReader.user_id == user_id)).all()
        return sum(row.until_day is None for row in parts), sum(not row.lifted for row in places)


@action
def protect(actor: Actor, case_id: str) -> None:
    """The identity in this case is protected from now on, and the actor is on the list."""
    gate = allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id)
    gate.is_protected = True
    session().add(NamedReader(case_id=case_id, user_id=actor.user_id))

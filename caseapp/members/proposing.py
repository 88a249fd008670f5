"""How does somebody come into a team? An administrator proposes, the team's unit manager approves or says no.

Until it is approved there is no membership, so there is nothing to open. A team that has never had a unit manager gets its first
one from the administrator at once; the log and the page say so. A unit manager whose account is closed still counts: otherwise
whoever closes accounts could put another in the place.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from caseapp.access import (
    UNIT_MANAGER,
    Actor,
    Permission,
    Refused,
    action,
    allow,
    check_whole,
    fetch,
    log_as,
    log_detail,
    now,
    remember_result,
    session,
    today,
)
from caseapp.accounts import Office, office
from caseapp.accounts.actions import TEAM_ROLES, TeamRoles, add_person, change_person
from caseapp.accounts.models import Membership

from .facts import hold_team, managers_of, member, the_team
from .models import MembershipProposal
from .rules import APPROVED, PROPOSED, REFUSED, TAKEN_BACK, why_not_approve, why_not_propose


@dataclass(frozen=True)
class ProposalCard:
    """A proposal that waits for the unit manager of its team."""

    id: str
    user_id: str
    name: str
    agency_name: str
    team_id: str
    team_name: str
    role: str
    proposed_by: str
    proposed_at: datetime


@action
def propose(actor: Actor, user_id: str, team_id: str, role: str, *, once: str | None = None) -> str:
    """Propose somebody for a role in a team; the proposal's id. Refused with the reason where it cannot be.

    The first unit manager of a team is one at once, and the proposal counts as approved by the administrator.
    """
    allow(actor, Permission.MANAGE_USERS, once=once)
    log_as("create")
    register = office()
    waiting = session().scalars(_waiting().where(MembershipProposal.user_id == user_id, MembershipProposal.team_id == team_id))
    against = (
        "not_found"
        if role not in TEAM_ROLES
        else why_not_propose(
            actor.user_id,
            member(register, user_id, team_id),
            role,
            the_team(register, team_id),
            is_waiting=any(row.role == role for row in waiting),
        )
    )
    if against is not None:
        raise Refused(against, Permission.MANAGE_USERS)
    row = MembershipProposal(
        user_id=user_id, team_id=team_id, role=role, state=PROPOSED, proposed_by_id=actor.user_id, proposed_at=now()
    )
    session().add(row)
    if role == UNIT_MANAGER:
        hold_team(team_id)
    if role == UNIT_MANAGER and not managers_of(team_id):
        log_detail(first_unit_manager=user_id, team=team_id)
        _make_member(row, actor.user_id)
    try:
        session().flush()
    except IntegrityError:  # proposed by somebody else in this very moment
        raise Refused("proposed_already", Permission.MANAGE_USERS) from None
    remember_result(once, user_id)
    return row.id


@action
def propose_roles(actor: Actor, user_id: str, teams: TeamRoles, *, once: str | None = None) -> None:
    """Propose somebody for several roles at once; all of them or none. Unit managers first, so that a new team has one."""
    allow(actor, Permission.MANAGE_USERS, once=once)
    log_as("create")
    wanted = [(team_id, role) for team_id, roles in teams.items() for role in roles]
    for team_id, role in sorted(wanted, key=lambda one: (one[1] != UNIT_MANAGER, one)):
        propose(actor, user_id, team_id, role)
    remember_result(once, user_id)


@action
def invite_member(
    actor: Actor, *, name: str, login: str, agency_id: str, roles: Collection[str] = (), teams: TeamRoles, once: str | None = None
) -> tuple[str, str]:
    """Invite somebody and propose them for these roles in teams: (invitation's token, person's id). Raises LoginTaken."""
    allow(actor, Permission.MANAGE_USERS)
    token, user_id = add_person(actor, name=name, login=login, agency_id=agency_id, roles=roles, once=once)
    propose_roles(actor, user_id, teams)
    return token, user_id


@action
def change_member(
    actor: Actor, user_id: str, *, name: str, roles: Collection[str], teams: TeamRoles, version: int | None = None
) -> None:
    """Change name and roles in the installation, and propose these roles in teams: all of it or nothing."""
    allow(actor, Permission.MANAGE_USERS)
    change_person(actor, user_id, name=name, roles=roles, version=version)
    if teams:
        propose_roles(actor, user_id, teams)


@action
def approve_proposal(actor: Actor, proposal_id: str) -> None:
    """Let the person in, from today. By a unit manager of the team who neither proposed it nor is an administrator."""
    row = fetch(MembershipProposal, proposal_id)
    allow(actor, Permission.DECIDE_MEMBERS, team=row.team_id)
    check_whole(row)
    hold_team(row.team_id)
    register = office()
    person, approver = member(register, row.user_id, row.team_id), member(register, actor.user_id, row.team_id)
    against = why_not_approve(approver, row.proposed_by_id, row.state, person, row.role, the_team(register, row.team_id))
    if against is not None:
        raise Refused(against, Permission.DECIDE_MEMBERS)
    log_detail(member=row.user_id, role=row.role, team=row.team_id)
    _make_member(row, actor.user_id)


@action
def refuse_proposal(actor: Actor, proposal_id: str) -> None:
    """Say no. The person stays as they are."""
    row = fetch(MembershipProposal, proposal_id)
    allow(actor, Permission.DECIDE_MEMBERS, team=row.team_id)
    _decide(row, REFUSED, actor.user_id, Permission.DECIDE_MEMBERS)


@action
def take_back_proposal(actor: Actor, proposal_id: str) -> str:
    """Take a proposal back before it is decided; whose it was."""
    row = fetch(MembershipProposal, proposal_id)
    allow(actor, Permission.MANAGE_USERS)
    _decide(row, TAKEN_BACK, actor.user_id, Permission.MANAGE_USERS)
    return row.user_id


def _decide(row: MembershipProposal, state: str, by: str, permission: Permission) -> None:
    check_whole(row)
    if row.state != PROPOSED:
        raise Refused("proposal_decided", permission)
    row.state, row.decided_by_id, row.decided_at = state, by, now()


def _make_member(row: MembershipProposal, by: str) -> None:
    row.state, row.decided_by_id, row.decided_at = APPROVED, by, now()
    session().add(Membership(user_id=row.user_id, team_id=row.team_id, role=row.role, from_day=today()))


def drop_proposals(user_id: str, team_ids: Collection[str], by: str) -> None:
    """Take back what waits for this person in these teams. Inside an action."""
    query = _waiting().where(MembershipProposal.user_id == user_id, MembershipProposal.team_id.in_(list(team_ids)))
    for row in session().scalars(query):
        row.state, row.decided_by_id, row.decided_at = TAKEN_BACK, by, now()


def waiting_proposals(register: Office, *, team_ids: Collection[str] | None = None, user_id: str | None = None) -> list[ProposalCard]:
    """What waits for a decision in these teams, or about this person, the oldest first. Inside an action."""
    query = _waiting().order_by(MembershipProposal.proposed_at, MembershipProposal.id)
    if team_ids is not None:
        query = query.where(MembershipProposal.team_id.in_(list(team_ids)))
    if user_id is not None:
        query = query.where(MembershipProposal.user_id == user_id)
    return [
        ProposalCard(
            id=row.id,
            user_id=row.user_id,
            name=register.user_name(row.user_id),
            agency_name=register.agency_name(register.users[row.user_id].agency_id),
            team_id=row.team_id,
            team_name=register.teams[row.team_id].name,
            role=row.role,
            proposed_by=register.user_name(row.proposed_by_id),
            proposed_at=row.proposed_at,
        )
        for row in session().scalars(query)
    ]


@action
def proposals_about(actor: Actor, user_id: str) -> list[ProposalCard]:
    """What waits for a decision about one person, for whoever keeps the register."""
    allow(actor, Permission.MANAGE_USERS)
    log_as("view")
    return waiting_proposals(office(), user_id=user_id)


def _waiting() -> Select[MembershipProposal]:
    return select(MembershipProposal).where(MembershipProposal.state == PROPOSED)

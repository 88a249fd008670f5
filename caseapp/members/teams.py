"""A person's teams: who is in them, who is away, and for the unit manager what waits for a decision.

Every member sees who works in the team and who stands in for whom. Only the unit manager sees what waits, and the cases that no
coordinator can open today, by number; for these somebody is appointed here, since nobody else could.
"""

from dataclasses import dataclass

from caseapp.access import (
    UNIT_MANAGER,
    Actor,
    Gate,
    NotFound,
    Permission,
    Refused,
    action,
    allow,
    log_as,
    log_detail,
    log_in_cases,
    session,
)
from caseapp.accounts import Office, office
from caseapp.cases.coordinating import could_take_over, hand_over, without_coordinator
from caseapp.cases.numbers import numbers_of

from .absences import LeaveCard, leave_cards
from .proposing import ProposalCard, waiting_proposals


@dataclass(frozen=True)
class MemberLine:
    """A member of a team. `roles` in the team; `is_away` today, and who stands in."""

    user_id: str
    name: str
    agency_name: str
    roles: frozenset[str]
    is_active: bool
    is_away: bool
    is_self: bool


@dataclass(frozen=True)
class LoneCase:
    """A case that no coordinator can open today. `successors`: (id, name) of those who could be appointed."""

    case_id: str
    case_number: str
    team_id: str
    is_open: bool
    successors: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TeamPage:
    """One team of the person. What only the unit manager sees is empty for others."""

    team_id: str
    name: str
    is_active: bool
    decides: bool
    members: tuple[MemberLine, ...]
    leaves: tuple[LeaveCard, ...]
    proposals: tuple[ProposalCard, ...] = ()
    alone: tuple[LoneCase, ...] = ()


@action
def read_teams(actor: Actor) -> tuple[TeamPage, ...]:
    """The person's teams, by name."""
    allow(actor, Permission.READ_MEMBERS)
    log_as("view")
    register = office()
    log_detail(teams=sorted(actor.teams))
    return tuple(_team(actor, team_id, register) for team_id in register.teams if team_id in actor.teams)


def _team(actor: Actor, team_id: str, register: Office) -> TeamPage:
    team, decides = register.teams[team_id], UNIT_MANAGER in actor.teams[team_id]
    people = [user for user in register.users.values() if team_id in user.teams and (user.is_active or decides)]
    return TeamPage(
        team_id=team_id,
        name=team.name,
        is_active=team.is_active,
        decides=decides,
        members=tuple(
            MemberLine(
                user_id=user.id,
                name=user.name,
                agency_name=register.agency_name(user.agency_id),
                roles=user.teams[team_id],
                is_active=user.is_active,
                is_away=team_id in user.away,
                is_self=user.id == actor.user_id,
            )
            for user in people
        ),
        leaves=tuple(leave_cards(register, team_id)),
        proposals=tuple(waiting_proposals(register, team_ids=[team_id])) if decides else (),
        alone=_alone(team_id) if decides else (),
    )


def _alone(team_id: str) -> tuple[LoneCase, ...]:
    gates = without_coordinator([team_id])
    numbers = numbers_of([gate.id for gate in gates])
    cards = (
        LoneCase(gate.id, numbers[gate.id], gate.team_id, gate.is_open, tuple((user.id, user.name) for user in could_take_over(gate)))
        for gate in gates
    )
    return tuple(sorted(cards, key=lambda card: (not card.is_open, card.case_number)))


@action
def read_lone_case(actor: Actor, team_id: str, case_id: str) -> LoneCase:
    """A case of the team that no coordinator can open, for the form that appoints one. NotFound where somebody can open it."""
    allow(actor, Permission.DECIDE_MEMBERS, team=team_id)
    log_as("view")
    return _lone(team_id, case_id)


@action
def appoint(actor: Actor, team_id: str, case_id: str, user_id: str, *, once: str | None = None) -> None:
    """Let one of the team's coordinators take over a case that none can open today.

    NotFound ("has_coordinator") where one can: who takes part is then that coordinator's to say.
    """
    allow(actor, Permission.DECIDE_MEMBERS, team=team_id, once=once)
    if user_id not in dict(_lone(team_id, case_id).successors):
        raise Refused("not_a_coordinator", Permission.DECIDE_MEMBERS)
    hand_over(session().get_one(Gate, case_id), user_id, actor.user_id)
    log_detail(handed_over={case_id: user_id})
    log_in_cases([case_id])


def _lone(team_id: str, case_id: str) -> LoneCase:
    found = next((card for card in _alone(team_id) if card.case_id == case_id), None)
    if found is None:
        raise NotFound("has_coordinator", Permission.DECIDE_MEMBERS)
    return found


@dataclass(frozen=True)
class WaitingMembers:
    """How much waits for a unit manager in all their teams: people to approve, leaves to confirm, cases without coordinator."""

    proposals: int = 0
    leaves: int = 0
    alone: int = 0


NOTHING = WaitingMembers()


def waiting_in_teams(actor: Actor) -> WaitingMembers:
    """What waits for this unit manager; nothing for anybody else. Inside an action."""
    teams = [team_id for team_id, roles in actor.teams.items() if UNIT_MANAGER in roles]
    if not teams:
        return NOTHING
    register = office()
    leaves = [card for team_id in teams for card in leave_cards(register, team_id) if card.state == "asked"]
    return WaitingMembers(len(waiting_proposals(register, team_ids=teams)), len(leaves), len(without_coordinator(teams)))

"""The register as the rules of this room see it: people as members, teams with their agencies, unit managers, leaves."""

from collections.abc import Iterable

from sqlalchemy import select

from caseapp.access import UNIT_MANAGER, NotFound, session
from caseapp.accounts import Office
from caseapp.accounts.directory import running_memberships
from caseapp.accounts.models import Leave, Team

from .rules import STANDING, Away, Member, TheTeam


def member(register: Office, user_id: str, team_id: str) -> Member:
    """This person as the rules see them in this team. Raises NotFound for somebody who is not in the register."""
    if user_id not in register.users:
        raise NotFound("not_found")
    card = register.users[user_id]
    return Member(card.id, card.agency_id, card.roles, card.teams.get(team_id, frozenset()), card.is_active)


def the_team(register: Office, team_id: str) -> TheTeam:
    """This team as the rules see it: the agencies in it that still take part. Raises NotFound for one that does not exist."""
    if team_id not in register.teams:
        raise NotFound("not_found")
    agencies = [agency.id for agency in register.team_agencies(team_id) if agency.is_active]
    card = register.teams[team_id]
    return TheTeam(frozenset(agencies), card.is_active, frozenset(agency for agency in agencies if not card.lets_in(agency)))


def hold_team(team_id: str) -> None:
    """Let nobody else decide about this team until the action at hand is committed: two steps may each be right and not both."""
    session().get(Team, team_id, with_for_update=True)


def managers_of(team_id: str) -> set[str]:
    """The ids of the team's unit managers, whether or not their account is open."""
    return {row.user_id for row in session().scalars(running_memberships(team_id=team_id)) if row.role == UNIT_MANAGER}


def managers_at_work(register: Office, team_id: str) -> set[str]:
    """The ids of the team's unit managers with an open account."""
    return {user_id for user_id in managers_of(team_id) if register.users[user_id].is_active}


def standing_leaves(team_id: str) -> list[Leave]:
    """The leaves of this team that are asked for or confirmed, also those that are over."""
    return list(session().scalars(select(Leave).where(Leave.team_id == team_id, Leave.state.in_(sorted(STANDING)))))


def away(rows: Iterable[Leave]) -> list[Away]:
    """These leaves as the rules see them."""
    return [Away(row.user_id, row.stand_in_id, row.from_day, row.until_day) for row in rows]

"""Keeping the office's register: municipality, agencies, teams, people and their invitations.

An administrator does this and can read no case, nor put anybody in a team: that is proposed, and decided by the team's unit manager
(room members). Nobody chooses a password for somebody else: a person is invited by a link that works once, and chooses password and
second factor alone. (`make_person` exists for fictitious people; no page leads to it.)
Municipality, agencies and teams are in `places`, invitations in `invitations`; they are called from here like the rest.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from caseapp.access import (
    ADMINISTRATOR,
    ANONYMOUS,
    COORDINATOR,
    LOG_REVIEWER,
    PARTICIPANT,
    STATISTICIAN,
    UNIT_MANAGER,
    Actor,
    NotFound,
    Permission,
    Refused,
    action,
    allow,
    check_version,
    fetch,
    log_as,
    remember_result,
    session,
)
from caseapp.db import bound_database

from .directory import running_memberships
from .feeds import forget_feed
from .invitations import Invited, WrongCode, accept_invitation, new_invitation, read_invitation, use_up_invitations
from .models import Agency, Membership, Municipality, User
from .passwords import new_password
from .places import (
    MunicipalityCard,
    change_agency,
    change_team,
    create_agency,
    create_team,
    read_municipality,
    read_office,
    set_municipality,
)
from .proof import demand_fresh_proof
from .rules import fold_login
from .sessions import end_sessions_of

__all__ = [
    "INSTALLATION_ROLES", "TEAM_ROLES", "Invited", "LoginTaken", "MunicipalityCard", "PersonCard", "TeamRoles", "WrongCode",
    "accept_invitation", "add_person", "bootstrap_administrator", "change_agency", "change_person", "change_team", "create_agency",
    "create_team", "disable_person", "enable_person", "end_sessions", "invite", "invite_again", "list_people", "make_person",
    "read_invitation",
    "read_municipality", "read_office", "read_person", "set_municipality",
]  # fmt: skip

INSTALLATION_ROLES = (ADMINISTRATOR, STATISTICIAN, LOG_REVIEWER)
TEAM_ROLES = (COORDINATOR, PARTICIPANT, UNIT_MANAGER)

TeamRoles = Mapping[str, Collection[str]]
"""team id → roles in that team"""


class LoginTaken(Exception):
    """Somebody has this login already."""


class PartnerWithoutAccount(Exception):
    """The person's agency is a partner in a team whose partners have no accounts; `team` is its name."""

    def __init__(self, team: str) -> None:
        super().__init__(f"the partner agencies of {team} have no accounts")
        self.team = team


# -- the first administrator ------------------------------------------------------------------------------------------


@action
def _bootstrap(actor: Actor, municipality: str, name: str, login: str) -> str:
    allow(actor, Permission.SIGN_IN)
    log_as("create")
    if session().scalar(select(func.count()).select_from(User)):
        raise Refused("not_permitted", Permission.MANAGE_USERS)
    session().add(Municipality(name=municipality, settings={}))
    agency = Agency(actor="other", name=municipality)
    session().add(agency)
    user = _new_user(name, login, agency.id, (ADMINISTRATOR,))
    return new_invitation(user.id)


def bootstrap_administrator(municipality: str, *, name: str = "Administratör", login: str = "admin") -> str:
    """The invitation token of the first administrator of an empty installation. Refused where anybody exists."""
    return _bootstrap(ANONYMOUS, municipality, name, login)


# -- people -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PersonCard:
    """Somebody in the register as the administrator sees them."""

    id: str
    name: str
    login: str
    agency_id: str
    roles: frozenset[str]
    teams: Mapping[str, frozenset[str]]
    is_active: bool
    has_signed_up: bool
    version: int


@action
def list_people(actor: Actor) -> list[PersonCard]:
    """Everybody in the register, by name."""
    allow(actor, Permission.MANAGE_USERS)
    log_as("view")
    held: dict[str, list[Membership]] = {}
    for row in session().scalars(running_memberships()):
        held.setdefault(row.user_id, []).append(row)
    return sorted((_person(user, held.get(user.id, [])) for user in session().scalars(select(User))), key=lambda card: card.name.casefold())


@action
def read_person(actor: Actor, user_id: str) -> PersonCard:
    """One person of the register."""
    allow(actor, Permission.MANAGE_USERS)
    log_as("view")
    return _person(fetch(User, user_id), list(session().scalars(running_memberships(user_id))))


def invite(actor: Actor, *, name: str, login: str, agency_id: str, roles: Collection[str] = (), once: str | None = None) -> str:
    """Put somebody in the register and invite them: the invitation's token, shown once. Raises LoginTaken."""
    return add_person(actor, name=name, login=login, agency_id=agency_id, roles=roles, once=once)[0]


@action
def add_person(
    actor: Actor, *, name: str, login: str, agency_id: str, roles: Collection[str] = (), once: str | None = None
) -> tuple[str, str]:
    """The same, with the person's id: (token, id)."""
    allow(actor, Permission.MANAGE_USERS, once=once)
    log_as("create")
    user = _new_user(name, login, agency_id, roles)
    remember_result(once, user.id)
    return new_invitation(user.id), user.id


@action
def invite_again(actor: Actor, user_id: str) -> str:
    """A new invitation for somebody who lost password or second factor; what they had holds until it is accepted."""
    demand_fresh_proof(actor)
    allow(actor, Permission.MANAGE_USERS)
    user = fetch(User, user_id)
    if not user.is_active:
        raise NotFound("not_found")
    return new_invitation(user.id)


@action
def change_person(
    actor: Actor,
    user_id: str,
    *,
    name: str,
    roles: Collection[str] = (),
    version: int | None = None,
) -> None:
    """Change name and roles in the installation; in force from the person's next request. Nobody changes their own roles.

    Roles in teams are proposed to the team's unit manager, and a move to another agency has consequences: both are in the room members.
    """
    allow(actor, Permission.MANAGE_USERS)
    user = fetch(User, user_id)
    check_version(user, version, _person(user, []))
    if user_id == actor.user_id and _written(roles) != user.roles:
        raise Refused("own_role", Permission.MANAGE_USERS)
    if ADMINISTRATOR in roles and any(row.role == UNIT_MANAGER for row in session().scalars(running_memberships(user_id))):
        raise Refused("administrator_manages", Permission.MANAGE_USERS)
    user.name, user.roles = name, _written(roles)


@action
def disable_person(actor: Actor, user_id: str) -> None:
    """Shut somebody out at once: their sessions end, their invitations and their calendar's address no longer work."""
    allow(actor, Permission.MANAGE_USERS)
    if user_id == actor.user_id:
        raise Refused("own_role", Permission.MANAGE_USERS)
    fetch(User, user_id).is_active = False
    end_sessions_of(user_id)
    use_up_invitations(user_id)
    forget_feed(user_id)


@action
def enable_person(actor: Actor, user_id: str) -> None:
    """Let somebody in again, with the password and second factor they had."""
    allow(actor, Permission.MANAGE_USERS)
    fetch(User, user_id).is_active = True


@action
def end_sessions(actor: Actor, user_id: str) -> int:
    """End all sessions of a person; how many."""
    allow(actor, Permission.MANAGE_USERS)
    return end_sessions_of(fetch(User, user_id).id)


@action
def make_person(
    actor: Actor,
    *,
    name: str,
    login: str,
    agency_id: str,
    roles: Collection[str] = (),
    password: str,
    totp_secret: str,
) -> str:
    """A fictitious person with password and second factor at once, for the demonstration and tests. The person's id."""
    allow(actor, Permission.MANAGE_USERS)
    log_as("create")
    user = _new_user(name, login, agency_id, roles)
    user.credentials = {"password": new_password(password, (name, login)), "totp": totp_secret}
    return user.id


def _new_user(name: str, login: str, agency_id: str, roles: Collection[str]) -> User:
    fetch(Agency, agency_id)
    index = bound_database().keyholder.blind_index("login", fold_login(login))
    if session().scalars(select(User.id).where(User.login_index == index)).first() is not None:
        raise LoginTaken
    user = User(login_index=index, agency_id=agency_id, roles=_written(roles), login=fold_login(login), name=name)
    session().add(user)
    return user


def _written(roles: Collection[str]) -> str:
    return ",".join(role for role in INSTALLATION_ROLES if role in roles)


def _person(user: User, memberships: list[Membership]) -> PersonCard:
    teams: dict[str, frozenset[str]] = {}
    for row in memberships:
        teams[row.team_id] = teams.get(row.team_id, frozenset()) | {row.role}
    roles = frozenset(role for role in user.roles.split(",") if role)
    return PersonCard(
        user.id, user.name, user.login, user.agency_id, roles, teams, user.is_active, bool(user.credentials.get("totp")), user.version
    )

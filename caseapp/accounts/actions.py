"""Keeping the office's register: municipality, agencies, teams, people and their invitations.

An administrator does this and can read no case. Nobody chooses a password for somebody else: a person is invited by a link that
works once, and chooses password and second factor alone. (`make_person` exists for fictitious people; no page leads to it.)
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

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
    now,
    remember_result,
    session,
    today,
)
from caseapp.db import bound_database

from .directory import Office, context_words, office
from .models import Agency, Invitation, Membership, Municipality, Team, TeamAgency, User
from .passwords import new_password
from .proof import demand_fresh_proof
from .rules import fold_login
from .second_factor import step_of
from .sessions import end_sessions_of, token_hash

INSTALLATION_ROLES = (ADMINISTRATOR, STATISTICIAN, LOG_REVIEWER)
TEAM_ROLES = (COORDINATOR, PARTICIPANT, UNIT_MANAGER)
INVITATION_LASTS = timedelta(days=7)

TeamRoles = Mapping[str, Collection[str]]
"""team id → roles in that team"""


class LoginTaken(Exception):
    """Somebody has this login already."""


class WrongCode(Exception):
    """The code does not belong to the second factor that is being enrolled."""


# -- the municipality -------------------------------------------------------------------------------------------------


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
    return _new_invitation(user.id)


def bootstrap_administrator(municipality: str, *, name: str = "Administratör", login: str = "admin") -> str:
    """The invitation token of the first administrator of an empty installation. Refused where anybody exists."""
    return _bootstrap(ANONYMOUS, municipality, name, login)


@dataclass(frozen=True)
class MunicipalityCard:
    """The municipality's name and settings, with the version a form starts from."""

    name: str
    settings: Mapping[str, Any]
    version: int


@action
def read_municipality(actor: Actor) -> MunicipalityCard:
    """The municipality as it is set now."""
    allow(actor, Permission.MANAGE_SETTINGS)
    log_as("view")
    return _municipality_card(_municipality())


@action
def set_municipality(actor: Actor, *, name: str | None = None, version: int | None = None, **settings: Any) -> None:
    """Change the name and the named settings; what is not named stays. See models.Municipality for the settings."""
    allow(actor, Permission.MANAGE_SETTINGS)
    row = _municipality()
    check_version(row, version, _municipality_card(row))
    if name is not None:
        row.name = name
    row.settings = row.settings | settings


def _municipality() -> Municipality:
    return session().scalars(select(Municipality)).one()


def _municipality_card(row: Municipality) -> MunicipalityCard:
    return MunicipalityCard(row.name, row.settings, row.version)


@action
def read_office(actor: Actor) -> Office:
    """The whole register, for whoever keeps it."""
    allow(actor, Permission.MANAGE_SETTINGS)
    log_as("view")
    return office()


# -- agencies and teams -----------------------------------------------------------------------------------------------


@action
def create_agency(actor: Actor, *, name: str, kind: str, once: str | None = None) -> str:
    """A new agency; `kind` is a code of the list Actor. Its id."""
    allow(actor, Permission.MANAGE_SETTINGS, once=once)
    log_as("create")
    agency = Agency(actor=kind, name=name)
    session().add(agency)
    remember_result(once, agency.id)
    return agency.id


@action
def change_agency(actor: Actor, agency_id: str, *, name: str, kind: str, is_active: bool = True, version: int | None = None) -> None:
    """Change an agency. One that is no longer active is not offered; what it owns stays its own."""
    allow(actor, Permission.MANAGE_SETTINGS)
    row = fetch(Agency, agency_id)
    check_version(row, version, office().agencies[agency_id])
    row.name, row.actor, row.is_active = name, kind, is_active


@action
def create_team(
    actor: Actor,
    *,
    name: str,
    work_form: str,
    home_agency_id: str,
    agency_ids: Collection[str] = (),
    partner_accounts: bool = False,
    once: str | None = None,
) -> str:
    """A new team; the joint plan and the meetings belong to the home agency. Its id."""
    allow(actor, Permission.MANAGE_SETTINGS, once=once)
    log_as("create")
    team = Team(home_agency_id=home_agency_id, work_form=work_form, name=name, partner_accounts=partner_accounts)
    session().add(team)
    _belong(team, agency_ids)
    remember_result(once, team.id)
    return team.id


@action
def change_team(
    actor: Actor,
    team_id: str,
    *,
    name: str,
    agency_ids: Collection[str],
    partner_accounts: bool,
    is_active: bool = True,
    version: int | None = None,
) -> None:
    """Change a team's name, agencies and whether partner agencies have accounts. Work form and home agency stay for ever."""
    allow(actor, Permission.MANAGE_SETTINGS)
    team = fetch(Team, team_id)
    check_version(team, version, office().teams[team_id])
    team.name, team.partner_accounts, team.is_active = name, partner_accounts, is_active
    _belong(team, agency_ids)


def _belong(team: Team, agency_ids: Collection[str]) -> None:
    wanted = {team.home_agency_id, *agency_ids}
    for agency_id in wanted:
        fetch(Agency, agency_id)
    links = session().scalars(select(TeamAgency).where(TeamAgency.team_id == team.id)).all()
    for link in links:
        if link.agency_id not in wanted:
            session().delete(link)
    for agency_id in sorted(wanted - {link.agency_id for link in links}):
        session().add(TeamAgency(team_id=team.id, agency_id=agency_id))


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
    for row in session().scalars(_running()):
        held.setdefault(row.user_id, []).append(row)
    return sorted((_person(user, held.get(user.id, [])) for user in session().scalars(select(User))), key=lambda card: card.name.casefold())


@action
def read_person(actor: Actor, user_id: str) -> PersonCard:
    """One person of the register."""
    allow(actor, Permission.MANAGE_USERS)
    log_as("view")
    return _person(fetch(User, user_id), list(session().scalars(_running().where(Membership.user_id == user_id))))


@action
def invite(
    actor: Actor,
    *,
    name: str,
    login: str,
    agency_id: str,
    roles: Collection[str] = (),
    teams: TeamRoles | None = None,
    once: str | None = None,
) -> str:
    """Put somebody in the register and invite them: the invitation's token, shown once. Raises LoginTaken."""
    allow(actor, Permission.MANAGE_USERS, once=once)
    log_as("create")
    user = _new_user(name, login, agency_id, roles)
    _give_team_roles(user.id, teams or {})
    remember_result(once, user.id)
    return _new_invitation(user.id)


@action
def invite_again(actor: Actor, user_id: str) -> str:
    """A new invitation for somebody who lost password or second factor; what they had holds until it is accepted."""
    demand_fresh_proof(actor)
    allow(actor, Permission.MANAGE_USERS)
    user = fetch(User, user_id)
    if not user.is_active:
        raise NotFound("not_found")
    return _new_invitation(user.id)


@action
def change_person(
    actor: Actor,
    user_id: str,
    *,
    name: str,
    agency_id: str,
    roles: Collection[str] = (),
    teams: TeamRoles | None = None,
    version: int | None = None,
) -> None:
    """Change name, agency and roles; in force from the person's next request. An administrator stays administrator."""
    allow(actor, Permission.MANAGE_USERS)
    user = fetch(User, user_id)
    check_version(user, version, _person(user, []))
    fetch(Agency, agency_id)
    if user_id == actor.user_id and ADMINISTRATOR not in roles:
        raise Refused("own_role", Permission.MANAGE_USERS)
    user.name, user.agency_id, user.roles = name, agency_id, _written(roles)
    _give_team_roles(user_id, teams or {})


@action
def disable_person(actor: Actor, user_id: str) -> None:
    """Shut somebody out at once: their sessions end, their invitations no longer work."""
    allow(actor, Permission.MANAGE_USERS)
    if user_id == actor.user_id:
        raise Refused("own_role", Permission.MANAGE_USERS)
    fetch(User, user_id).is_active = False
    end_sessions_of(user_id)
    _use_up_invitations(user_id)


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
    teams: TeamRoles | None = None,
    password: str,
    totp_secret: str,
) -> str:
    """A fictitious person with password and second factor at once, for the demonstration and tests. The person's id."""
    allow(actor, Permission.MANAGE_USERS)
    log_as("create")
    user = _new_user(name, login, agency_id, roles)
    user.credentials = {"password": new_password(password, (name, login)), "totp": totp_secret}
    _give_team_roles(user.id, teams or {})
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


def _running() -> Any:
    return select(Membership).where(Membership.until_day.is_(None) | (Membership.until_day >= today()))


def _give_team_roles(user_id: str, teams: TeamRoles) -> None:
    wanted = {(team_id, role) for team_id, roles in teams.items() for role in roles if role in TEAM_ROLES}
    running = session().scalars(_running().where(Membership.user_id == user_id)).all()
    for row in running:
        if (row.team_id, row.role) in wanted:
            continue
        if row.from_day < today():
            row.until_day = today() - timedelta(days=1)
        else:
            session().delete(row)
    for team_id, role in sorted(wanted - {(row.team_id, row.role) for row in running}):
        fetch(Team, team_id)
        session().add(Membership(user_id=user_id, team_id=team_id, role=role, from_day=today()))


def _person(user: User, memberships: list[Membership]) -> PersonCard:
    teams: dict[str, frozenset[str]] = {}
    for row in memberships:
        teams[row.team_id] = teams.get(row.team_id, frozenset()) | {row.role}
    roles = frozenset(role for role in user.roles.split(",") if role)
    return PersonCard(
        user.id, user.name, user.login, user.agency_id, roles, teams, user.is_active, bool(user.credentials.get("totp")), user.version
    )


# -- invitations ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invited:
    """Who an invitation is for, and the names their password must not be made of."""

    user_id: str
    name: str
    login: str
    municipality: str
    context: frozenset[str]


@action
def read_invitation(actor: Actor, token: str) -> Invited:
    """Who this token invites. Raises NotFound for one that is unknown, used or too old."""
    user = fetch(User, _standing(token).user_id)
    allow(replace(actor, user_id=user.id, agency_id=user.agency_id), Permission.SIGN_IN)
    log_as("view")
    return Invited(user.id, user.name, user.login, _municipality().name, frozenset(context_words(user.id)))


def accept_invitation(token: str, *, password_hash: str, totp_secret: str, code: str, request_id: str = "") -> str:
    """Take password and second factor into use; the invitation is used up. The person's id.

    `password_hash` comes from `passwords.new_password`. Raises WrongCode if the code is not one of this second factor.
    """
    return _accept(replace(ANONYMOUS, request_id=request_id), token, password_hash, totp_secret, code)


@action
def _accept(actor: Actor, token: str, password_hash: str, totp_secret: str, code: str) -> str:
    user = fetch(User, _standing(token).user_id)
    allow(replace(actor, user_id=user.id, agency_id=user.agency_id), Permission.SIGN_IN)
    log_as("update")
    step = step_of(code, totp_secret, now(), after=0)
    if step is None:
        raise WrongCode
    user.credentials = {"password": password_hash, "totp": totp_secret}
    user.totp_step = step
    _use_up_invitations(user.id)
    end_sessions_of(user.id)
    return user.id


def _standing(token: str) -> Invitation:
    row = session().scalars(select(Invitation).where(Invitation.token_hash == token_hash(token)).with_for_update()).one_or_none()
    if row is None or row.used_at is not None or row.expires_at <= now():
        raise NotFound("not_found", Permission.SIGN_IN)
    return row


def _new_invitation(user_id: str) -> str:
    _use_up_invitations(user_id)
    token = secrets.token_urlsafe(32)
    session().add(Invitation(token_hash=token_hash(token), user_id=user_id, expires_at=now() + INVITATION_LASTS))
    return token


def _use_up_invitations(user_id: str) -> None:
    for row in session().scalars(select(Invitation).where(Invitation.user_id == user_id, Invitation.used_at.is_(None))):
        row.used_at = now()

"""The office's register as plain values: names of agencies, teams and people, and the municipality's settings.

Read inside an action. The register is the same for everybody who is signed in: it says who works where, nothing about cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from caseapp.access import Actor, DamagedRow, session, today
from caseapp.db import Database, at_work, bound_database, every_column, remembered

from .models import Agency, Leave, Membership, Municipality, Team, TeamAgency, User

Card = TypeVar("Card")
#: The state of a leave that holds (see models.Leave).
CONFIRMED = "confirmed"


@dataclass(frozen=True)
class AgencyCard:
    """An agency: `actor` is a code of the list Actor."""

    id: str
    name: str
    actor: str
    is_active: bool = True
    version: int = 1


@dataclass(frozen=True)
class TeamCard:
    """A team with the ids of its agencies, the coordinator's (home) agency first."""

    id: str
    name: str
    work_form: str
    home_agency_id: str
    agency_ids: tuple[str, ...]
    partner_accounts: bool
    is_active: bool = True
    version: int = 1

    def lets_in(self, agency_id: str) -> bool:
        """Whether people of this agency work in the team's cases with accounts of their own."""
        return self.partner_accounts or agency_id == self.home_agency_id


@dataclass(frozen=True)
class UserCard:
    """A person who may sign in, with team id → roles held today.

    `away`: the ids of the teams they are on leave from today; they hold their roles there and cannot use them. `stands_in_for`: team
    id → the members on leave there for whom this person is the stand-in today.
    """

    id: str
    name: str
    agency_id: str
    roles: frozenset[str]
    teams: Mapping[str, frozenset[str]]
    is_active: bool = True
    away: frozenset[str] = frozenset()
    stands_in_for: Mapping[str, frozenset[str]] = field(default_factory=dict)


class _Register(dict[str, Card]):
    """Cards by id. What a row points at and is not here was removed past the application, and stops the work."""

    def __missing__(self, row_id: str) -> Card:
        raise DamagedRow(f"the office's register does not hold {row_id}, which something points at")


@dataclass(frozen=True)
class Office:
    """The whole register at one moment."""

    municipality: str
    settings: Mapping[str, Any]
    agencies: Mapping[str, AgencyCard]
    teams: Mapping[str, TeamCard]
    users: Mapping[str, UserCard]

    def agency_name(self, agency_id: str | None) -> str:
        """The agency's name, or an empty text for none."""
        card = self.agencies.get(agency_id or "")
        return card.name if card else ""

    def user_name(self, user_id: str | None) -> str:
        """The person's name, or an empty text for none."""
        card = self.users.get(user_id or "")
        return card.name if card else ""

    def team_agencies(self, team_id: str) -> tuple[AgencyCard, ...]:
        """The agencies of a team, the coordinator's first."""
        return tuple(self.agencies[agency_id] for agency_id in self.teams[team_id].agency_ids)

    def members(self, team_id: str) -> tuple[UserCard, ...]:
        """The active people with a role in this team, by name."""
        here = [user for user in self.users.values() if user.is_active and team_id in user.teams]
        return tuple(sorted(here, key=lambda user: user.name))

    def consent_rules(self, work_form: str) -> str:
        """The code of the rule set the municipality uses for this work form."""
        return str(self.settings.get("consent_rules", {}).get(work_form, "default"))


def office() -> Office:
    """The register as it is now. Call it inside an action.

    Read once in a piece of work, and not opened again in the next as long as every column of every row of it is what it was.
    """
    return remembered(("office", today()), _office_now)


_EVERY_COLUMN = every_column((Municipality, Agency, Team, TeamAgency, User, Membership, Leave))
_Edition = tuple[date, frozenset[tuple[Any, ...]]]
_last_read: WeakKeyDictionary[Database, tuple[_Edition, Office]] = WeakKeyDictionary()


def _office_now() -> Office:
    """What was opened last is given again if nothing of it changed; a register with a damaged row is read anew, and told of, each time."""
    current, database = session(), bound_database()
    current.flush()
    edition = today(), frozenset(tuple(row) for row in current.execute(_EVERY_COLUMN))
    before, known = _last_read.get(database, (None, None))
    if known is not None and before == edition:
        return known
    damaged = set(at_work().damaged)
    read = _read_office(current)
    if at_work().damaged == damaged:
        _last_read[database] = edition, read
    return read


def _read_office(current: Session) -> Office:
    municipality = current.scalars(select(Municipality)).first()
    belonging: dict[str, list[str]] = {}
    for link in current.scalars(select(TeamAgency).order_by(TeamAgency.id)):
        belonging.setdefault(link.team_id, []).append(link.agency_id)
    agencies = [AgencyCard(row.id, row.name, row.actor, row.is_active, row.version) for row in current.scalars(select(Agency))]
    agencies.sort(key=lambda agency: agency.name)
    order = {agency.id: position for position, agency in enumerate(agencies)}
    teams = [
        TeamCard(
            row.id,
            row.name,
            row.work_form,
            row.home_agency_id,
            tuple(sorted({row.home_agency_id, *belonging.get(row.id, [])}, key=lambda a: (a != row.home_agency_id, order.get(a, 0)))),
            row.partner_accounts,
            row.is_active,
            row.version,
        )
        for row in current.scalars(select(Team))
    ]
    people = list(current.scalars(select(User)))
    held, away, stands_in = _roles_in_teams({row.id: row.agency_id for row in people}), *_leaves_today()
    users = [
        UserCard(
            row.id,
            row.name,
            row.agency_id,
            _roles(row),
            held.get(row.id, {}),
            row.is_active,
            away.get(row.id, frozenset()),
            stands_in.get(row.id, {}),
        )
        for row in people
    ]
    return Office(
        municipality=municipality.name if municipality else "",
        settings=municipality.settings if municipality else {},
        agencies=_Register((agency.id, agency) for agency in agencies),
        teams=_Register((team.id, team) for team in sorted(teams, key=lambda team: team.name)),
        users=_Register((user.id, user) for user in sorted(users, key=lambda user: user.name)),
    )


def actor_for(user_id: str, *, request_id: str = "", proved_at: float = 0.0) -> Actor | None:
    """The signed-in person as an actor with today's roles; None if there is no such active user. Needs an open transaction.

    Whoever is on leave from a team has no role in it meanwhile: somebody who is ill or on holiday has no task there that reading
    could follow from (lagen 2001:454 10 §), and two people would otherwise act in one person's place.
    """
    user = session().get(User, user_id)
    if user is None or not user.is_active:
        return None
    away, stands_in = _leaves_today(user_id)
    gone = away.get(user_id, frozenset())
    held = _roles_in_teams({user.id: user.agency_id}).get(user_id, {})
    teams = {team_id: roles for team_id, roles in held.items() if team_id not in gone}
    return Actor(user.id, user.name, user.agency_id, _roles(user), teams, request_id, proved_at, stands_in.get(user_id, {}))


def context_words(user_id: str) -> set[str]:
    """The names a person's password must not be made of: municipality, agencies, teams, own name and login. In a transaction."""
    register, user = office(), session().get(User, user_id)
    words = {register.municipality, *(card.name for card in register.teams.values())}
    words |= {agency.name for agency in register.agencies.values()}
    return words | ({user.name, user.login} if user is not None else set())


def _roles(user: User) -> frozenset[str]:
    return frozenset(role for role in user.roles.split(",") if role)


def _roles_in_teams(agency_of: Mapping[str, str]) -> dict[str, dict[str, frozenset[str]]]:
    """The roles these people (user id → agency id) hold today.

    In a team whose partner agencies have no accounts nobody of a partner holds any, whatever the membership says: it is as if they
    were not in the team, everywhere and at once, and the membership is there again when the team's setting is.
    """
    query = select(Membership, Team).join(Team, Team.id == Membership.team_id).where(Membership.from_day <= today())
    if len(agency_of) == 1:
        query = query.where(Membership.user_id.in_(agency_of))
    held: dict[str, dict[str, frozenset[str]]] = {}
    for row, team in session().execute(query):
        is_over = row.until_day is not None and today() > row.until_day
        is_shut_out = not team.partner_accounts and agency_of.get(row.user_id) != team.home_agency_id
        if is_over or is_shut_out:
            continue
        teams = held.setdefault(row.user_id, {})
        teams[row.team_id] = teams.get(row.team_id, frozenset()) | {row.role}
    return held


def _leaves_today(user_id: str | None = None) -> tuple[dict[str, frozenset[str]], dict[str, dict[str, frozenset[str]]]]:
    """Who is on leave from which teams today, and who stands in for whom: (user → teams, user → team → members on leave)."""
    query = select(Leave).where(Leave.state == CONFIRMED, Leave.from_day <= today(), Leave.until_day >= today())
    if user_id is not None:
        query = query.where(or_(Leave.user_id == user_id, Leave.stand_in_id == user_id))
    away: dict[str, frozenset[str]] = {}
    stands_in: dict[str, dict[str, frozenset[str]]] = {}
    for row in session().scalars(query):
        away[row.user_id] = away.get(row.user_id, frozenset()) | {row.team_id}
        if row.stand_in_id:
            teams = stands_in.setdefault(row.stand_in_id, {})
            teams[row.team_id] = teams.get(row.team_id, frozenset()) | {row.user_id}
    return away, stands_in


def running_memberships(user_id: str | None = None, *, team_id: str | None = None) -> Select[Membership]:
    """The memberships that have not ended, of one person or in one team if these are named."""
    query = select(Membership).where(or_(Membership.until_day.is_(None), Membership.until_day >= today()))
    query = query if user_id is None else query.where(Membership.user_id == user_id)
    return query if team_id is None else query.where(Membership.team_id == team_id)

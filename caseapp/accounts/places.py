"""The municipality, its agencies and its teams: what an administrator sets, and what the rest of the register refers to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from caseapp.access import Actor, Permission, action, allow, check_version, fetch, log_as, log_detail, remember_result, session

from .directory import Office, office
from .models import Agency, Municipality, Team, TeamAgency


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


_PROTECTION = ("threshold", "width", "minimum_population", "rounding_base", "hiding_cost", "spared_tables")


@action
def set_municipality(actor: Actor, *, name: str | None = None, version: int | None = None, **settings: Any) -> None:
    """Change the name and the named settings; what is not named stays. See models.Municipality for the settings."""
    allow(actor, Permission.MANAGE_SETTINGS)
    row = _municipality()
    check_version(row, version, _municipality_card(row))
    if name is not None:
        row.name = name
    # what decides how strong the statistics are protected is told by its numbers: it may be asked afterwards who raised or lowered it
    log_detail(**{name: settings[name] for name in _PROTECTION if name in settings and settings[name] != row.settings.get(name)})
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

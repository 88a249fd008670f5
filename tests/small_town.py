"""A small town for tests: four agencies, one SSPF team with a person from each, one case, and consents made to order.

The consent rows are written directly: these tests are about what a consent opens, not about how it is obtained.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from caseapp import accounts
from caseapp.access import Actor, Permission, action, allow, now, session
from caseapp.accounts.models import Agency, Membership, Municipality, Team, TeamAgency, User
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.consent import open_case
from caseapp.consent.models import Consent, ConsentScope, ConsentSignature
from caseapp.db import Base, Database, new_id, transaction
from caseapp.formats import SWEDEN, clock, parse_personal_number
from caseapp.keyholder import create_keyring

#: A Tuesday; everything begins here unless a test says otherwise.
DAY = date(2026, 9, 15)
ALL_TYPES = ("identity", "assessment", "outcome", "plan", "support_ongoing")


@dataclass
class Town:
    """The town: agency ids, people as actors, and the case of a girl of 15."""

    database: Database
    agencies: Mapping[str, str]
    people: Mapping[str, Actor]
    team_id: str
    case_id: str = ""

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def consent(self, scope: Mapping[str, tuple[str, ...]] | None = None, *, until: date = date(2027, 3, 3)) -> str:
        """An active consent: agency → information types; all four agencies and every usual type if nothing is said."""
        named = scope or dict.fromkeys(self.agencies, ALL_TYPES)
        return give_consent(self.coordinator, self.case_id, {self.agencies[agency]: kinds for agency, kinds in named.items()}, until)

    def withdraw(self, consent_id: str) -> None:
        """Withdraw it, now."""
        _withdraw(self.coordinator, self, consent_id)


@action
def give_consent(actor: Actor, case_id: str, scope: Mapping[str, tuple[str, ...]], until: date = date(2027, 3, 3)) -> str:
    """An active consent in this case: agency id → information types. The id of the consent."""
    gate = allow(actor, Permission.MANAGE_CONSENT, on=case_id)
    open_case(actor, gate)
    common = {"case_id": case_id, "owner_agency_id": gate.home_agency_id, "created_by_id": actor.user_id}
    consent = Consent(**common, valid_from=date(2026, 1, 1), valid_to=until)
    session().add(consent)
    for role in ("custodian", "youth"):
        session().add(ConsentSignature(**common, consent_id=consent.id, is_required=True, decision="given", details={"role": role}))
    for agency_id, kinds in scope.items():
        for kind in kinds:
            session().add(ConsentScope(**common, consent_id=consent.id, agency_id=agency_id, covered_type=kind))
    gate.epoch += 1
    return consent.id


@action
def _withdraw(actor: Actor, town: Town, consent_id: str) -> None:
    gate = allow(actor, Permission.MANAGE_CONSENT, on=town.case_id)
    open_case(actor, gate)
    consent = session().get(Consent, consent_id)
    assert consent is not None
    consent.withdrawn_at = now()
    gate.epoch += 1


def build(directory: Path) -> Town:
    """The town in a fresh installation under this directory."""
    keyring = create_keyring(directory / "master.key")
    database = Database(f"sqlite:///{directory}/town.db", f"sqlite:///{directory}/keys.db", keyring)
    database.keyholder.create(new_id(), clock.now())
    Base.metadata.create_all(database.engine)
    database.bind()
    names = {"social_services": "Socialtjänsten", "school": "Björkskolan", "police": "Polisen", "leisure": "Fritidsgården"}
    people = {"coordinator": "social_services", "teacher": "school", "officer": "police", "leader": "leisure"}
    with transaction() as current:
        current.add(Municipality(name="Ekhamra kommun", settings={"plan_label": "atagandeplan"}))
        agencies = {actor: Agency(actor=actor, name=name) for actor, name in names.items()}
        team = Team(home_agency_id=agencies["social_services"].id, work_form="sspf", partner_accounts=True, name="SSPF Ekhamra")
        current.add_all([*agencies.values(), team])
        users = {}
        for login, agency in people.items():
            current.add(TeamAgency(team_id=team.id, agency_id=agencies[agency].id))
            users[login] = User(login_index=login, agency_id=agencies[agency].id, name=f"{login.capitalize()} Ek", login=login)
            role = "coordinator" if login == "coordinator" else "participant"
            current.add_all([users[login], Membership(user_id=users[login].id, team_id=team.id, role=role, from_day=date(2026, 1, 1))])
        current.commit()
    with transaction():
        actors = {login: accounts.actor_for(user.id) for login, user in users.items()}
    town = Town(database, {actor: agency.id for actor, agency in agencies.items()}, {k: v for k, v in actors.items() if v}, team.id)
    town.case_id = new_case(town)
    return town


def new_case(town: Town, *, name: str = "Alva Lind", number: str = "20110415-2382") -> str:
    """A case in which everybody of the team takes part."""
    return start_case(
        town.coordinator,
        town.team_id,
        person=NewPerson(name=name, sex="f", number=parse_personal_number(number, today=clock.today()) if number else None),
        related=[NewRelated(name="Mona Lind")],
        participant_ids=[actor.user_id for actor in town.people.values()],
    )


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """The town on a Tuesday in September, with the clock standing still."""
    with clock.at(datetime(2026, 9, 15, 10, 0, tzinfo=SWEDEN)):
        built = build(tmp_path)
        yield built
        built.database.dispose()

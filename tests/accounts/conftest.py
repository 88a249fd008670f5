"""A small office for the tests of accounts: administrator, coordinator, their unit manager, log reviewer, and a clock moved by hand."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from caseapp.access import Actor
from caseapp.accounts import actions, actor_for
from caseapp.accounts.passwords import new_password
from caseapp.accounts.second_factor import code_at
from caseapp.db import transaction
from caseapp.formats import SWEDEN, clock
from caseapp.members import actions as members
from tests.conftest import client_of
from tests.installations import Workshop
from tests.pages import PageClient

PASSWORD = "mossa traktor kyrka 9"
MORNING = datetime(2026, 9, 15, 8, 0, tzinfo=SWEDEN)


class Wristwatch:
    """The time of the test, which stands still until it is moved."""

    def __init__(self) -> None:
        self._moment = MORNING
        self._stack = ExitStack()
        self.passes()

    def passes(self, **time: float) -> datetime:
        """Let this much time pass (minutes=3); the new moment."""
        self._moment += timedelta(**time)
        self._stack.close()
        return self._stack.enter_context(clock.at(self._moment))

    def stop(self) -> None:
        """Give the real time back."""
        self._stack.close()


@pytest.fixture
def watch() -> Iterator[Wristwatch]:
    """The clock, in the hand of the test."""
    held = Wristwatch()
    yield held
    held.stop()


@dataclass(frozen=True)
class Employee:
    """A fictitious person who can sign in."""

    id: str
    login: str
    secret: str

    def code(self) -> str:
        """What the app shows now."""
        return code_at(self.secret, clock.now())


@dataclass
class SmallOffice:
    """An installation with a few people; every sign-in waits half a minute first, since a code works once."""

    app: Flask
    watch: Wristwatch
    people: dict[str, Employee]
    agency_id: str
    team_id: str

    def actor(self, name: str) -> Actor:
        """This person as an actor who has just proved themselves."""
        with transaction(reading=True):
            found = actor_for(self.people[name].id, proved_at=clock.now().timestamp())
        assert found is not None
        return found

    def visitor(self) -> PageClient:
        """A browser in which nobody is signed in."""
        return client_of(self.app)

    def signed_in(self, name: str) -> PageClient:
        """A browser in which this person has signed in just now."""
        browser, person = self.visitor(), self.people[name]
        self.watch.passes(seconds=60)
        browser.submit({"login": person.login, "password": PASSWORD}, on="/sign-in")
        answer = browser.submit({"code": person.code()})
        assert answer.request.path != "/sign-in/code"
        return browser


@dataclass(frozen=True)
class _Staffed:
    """What the template of the small office holds."""

    people: dict[str, Employee]
    agency_id: str
    team_id: str


def _staff(app: Flask, invitation: str) -> _Staffed:
    """Fill an installation through the actions of an administrator."""
    app.extensions["caseapp.database"].bind()
    letters = {"admin": "Q", "coordinator": "R", "reviewer": "S", "boss": "T"}
    secrets = {name: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ" + letter for name, letter in letters.items()}
    with clock.at(MORNING):
        code = code_at(secrets["admin"], MORNING)
        admin_id = actions.accept_invitation(invitation, password_hash=new_password(PASSWORD, ()), totp_secret=secrets["admin"], code=code)
        with transaction(reading=True):
            admin = actor_for(admin_id)
        assert admin is not None
        actions.set_municipality(admin, name="Ekhamra kommun")
        agency_id = actions.create_agency(admin, name="Socialtjänsten", kind="social_services")
        team_id = actions.create_team(admin, name="SSPF Ekhamra", work_form="sspf", home_agency_id=agency_id)
        people = {"admin": Employee(admin_id, "admin", secrets["admin"])}
        for key, name, roles in (
            ("coordinator", "Karin Ek", ()),
            ("reviewer", "Olle Sund", ("log_reviewer",)),
            ("boss", "Ulla Vestin", ()),
        ):
            login = f"{key}@ekhamra.example"
            chosen = {"name": name, "login": login, "agency_id": agency_id, "roles": roles}
            user_id = actions.make_person(admin, **chosen, password=PASSWORD, totp_secret=secrets[key])  # type: ignore[arg-type]
            people[key] = Employee(user_id, login, secrets[key])
        members.propose(admin, people["boss"].id, team_id, "unit_manager")
        proposal = members.propose(admin, people["coordinator"].id, team_id, "coordinator")
        with transaction(reading=True):
            boss = actor_for(people["boss"].id)
        assert boss is not None
        members.approve_proposal(boss, proposal)
    return _Staffed(people, agency_id, team_id)


@pytest.fixture
def small_office(workshop: Workshop, backend: str, tmp_path: Path, watch: Wristwatch) -> Iterator[SmallOffice]:
    """The small office in the morning of a Tuesday, this test's own."""
    template, staffed = workshop.template(backend, "small office", _staff)
    with workshop.copy(template, tmp_path / "small-office") as installation, installation.application() as app:
        app.extensions["caseapp.database"].bind()
        yield SmallOffice(app, watch, staffed.people, staffed.agency_id, staffed.team_id)

"""A small office for the tests of accounts: an administrator, a coordinator, a log reviewer, and a clock that is moved by hand."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask

from caseapp.access import Actor
from caseapp.accounts import actions, actor_for
from caseapp.accounts.passwords import new_password
from caseapp.accounts.second_factor import code_at
from caseapp.db import transaction
from caseapp.formats import SWEDEN, clock
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


@pytest.fixture
def small_office(workshop: Workshop, backend: str, empty_app: Flask, watch: Wristwatch) -> SmallOffice:
    """The small office in the morning of a Tuesday."""
    empty_app.extensions["caseapp.database"].bind()
    letters = {"admin": "Q", "coordinator": "R", "reviewer": "S"}
    secrets = {name: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ" + letter for name, letter in letters.items()}
    _template, token = workshop.template(backend, "empty", lambda _app, invitation: invitation)
    code = code_at(secrets["admin"], clock.now())
    admin_id = actions.accept_invitation(token, password_hash=new_password(PASSWORD, ()), totp_secret=secrets["admin"], code=code)
    people = {"admin": Employee(admin_id, "admin", secrets["admin"])}
    office = SmallOffice(empty_app, watch, people, "", "")
    admin = office.actor("admin")
    actions.set_municipality(admin, name="Ekhamra kommun")
    office.agency_id = actions.create_agency(admin, name="Socialtjänsten", kind="social_services")
    office.team_id = actions.create_team(admin, name="SSPF Ekhamra", work_form="sspf", home_agency_id=office.agency_id)
    hired: dict[str, Callable[[], dict[str, object]]] = {
        "coordinator": lambda: {"name": "Karin Ek", "teams": {office.team_id: ["coordinator"]}},
        "reviewer": lambda: {"name": "Olle Sund", "roles": ["log_reviewer"]},
    }
    for name, chosen in hired.items():
        login = f"{name}@ekhamra.example"
        user_id = actions.make_person(
            admin, login=login, agency_id=office.agency_id, password=PASSWORD, totp_secret=secrets[name], **chosen()  # type: ignore[arg-type]
        )
        people[name] = Employee(user_id, login, secrets[name])
    return office

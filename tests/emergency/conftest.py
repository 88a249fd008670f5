"""What an emergency needs: a case of the northern team with notes of several agencies, in which neither Samir nor Lena takes part."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from caseapp.access import Actor, BreakGlass
from caseapp.accounts.second_factor import code_at
from caseapp.cases.actions import read_case
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.codelists import codelist
from caseapp.db import transaction
from caseapp.emergency.actions import open_in_emergency
from caseapp.formats import clock
from tests.conftest import client_of
from tests.municipality import Municipality, actor_of
from tests.pages import PageClient
from tests.small_town import give_consent

REASON = "Alva har försvunnit från skolan och kamraterna är rädda för hennes liv."
FAMILY, OFFENCES = "Mamman arbetar natt den här veckan.", "Sågs vid stationen klockan två."
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Shut:
    """The case that is shut to Lena: its id and its number."""

    id: str
    number: str


@pytest.fixture
def shut(actor: Callable[[str], Actor], municipality: Municipality) -> Shut:
    """A girl of 15, nobody has consented to anything; Karin coordinates, Pontus of the police takes part."""
    karin = actor("karin")
    made = start_case(
        karin,
        municipality.teams["norr"],
        person=NewPerson(name="Alva Lind", sex="f", born=clock.today() - timedelta(days=15 * 366)),
        related=[NewRelated(name="Mona Lind")],
        participant_ids=[municipality["pontus"].id],
    )
    add_note(karin, made, information_type="family", text=FAMILY)
    add_note(actor("pontus"), made, information_type="offences", text=OFFENCES)
    return Shut(made, read_case(karin, made).bar.case_number)


@pytest.fixture
def everything_consented(shut: Shut, actor: Callable[[str], Actor], municipality: Municipality) -> None:
    """Everybody in the team may read every type."""
    scope = dict.fromkeys(municipality.agencies.values(), tuple(codelist("InformationType")))
    give_consent(actor("karin"), shut.id, scope, clock.today() + timedelta(days=90))


@pytest.fixture
def breaks_in(app: Flask, municipality: Municipality) -> Callable[..., Actor]:
    """Called with a login and a case number: that person opens it in an emergency at the clock's moment. The person as an actor."""

    def act(login: str, number: str, reason: str = REASON) -> Actor:
        person = municipality[login]
        code = code_at(person.totp_secret, clock.now())
        answer = open_in_emergency(actor_of(app, person), case_number=number, reason=reason, code=code, network="192.0.2.1")
        assert isinstance(answer, str), answer
        return actor_of(app, person)

    return act


@pytest.fixture
def browser(app: Flask, municipality: Municipality) -> Callable[[str], PageClient]:
    """Called with a login: a browser in which that person has signed in at the clock's moment, which a test sets."""

    def arrive(login: str) -> PageClient:
        client, person = client_of(app), municipality[login]
        client.submit({"login": person.login, "password": person.password}, on="/sign-in")
        answer = client.submit({"code": code_at(person.totp_secret, clock.now())})
        assert not answer.request.path.startswith("/sign-in")
        return client

    return arrive


@dataclass(frozen=True)
class Kept:
    """A row about an opening, as it is stored."""

    id: str
    begun_at: datetime
    ended_at: datetime | None
    version: int


def rows(app: Flask) -> list[Kept]:
    """Every opening there ever was, the oldest first."""
    app.extensions["caseapp.database"].bind()
    with transaction(reading=True) as current:
        found = current.scalars(select(BreakGlass).order_by(BreakGlass.begun_at))
        return [Kept(row.id, row.begun_at, row.ended_at, row.version) for row in found]

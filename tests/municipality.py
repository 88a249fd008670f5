"""A small fixture municipality, Provköping, made through the application's own actions: agencies, two teams, one person of each role.

The question answered here is "who are the people a test speaks of?". Promised: nothing is written past the actions, so that a
test starts from what a person could have done. No cases: a test makes those it speaks of, in its own words. Everybody is fictitious.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from flask import Flask
from flask import session as web_session
from werkzeug.http import parse_cookie

from caseapp.access import Actor, Permission, action, allow, session
from caseapp.accounts import actions as accounts
from caseapp.accounts import signing_in
from caseapp.accounts.directory import actor_for, running_memberships
from caseapp.accounts.passwords import new_password
from caseapp.accounts.second_factor import code_at
from caseapp.accounts.sessions import COOKIE, this_session
from caseapp.accounts.signed_in import begin_session
from caseapp.consent.actions import AgeRule, Wording, write_rule_set
from caseapp.db import transaction
from caseapp.formats import clock
from caseapp.members import actions as members
from tests.pages import PageClient

PASSWORD = "korall skrapar tystare blåklint"
_STEP_SECONDS = 30
#: A rule set of the municipality's own, which no work form uses unless a test chooses it: a line for each that a page offers.
OWN_RULES = Wording(
    "Provköpings egen regel",
    (
        AgeRule(12, "all", False),
        AgeRule(15, "all", True),
        AgeRule(16, "one", True),
        AgeRule(18, "all", True),
        AgeRule(None, "none", True),
    ),
    12,
)

#: login, name, agency, roles in the installation, roles in teams
PEOPLE = (
    ("karin", "Karin Hellberg", "social_services", (), {"norr": ("coordinator",)}),
    ("samir", "Samir Aziz", "social_services", (), {"norr": ("participant",)}),
    ("lena", "Lena Brodin", "school", (), {"norr": ("participant",)}),
    ("pontus", "Pontus Ek", "police", (), {"norr": ("participant",)}),
    ("fia", "Fia Lundmark", "leisure", (), {"norr": ("participant",)}),
    ("ulla", "Ulla Vestin", "social_services", (), {"norr": ("unit_manager",), "soder": ("unit_manager",)}),
    ("stellan", "Stellan Öberg", "social_services", ("statistician",), {}),
    ("greta", "Greta Åhs", "social_services", ("log_reviewer",), {}),
    ("rasmus", "Rasmus Falk", "social_services", (), {"soder": ("coordinator",)}),
    ("petra", "Petra Nyqvist", "police", (), {"soder": ("participant",)}),
)
_AGENCIES = {"social_services": "Socialtjänsten", "school": "Ekskolan", "police": "Lokalpolisen", "leisure": "Fritidsgården Kvarnen"}


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    id: str
    login: str
    name: str
    agency_id: str
    totp_secret: str = field(repr=False)
    password: str = field(default=PASSWORD, repr=False)


@dataclass(frozen=True)
class Municipality:
    """The people by login (`admin` is the administrator), the agencies by kind, the teams by name: norr (SSPF), soder (SIG).

    `rule_set` is the id of the municipality's own rule set.
    """

    people: dict[str, Person]
    agencies: dict[str, str]
    teams: dict[str, str]
    rule_set: str = ""

    def __getitem__(self, login: str) -> Person:
        return self.people[login]


def build(app: Flask, invitation: str) -> Municipality:
    """Fill an installation that `init` has just made. `invitation` is the first administrator's token.

    It happens some minutes ago, so that no code of this half minute has been used up when a test begins.
    """
    with clock.at(datetime.now(UTC) - timedelta(minutes=5)):
        return _build(app, invitation)


def _build(app: Flask, invitation: str) -> Municipality:
    app.extensions["caseapp.database"].bind()
    secret = _secret(0)
    hashed = new_password(PASSWORD, ())
    admin_id = accounts.accept_invitation(invitation, password_hash=hashed, totp_secret=secret, code=code_at(secret, clock.now()))
    admin = actor_of(app, admin_id)
    agencies = {kind: accounts.create_agency(admin, name=name, kind=kind) for kind, name in _AGENCIES.items()}
    home = agencies["social_services"]
    teams = {
        "norr": accounts.create_team(
            admin, name="SSPF Norr", work_form="sspf", home_agency_id=home, agency_ids=tuple(agencies.values()), partner_accounts=True
        ),
        "soder": accounts.create_team(
            admin, name="SIG Söder", work_form="sig_child", home_agency_id=home, agency_ids=(agencies["police"],), partner_accounts=True
        ),
    }
    people = {"admin": Person(admin_id, "admin", admin.name, admin.agency_id, secret)}
    for number, (login, name, kind, roles, _held) in enumerate(PEOPLE, 1):
        user_id = accounts.make_person(
            admin,
            name=name,
            login=login,
            agency_id=agencies[kind],
            roles=roles,
            password=PASSWORD,
            totp_secret=_secret(number),
        )
        people[login] = Person(user_id, login, name, agencies[kind], _secret(number))
    _fill_teams(app, admin, people, teams)
    return Municipality(people, agencies, teams, write_rule_set(admin, OWN_RULES, copied_from="default"))


def _fill_teams(app: Flask, admin: Actor, people: Mapping[str, Person], teams: Mapping[str, str]) -> None:
    """The administrator proposes, the unit manager approves; each team's first unit manager is one at once."""
    wanted = [(login, team, role) for login, _name, _kind, _roles, held in PEOPLE for team, roles in held.items() for role in roles]
    for login, team, role in sorted(wanted, key=lambda one: one[2] != "unit_manager"):
        proposal = members.propose(admin, people[login].id, teams[team], role)
        if role != "unit_manager":
            members.approve_proposal(actor_of(app, people["ulla"]), proposal)


def _secret(number: int) -> str:
    return "PROVKOPINGPROVKOPINGPROVKOPINGP" + "ABCDEFGHIJKL"[number]


def set_partner_accounts(admin: Actor, municipality: Municipality, *, on: bool) -> None:
    """Whether people of partner agencies work in the northern team with accounts of their own, from now on."""
    agencies = tuple(municipality.agencies.values())
    accounts.change_team(admin, municipality.teams["norr"], name="SSPF Norr", agency_ids=agencies, partner_accounts=on)


@action
def worked_here_since(actor: Actor, user_id: str, day: date) -> None:
    """Let a person's memberships begin on an earlier day: of whom a test tells something that happened before the municipality was made."""
    allow(actor, Permission.MANAGE_USERS)
    for row in session().scalars(running_memberships(user_id)):
        row.from_day = min(row.from_day, day)


def actor_of(app: Flask, person: Person | str) -> Actor:
    """The person as an actor with today's roles, freshly proved, for tests that call actions themselves."""
    app.extensions["caseapp.database"].bind()
    with transaction(reading=True):
        found = actor_for(person if isinstance(person, str) else person.id, proved_at=datetime.now(UTC).timestamp())
    assert found is not None
    return found


class Codes:
    """The codes a person's telephone shows. Each is given once, as the application takes it once: the next time step's if need be."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, person: Person) -> str:
        """A code of this person that the application has not taken yet; at most two within half a minute."""
        here = int(datetime.now(UTC).timestamp()) // _STEP_SECONDS
        step = max(here, self._last.get(person.id, 0) + 1)
        self._last[person.id] = step
        return code_at(person.totp_secret, datetime.fromtimestamp(step * _STEP_SECONDS, UTC))


def sign_in(client: PageClient, person: Person, codes: Codes) -> PageClient:
    """The client, with this person signed in by login, password and code: the steps behind the pages that `sign_in_by_pages` walks."""
    app = client.application
    app.extensions["caseapp.database"].bind()
    with app.test_request_context(base_url="https://localhost"):
        network, request_id = "127.0.0.1", str(uuid4())
        accepted = signing_in.sign_in_password(person.login, person.password, network=network, request_id=request_id)
        assert isinstance(accepted, signing_in.PasswordAccepted), f"{person.login} could not sign in: {accepted}"
        actor = signing_in.sign_in_code(accepted, codes.next(person), network=network, request_id=request_id)
        assert isinstance(actor, Actor), f"{person.login} could not sign in: {actor}"
        begin_session(actor)
        web_session["lang"] = signing_in.read_own_account(actor).language
        answer = app.make_response("")
        app.session_interface.save_session(app, this_session(), answer)
    client.set_cookie(COOKIE, parse_cookie(answer.headers["Set-Cookie"])[COOKIE], secure=True)
    return client


def sign_in_by_pages(client: PageClient, person: Person, codes: Codes) -> PageClient:
    """Sign in as a person does: login and password, then the code. The client, now on the first page after it."""
    client.submit({"login": person.login, "password": person.password}, on="/sign-in")
    answer = client.submit({"code": codes.next(person)})
    assert not answer.request.path.startswith("/sign-in"), f"{person.login} could not sign in: {answer.status_code}"
    return client

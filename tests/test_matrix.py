"""Every address × everybody × every state of consent: who is answered, what the bytes hold, and what the log then says.

The addresses come from the URL map, their ids from the pages; who may see what is the table of `tests/who_may.py`, and which text is
whose by the oracle of `tests/planted_texts.py`. An address that is new fails here until somebody writes down who may see it.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from caseapp.accounts.second_factor import code_at
from caseapp.formats import clock
from tests.installations import Workshop, every_row_but_traces
from tests.municipality import Person
from tests.planted_texts import STATES, WORKERS, Plantation, may_see, plant, the_day_after
from tests.walked import Walk
from tests.walking import look_around
from tests.who_may import EVERYBODY, KEEP, LEAD, MAY_GET, MAY_POST, PART, READS_NOTHING, STANDS_FOR

pytestmark = pytest.mark.timeout(600)

_MOST = 4  # addresses of each kind in each case
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Address:
    """One address: whose case it concerns ("" for none), and whether it needs an id at all."""

    endpoint: str
    path: str
    state: str


@dataclass
class World:
    """The plantation and its addresses."""

    plantation: Plantation
    gets: list[Address] = field(default_factory=list)
    posts: list[Address] = field(default_factory=list)
    tours: dict[str, list["Visit"]] = field(default_factory=dict)


def allowed(table: dict[str, set[str]], address: Address) -> set[str]:
    """Who is answered at this address."""
    who = table[address.endpoint]
    if address.state != "elsewhere":
        return who
    return {other for login in who for other in STANDS_FOR.get(login, {login})} if who in (PART, LEAD, KEEP) else who


# -- the addresses ----------------------------------------------------------------------------------------------------


def _make(app: Flask, invitation: str) -> World:
    plantation = plant(app, invitation)
    with clock.at(the_day_after() - timedelta(minutes=10)):  # so that no code of the tests has been used
        walkers = ("karin", "lena", "pontus", "stellan", "admin", "rasmus", "petra")
        seen = look_around(app, plantation.municipality, walkers, addresses=150)
    world = World(plantation)
    known = _known_ids(app, plantation, seen)
    for rule in sorted(app.url_map.iter_rules(), key=str):
        for method, addresses in (("GET", world.gets), ("POST", world.posts)):
            if method in (rule.methods or ()) and not rule.endpoint.endswith("static"):
                addresses += _addresses(app, rule.endpoint, rule.arguments, known, method)
    return world


def _known_ids(app: Flask, plantation: Plantation, seen: Walk) -> dict[str, dict[str, list[str]]]:
    """State → name of an address's argument → the first value that each person met on a page; "" for what belongs to no case."""
    adapter, states = app.url_map.bind("localhost"), {case_id: state for state, case_id in plantation.cases.items()}
    known: dict[str, dict[str, list[str]]] = {state: {"case_id": [case_id]} for case_id, state in states.items()} | {"": {}}
    pages = [(path, "GET", login) for each in seen.pages.values() for login, path in sorted(each)]
    firsts = set()
    for path, method, login in pages + [(action.partition("?")[0], "POST", "") for action in sorted(seen.actions)]:
        try:
            arguments = adapter.match(path, method=method)[1]
        except HTTPException:
            continue
        state = states.get(str(arguments.get("case_id", "")), "")
        for name, value in arguments.items():
            offered = known[state].setdefault(name, [])
            if value is not None and str(value) not in offered and (not login or (state, name, login) not in firsts):
                offered.append(str(value))
                firsts.add((state, name, login))
    known[""]["release_id"] = [plantation.release]
    # a member is somebody in a team: taken turn by turn, each of these is in the team beside them
    town = plantation.municipality
    known[""]["team_id"] = [town.teams[name] for name in ("norr", "soder")]
    known[""]["user_id"] = [town[login].id for login in ("lena", "rasmus", "pontus", "petra")]
    # meetings carry no case in their address: the other team's are those that its coordinator alone has met
    theirs = {path.split("/")[2] for login, path in seen.pages["meetings.meeting"] if login == "rasmus"}
    known["elsewhere"]["meeting_id"] = sorted(theirs)
    known[""]["meeting_id"] = sorted(set(known[""]["meeting_id"]) - theirs)
    return known


def _addresses(app: Flask, endpoint: str, arguments: set[str], known: dict[str, dict[str, list[str]]], method: str) -> Iterator[Address]:
    adapter = app.url_map.bind("localhost")
    states = STATES if "case_id" in arguments else ("", "elsewhere") if "meeting_id" in arguments else ("",)
    made = set()
    for state in states:
        for turn in range(_MOST):
            values: dict[str, Any] = {}
            for name in arguments:
                offered = known[state].get(name) or known[""].get(name) or [str(uuid.uuid4())]
                values[name] = offered[turn % len(offered)]
            values = {name: uuid.UUID(value) if _UUID.fullmatch(value) else value for name, value in values.items()}
            path = adapter.build(endpoint, values, method=method)
            if path not in made:
                made.add(path)
                yield Address(endpoint, path, state)


@pytest.fixture
def world(workshop: Workshop, backend: str) -> World:
    """The cases, the texts in them, and every address."""
    _template, made = workshop.template(backend, "planted", _make)
    found: World = made
    return found


@pytest.fixture
def planted(workshop: Workshop, backend: str, world: World, tmp_path: Path) -> Iterator[Flask]:
    """The application on a copy of it, on the day after."""
    with _planted(workshop, backend, tmp_path) as app:
        yield app


@contextmanager
def _planted(workshop: Workshop, backend: str, tmp_path: Path) -> Iterator[Flask]:
    template, _world = workshop.template(backend, "planted", _make)
    with workshop.copy(template, tmp_path / "home") as made, made.application() as app, clock.at(the_day_after()):
        app.extensions["caseapp.database"].bind()
        yield app


# -- asking -----------------------------------------------------------------------------------------------------------


class Browser:
    """One person's browser, that asks and looks at bytes."""

    def __init__(self, app: Flask, person: Person | None) -> None:
        app.test_client_class = FlaskClient
        self.app, self._client, self._token = app, app.test_client(), ""
        if person is not None:
            self.post("/sign-in", login=person.login, password=person.password)
            self._token = ""  # signing in makes another session, with another token
            answer = self.post("/sign-in/code", code=code_at(person.totp_secret, clock.now()))
            assert answer.headers.get("Location") == "/", answer.status_code
            self._token = ""

    def get(self, path: str) -> TestResponse:
        return self._client.get(path, base_url="https://localhost")

    def post(self, path: str, **answers: str) -> TestResponse:
        if not self._token:
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/accessibility").get_data(as_text=True))
            assert found
            self._token = found[1]
        return self._client.post(path, data={"csrf_token": self._token, **answers}, base_url="https://localhost")


def browser(app: Flask, world: World, login: str) -> Browser:
    return Browser(app, world.plantation.municipality[login] if login else None)


@dataclass(frozen=True)
class Visit:
    """What an address answered: its status, the planted words in its bytes, and the entries of the log that it left."""

    address: Address
    status: int
    words: set[str]
    entries: list[Any]

    @property
    def is_answered(self) -> bool:
        return self.status in (200, 204)


Tour = Callable[[str], list[Visit]]


@pytest.fixture
def tour(workshop: Workshop, backend: str, world: World, tmp_path: Path) -> Tour:
    """Called with a login: that person has been at every address of an installation of their own. Made once for all tests."""

    def go(login: str) -> list[Visit]:
        if login not in world.tours:
            with _planted(workshop, backend, tmp_path) as app:
                here = browser(app, world, login)
                world.tours[login] = [_visit(app, here, world.plantation, address) for address in world.gets]
        return world.tours[login]

    return go


def _visit(app: Flask, here: Browser, plantation: Plantation, address: Address) -> Visit:
    before = last_entry(app)
    answer = here.get(address.path)
    return Visit(address, answer.status_code, plantation.found_in(answer.get_data()), log_since(app, before))


def log_since(app: Flask, sequence: int) -> list[Any]:
    with app.extensions["caseapp.database"].engine.connect() as connection:
        query = text("SELECT sequence, actor_id, case_id, decision FROM audit_entry WHERE sequence > :n ORDER BY sequence")
        return list(connection.execute(query, {"n": sequence}))


def last_entry(app: Flask) -> int:
    with app.extensions["caseapp.database"].engine.connect() as connection:
        return int(connection.execute(text("SELECT max(sequence) FROM audit_entry")).scalar() or 0)


# -- the tests --------------------------------------------------------------------------------------------------------


def test_the_table_speaks_of_every_address_and_of_no_other(world: World) -> None:
    assert {address.endpoint for address in world.gets} == set(MAY_GET)
    assert {address.endpoint for address in world.posts} <= set(MAY_POST) | set(MAY_GET)
    assert set(MAY_POST) <= {address.endpoint for address in world.posts}


@pytest.mark.parametrize("login", EVERYBODY)
def test_each_is_answered_where_the_table_says_and_nowhere_else(login: str, tour: Tour) -> None:
    answered: dict[tuple[str, bool], bool] = {}
    expected: dict[tuple[str, bool], bool] = {}
    for visit in tour(login):
        address = visit.address
        assert visit.status < 500, address
        assert not (visit.is_answered and login not in allowed(MAY_GET, address)), address
        place = (address.endpoint, address.state == "elsewhere")
        answered[place] = answered.get(place, False) or visit.is_answered
        expected[place] = expected.get(place, False) or login in allowed(MAY_GET, address)
    # what can be answered, printed or withdrawn is a consent's, what is told a decision's; there the other team's case has none
    of_something = ("consent.answers", "consent.paper", "consent.shared", "consent.withdraw", "cases.informed")
    expected |= {(name, True): False for name in of_something if (name, True) in expected}
    assert {place: yes for place, yes in answered.items() if yes is not expected[place]} == {}


@pytest.mark.parametrize("login", EVERYBODY)
def test_the_answers_hold_exactly_the_texts_that_the_reader_may_see(login: str, tour: Tour, world: World) -> None:
    planted, met = world.plantation.planted, set()
    for visit in tour(login):
        forbidden = {word: planted[word] for word in visit.words if not may_see(login, planted[word])}
        assert not forbidden, f"{visit.address} shows {login or 'nobody'}: {forbidden}"
        met |= visit.words
    assert met == {word for word, where in planted.items() if may_see(login, where)}


@pytest.mark.parametrize("login", [*(login for login in WORKERS if login in EVERYBODY), "rasmus", "petra"])
def test_the_page_of_notes_shows_exactly_what_the_oracle_says(login: str, tour: Tour, world: World) -> None:
    pages = {visit.address.state: visit.words for visit in tour(login) if visit.address.endpoint == "cases.notes"}
    assert set(pages) == set(STATES)
    for state, shown in pages.items():
        notes = {word: where for word, where in world.plantation.planted.items() if where.row == "note" and where.state == state}
        assert shown & set(notes) == {word for word, where in notes.items() if may_see(login, where)}, (state, login)


@pytest.mark.parametrize("login", [login for login in EVERYBODY if login])
def test_not_found_and_not_yours_are_the_same_bytes(login: str, planted: Flask, world: World) -> None:
    here = browser(planted, world, login)
    for address in world.gets:
        if login in allowed(MAY_GET, address) or not _UUID.search(address.path):
            continue
        nowhere = _UUID.sub(lambda _found: str(uuid.uuid4()), address.path)
        theirs, missing = here.get(address.path), here.get(nowhere)
        assert theirs.status_code == missing.status_code in (403, 404), address
        assert _without_what_is_new(theirs) == _without_what_is_new(missing), address


def _without_what_is_new(answer: TestResponse) -> str:
    page = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.get_data(as_text=True))
    return _UUID.sub("*", re.sub(r'name="next" value="[^"]+"', "", page))


@pytest.mark.parametrize("login", EVERYBODY)
def test_every_reading_is_in_the_log_and_nothing_else_is(login: str, tour: Tour, world: World) -> None:
    plantation = world.plantation
    my_id = plantation.municipality[login].id if login else None
    for visit in tour(login):
        address, entries = visit.address, visit.entries
        if visit.is_answered and address.endpoint in READS_NOTHING:
            assert entries == [], address
            assert not visit.words, address
        elif visit.is_answered:
            assert {(entry.actor_id, entry.decision) for entry in entries} == {(my_id, "allowed")}, address
            if address.state and "/cases/" in address.path:
                assert plantation.cases[address.state] in {entry.case_id for entry in entries}, address
        elif login and visit.status in (403, 404) and address.endpoint not in ("accounts.invitation", "meetings.feed"):
            assert entries, address
            assert entries[-1].actor_id == my_id
            # who takes part in the case may have read it before it was clear that there is no such thing in it
            assert entries[-1].decision == "refused" or login in allowed({address.endpoint: PART}, address), address


@pytest.mark.parametrize("login", EVERYBODY)
def test_a_form_sent_by_somebody_else_changes_nothing(login: str, planted: Flask, world: World) -> None:
    here = browser(planted, world, login)
    here.get("/accessibility")
    before = every_row_but_traces(planted)
    for address in world.posts:
        table = MAY_POST if address.endpoint in MAY_POST else MAY_GET
        if login in allowed(table, address):
            continue
        answer = here.post(address.path, text="Järnsparv", name="Järnsparv")
        assert answer.status_code in ((401, 303) if not login else (403, 404)), address
    assert every_row_but_traces(planted) == before


def test_the_world_is_as_the_tests_take_it(world: World) -> None:
    """Every state has texts of every agency, and the oracle says yes and no in each of them."""
    for state in STATES[:-1]:
        here = [where for where in world.plantation.planted.values() if where.state == state]
        assert {where.owner for where in here} == set(WORKERS.values())
        for login in WORKERS:
            assert {may_see(login, where) for where in here} == {True, False}, (state, login)
    assert len(world.gets) > 200
    assert len({address.endpoint for address in world.gets} | {address.endpoint for address in world.posts}) > 60

"""Attacks that keep the log from being written, so that somebody may read or write unseen.

What is not in the log is not released: without its entry an answer is not given and a change is not made. A refusal that cannot be logged
is a refusal all the same.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from caseapp.db import engine as engines
from caseapp.formats import clock
from tests.attacks.attacker import Attacker
from tests.attacks.victim import OF_A_CASE, verified
from tests.conftest import client_of
from tests.installations import Installation, every_row_but_traces
from tests.municipality import Codes, sign_in
from tests.planted_texts import Plantation

SILENCE = {
    "sqlite": ["CREATE TRIGGER silenced BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'silenced'); END"],
    "postgresql": [
        "CREATE FUNCTION silenced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'silenced'; END $$",
        "CREATE TRIGGER silenced BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION silenced()",
    ],
}
Silence = Callable[[], AbstractContextManager[None]]
END = {"sqlite": ["DROP TRIGGER silenced"], "postgresql": ["DROP TRIGGER silenced ON audit_entry", "DROP FUNCTION silenced()"]}


@pytest.fixture
def silenced(attacker: Attacker) -> Silence:
    """Called: as long as its context lasts, every entry of the log is turned away by the database."""

    @contextmanager
    def silence() -> Iterator[None]:
        with attacker._data.begin() as connection:
            for statement in SILENCE[attacker.kind]:
                connection.execute(text(statement))
        yield
        with attacker._data.begin() as connection:
            for statement in END[attacker.kind]:
                connection.execute(text(statement))

    return silence


@pytest.mark.parametrize("login", ["karin", "lena", "pontus", "rasmus"])
def test_reading_while_the_log_takes_nothing(
    login: str, app: Flask, silenced: Silence, plantation: Plantation, codes: Codes
) -> None:
    """Tries: let the database turn away every entry, then read all pages of a case. Must: no page shows a word of anything."""
    app.config["TESTING"] = False  # as in use: what goes wrong inside becomes a page
    browser, case_id = sign_in(client_of(app), plantation.municipality[login], codes), plantation.cases["active"]
    with silenced():
        for path in (*(f"/cases/{case_id}{page}" for page in OF_A_CASE), "/", "/cases", "/meetings"):
            answer = browser.get(path)
            assert answer.status_code in (500, 503), path
            assert plantation.found_in(answer.get_data()) == set(), path
            assert browser.page is not None
            assert browser.page.heading in ("Något gick fel hos oss", "Upptaget just nu")
    assert browser.get("/").status_code == 200
    assert verified() == []


def test_writing_while_the_log_takes_nothing(app: Flask, silenced: Silence, plantation: Plantation, codes: Codes) -> None:
    """Tries: let the database turn away every entry, then save a note. Must: nothing is saved, and the typed text comes back."""
    app.config["TESTING"] = False
    browser, page = sign_in(client_of(app), plantation.municipality["karin"], codes), f"/cases/{plantation.cases['active']}/notes/new"
    browser.get(page)
    before = every_row_but_traces(app)
    with silenced():
        answer = browser.submit({"text": "Får inte bli sparad utan spår", "information_type": "plan"})
    assert answer.status_code in (500, 503)
    assert "Får inte bli sparad utan spår" in answer.text
    assert every_row_but_traces(app) == before
    assert verified() == []


def test_a_refusal_that_cannot_be_logged(app: Flask, silenced: Silence, plantation: Plantation, codes: Codes) -> None:
    """Tries: ask for what is refused while the log takes nothing. Must: it stays refused, and no trace of the case is in the answer."""
    app.config["TESTING"] = False
    browser, case_id = sign_in(client_of(app), plantation.municipality["rasmus"], codes), plantation.cases["active"]
    with silenced():
        answer = browser.get(f"/cases/{case_id}/notes")
    assert answer.status_code in (403, 404, 500, 503)
    assert plantation.found_in(answer.get_data()) == set()


@pytest.mark.parametrize("minutes", [0, 5], ids=["the first page", "a session to be noted as used"])
def test_a_database_that_somebody_keeps_locked(
    minutes: int, installation: Installation, plantation: Plantation, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tries: hold a lock for ever, so that no entry can be written. Must: "busy, try again", with when to, and no word of anything."""
    monkeypatch.setattr(engines, "LONGEST_WAIT", 1)
    holder = create_engine(installation.environment["CASEAPP_DATABASE_URL"])
    with installation.application() as app:
        app.extensions["caseapp.database"].bind()
        browser = sign_in(client_of(app), plantation.municipality["karin"], codes)
        page = f"/cases/{plantation.cases['active']}/notes"
        if minutes:
            browser.get(page)
        with holder.connect() as connection, clock.at(clock.now() + timedelta(minutes=minutes)):
            lock = "LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE" if installation.is_postgresql else "BEGIN IMMEDIATE"
            connection.exec_driver_sql(lock)
            answer = browser.get(page)
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert plantation.found_in(answer.get_data()) == set()
            connection.rollback()
        assert browser.get(page).status_code == 200
        assert verified() == []
    holder.dispose()

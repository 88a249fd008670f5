"""Attacks on emergency openings: an hour made longer, somebody else's taken over, an ended one revived, a review made to look done.

Samir of the social services takes part in no case; what he gets to read he got through an opening. Every attack ends in a plain page and
a line in the log, or is found by `audit verify`; no planted text is seen that was not to be had.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from caseapp.access import Actor, DamagedRow, NotFound
from caseapp.accounts.second_factor import code_at
from caseapp.accounts.signing_in import Rejected
from caseapp.db import new_id
from caseapp.emergency.actions import end_emergency, open_in_emergency
from caseapp.emergency.reviewing import list_emergencies
from caseapp.formats import clock
from tests.attacks.attacker import Attacker, Stored
from tests.attacks.victim import Victim, incidents, verified
from tests.municipality import Codes, Person, actor_of
from tests.planted_texts import Plantation, the_day_after

REASON = "Flickan har hört av sig och säger att hon inte orkar leva."
HOUR = timedelta(hours=1)


class TelephoneNow(Codes):
    """The codes of everybody's telephone at the clock's moment, which these tests set: one each half minute."""

    def next(self, person: Person) -> str:
        """The code of this very moment."""
        return code_at(person.totp_secret, clock.now())


class Burglary:
    """Samir's opening of the case nobody has consented in, and what he sees of that case."""

    def __init__(self, app: Flask, attacker: Attacker, plantation: Plantation) -> None:
        self._app, self._attacker, self._plantation = app, attacker, plantation
        self.case_id = plantation.cases["none"]

    def open(self, login: str = "samir", state: str = "none") -> Actor:
        """This person opens the case in this state; the person as an actor."""
        person = self._plantation.municipality[login]
        number = self._attacker.row("case_file", id=self._plantation.cases[state])["case_number"]
        code = code_at(person.totp_secret, clock.now())
        answer = open_in_emergency(actor_of(self._app, person), case_number=number, reason=REASON, code=code, network="192.0.2.7")
        assert answer == self._plantation.cases[state], answer
        return actor_of(self._app, person)

    def row(self, login: str = "samir") -> Stored:
        """The row of this person's opening."""
        return self._attacker.row("break_glass", user_id=self._plantation.municipality[login].id)


@pytest.fixture(autouse=True)
def _on_the_day_after() -> Iterator[None]:
    with clock.at(the_day_after()):
        yield


@pytest.fixture
def victim(app: Flask, plantation: Plantation) -> Callable[[str], Victim]:
    """Called with a login: that person at a browser, signed in a minute after the hour began."""

    def arrive(login: str, minutes: float = 1) -> Victim:
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            return Victim(app, plantation, TelephoneNow(), login)

    return arrive


@pytest.fixture
def burglary(app: Flask, attacker: Attacker, plantation: Plantation) -> Burglary:
    """The case that is going to be opened."""
    return Burglary(app, attacker, plantation)


def shut(visitor: Victim, case_id: str) -> None:
    """Nothing of this case is seen, on no page of it."""
    for page in ("", "/notes", "/plan", "/consent", "/mapping"):
        answer = visitor.goes_to(f"/cases/{case_id}{page}")
        assert answer.status in (403, 404), page
        assert b"J\xc3\xa4rnsparv" not in answer.content


def test_an_hour_made_longer(
    app: Flask, attacker: Attacker, burglary: Burglary, victim: Callable[[str], Victim], plantation: Plantation
) -> None:
    """Tries: let the opening begin later, in every way a moment can be written. Must: nothing is read, the damage is told."""
    burglary.open()
    written = burglary.row()
    with clock.at(clock.now() + HOUR):
        samir = victim("samir")
        shut(samir, burglary.case_id)
        known = len(incidents())
        for later in (timedelta(minutes=3), HOUR, timedelta(days=1), timedelta(days=4000)):
            attacker.rewrite("break_glass", written["id"], begun_at=written["begun_at"] + later)
            shut(samir, burglary.case_id)
        attacker.rewrite("break_glass", written["id"], **written)
    assert len(incidents()) > known
    assert {("break_glass", written["id"])} == set(incidents()[-1].rows)


def test_an_opening_of_somebody_else(
    attacker: Attacker, burglary: Burglary, victim: Callable[[str], Victim], plantation: Plantation
) -> None:
    """Tries: write another name, another case on a running opening, or a copy of it. Must: it opens nothing to that person or there."""
    burglary.open()
    written, samir_id = burglary.row(), plantation.municipality["samir"].id
    fia, ids = victim("fia"), plantation.municipality
    before = fia.looks_everywhere(burglary.case_id)
    attacker.rewrite("break_glass", written["id"], user_id=ids["fia"].id)
    assert fia.looks_everywhere(burglary.case_id) <= before
    attacker.rewrite("break_glass", written["id"], user_id=samir_id)
    attacker.put_in("break_glass", written, id=new_id(), user_id=ids["fia"].id)
    assert fia.looks_everywhere(burglary.case_id) <= before
    attacker.rewrite("break_glass", written["id"], case_id=plantation.cases["withdrawn"])
    shut(victim("samir"), plantation.cases["withdrawn"])
    assert any("break_glass" in finding for finding in verified())


def test_an_ended_opening_revived(attacker: Attacker, burglary: Burglary, victim: Callable[[str], Victim]) -> None:
    """Tries: take the end out of the row; put the whole row back as it was. Must: shut; the row that is older than the log is found."""
    samir = burglary.open()
    running = burglary.row()
    end_emergency(samir, burglary.case_id)
    ended = burglary.row()
    attacker.rewrite("break_glass", running["id"], ended_at=None)
    shut(victim("samir"), burglary.case_id)
    attacker.rewrite("break_glass", running["id"], **ended)
    assert verified() == []
    attacker.put_back("break_glass", running)
    assert any(f"break_glass {running['id']} is not version" in finding for finding in verified())


def test_a_review_made_to_look_done(
    app: Flask, attacker: Attacker, burglary: Burglary, plantation: Plantation, victim: Callable[[str], Victim]
) -> None:
    """Tries: say in the row that it was reviewed; remove the row. Must: the unit manager meets the damage; the removal is found."""
    burglary.open()
    row, ulla = burglary.row(), actor_of(app, plantation.municipality["ulla"])
    assert [card.person for card in list_emergencies(ulla).to_do] == ["Samir Aziz"]
    attacker.rewrite("break_glass", row["id"], reviewed_at=datetime.fromisoformat("2026-01-01T00:00:00+00:00"), reviewed_by_id=ulla.user_id)
    with pytest.raises(DamagedRow):
        list_emergencies(ulla)
    assert victim("ulla").goes_to("/emergency/reviews").status == 403
    attacker.rewrite("break_glass", row["id"], **row)
    attacker.remove("break_glass", row["id"])
    assert any(f"break_glass {row['id']} is gone" in finding for finding in verified())


def test_a_code_used_again(app: Flask, burglary: Burglary, plantation: Plantation, attacker: Attacker) -> None:
    """Tries: open with the code that was just given, for the same case and another. Must: refused, and nothing is written."""
    person = plantation.municipality["samir"]
    samir, used = burglary.open(), code_at(person.totp_secret, clock.now())
    end_emergency(samir, burglary.case_id)
    for state in ("none", "active"):
        number = attacker.row("case_file", id=plantation.cases[state])["case_number"]
        answer = open_in_emergency(samir, case_number=number, reason=REASON, code=used, network="192.0.2.7")
        assert isinstance(answer, Rejected)
    assert len(attacker.rows("break_glass")) == 1


def test_the_number_of_one_case_on_another(attacker: Attacker, burglary: Burglary, plantation: Plantation, app: Flask) -> None:
    """Tries: let two cases exchange their numbers, so that Samir opens what he did not mean. Must: neither opens."""
    first, second = (attacker.row("case_file", id=plantation.cases[state]) for state in ("none", "active"))
    attacker.rewrite("case_file", first["id"], case_number="x")
    attacker.rewrite("case_file", second["id"], case_number=first["case_number"])
    attacker.rewrite("case_file", first["id"], case_number=second["case_number"])
    person = plantation.municipality["samir"]
    for minute, number in enumerate((first["case_number"], second["case_number"])):
        with clock.at(clock.now() + timedelta(minutes=minute)):
            code = code_at(person.totp_secret, clock.now())
            with pytest.raises(NotFound):
                open_in_emergency(actor_of(app, person), case_number=number, reason=REASON, code=code, network="192.0.2.7")
    assert attacker.rows("break_glass") == []


def test_a_reason_from_another_opening(attacker: Attacker, burglary: Burglary, app: Flask, plantation: Plantation) -> None:
    """Tries: put another opening's reason in the place of this one's. Must: the row is damaged, and nobody takes it for true."""
    burglary.open()
    burglary.open("karin", "active")
    his, hers = burglary.row(), burglary.row("karin")
    attacker.rewrite("break_glass", his["id"], reason_sealed=hers["reason_sealed"])
    with pytest.raises(DamagedRow):
        list_emergencies(actor_of(app, plantation.municipality["ulla"]))

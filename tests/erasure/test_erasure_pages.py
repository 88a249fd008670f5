"""The pages of erasure as a coordinator and a unit manager meet them, on the day a case's time is out. The client looks at every page."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from caseapp.cases.actions import close_case
from caseapp.cases.starting import NewPerson, start_case
from caseapp.erasure import actions
from caseapp.formats import clock
from tests.municipality import Municipality, actor_of
from tests.pages import Page, PageClient

Browsers = Callable[[str], PageClient]
YEARS_AGO = timedelta(days=6 * 366)


@pytest.fixture
def due_case(app: Flask, municipality: Municipality) -> Iterator[str]:
    """A case that was closed six years ago, of somebody born on the 7th."""
    karin, now = actor_of(app, municipality["karin"]), clock.now()
    with clock.at(now - YEARS_AGO):
        person = NewPerson(name="Alva Lind", sex="f", born=date(2006, 3, 7))
        case_id = start_case(karin, municipality.teams["norr"], person=person)
        close_case(karin, case_id, reason="goals_met", closed_on=clock.today())
    return case_id


def _text(answer: object) -> str:
    return Page(answer.get_data(as_text=True)).text()  # type: ignore[attr-defined]


def _number(app: Flask, municipality: Municipality) -> str:
    return actions.read_retention(actor_of(app, municipality["ulla"])).due[0].case_number


def test_a_coordinator_proposes_and_a_unit_manager_approves(
    app: Flask, due_case: str, signed_in: Browsers, municipality: Municipality
) -> None:
    number = _number(app, municipality)
    karin, ulla = signed_in("karin"), signed_in("ulla")
    page = karin.get("/retention")
    assert number in _text(page)
    assert "Alva" not in page.get_data(as_text=True)
    assert "Väntar på en andra person" in _text(karin.submit(on="/retention", action=f"/retention/{due_case}/propose"))
    told = _text(ulla.submit(on="/retention", action=f"/retention/{due_case}/approve"))
    assert "Gallringen är godkänd" in told
    assert "Godkänd, gallras vid nästa körning" in told
    assert "Beslutet är tillbakadraget" in _text(karin.submit(on="/retention", action=f"/retention/{due_case}/take-back"))
    assert actions.read_retention(actor_of(app, municipality["ulla"])).decisions == ()


def test_a_hold_needs_a_reason_that_is_sealed_and_can_be_lifted(
    app: Flask, due_case: str, signed_in: Browsers, municipality: Municipality
) -> None:
    ulla = signed_in("ulla")
    empty = ulla.submit({"reason": ""}, on=f"/retention/{due_case}/hold")
    assert empty.status_code == 422
    assert "Skriv varför" in _text(empty)
    assert "SKADESTÅNDSKRAV" in _text(ulla.submit({"reason": "SKADESTÅNDSKRAV"}, on=f"/retention/{due_case}/hold"))
    database = app.extensions["caseapp.database"]
    with database.engine.connect() as connection:
        stored = repr(connection.exec_driver_sql("SELECT * FROM legal_hold").all())
    assert "SKADEST" not in stored
    told = _text(ulla.submit(on="/retention", action=f"/retention/{due_case}/lift-hold"))
    assert "Stoppet är hävt" in told
    assert [one.case_id for one in actions.read_retention(actor_of(app, municipality["ulla"])).due] == [due_case]


def test_an_administrator_sets_how_long_cases_are_kept(app: Flask, due_case: str, signed_in: Browsers, municipality: Municipality) -> None:
    admin = signed_in("admin")
    admin.submit({"profile": "no_personakt", "years": "7", "keeps_all": ""}, on="/settings/retention")
    page = actions.read_retention(actor_of(app, municipality["ulla"]))
    assert (page.profile.years, page.due) == (7, ())
    assert admin.get("/retention").status_code == 403


def test_impossible_years_are_refused_in_words(app: Flask, signed_in: Browsers) -> None:
    admin = signed_in("admin")
    for years in ("0", "101", "fem", "-1", "1e3"):
        assert admin.submit({"profile": "personakt", "years": years}, on="/settings/retention").status_code == 422, years

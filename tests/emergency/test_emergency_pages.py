"""The pages of an emergency as people meet them: the form that tells nothing, the banner, the end, the review. The client looks at each."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from caseapp.accounts.second_factor import code_at
from caseapp.formats import SWEDEN, clock
from tests.emergency.conftest import FAMILY, MINUTE, OFFENCES, REASON, Shut
from tests.municipality import Municipality
from tests.pages import Page, PageClient

Browsers = Callable[[str], PageClient]
#: Some days after the municipality was made; a Wednesday.
HALF_PAST_TWO = datetime(2031, 11, 26, 14, 30, tzinfo=SWEDEN)
BANNER = "Nödöppning: du läser allt i ärendet"


@pytest.fixture(autouse=True)
def _at_half_past_two() -> Iterator[None]:
    with clock.at(HALF_PAST_TWO):
        yield


def at(minutes: float) -> Any:
    """The clock so many minutes after half past two."""
    return clock.at(HALF_PAST_TWO + timedelta(minutes=minutes))


def says(answer: Any) -> str:
    return Page(answer.get_data(as_text=True)).text()


@pytest.fixture
def form(municipality: Municipality, shut: Shut) -> Callable[..., dict[str, str]]:
    """The answers to the form as Lena gives them, some of them otherwise."""

    def filled(login: str = "lena", **otherwise: str) -> dict[str, str]:
        code = code_at(municipality[login].totp_secret, clock.now())
        return {"case_number": shut.number, "reason": REASON, "code": code} | otherwise

    return filled


def test_a_case_is_opened_read_and_ended(shut: Shut, browser: Browsers, form: Callable[..., dict[str, str]]) -> None:
    lena = browser("lena")
    assert lena.get(f"/cases/{shut.id}").status_code == 404
    assert "Alva" not in lena.get("/emergency").text
    with at(1):
        opened = lena.submit(form(), on="/emergency")
        assert opened.request.path == f"/cases/{shut.id}"
        assert "Alva Lind" in says(opened)
        for part in ("", "/notes", "/consent", "/plan", "/mapping", "/follow-up", "/participants"):
            page = lena.get(f"/cases/{shut.id}{part}")
            assert page.status_code == 200, part
            assert f"{BANNER} till kl. 15.31" in says(page), part
            assert "60 minuter kvar" in says(page), part
        notes = says(lena.get(f"/cases/{shut.id}/notes"))
        assert FAMILY in notes
        assert OFFENCES in notes
    with at(9):
        told = lena.submit(on=f"/cases/{shut.id}", action=f"/cases/{shut.id}/emergency/end")
        assert "Nödöppningen är avslutad" in says(told)
        assert lena.get(f"/cases/{shut.id}").status_code == 404
        assert lena.get(f"/cases/{shut.id}/epoch").status_code == 404


def test_the_unit_manager_sees_why_and_what_and_closes_the_review(
    shut: Shut, browser: Browsers, form: Callable[..., dict[str, str]], municipality: Municipality
) -> None:
    lena = browser("lena")
    with at(1):
        lena.submit(form(), on="/emergency")
        lena.get(f"/cases/{shut.id}/notes")
    with at(5):
        ulla = browser("ulla")
        assert "Granska nödöppning: Lena Brodin" in says(ulla.get("/"))
        (review,) = [path for path in Page(ulla.get("/").text).links if "/emergency/reviews/" in path]
        assert "Nödöppningen pågår. Den granskas när den är slut" in says(ulla.get(review))
    with at(70):
        ulla = browser("ulla")
        page = says(ulla.get(review))
        for expected in (REASON, "Lena Brodin, Ekskolan", "2031-11-26 14.31", "2031-11-26 15.31", "Socialtjänsten", "Lokalpolisen"):
            assert expected in page, expected
        assert "Alva Lind" not in page.replace(REASON, "")
        empty = ulla.submit({"verdict": "", "assessment": ""}, on=review)
        assert empty.status_code == 422
        assert "Välj en bedömning" in says(empty)
        done = ulla.submit({"verdict": "justified", "assessment": "Det var fara för livet, och hon läste bara anteckningarna."}, on=review)
        assert "Granskningen är avslutad" in says(done)
        assert "Granska nödöppning" not in says(ulla.get("/"))
        closed = says(ulla.get(review))
        assert "Motiverad" in closed
        assert "Det var fara för livet" in closed


def test_the_form_that_is_refused_keeps_what_was_typed_but_the_code(
    shut: Shut, browser: Browsers, form: Callable[..., dict[str, str]]
) -> None:
    lena = browser("lena")
    cases = {
        "no reason": (form(reason=""), "Skriv varför du måste läsa nu."),
        "too short": (form(reason="Det brinner"), "Skriv minst en hel mening"),
        "no number": (form(case_number=""), "Skriv ärendets nummer"),
        "no code": (form(code=""), "Skriv den kod som appen visar nu."),
        "half a code": (form(code="123"), "Skriv koden med sex siffror"),
        "wrong code": (form(code="000000"), "Koden stämmer inte, eller är redan använd."),
    }
    with at(1):
        for name, (answers, sentence) in cases.items():
            refused = lena.submit(answers, on="/emergency")
            assert refused.status_code == 422, name
            assert sentence in says(refused), name
            for kept in ("case_number", "reason"):
                assert answers[kept] in refused.text, (name, kept)
            assert not answers["code"] or f'value="{answers["code"]}"' not in refused.text, name
            assert lena.get(f"/cases/{shut.id}").status_code == 404, name


def test_not_found_and_not_yours_look_the_same(
    app: Flask, shut: Shut, browser: Browsers, form: Callable[..., dict[str, str]], municipality: Municipality
) -> None:
    rasmus = browser("rasmus")  # of the other team
    answers = []
    for minute, number in ((1, shut.number), (2, "2031-9999")):
        with at(minute):
            answer = rasmus.submit(form("rasmus", case_number=number), on="/emergency")
            assert answer.status_code == 422
            answers.append(says(answer))
    assert answers[0] == answers[1]
    assert "Det finns inget ärende med det numret som du kan öppna." in answers[0]


@pytest.mark.parametrize("login", ["ulla", "admin", "stellan", "greta"])
def test_who_does_not_work_with_cases_has_no_such_page(login: str, browser: Browsers, shut: Shut) -> None:
    assert browser(login).get("/emergency").status_code == 403


def test_who_reads_everything_already_is_told_so(
    shut: Shut, browser: Browsers, form: Callable[..., dict[str, str]], everything_consented: None
) -> None:
    karin = browser("karin")
    with at(1):
        answer = karin.submit(form("karin"), on="/emergency")
    assert answer.status_code == 422
    assert "Du läser redan allt i det ärendet." in says(answer)


def test_in_an_emergency_one_only_reads_also_where_one_takes_part(
    shut: Shut, browser: Browsers, form: Callable[..., dict[str, str]]
) -> None:
    pontus, case = browser("pontus"), f"/cases/{shut.id}"
    assert FAMILY not in says(pontus.get(f"{case}/notes"))
    with at(1):
        pontus.submit(form("pontus"), on="/emergency")
        assert FAMILY in says(pontus.get(f"{case}/notes"))
        for part in ("/notes/new", "/plan/commitments/new", "/plan/support/new"):
            answer = pontus.get(case + part)
            assert answer.status_code == 403, part
            assert "Under en nödöppning kan du bara läsa" in says(answer)
        assert "Skriv anteckning" not in says(pontus.get(case))
    with at(10):
        told = pontus.submit(on=case, action=f"{case}/emergency/end")
        assert told.request.path == case
        assert BANNER not in says(told)
        assert FAMILY not in says(pontus.get(f"{case}/notes"))
        assert pontus.get(f"{case}/notes/new").status_code == 200


def test_an_open_page_is_told_of_the_end_and_nobody_elses_is(
    shut: Shut, browser: Browsers, form: Callable[..., dict[str, str]]
) -> None:
    pontus, karin, epoch = browser("pontus"), browser("karin"), f"/cases/{shut.id}/epoch"
    before = (pontus.get(epoch).text, karin.get(epoch).text)
    with at(1):
        pontus.submit(form("pontus"), on="/emergency")
        during = pontus.get(epoch).text
        assert during != before[0]
        assert f'data-epoch="{during}"' in pontus.get(f"/cases/{shut.id}").text
    with at(59):
        pontus, karin = browser("pontus"), browser("karin")
    with clock.at(HALF_PAST_TWO + 61 * MINUTE - timedelta(microseconds=1)):
        assert pontus.get(epoch).text == during
        assert karin.get(epoch).text == before[1]
    with at(61):
        assert pontus.get(epoch).text == before[0]
        assert BANNER not in says(pontus.get(f"/cases/{shut.id}"))


def test_the_coordinator_is_told_and_the_history_says_so(
    shut: Shut, browser: Browsers, form: Callable[..., dict[str, str]]
) -> None:
    lena, karin = browser("lena"), browser("karin")
    with at(1):
        lena.submit(form(), on="/emergency")
        day = says(karin.get("/"))
        assert "Nödöppning av Lena Brodin 26 november" in day
        history = says(karin.get(f"/cases/{shut.id}/history"))
        assert "Lena Brodin" in history
        assert "Nödåtkomst" in history
        assert "Nödöppning" in history
        assert "nödöppning" in says(karin.get(f"/cases/{shut.id}/history/extract"))
        assert REASON not in karin.get(f"/cases/{shut.id}/history").text
        assert lena.get(f"/cases/{shut.id}/history").status_code == 403


def test_a_review_that_was_not_made_in_time_is_shown_as_late(
    shut: Shut, browser: Browsers, form: Callable[..., dict[str, str]]
) -> None:
    lena = browser("lena")
    with at(1):
        lena.submit(form(), on="/emergency")
    with at(1 + 72 * 60):  # the last moment of the three days
        assert "försenad" not in says(browser("ulla").get("/")).lower()
    with at(2 + 72 * 60):
        ulla = browser("ulla")
        assert "försenad, skulle ha granskats lör 29 nov 14.31" in says(ulla.get("/"))
        assert "Försenad" in says(ulla.get("/emergency/reviews"))

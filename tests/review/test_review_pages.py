"""The pages of the review as people meet them: what is shown and never shown, what is refused in words, and that typed text is kept."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp.accounts import actor_for
from caseapp.cases.actions import read_case
from caseapp.cases.participation import remove_participant
from caseapp.cases.starting import NewRelated
from caseapp.db import transaction
from caseapp.formats import SWEDEN, clock
from caseapp.members.actions import leave_team, take_leave
from caseapp.review import actions
from caseapp.review.rules import Month
from tests.accounts.joining import join
from tests.installations import every_row_but_traces
from tests.pages import Page, PageClient
from tests.review.conftest import Past, give_role

Browsers = Callable[[str], PageClient]


def _text(answer: object) -> str:
    return Page(answer.get_data(as_text=True)).text()  # type: ignore[attr-defined]


@pytest.fixture
def item_id(past: Past) -> str:
    """A reading of lena's late in the evening."""
    past.read("lena", past.case(), at=time(21))
    past.select()
    (item,) = past.items()
    return item.id


def test_the_months_list_is_made_at_the_page_and_once(past: Past, signed_in: Browsers, app: Flask) -> None:
    past.read("lena", past.case())
    greta = signed_in("greta")
    assert "Inget att granska nu" in _text(greta.get("/review"))
    told = _text(greta.submit({"month": past.month.written}, on="/review"))
    assert "är gjort: 1 läsning att granska." in told
    assert "Lena Brodin" in told
    assert "Stickprov" in told
    before = every_row_but_traces(app)
    sent_again = greta.post("/review", data={"csrf_token": _token(greta), "month": past.month.written}, follow_redirects=True)
    assert sent_again.status_code == 422  # it is not offered any longer
    assert every_row_but_traces(app) == before


def test_a_month_that_has_not_ended_is_refused_in_words(past: Past, signed_in: Browsers, app: Flask) -> None:
    past.read("lena", past.case())
    greta = signed_in("greta")
    greta.get("/review")
    token = _token(greta)
    running = past.month.following
    for month in (running.written, running.following.written, "2199-01", "2026-13", "", "x", "\x00", "2026-10 "):
        answer = greta.post("/review", data={"csrf_token": token, "month": month})
        assert answer.status_code == 422, month
        assert "Välj en" in _text(answer) or "Välj ett" in _text(answer)
    assert past.items() == ()


def _token(client: PageClient) -> str:
    assert client.page is not None
    return next(field.get("value", "") for field in client.page.all("input") if field.get("name") == "csrf_token")


def test_a_stand_in_is_shown_with_the_member_whose_part_they_had(past: Past, signed_in: Browsers) -> None:
    """Whoever reviews would otherwise take a reading by somebody without a part in the case for a wrong one."""
    with clock.at(past.month.first - timedelta(days=20)):
        join(past.actor, past.municipality, "samir", "coordinator")
    case_id, norr, karin, samir = past.case(), past.municipality.teams["norr"], past.municipality["karin"], past.municipality["samir"]
    with clock.at(datetime.combine(past.day(1), time(8), SWEDEN)):
        remove_participant(past.actor("karin"), case_id, samir.id)
        leave = {"from_day": past.day(2), "until_day": past.day(4), "stand_in_id": samir.id}
        take_leave(past.actor("ulla"), norr, karin.id, **leave)  # type: ignore[arg-type]
    with clock.at(datetime.combine(past.day(3), time(10), SWEDEN)):
        with transaction(reading=True):
            stand_in = actor_for(samir.id, proved_at=clock.now().timestamp())
        assert stand_in is not None
        read_case(stand_in, case_id)
    past.read("lena", case_id, day=3)
    past.select()
    assert {item.who: item.stood_in_for for item in past.items()} == {"Samir Aziz": (karin.name,), "Lena Brodin": ()}
    opened = next(item for item in past.items() if item.who == "Samir Aziz")
    assert f"som ersättare för {karin.name}" in _text(signed_in("greta").get(f"/review/items/{opened.id}"))


def test_the_reviewer_sees_who_when_what_and_why_and_never_what_stood_there(past: Past, signed_in: Browsers, item_id: str) -> None:
    greta = signed_in("greta")
    html = greta.get(f"/review/items/{item_id}").get_data(as_text=True)
    page = Page(html).text()
    for shown in ("Lena Brodin", "Ekskolan", "21.00", "ärendet", "egna uppgifter", "1 gång utanför arbetstid.", "på måfå"):
        assert shown in page, shown
    assert "Alva" not in html
    assert "Lind" not in html


def test_a_question_stands_on_my_day_one_click_from_the_answer(past: Past, signed_in: Browsers, item_id: str) -> None:
    greta, lena = signed_in("greta"), signed_in("lena")
    greta.submit({"question": "Vad behövde du ärendet till?"}, on=f"/review/items/{item_id}/ask")
    day = lena.get("/")
    assert "En fråga om din läsning" in _text(day)
    assert lena.page is not None
    (way,) = [address for address in lena.page.links if address.startswith("/review/questions/")]
    told = _text(lena.submit({"answer": "Jag förberedde nätverksmötet."}, on=way))
    assert "Svaret är skickat" in told
    assert "Jag förberedde nätverksmötet." in told
    assert "En fråga om din läsning" not in _text(lena.get("/"))
    assert "Jag förberedde nätverksmötet." in _text(greta.get(f"/review/items/{item_id}"))
    told = _text(greta.submit({"assessment": "question_answered", "words": ""}, on=f"/review/items/{item_id}/close"))
    assert "Granskningen är avslutad" in told
    assert "Fråga besvarad" in _text(greta.get("/review?view=closed"))


def test_whoever_is_asked_meets_the_question_though_they_have_no_case_any_longer(past: Past, signed_in: Browsers, item_id: str) -> None:
    actions.ask(past.actor("greta"), item_id, question="Varför?")
    leave_team(past.actor("ulla"), past.municipality.teams["norr"], past.municipality["lena"].id)
    page = _text(signed_in("lena").get("/"))
    assert "En fråga om din läsning" in page
    assert "Den här veckan" not in page


def test_what_is_said_is_sealed(past: Past, signed_in: Browsers, item_id: str, app: Flask) -> None:
    greta, lena = past.actor("greta"), past.actor("lena")
    question = actions.ask(greta, item_id, question="FRÅGETEXTEN")
    actions.answer(lena, question, answer="SVARSTEXTEN")
    actions.close(greta, item_id, assessment="incident", words="MOTIVERINGEN")
    with app.extensions["caseapp.database"].engine.connect() as connection:
        tables = ("review_month", "review_item", "review_question", "audit_entry")
        stored = repr([connection.execute(text(f"SELECT * FROM {table}")).all() for table in tables])
    number = past.items(view="closed")[0].case_number
    for typed in ("FRÅGETEXTEN", "SVARSTEXTEN", "MOTIVERINGEN", "incident", "out_of_hours", number):
        assert typed not in stored, typed


def test_a_refused_form_keeps_what_was_typed_and_says_what_to_do(past: Past, signed_in: Browsers, item_id: str) -> None:
    greta, lena = signed_in("greta"), signed_in("lena")
    at = f"/review/items/{item_id}"
    for path, fields, sentence in (
        (f"{at}/ask", {"question": ""}, "Skriv frågan."),
        (f"{at}/ask", {"question": "å" * 2001}, "Texten är 2 001 tecken. Korta den till högst 2 000 tecken."),
        (f"{at}/close", {"words": "Ingen bedömning"}, "Välj en bedömning."),
        (f"{at}/close", {"assessment": "remark", "words": ""}, "Skriv en motivering."),
        (f"{at}/close", {"assessment": "question_answered", "words": "Ja"}, "Ingen fråga är besvarad."),
        (f"{at}/close", {"assessment": "incident", "words": "x" * 2001}, "Korta den till högst"),
    ):
        answer = greta.submit(fields, on=path)
        assert answer.status_code == 422, path
        assert sentence in _text(answer).replace("\u00a0", " "), path
        for name, typed in fields.items():
            assert name == "assessment" or typed in answer.get_data(as_text=True), path
    question = actions.ask(past.actor("greta"), item_id, question="Varför?")
    greta.get(f"{at}/ask")
    again = greta.submit({"question": "En fråga till samtidigt"})
    assert again.status_code == 422
    assert "En fråga väntar redan på svar." in _text(again)
    assert "En fråga till samtidigt" in again.get_data(as_text=True)
    lena.get(f"/review/questions/{question}")
    actions.close(past.actor("greta"), item_id, assessment="no_remark", words="Det framgår av protokollet.")
    late = lena.submit({"answer": "Det var inför mötet."})
    assert late.status_code == 422
    assert "Granskningen är avslutad." in _text(late)
    assert "Det var inför mötet." in late.get_data(as_text=True)


def test_somebody_elses_question_and_one_that_is_not_there_look_the_same(past: Past, signed_in: Browsers, item_id: str) -> None:
    question = actions.ask(past.actor("greta"), item_id, question="Varför?")
    samir = signed_in("samir")
    for path in (f"/review/questions/{question}", "/review/questions/00000000-0000-4000-8000-000000000000", "/review/questions/%00"):
        assert samir.get(path).status_code == 404
        token = _token(samir)
        assert samir.post(path, data={"csrf_token": token, "answer": "Det var jag."}).status_code == 404


@pytest.mark.parametrize("login", ["karin", "ulla", "stellan", "admin", "lena"])
def test_the_queue_is_for_reviewers_alone(past: Past, signed_in: Browsers, item_id: str, login: str) -> None:
    browser = signed_in(login)
    for path in ("/review", f"/review/items/{item_id}", f"/review/items/{item_id}/ask", f"/review/items/{item_id}/close"):
        assert browser.get(path).status_code == 403, path


def test_ones_own_reading_is_refused_in_words(past: Past, signed_in: Browsers) -> None:
    past.read("lena", past.case())
    give_role(past, "lena", "log_reviewer")
    past.select()
    (item,) = past.items()
    lena = signed_in("lena")
    assert "1 läsning är din egen. Den granskas av någon annan." in _text(lena.get("/review"))
    refused = lena.get(f"/review/items/{item.id}")
    assert refused.status_code == 403
    assert "Det är din egen läsning" in _text(refused)


def test_the_only_reviewer_is_told_what_to_do_about_it(past: Past, signed_in: Browsers) -> None:
    past.read("lena", past.case())
    past.select()
    give_role(past, "greta")
    give_role(past, "lena", "log_reviewer")
    page = _text(signed_in("lena").get("/review"))
    assert "1 läsning är din egen och kan inte granskas" in page
    assert "Be administratören ge en person till rollen" in page


def test_the_manager_reads_numbers_and_no_names(past: Past, signed_in: Browsers, item_id: str) -> None:
    ulla = signed_in("ulla")
    assert "Loggkontrollen i siffror" in _text(ulla.get("/"))
    page = _text(ulla.get("/review/numbers"))
    assert "Utanför arbetstid" in page
    assert "Lena" not in page
    assert past.items()[0].case_number not in page
    assert signed_in("lena").get("/review/numbers").status_code == 403


def test_an_administrator_sets_what_is_chosen(past: Past, signed_in: Browsers) -> None:
    past.read("lena", past.case(), at=time(18, 30))
    admin = signed_in("admin")
    admin.submit({"work_begins": "8.00", "work_ends": "16.30", "sample": "3"}, on="/settings/log-review")
    past.select()
    assert past.chosen_for("out_of_hours")
    assert "3 läsningar dras på måfå" in _text(admin.get("/settings"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"sample": "0"}, "Skriv ett heltal mellan 1 och 500"),
        ({"sample": "många"}, "Skriv ett heltal"),
        ({"work_begins": "18.00", "work_ends": "08.00"}, "slutar innan den börjar"),
        ({"work_begins": "halv åtta"}, "Skriv klockslaget som 13.00"),
        ({"weekdays": []}, "Välj minst en dag"),
        ({"cases_a_day": "1001"}, "Skriv ett heltal mellan 1 och 1 000"),
        ({"times_median": "1"}, "Skriv ett heltal mellan 2 och 50"),
    ],
)
def test_settings_that_mean_nothing_are_refused_in_words(signed_in: Browsers, wrong: dict[str, object], sentence: str) -> None:
    answer = signed_in("admin").submit(wrong, on="/settings/log-review")
    assert answer.status_code == 422
    assert sentence in _text(answer).replace("\u00a0", " ")


def test_a_day_of_very_many_lists_the_case_numbers(past: Past, signed_in: Browsers) -> None:
    signed_in("admin").submit({"cases_a_day": "2", "sample": "1"}, on="/settings/log-review")
    for case_id in [past.case() for _each in range(3)]:
        past.read("samir", case_id)
    past.select()
    (item,) = [one for one in past.items() if "volume" in one.rules]
    page = _text(signed_in("greta").get(f"/review/items/{item.id}"))
    assert "3 ärenden på en dag. Kommunens gräns är 2." in page
    assert len(item.numbers) == 3
    assert all(number in page for number in item.numbers)


def test_a_reviewer_learns_yes_and_no_name(past: Past, signed_in: Browsers) -> None:
    case_id = past.case("Alva Strand", related=(NewRelated("Mona Brodin"),))
    past.read("lena", case_id)
    past.select()
    (item,) = past.items()
    assert "own_name" in item.rules
    html = signed_in("greta").get(f"/review/items/{item.id}").get_data(as_text=True)
    assert "samma efternamn" in html
    assert "Mona" not in html
    assert "Strand" not in html


def test_nobody_meets_a_month_from_before_the_log(past: Past, signed_in: Browsers) -> None:
    assert Month(2020, 1).written not in signed_in("greta").get("/review").get_data(as_text=True)

"""Where a draft is not: in no extract, list, search or page of anybody else; and how long it is there: with the part in the case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp import audit
from caseapp.access import Actor, NotFound, Refused
from caseapp.cases.participation import add_participant, remove_participant
from caseapp.db import bound_database, transaction
from caseapp.drafts.actions import Place, keep_draft, read_draft, throw_away
from caseapp.formats import clock
from caseapp.rights.actions import make_extract, prepare_extract
from caseapp.upkeep.case_keys import renew_cases
from caseapp.upkeep.erasing import erase_cases
from caseapp.upkeep.proving import broken_seals, unopened_values
from tests.drafts.conftest import Typing, keep_here
from tests.drafts.test_drafts import count, kept, new_note
from tests.municipality import Codes, Municipality, sign_in
from tests.pages import PageClient, form_values
from tests.upkeep.erasures import agreed

Acting = Callable[[str], Actor]
SIGN = Callable[[str], PageClient]
TYPED = "VITSIPPORNA"


def log_of(case_id: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """(action, decision, permission, tables written) of the case's entries about drafts, the oldest first."""
    with transaction(reading=True) as current:
        entries = audit.entries_of_case(current, bound_database().keyholder, case_id)
    return [
        (entry.action, entry.decision, entry.permission, tuple(table for table, *_rest in (entry.detail or {}).get("writes", ())))
        for entry in reversed(entries)
        if entry.permission == "case.draft"
    ]


def test_each_kept_version_each_reading_and_the_throwing_away_stand_in_the_log(case_id: str, actor: Acting) -> None:
    lena = actor("lena")
    path = kept(lena, case_id, "Ett")
    kept(lena, case_id, "Ett och två")
    card = read_draft(lena, case_id, path)
    throw_away(lena, case_id, card.id)
    assert [action for action, *_rest in log_of(case_id)] == ["create", "update", "view", "delete"]
    with transaction(reading=True) as current:
        _count, findings = audit.verify(current, bound_database().keyholder)
    assert not findings, "every row that was written or removed is in the log"


def test_no_page_list_search_or_extract_holds_a_word_of_it(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    lena, karin = actor("lena"), actor("karin")
    kept(lena, case_id, TYPED)
    seen = [item.id for item in prepare_extract(karin, case_id).items]
    sheet = make_extract(karin, case_id, asker=None, identified_by="id_document", identified_how="Körkort", withheld={}, seen=seen)
    pages = [f"/cases/{case_id}{page}" for page in ("", "/notes", "/plan", "/history", "/history/extract", "/mapping", "/follow-up")]
    pages += ["/", "/cases", f"/cases/{case_id}/extracts/{sheet}"]
    for login in ("karin", "lena"):
        browser = signed_in(login)
        for page in pages:
            assert TYPED not in browser.get(page, follow_redirects=True).text, (login, page)
    found = signed_in("lena").submit({"words": TYPED}, on="/cases").text
    assert found.count(TYPED) <= 1, "only the words in the search box"


def test_who_takes_no_part_any_more_neither_sees_nor_keeps_a_draft_and_has_it_again_when_they_do(
    case_id: str, actor: Acting, municipality: Municipality, signed_in: SIGN
) -> None:
    lena, karin, her_id = actor("lena"), actor("karin"), municipality["lena"].id
    path = kept(lena, case_id)
    browser = signed_in("lena")
    remove_participant(karin, case_id, her_id)
    with pytest.raises(NotFound):
        read_draft(lena, case_id, path)
    with pytest.raises(NotFound):
        kept(lena, case_id, "mer")
    assert "Utkast:" not in browser.get("/").text
    assert browser.get(path).status_code == 404
    add_participant(karin, case_id, her_id)
    assert read_draft(lena, case_id, path) is not None


def test_what_somebody_wrote_for_an_earlier_agency_is_withheld(case_id: str, actor: Acting, municipality: Municipality) -> None:
    lena = actor("lena")
    path = kept(lena, case_id)
    moved = replace(lena, agency_id=municipality.agencies["leisure"])
    card = read_draft(moved, case_id, path)
    assert card.answers.reason == "type_not_covered"


def test_a_draft_goes_with_the_case(case_id: str, app: Flask, actor: Acting) -> None:
    kept(actor("lena"), case_id)
    erase_cases(app.extensions["caseapp.database"], app.extensions["caseapp.config"].home, [agreed(case_id)])
    assert count(app) == 0
    with pytest.raises(NotFound):
        read_draft(actor("lena"), case_id, new_note(case_id))


def test_the_run_of_retention_removes_what_is_over_and_says_how_many(case_id: str, app: Flask, actor: Acting) -> None:
    kept(actor("lena"), case_id)
    run = app.test_cli_runner()
    assert "drafts older" not in run.invoke(args=["retention", "run"]).output
    with clock.at(clock.now() + timedelta(days=31)):
        assert run.invoke(args=["retention", "run", "--dry-run"]).exit_code == 0
        assert count(app) == 1
        assert "1 drafts older than thirty days removed" in run.invoke(args=["retention", "run"]).output
    assert count(app) == 0


def test_new_keys_for_all_cases_take_drafts_along_and_every_check_opens_them(case_id: str, app: Flask, actor: Acting) -> None:
    lena, database = actor("lena"), app.extensions["caseapp.database"]
    path = kept(lena, case_id, TYPED)
    renew_cases(database, now=clock.now(), wait_seconds=10, progress=lambda *_: None)
    assert dict(read_draft(lena, case_id, path).answers)["text"] == TYPED
    assert (broken_seals(database), unopened_values(database)[1]) == ([], [])


def test_what_cannot_be_kept_is_refused_whole(case_id: str, app: Flask, actor: Acting, signed_in: SIGN, types: Typing) -> None:
    browser = signed_in("lena")
    assert types(browser, new_note(case_id), text="x" * 200_001).status_code == 400
    assert count(app) == 0
    with pytest.raises(Refused):
        keep_draft(actor("pontus"), Place(new_note(case_id), case_id, actor("karin").agency_id, "plan"), (("text", "x"),), page="p" * 32)


def test_a_form_sent_after_the_session_ended_keeps_its_text_and_so_does_the_draft(
    case_id: str, app: Flask, signed_in: SIGN, types: Typing, municipality: Municipality, codes: Codes
) -> None:
    """She typed, the script kept it, she typed a little more and pressed save: by then the session was over."""
    browser = signed_in("lena")
    types(browser, new_note(case_id), text=TYPED)
    with app.extensions["caseapp.database"].engine.begin() as connection:
        connection.execute(text("DELETE FROM sign_in_session"))
    answer = browser.submit({"text": TYPED + " och mer", "information_type": "attendance"}, action=new_note(case_id))
    assert (answer.status_code, TYPED + " och mer" in answer.text) == (401, True)
    kept_page = browser.page
    sign_in(browser, municipality["lena"], codes)
    assert is_there_for(browser, case_id)
    browser.page = kept_page
    again = browser.submit({}, action=new_note(case_id))
    if again.status_code == 400:  # the token was the ended session's
        assert TYPED + " och mer" in again.text
        again = browser.submit({}, action=new_note(case_id))
    assert "Anteckningen är sparad." in again.text
    assert (count(app), count(app, "note")) == (0, 1)


def is_there_for(browser: PageClient, case_id: str) -> bool:
    return "Du har ett utkast från" in browser.get(new_note(case_id)).text


def test_a_page_taken_up_again_after_it_was_refused_goes_on_keeping(case_id: str, app: Flask, signed_in: SIGN, types: Typing) -> None:
    browser = signed_in("lena")
    types(browser, new_note(case_id), text="Ett")
    assert browser.submit({"text": "Ett", "occurred_on": "ingen dag"}, action=new_note(case_id)).status_code == 422
    assert keep_here(browser, text="Ett och två").status_code == 200
    assert count(app) == 1
    assert "draft" in {name for form in browser.page.forms() for name in form_values(form)}

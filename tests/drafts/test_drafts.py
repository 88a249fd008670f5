"""What somebody typed and did not save is offered to them again, to nobody else, until it is saved, thrown away or over."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp.access import OPERATOR, Actor, NotFound
from caseapp.cases.actions import close_case, reopen_case
from caseapp.cases.notes import read_notes
from caseapp.drafts.actions import Place, is_there, keep_draft, read_draft, remove_old_drafts, throw_away
from caseapp.formats import clock
from tests.drafts.conftest import Typing, keep_here
from tests.pages import PageClient, form_values

Acting = Callable[[str], Actor]
SIGN = Callable[[str], PageClient]
TYPED = "Alva berättade att hon inte sover."


def count(app: Flask, table: str = "draft") -> int:
    with app.extensions["caseapp.database"].engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def new_note(case_id: str) -> str:
    return f"/cases/{case_id}/notes/new"


def kept(actor: Actor, case_id: str, text: str = TYPED, *, page: str = "p" * 32, path: str = "") -> str:
    """A draft of a note, and its address."""
    path = path or new_note(case_id)
    assert keep_draft(actor, Place(path, case_id), (("heading", "Sömn"), ("text", text)), page=page)
    return path


def test_what_was_typed_is_offered_as_text_and_not_filled_in(case_id: str, signed_in: SIGN, types: Typing) -> None:
    answer = types(signed_in("lena"), new_note(case_id), text=TYPED, heading="Sömn")
    assert (answer.status_code, bool(re.fullmatch(r"\d\d\.\d\d", answer.text))) == (200, True)
    other_browser = signed_in("lena")
    page = other_browser.get(new_note(case_id)).text
    assert "Du har ett utkast från" in page
    assert TYPED in page
    assert all(values.get("text", [""]) == [""] for values in map(form_values, other_browser.page.forms()))


def test_a_draft_that_is_used_fills_the_form_and_goes_when_it_is_saved(
    case_id: str, app: Flask, actor: Acting, signed_in: SIGN, types: Typing
) -> None:
    types(signed_in("lena"), new_note(case_id), text=TYPED, heading="Sömn", information_type="attendance")
    browser = signed_in("lena")
    browser.get(new_note(case_id))
    (use,) = [address for address, words in browser.page.links.items() if words == "Använd utkastet"]
    browser.get(use)
    assert "Ditt utkast från" in browser.page.text()
    answer = browser.submit({}, action=new_note(case_id))
    assert "Anteckningen är sparad." in answer.text
    assert count(app) == 0
    (note,) = read_notes(actor("lena"), case_id).notes
    assert (note.heading, note.text, note.information_type) == ("Sömn", TYPED, "attendance")
    assert "utkast från" not in browser.get(new_note(case_id)).text


def test_a_form_that_is_refused_keeps_its_draft(case_id: str, app: Flask, signed_in: SIGN, types: Typing) -> None:
    browser = signed_in("lena")
    types(browser, new_note(case_id), text=TYPED)
    answer = browser.submit({"text": TYPED, "occurred_on": "ingen dag"}, action=new_note(case_id))
    assert (answer.status_code, count(app)) == (422, 1)


def test_without_a_script_a_button_keeps_the_draft_and_comes_back_to_the_form(case_id: str, app: Flask, signed_in: SIGN) -> None:
    browser = signed_in("lena")
    browser.get(new_note(case_id))
    (form,) = [form for form in browser.page.forms() if "draft" in form_values(form)]
    answer = browser.post("/drafts", data=form_values(form) | {"text": TYPED}, follow_redirects=True)
    assert "Utkastet är sparat. Bara du kan läsa det." in answer.text
    assert [values["text"] for values in map(form_values, browser.page.forms()) if "text" in values] == [[TYPED]]
    assert count(app) == 1


def test_a_second_version_takes_the_place_of_the_first(case_id: str, app: Flask, actor: Acting, signed_in: SIGN, types: Typing) -> None:
    browser = signed_in("lena")
    types(browser, new_note(case_id), text="Alva berättade")
    keep_here(browser, text=TYPED)
    assert count(app) == 1
    card = read_draft(actor("lena"), case_id, new_note(case_id))
    assert dict(card.answers)["text"] == TYPED


def test_a_draft_that_arrives_after_its_form_was_saved_is_not_kept(case_id: str, app: Flask, signed_in: SIGN) -> None:
    browser = signed_in("lena")
    browser.get(new_note(case_id))
    (form,) = [form for form in browser.page.forms() if "draft" in form_values(form)]
    answers = form_values(form) | {"text": TYPED, "information_type": "attendance"}
    browser.post(new_note(case_id), data=answers)
    late = browser.post("/drafts", data=answers | {"by": "script"})
    assert (late.status_code, count(app), count(app, "note")) == (204, 0, 1)


def test_a_draft_that_was_written_while_its_form_was_being_saved_is_never_shown(
    case_id: str, app: Flask, actor: Acting, signed_in: SIGN, types: Typing
) -> None:
    """On PostgreSQL the two can pass each other: the form does not see the draft yet, the draft does not see the form yet."""
    browser = signed_in("lena")
    types(browser, new_note(case_id), text=TYPED)
    path = new_note(case_id)
    assert is_there(actor("lena"), path)
    with app.extensions["caseapp.database"].engine.begin() as connection:
        page = connection.execute(text("SELECT page FROM draft")).scalar_one()
        connection.execute(
            text("INSERT INTO submission (id, version, row_seal, token, user_id, result) VALUES ('s', 1, :seal, :token, 'u', '')"),
            {"seal": b"x", "token": page + "0" * 32},
        )
    assert not is_there(actor("lena"), path)
    assert read_draft(actor("lena"), case_id, path) is None


def test_nobody_else_in_the_team_finds_reads_or_throws_away_a_draft(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    path = kept(actor("lena"), case_id)
    card = read_draft(actor("lena"), case_id, path)
    for login in ("karin", "samir", "pontus", "fia"):
        other = actor(login)
        assert not is_there(other, path)
        assert read_draft(other, case_id, path) is None
        with pytest.raises(NotFound):
            throw_away(other, case_id, card.id)
        page = signed_in(login).get(path).text
        assert TYPED not in page
        assert "utkast från" not in page
    assert is_there(actor("lena"), path)


def test_a_draft_is_thrown_away_by_its_author(case_id: str, app: Flask, signed_in: SIGN, types: Typing) -> None:
    browser = signed_in("lena")
    types(browser, new_note(case_id), text=TYPED)
    browser.get(new_note(case_id))
    (throw,) = [form for form in browser.page.forms() if form.get("action", "").endswith("/throw-away")]
    answer = browser.post(throw.get("action"), data=form_values(throw), follow_redirects=True)
    assert "Utkastet är kastat." in answer.text
    assert count(app) == 0


def test_in_a_closed_case_no_draft_is_shown_or_kept_and_it_is_back_when_the_case_is(case_id: str, actor: Acting, signed_in: SIGN) -> None:
    karin = actor("karin")
    path = kept(karin, case_id)
    close_case(karin, case_id, reason="moved", closed_on=clock.today())
    assert read_draft(karin, case_id, path) is None
    browser = signed_in("karin")
    assert "Utkast: " not in browser.get("/").text
    page = browser.get(path, follow_redirects=True).text
    assert TYPED not in page
    assert "Spara utkast" not in page
    assert "Spara utkast" not in browser.get(f"/cases/{case_id}/follow-up/new/post").text
    reopen_case(karin, case_id)
    assert read_draft(karin, case_id, path) is not None


def test_a_draft_is_shown_for_thirty_days_and_then_removed(case_id: str, app: Flask, actor: Acting) -> None:
    lena = actor("lena")
    path = kept(lena, case_id)
    operator = Actor("", "", "", roles=frozenset({OPERATOR}))
    with clock.at(clock.now() + timedelta(days=29, hours=23)):
        assert read_draft(lena, case_id, path) is not None
        assert remove_old_drafts(operator) == 0
    with clock.at(clock.now() + timedelta(days=30, minutes=1)):
        assert not is_there(lena, path)
        assert read_draft(lena, case_id, path) is None
        assert remove_old_drafts(operator) == 1
    assert count(app) == 0


def test_a_word_that_no_page_signed_keeps_nothing(case_id: str, app: Flask, signed_in: SIGN, types: Typing) -> None:
    assert types(signed_in("lena"), new_note(case_id), text=TYPED, draft="påhittat").status_code == 400
    assert types(signed_in("lena"), new_note(case_id), text=TYPED, draft="").status_code == 400
    assert count(app) == 0

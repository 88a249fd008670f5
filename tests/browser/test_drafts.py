"""Nothing typed is lost: a note that was never saved is there after the session ended; a plan that two people changed has both changes.

On SQLite only: what is looked at is the pages and the script, which are the same on every database.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import text

from caseapp.access import Actor
from caseapp.cases.notes import read_notes
from caseapp.plans import actions as plans
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]
TYPED = "Alva berättade att hon inte sover.\nMona vet om det."


def drafts(app: Flask) -> int:
    with app.extensions["caseapp.database"].engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM draft")).scalar_one())


def test_a_note_that_was_never_saved_is_offered_after_signing_in_again(
    visitors: Callable[..., Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    actor: Callable[[str], Actor],
    case_id: str,  # noqa: F811
) -> None:
    lena = visitors(app)
    lena.sign_in(municipality["lena"], codes)
    new = f"/cases/{case_id}/notes/new"
    lena.go(new)
    lena.fill(heading="Sömn", information_type="attendance", text=TYPED)
    expect(lena.page.locator("[data-draft-status]")).to_contain_text("Utkast sparat", timeout=30_000)
    lena.look("draft kept")
    lena.page.context.clear_cookies()  # the session is over, in the middle of it
    lena.fill(heading="Sömn och mat")
    expect(lena.page.get_by_text("Du är utloggad")).to_be_visible(timeout=30_000)
    lena.look("signed out")

    again = visitors(app)
    again.sign_in(municipality["lena"], codes)
    assert again.page.get_by_role("heading", name="Utkast: 1").is_visible()
    assert "sover" not in again.page.content()
    again.page.get_by_role("link", name="Fortsätt skriva").click()
    again.look("offered")
    assert again.page.get_by_text("Mona vet om det.").is_visible()
    assert again.page.locator("main textarea[name=text]").input_value() == ""
    again.press("Använd utkastet", "in use")
    assert again.page.locator("main textarea[name=text]").input_value() == TYPED
    again.press("Spara", "saved")
    assert [note.text for note in read_notes(actor("lena"), case_id).notes] == [TYPED]
    assert drafts(app) == 0
    again.go("/")
    assert not again.page.get_by_role("heading", name="Utkast: 1").count()


def test_what_is_typed_is_kept_when_the_page_is_left_and_by_the_button_without_scripts(
    visitors: Callable[..., Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    case_id: str,  # noqa: F811
) -> None:
    lena = visitors(app)
    lena.sign_in(municipality["lena"], codes)
    new = f"/cases/{case_id}/notes/new"
    lena.go(new)
    lena.fill(text="Påbörjad")
    lena.page.on("dialog", lambda dialog: dialog.accept())
    lena.go("/cases")
    lena.go(new, "kept on the way out")
    assert lena.page.get_by_text("Påbörjad").is_visible()
    lena.press("Kasta utkastet", "thrown away")

    plain = visitors(app, scripts=False)
    plain.sign_in(municipality["fia"], codes)
    plain.go(new)
    plain.fill(text="Utan skript")
    plain.press("Spara utkast", "kept by hand")
    assert plain.page.locator("main textarea[name=text]").input_value() == "Utan skript"
    plain.go("/cases")
    plain.go(new)
    assert plain.page.get_by_role("link", name="Använd utkastet").is_visible()


def test_a_plan_that_two_people_changed_has_both_changes_when_it_is_saved(
    visitors: Callable[..., Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    actor: Callable[[str], Actor],
    case_id: str,  # noqa: F811
) -> None:
    plans.write_head(actor("karin"), case_id, text="Att komma till skolan varje dag.", review_on=None)
    version = plans.read_plan(actor("karin"), case_id).plan.head.version
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go(f"/cases/{case_id}/plan/head")
    plans.write_head(actor("karin"), case_id, text="Att komma till skolan tre dagar i veckan.", review_on=None, version=version)
    karin.fill(text="Att Alva vill komma till skolan varje dag.")
    karin.press("Spara", "both changed it")
    assert karin.page.locator("ins", has_text="Alva vill").is_visible()
    assert karin.page.locator("del", has_text="tre").first.is_visible()
    assert karin.page.locator("main textarea[name=text]").input_value() == "Att Alva vill komma till skolan tre dagar i veckan."
    karin.press("Spara", "joined")
    assert plans.read_plan(actor("karin"), case_id).plan.head.text == "Att Alva vill komma till skolan tre dagar i veckan."

"""A teacher opens a case in an emergency, reads, ends it, and the unit manager reviews it; at a real browser.

On SQLite only: what is looked at is the pages, which are the same on every database.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.emergency.conftest import FAMILY, OFFENCES, REASON, Shut, shut  # noqa: F401 - a fixture
from tests.municipality import Codes, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


def test_open_in_an_emergency_read_end_and_review(
    visitors: Callable[[Flask], Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    shut: Shut,  # noqa: F811
) -> None:
    lena, case = visitors(app), f"/cases/{shut.id}"
    read = lena.page.locator("main")
    lena.sign_in(municipality["lena"], codes)
    lena.go(case, "shut")
    expect(read).not_to_contain_text("Alva")
    lena.go("/cases")
    lena.press("Nödöppning", "what happens")
    lena.fill(case_number=shut.number, reason="Nöd!")
    lena.send("too short a reason")
    expect(lena.page.locator(".error-summary")).to_contain_text("Skriv minst en hel mening")
    lena.fill(reason=REASON, code=codes.next(municipality["lena"]))
    lena.send("opened")
    expect(read).to_contain_text("Alva Lind")
    banner = lena.page.locator(".emergency")
    for part in ("/notes", "/consent", "/mapping", "/plan", "/follow-up", "/participants"):
        lena.go(case + part, f"in an emergency {part}")
        expect(banner).to_contain_text("Nödöppning: du läser allt i ärendet till kl.")
        expect(banner).to_contain_text("minuter kvar")
    assert not lena.page.get_by_role("button", name="Skriv ut").count()

    other_tab = lena.page.context.new_page()
    other_tab.goto(lena.origin + f"{case}/notes")
    for text in (FAMILY, OFFENCES):
        expect(other_tab.locator("main")).to_contain_text(text)
    other_tab.emulate_media(media="print")
    expect(other_tab.locator("main")).to_be_hidden()
    other_tab.emulate_media(media="screen")

    banner.get_by_role("button", name="Avsluta nu").click()
    lena.look("ended")
    expect(read).to_contain_text("Nödöppningen är avslutad.")
    expect(other_tab.get_by_text("Behörigheten har ändrats")).to_be_visible(timeout=5000)
    for text in (FAMILY, OFFENCES, "Alva"):
        expect(other_tab.locator("main")).not_to_contain_text(text)
    other_tab.close()
    lena.go(case, "shut again")
    expect(read).not_to_contain_text("Alva")

    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go("/", "the coordinator is told")
    expect(karin.page.locator("main")).to_contain_text("Nödöppning av Lena Brodin")
    karin.page.get_by_role("link", name="Se historik").first.click()
    karin.look("history")
    expect(karin.page.locator("main")).to_contain_text("Nödåtkomst")

    ulla = visitors(app)
    ulla.sign_in(municipality["ulla"], codes)
    ulla.go("/", "the unit manager is told")
    seen = ulla.page.locator("main")
    expect(seen).to_contain_text("Granska nödöppning: Lena Brodin")
    ulla.page.get_by_role("link", name="Granska – Granska nödöppning").click()
    ulla.look("review")
    for text in (REASON, "Ekskolan", "Lokalpolisen"):
        expect(seen).to_contain_text(text)
    ulla.send("not assessed")
    expect(ulla.page.locator(".error-summary")).to_contain_text("Välj en bedömning.")
    ulla.fill(verdict="follow_up", assessment="Skälet räckte, men polisen skulle ha larmats först. Vi tar upp det med skolan.")
    ulla.send("reviewed")
    expect(seen).to_contain_text("Granskningen är avslutad.")
    ulla.page.get_by_role("link", name="Visa").first.click()
    ulla.look("a closed review")
    expect(seen).to_contain_text("Behöver följas upp")
    ulla.go("/", "nothing waits")
    expect(seen).not_to_contain_text("Granska nödöppning")

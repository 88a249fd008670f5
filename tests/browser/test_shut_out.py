"""In a browser: a teacher is blocked, a colleague declares bias, a leader changes agency; the page each has open closes at once.

Leaving a team is told in test_members_journey.py. On SQLite only: the rules are proved on both databases elsewhere.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

NAME, KIN, BIASED = "Alva Lind", "Lena är Alvas moster.", "Jag är granne med familjen."


def closes(visitor: Visitor, title: str = "Behörigheten har ändrats") -> None:
    """The open page hides what it showed and says why, without anybody touching it."""
    expect(visitor.page.get_by_text(title)).to_be_visible(timeout=10_000)
    expect(visitor.page.locator("body")).not_to_contain_text(NAME)
    visitor.look("closed")


def is_nowhere(visitor: Visitor, case: str) -> None:
    """There is no such case any more, by its address or in the list."""
    for place in (case, "/cases"):
        visitor.go(place, "no such case")
        expect(visitor.page.locator("main")).not_to_contain_text(NAME)
        expect(visitor.page.locator("main")).not_to_contain_text("A.L.")


def test_who_is_blocked_finds_the_open_page_closed_and_the_case_gone_until_the_block_is_lifted(
    app: Flask,
    visitors: Callable[[Flask], Visitor],
    municipality: Municipality,
    codes: Codes,
    case_id: str,  # noqa: F811
) -> None:
    case, karin, lena = f"/cases/{case_id}", visitors(app), visitors(app)
    main = karin.page.locator("main")
    lena.sign_in(municipality["lena"], codes)
    lena.go(case, "reads")
    expect(lena.page.locator("main")).to_contain_text(NAME)
    karin.sign_in(municipality["karin"], codes)
    karin.go(f"{case}/participants", "who takes part")
    karin.press("Spärra Lena Brodin", "why?")
    karin.press("Spärra", "nothing written")
    expect(karin.page.locator(".error-summary")).to_contain_text("Skriv varför")
    karin.fill(reason=KIN)
    karin.press("Spärra", "blocked")
    row = main.get_by_role("row").filter(has_text="Lena Brodin")
    for words in ("Spärrad (jäv)", "Karin Hellberg", KIN):
        expect(row).to_contain_text(words)
    closes(lena)
    is_nowhere(lena, case)

    karin.press("Ta bort spärr Lena Brodin", "lift it")
    karin.fill(reason="Det var en annan Alva.")
    karin.press("Ta bort spärren", "lifted")
    expect(row).not_to_contain_text("Spärrad")
    expect(row).to_contain_text("Deltar sedan")
    lena.go(case, "reads again")
    expect(lena.page.locator("main")).to_contain_text(NAME)


def test_who_declares_bias_shuts_the_case_for_themselves_at_once(
    app: Flask,
    visitors: Callable[[Flask], Visitor],
    municipality: Municipality,
    codes: Codes,
    case_id: str,  # noqa: F811
) -> None:
    case, karin, samir = f"/cases/{case_id}", visitors(app), visitors(app)
    samir.sign_in(municipality["samir"], codes)
    samir.go(f"{case}/participants", "who takes part")
    reading = samir.page.context.new_page()
    reading.goto(samir.origin + case)
    expect(reading.locator("main")).to_contain_text(NAME)
    samir.press("Anmäl jäv", "why?")
    expect(samir.page.locator("main")).to_contain_text("Ärendet stängs för dig i samma stund.")
    samir.fill(reason=BIASED)
    samir.press("Anmäl jäv", "declared")
    expect(samir.page.locator("main")).to_contain_text("Jävet är anmält. Ärendet är stängt för dig.")
    reading.bring_to_front()
    expect(reading.get_by_text("Behörigheten har ändrats")).to_be_visible(timeout=10_000)
    expect(reading.locator("body")).not_to_contain_text(NAME)
    reading.close()
    is_nowhere(samir, case)

    karin.sign_in(municipality["karin"], codes)
    karin.go(f"{case}/participants", "the coordinator sees why")
    row = karin.page.locator("main").get_by_role("row").filter(has_text="Samir Aziz")
    for words in ("Spärrad (jäv)", "Anmält av personen själv", BIASED):
        expect(row).to_contain_text(words)


def test_who_changes_agency_is_signed_out_and_the_open_page_closes(
    app: Flask,
    visitors: Callable[[Flask], Visitor],
    municipality: Municipality,
    codes: Codes,
    case_id: str,  # noqa: F811
) -> None:
    case, admin, fia = f"/cases/{case_id}", visitors(app), visitors(app)
    main = admin.page.locator("main")
    fia.sign_in(municipality["fia"], codes)
    fia.go(case, "reads")
    expect(fia.page.locator("main")).to_contain_text(NAME)
    admin.sign_in(municipality["admin"], codes)
    admin.go(f"/settings/people/{municipality['fia'].id}", "who she is")
    admin.press("Byt – Verksamhet", "what it ends")
    for words in ("Fritidsgården Kvarnen", "1 ärende", "Det personen har skrivit står kvar hos Fritidsgården Kvarnen."):
        expect(main).to_contain_text(words)
    admin.fill(agency=municipality.agencies["school"])
    admin.press("Byt verksamhet", "moved")
    expect(main).to_contain_text("Personen är flyttad. Allt som följde med den förra verksamheten är stängt.")
    closes(fia, "Du är utloggad")
    fia.sign_in(municipality["fia"], codes)
    is_nowhere(fia, case)

"""In a browser: a case is recorded, noted in, found again and ended; and all of it with the keyboard alone."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.formats import clock, parse_personal_number
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = pytest.mark.browser
ARRIVE = Callable[[Flask], Visitor]

# Test numbers of the tax agency's range (serial 238), check digit by the published algorithm (Skatteverket, SKV 704): 7, not 8.
RIGHT, WRONG = "120302-2387", "120302-2388"
_WORDS_OF_THE_FOCUS = "(e => e === document.body ? '' : e.labels?.[0]?.innerText || e.innerText || '')(document.activeElement)"


def test_record_a_case(app: Flask, visitors: ARRIVE, municipality: Municipality, codes: Codes) -> None:
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go("/cases", "no cases")
    karin.press("Nytt ärende")
    karin.press("Fortsätt", "new case with nothing filled in")
    karin.fill(name="Elin Berg", id_kind="number", number=WRONG, sex="f", protected="none", custodian_name="Mia Berg")
    karin.fill(custodian2_name="Jon Berg", opened_on="igår", referral_source="school", concerns="school_absence")
    karin.press("Fortsätt", "wrong check digit")
    expect(karin.page.locator(".error-summary")).to_contain_text("ontrollsiffra")
    expect(karin.page.locator("[name='number']")).to_have_value(WRONG)
    expect(karin.page.get_by_text("Stämmer detta?")).to_have_count(0)
    karin.fill(number=RIGHT)
    karin.press("Fortsätt", "is this right")
    expect(karin.page.locator(".identity")).to_contain_text("Elin Berg · Flicka/kvinna · född 2 mars 2012 · 14 år")
    karin.press("Ja, starta ärendet", "overview")
    expect(karin.page.locator("main")).to_contain_text("20120302-····")
    for person in ("Mia Berg", "Jon Berg", "Hög frånvaro från skolan"):
        expect(karin.page.locator("main")).to_contain_text(person)
    expect(karin.page.locator(".case-bar")).to_contain_text("Inget samtycke än")
    karin.press("Visa hela numret", "number shown")
    expect(karin.page.locator("main")).to_contain_text("20120302-2387")
    number = re.search(r"\d{4}-\d{4}", karin.page.locator(".case-bar").inner_text())
    assert number is not None

    karin.press("Skriv anteckning")
    expect(karin.page.locator("main")).to_contain_text("Kan läsas av: Socialtjänsten")
    karin.fill(information_type="attendance", heading="Frånvaro", text="Skolan ringde. Elin har varit borta i tre dagar.")
    karin.press("Spara", "notes")
    expect(karin.page.locator("main")).to_contain_text("borta i tre dagar")
    for tab in ("Samtycke", "Deltagare", "Historik", "Översikt"):
        karin.page.get_by_role("navigation", name="Delar av ärendet").get_by_role("link", name=tab, exact=True).click()
        karin.look(tab)

    for words in ("elin", RIGHT, number[0]):
        karin.page.get_by_label("Sök ärende").first.fill(words)
        with karin.page.expect_navigation():
            karin.page.keyboard.press("Enter")
        expect(karin.page.locator("main")).to_contain_text("Elin Berg")
        assert words not in karin.page.url
    karin.look("search")
    karin.page.get_by_label("Sök ärende").first.fill("somebody else")
    with karin.page.expect_navigation():
        karin.page.keyboard.press("Enter")
    karin.look("nobody found")


def test_a_day_with_the_keyboard_alone(
    app: Flask, visitors: ARRIVE, municipality: Municipality, codes: Codes, actor: Callable[[str], Actor], backend: str
) -> None:
    if backend != "sqlite":
        pytest.skip("what keys do is the same on every database")
    person = NewPerson("Alva Lind", "f", parse_personal_number("20110415-2382", today=clock.today()))
    start_case(actor("karin"), municipality.teams["norr"], person=person, related=[NewRelated("Mona Lind")])
    karin = visitors(app)
    keys, page = karin.page.keyboard, karin.page

    def tab_to(words: str) -> None:
        """Press Tab until the thing with these words has the focus, and see that the focus can be seen."""
        for _press in range(80):
            if words in page.evaluate(_WORDS_OF_THE_FOCUS):
                ring = page.evaluate("(s => s.outlineStyle + ' ' + s.boxShadow)(getComputedStyle(document.activeElement))")
                assert ring != "none none", f"nothing shows the focus on {page.evaluate('document.activeElement.outerHTML')[:200]}"
                return
            keys.press("Tab")
        raise AssertionError(f"the Tab key never comes to {words!r} on {page.url}")

    page.goto(karin.origin + "/sign-in")
    tab_to("Användarnamn")
    keys.type("karin")
    tab_to("Lösenord")
    keys.type(municipality["karin"].password)
    with page.expect_navigation():
        keys.press("Enter")
    tab_to("Kod")
    keys.type(codes.next(municipality["karin"]))
    with page.expect_navigation():
        keys.press("Enter")

    keys.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Hoppa till innehållet"
    keys.press("Enter")
    keys.press("/")
    keys.type("alva")
    with page.expect_navigation():
        keys.press("Enter")
    tab_to("2026-0001")
    with page.expect_navigation():
        keys.press("Enter")
    tab_to("Skriv anteckning")
    with page.expect_navigation():
        keys.press("Enter")
    tab_to("Kartläggning och bedömning")
    while "Hälsa" not in page.evaluate(_WORDS_OF_THE_FOCUS):
        keys.press("ArrowDown")
    tab_to("Anteckning")
    keys.type("Ont i magen / varje morgon.")
    tab_to("Spara")
    with page.expect_navigation():
        keys.press("Enter")
    karin.look("noted by keyboard")
    expect(page.locator("main")).to_contain_text("Ont i magen / varje morgon.")
    tab_to("Karin Hellberg")
    keys.press("Enter")
    tab_to("Logga ut")
    keys.press("Escape")
    assert page.locator("details[data-menu]").get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"

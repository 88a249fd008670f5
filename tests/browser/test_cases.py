"""In a browser: a case is recorded, consent is given, and its withdrawal closes a page that is already open somewhere else."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.formats import clock, parse_personal_number
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

ARRIVE = Callable[[Flask], Visitor]


def test_record_a_case(app: Flask, visitors: ARRIVE, municipality: Municipality, codes: Codes) -> None:
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go("/cases")
    karin.press("Nytt ärende")
    karin.press("Fortsätt", "new case with nothing filled in")
    karin.fill(name="Elin Berg", id_kind="number", number="120302-2387", sex="f", protected="none", custodian_name="Mia Berg")
    karin.fill(custodian2_name="Jon Berg", opened_on="igår", referral_source="school", concerns="school_absence")
    karin.press("Fortsätt", "is this right")
    karin.press("Ja, starta ärendet", "overview")
    expect(karin.page.locator("main")).to_contain_text("20120302-····")
    karin.press("Visa hela numret", "number shown")
    karin.press("Skriv anteckning")
    karin.fill(information_type="attendance", heading="Frånvaro", text="Skolan ringde. Elin har varit borta i tre dagar.")
    karin.press("Spara", "notes")
    for tab in ("Samtycke", "Deltagare", "Historik", "Översikt"):
        karin.page.get_by_role("navigation", name="Delar av ärendet").get_by_role("link", name=tab, exact=True).click()
        karin.look(tab)
    karin.press("Avsluta ärendet", "close")
    karin.fill(reason="goals_met", summary="Närvaron är god.")
    karin.press("Avsluta ärendet", "closed")
    karin.go("/cases?show=closed", "closed cases")
    karin.page.get_by_label("Sök ärende").first.fill("elin")
    with karin.page.expect_navigation():
        karin.page.keyboard.press("Enter")
    karin.look("search")
    expect(karin.page.locator("main")).to_contain_text("Elin Berg")


def test_consent_is_given_and_its_withdrawal_closes_an_open_page(
    app: Flask, visitors: ARRIVE, municipality: Municipality, codes: Codes, actor: Callable[[str], Actor]
) -> None:
    person = NewPerson("Alva Lind", "f", parse_personal_number("20110415-2382", today=clock.today()))
    team, everybody = municipality.teams["norr"], [municipality[login].id for login in ("lena", "pontus", "fia")]
    case_id = start_case(actor("karin"), team, person=person, related=[NewRelated("Mona Lind")], participant_ids=everybody)
    karin, lena = visitors(app), visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go(f"/cases/{case_id}/consent", "no consent")
    karin.press("Be om samtycke", "ask")
    for kind in ("assessment", "family", "attendance"):
        karin.page.locator(f"main [name='types'][value='{kind}']").check()
    karin.page.get_by_text("Undantag: någon verksamhet").click()
    karin.page.locator(f"main [name='without'][value='{municipality.agencies['police']}|family']").check()
    karin.press("Fortsätt till underskrifter", "answers")
    signatories = karin.page.locator("main [name^='decision_'][value='given']").count()
    for place in range(signatories):
        karin.fill(**{f"decision_{place}": "given", f"method_{place}": "paper"})
    karin.press("Spara svaren", "consent holds")
    lena.sign_in(municipality["lena"], codes)
    lena.go(f"/cases/{case_id}", "with consent")
    expect(lena.page.locator("main")).to_contain_text("Alva Lind")
    karin.press("Återkalla", "withdraw")
    karin.fill(received_from="Mona Lind", received_how="phone")
    karin.press("Återkalla nu", "withdrawn")
    expect(lena.page.get_by_text("Behörigheten har ändrats")).to_be_visible(timeout=3000)
    expect(lena.page.locator("body")).not_to_contain_text("Alva Lind")
    lena.page.get_by_role("button", name="Ladda om sidan").click()
    lena.look("after withdrawal")
    expect(lena.page.locator("main")).to_contain_text("Samtycket är återkallat")

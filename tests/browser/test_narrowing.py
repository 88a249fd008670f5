"""In a browser: a consent is narrowed by one sort, then withdrawn whole, in front of a teacher who reads; what had been shared is told.

On SQLite only: the rules are proved on both databases elsewhere; here it is what two people see at the same time.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases import consenting
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.consent.actions import Answer
from caseapp.formats import add_months, clock
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

STAYS, NARROWED = "Alva vill börja om i skolan.", "Mamma är sjukskriven sedan i våras."


@pytest.fixture
def case_id(actor: Callable[[str], Actor], municipality: Municipality) -> str:
    """Karin's case about a girl of 13, with two notes; her custodian has said yes to both sorts, for the school and the leisure centre."""
    karin, today = actor("karin"), clock.today()
    made = start_case(
        karin,
        municipality.teams["norr"],
        person=NewPerson("Alva Lind", "f", born=add_months(today, -12 * 13 - 2)),
        related=[NewRelated("Mona Lind")],
        participant_ids=[municipality[login].id for login in ("lena", "pontus", "fia")],
    )
    for kind, text in (("assessment", STAYS), ("family", NARROWED)):
        add_note(karin, made, information_type=kind, text=text)
    asked = consenting.ask_for_consent(
        karin,
        made,
        agency_ids=[municipality.agencies[kind] for kind in ("school", "leisure")],
        types=("assessment", "family"),
        valid_from=today,
        valid_to=add_months(today, 4),
        purpose="sspf_cooperation",
        informed_on=today,
    )
    (card,) = consenting.read_consent(karin, made).consents
    consenting.register_answers(karin, made, asked, [Answer(one.id, "given", today, "paper") for one in card.signatures])
    return made


def test_what_is_withdrawn_closes_at_once_on_the_teachers_screen_and_what_had_been_shared_is_told_with_whom(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, case_id: str
) -> None:
    case = f"/cases/{case_id}"
    karin, lena = visitors(app), visitors(app)
    told, read = karin.page.locator("main"), lena.page.locator("main")
    closed = lena.page.get_by_text("Behörigheten har ändrats")
    karin.sign_in(municipality["karin"], codes)
    karin.go(f"{case}/consent", "holds")
    karin.press("Vad som har delats", "nobody has read")
    expect(told).to_contain_text("Ingen har läst något med stöd av samtycket.")

    lena.sign_in(municipality["lena"], codes)
    lena.go(f"{case}/notes", "both sorts")
    for text in (STAYS, NARROWED):
        expect(read).to_contain_text(text)

    karin.go(f"{case}/sharing/new", "told by telephone as well")
    karin.fill(direction="out", other=municipality.agencies["leisure"], types="family", how="phone")
    karin.page.locator("main [name='ground'][value^='consent:']").check()
    karin.press("Registrera", "registered")

    karin.go(f"{case}/consent", "the consent")
    karin.press("Återkalla", "withdraw what")
    karin.press("Se vad som har delats med stöd av samtycket", "shared so far")
    by_reading = told.locator("table", has_text="Läst med stöd av samtycket")
    expect(by_reading.locator("tbody tr")).to_have_count(1)  # others have opened nothing, and the school has written nothing
    for words in ("Ekskolan", "Socialtjänsten", "familj", "kartläggning", clock.today().isoformat()):
        expect(by_reading).to_contain_text(words, ignore_case=True)
    otherwise = told.locator("table", has_text="Lämnat på annat sätt")
    expect(otherwise.locator("tbody tr")).to_have_count(1)
    expect(otherwise).to_contain_text("Fritidsgården Kvarnen")

    karin.page.go_back()
    karin.look("withdraw one sort")
    karin.fill(what="type:family")
    karin.press("Återkalla nu", "who withdraws?")
    expect(karin.page.locator(".error-summary")).to_contain_text("Skriv vem som återkallar.")
    expect(karin.page.locator("[name='what'][value='type:family']")).to_be_checked()
    karin.fill(received_from="Mona Lind", received_how="phone")
    karin.press("Återkalla nu", "narrowed")
    expect(closed).to_be_visible(timeout=10_000)
    for text in (STAYS, NARROWED):
        expect(lena.page.locator("body")).not_to_contain_text(text)
    expect(karin.page.locator(".case-bar")).to_contain_text("Samtycke gäller till")
    expect(told).to_contain_text("återkallat för familj och hemsituation av Mona Lind", ignore_case=True)
    lena.page.get_by_role("button", name="Ladda om sidan").click()
    lena.look("narrower")
    expect(read).to_contain_text(STAYS)
    expect(read).not_to_contain_text(NARROWED)
    expect(read).to_contain_text("Samtycket omfattar inte den här sortens uppgifter")

    karin.press("Återkalla", "withdraw the rest")
    expect(karin.page.locator("[name='what'][value='whole']")).to_be_checked()
    expect(karin.page.locator("[name='what'][value='type:family']")).to_have_count(0)
    karin.fill(received_from="Mona Lind", received_how="meeting")
    karin.press("Återkalla nu", "withdrawn")
    expect(told).to_contain_text("Samtycket är återkallat. Inget delas längre.")
    expect(karin.page.locator(".case-bar")).to_contain_text("Samtycket är återkallat")
    expect(closed).to_be_visible(timeout=10_000)
    expect(lena.page.locator("body")).not_to_contain_text(STAYS)
    lena.page.get_by_role("button", name="Ladda om sidan").click()
    lena.look("nothing any more")
    expect(read).not_to_contain_text(STAYS)
    expect(read).to_contain_text("Samtycket är återkallat")

    told.get_by_text("Visa samtycket").click()
    karin.press("Vad som har delats", "what had been shared")
    for words in ("Ekskolan", "kartläggning", "familj"):
        expect(by_reading).to_contain_text(words, ignore_case=True)
    expect(otherwise).to_contain_text("Fritidsgården Kvarnen")
    lena.page.goto(lena.origin + f"{case}/consent")
    lena.look("the teacher is not told what others read")
    expect(read.get_by_role("link", name="Vad som har delats")).to_have_count(0)

"""In a browser: a custodian asks what is kept; the coordinator makes the extract, withholds a note, and prints it after the extra step.

On SQLite only: what is on the paper is proved on both databases in tests/cases/test_register_extract.py.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.formats import clock, parse_personal_number
from caseapp.rights.actions import prepare_extract
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

TOLD, REPORTER = "Alva vill börja om i skolan. Per Lind håller med.", "Grannen såg Alva vid stationen."


@pytest.fixture
def case_id(actor: Callable[[str], Actor], municipality: Municipality) -> str:
    """Karin's case about a girl of 15 with a secrecy marking, whose parents both have custody, with two notes."""
    karin = actor("karin")
    number = parse_personal_number("20110415-2382", today=clock.today())
    made = start_case(
        karin,
        municipality.teams["norr"],
        person=NewPerson("Alva Lind", "f", number, protected="sekretessmarkering"),
        related=[NewRelated("Mona Lind", phone="070-174 06 36"), NewRelated("Per Lind")],
    )
    for heading, text in (("Samtal", TOLD), ("Tips", REPORTER)):
        add_note(karin, made, information_type="assessment", heading=heading, text=text)
    return made


def test_the_coordinator_makes_the_extract_for_a_custodian(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, case_id: str, actor: Callable[[str], Actor]
) -> None:
    page = prepare_extract(actor("karin"), case_id)
    mona = next(str(one.person_id) for one in page.askers if one.name == "Mona Lind")
    tip = next(item.id for item in page.items if item.title == "Tips")
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go(f"/cases/{case_id}/history", "history")
    karin.press("Registerutdrag", "none yet")
    karin.press("Gör registerutdrag", "make")
    main = karin.page.locator("main")
    karin.press("Gör utdraget", "refused")
    expect(main.locator(".error-summary")).to_contain_text("Välj vem som begär utdraget")
    karin.fill(asker=mona, identified_by="id_document", identified_how="Pass")
    section = main.locator(f"section:has([name='ground_{tip}'])")
    section.locator("summary").click()
    karin.fill(**{f"ground_{tip}": "osl_26_5"})
    karin.press("Gör utdraget", "no reason")
    expect(main.locator(".error-summary")).to_contain_text("Skriv varför uppgiften inte lämnas ut")
    assert karin.page.locator("[name='identified_how']").input_value() == "Pass"
    karin.fill(**{f"reason_{tip}": "Grannen är rädd."})
    karin.press("Gör utdraget", "the step before paper")

    expect(main).to_contain_text("Det här kommer att stå på pappret")
    expect(main).not_to_contain_text("Mona Lind")
    karin.fill(reason="Mona hämtar det på mottagningen.")
    karin.press("Fortsätt till utskriften", "the extract")
    sheet = main.locator(".sheet")
    for told in ("Mona Lind", "070-174 06 36", "Alva vill börja om i skolan.", "26 kap. 5 § OSL", "Integritetsskyddsmyndigheten"):
        expect(sheet).to_contain_text(told)
    for other in ("Per Lind", "Grannen", "rädd"):
        expect(sheet).not_to_contain_text(other)
    karin.page.emulate_media(media="print")
    expect(sheet).to_be_visible()
    karin.page.emulate_media(media="screen")

    karin.go(f"/cases/{case_id}/extracts", "listed")
    expect(main.locator("tbody tr")).to_have_count(1)
    expect(main.locator("tbody tr")).to_contain_text("Mona Lind")
    karin.go(f"/cases/{case_id}", "overview")
    karin.page.emulate_media(media="print")
    expect(main).to_be_hidden()
    expect(karin.page.locator(".paper-refused")).to_be_visible()
    karin.page.emulate_media(media="screen")

    note = next(item.id for item in page.items if item.title == "Samtal")
    karin.go(f"/cases/{case_id}/remarks/{note}/new", "object")
    karin.fill(what="youth", text="Jag har inte sagt så.")
    karin.press("Spara", "remarks")
    expect(main).to_contain_text("Den unge håller inte med")
    karin.go(f"/cases/{case_id}/participants", "participants")
    karin.go(f"/cases/{case_id}/young-person", "young person")

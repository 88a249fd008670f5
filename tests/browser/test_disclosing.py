"""In a browser: a decision to disclose is taken by two, read by the police, and revoked in front of them; nobody else sees any of it.

On SQLite only: the rules are proved on both databases elsewhere; here it is what several people see at the same time.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewPerson, start_case
from caseapp.formats import clock
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

DISCLOSED, KEPT = "Två äldre killar hämtar honom i en vit bil.", "Mamma är sjukskriven sedan i våras."
WEIGHED = "Risken är nära och uppgiften behövs i helgen."


@pytest.fixture
def case_id(actor: Callable[[str], Actor], municipality: Municipality) -> str:
    """Karin's case about a boy of 16, where nobody has consented, with two notes."""
    karin = actor("karin")
    made = start_case(
        karin,
        municipality.teams["norr"],
        person=NewPerson("Elis Berg", "m", born=clock.today() - timedelta(days=16 * 366)),
        participant_ids=[municipality[login].id for login in ("samir", "lena", "pontus")],
    )
    for kind, text in (("offences", DISCLOSED), ("family", KEPT)):
        add_note(karin, made, information_type=kind, text=text)
    return made


def test_what_two_have_decided_is_read_by_the_police_until_it_is_revoked(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, case_id: str
) -> None:
    case = f"/cases/{case_id}"
    karin, samir, pontus, lena = (visitors(app) for _each in range(4))
    for visitor, login in ((karin, "karin"), (samir, "samir"), (pontus, "pontus"), (lena, "lena")):
        visitor.sign_in(municipality[login], codes)
    read = pontus.page.locator("main")

    karin.go(f"{case}/consent", "no consent")
    karin.press("Utlämnande utan samtycke", "no decision")
    karin.press("Nytt beslut", "decide")
    karin.fill(ground="prevent_crime_under_21", to=municipality.agencies["police"], types="offences", valid_to="om 2 veckor")
    karin.fill(why_not_informed="Efter helgen.")
    karin.press("Besluta", "refused")
    expect(karin.page.locator(".error-summary")).to_contain_text("Skriv hur ni har vägt. Grunden kräver det.")
    assert karin.page.locator("[name='why_not_informed']").input_value() == "Efter helgen."
    karin.fill(weighing=WEIGHED)
    karin.press("Besluta", "waits")
    expect(karin.page.locator("main")).to_contain_text("Väntar på den andra som beslutar")
    pontus.go(f"{case}/notes", "before the second")
    expect(read).not_to_contain_text(DISCLOSED)

    samir.go(f"{case}/disclosures", "asked to agree")
    expect(samir.page.locator("main")).to_contain_text("10 kap. 18 a §")
    samir.press("Besluta också", "agreed")
    pontus.go(f"{case}/notes", "disclosed")
    expect(read).to_contain_text(DISCLOSED)
    expect(read).not_to_contain_text(KEPT)
    lena.go(f"{case}/notes", "the school reads nothing")
    for text in (DISCLOSED, KEPT):
        expect(lena.page.locator("main")).not_to_contain_text(text)
    lena.go(f"{case}/disclosures", "the school knows of nothing")
    expect(lena.page.locator("main")).to_contain_text("Inget beslut om utlämnande")
    karin.go(f"{case}/sharing", "register")
    expect(karin.page.locator("main table")).to_contain_text("Lokalpolisen")

    karin.go(f"{case}/disclosures", "in force")
    karin.press("Återkalla beslutet", "revoked")
    expect(pontus.page.get_by_text("Behörigheten har ändrats")).to_be_visible(timeout=10_000)
    expect(pontus.page.locator("body")).not_to_contain_text(DISCLOSED)
    pontus.go(f"{case}/notes", "closed")
    expect(read).not_to_contain_text(DISCLOSED)
    lena.go(case, "the end")

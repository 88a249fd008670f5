"""In a browser: partners of a team lose their accounts, the teacher's page closes, and she gets the plan on paper, which is registered.

On SQLite only: the rules are proved on both databases elsewhere; here it is what three people see, one after the other.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.formats import clock
from caseapp.plans.actions import add_commitment, write_goal, write_head
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

AIM, GOAL, OURS, THEIRS = "Tillbaka till skolan", "Närvaro 80 procent", "Ringer hem varje fredag", "Mentorssamtal"
OPENED = "Registrerat som utdelat"


@pytest.fixture
def planned(actor: Callable[[str], Actor], municipality: Municipality, case_id: str) -> str:  # noqa: F811 - the fixture
    """The case with an aim, a goal, and a commitment of social services and of the school; all of it covered for the school."""
    karin, agencies = actor("karin"), municipality.agencies
    write_head(karin, case_id, text=AIM, review_on=clock.today())
    write_goal(karin, case_id, domain="school", text=GOAL)
    add_commitment(karin, case_id, agency_id=agencies["social_services"], text=OURS, due_on=None)
    add_commitment(actor("lena"), case_id, agency_id=agencies["school"], text=THEIRS, due_on=None)
    return case_id


def test_without_accounts_the_teacher_reads_nothing_and_is_handed_the_plan_on_paper(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, planned: str
) -> None:
    case = f"/cases/{planned}"
    admin, karin, lena = (visitors(app) for _each in range(3))
    for visitor, login in ((admin, "admin"), (karin, "karin"), (lena, "lena")):
        visitor.sign_in(municipality[login], codes)
    lena.go(f"{case}/plan", "the plan on the screen")
    for text in (AIM, GOAL, OURS, THEIRS):
        expect(lena.page.locator("main")).to_contain_text(text)

    admin.go(f"/settings/teams/{municipality.teams['norr']}", "the team")
    expect(admin.page.locator("main")).to_contain_text("Utan markeringen läser deras folk ingenting i teamets ärenden")
    admin.page.get_by_label("Samarbetsparter loggar in själva").uncheck()
    admin.press("Spara", "no accounts any more")
    expect(admin.page.locator("main")).to_contain_text("Teamet är ändrat.")

    expect(lena.page.get_by_text("Behörigheten har ändrats")).to_be_visible(timeout=10_000)
    for text in (AIM, GOAL, OURS, THEIRS, "Alva"):
        expect(lena.page.locator("body")).not_to_contain_text(text)
    for place in (f"{case}/plan", case, "/cases"):
        lena.go(place, f"shut {place.rpartition('/')[2]}")
        for text in (AIM, OURS, "Alva", "A.L."):
            expect(lena.page.locator("main")).not_to_contain_text(text)

    main = karin.page.locator("main")
    karin.go(f"{case}/participants", "who takes part")
    expect(main.get_by_role("row").filter(has_text="Karin Hellberg")).to_have_count(1)
    expect(main.get_by_role("row").filter(has_text="Lena Brodin")).to_have_count(0)
    karin.go(f"{case}/sharing", "who has no account")
    partner = main.get_by_role("listitem").filter(has_text="Utdrag för Ekskolan")
    expect(partner).to_contain_text("loggar inte in själva")
    expect(main).to_contain_text("Inget har registrerats än")
    karin.press("Utdrag för Ekskolan", "the excerpt is shown first")
    sheet, notice = main.locator(".sheet"), main.get_by_text("Utdraget är inte registrerat.")
    for text in ("Alva Lind", AIM, GOAL, OURS, THEIRS, "Utdraget är för Ekskolan och får inte lämnas vidare."):
        expect(sheet).to_contain_text(text)
    karin.page.emulate_media(media="print")
    expect(sheet).to_be_hidden()
    expect(notice).to_be_visible()
    karin.page.emulate_media(media="screen")
    karin.press("Registrera och visa för utskrift", "registered")
    expect(main).to_contain_text(OPENED)
    karin.page.emulate_media(media="print")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text(THEIRS)
    expect(main.get_by_text(OPENED)).to_be_hidden()
    karin.page.emulate_media(media="screen")

    karin.go(f"{case}/sharing", "the register of sharing")
    row = main.locator("tbody tr")
    expect(row).to_have_count(1)
    for text in (clock.today().isoformat(), "Socialtjänsten", "Ekskolan", "1 mål, 2 åtaganden, 0 insatser", "Karin Hellberg"):
        expect(row).to_contain_text(text)
    karin.press("Utdrag för Lokalpolisen", "nothing for the police")
    expect(main).to_contain_text("Inget att dela ut")
    expect(sheet).to_have_count(0)

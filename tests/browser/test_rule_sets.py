"""In a browser: an administrator copies a rule, makes a mistake, chooses the rule for SSPF; the coordinator meets it, and custody changes.

On SQLite only: the rules are proved on both databases elsewhere; here it is what two people see, one after the other.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.formats import add_months, clock
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


@pytest.fixture
def case_id(actor: Callable[[str], Actor], municipality: Municipality) -> str:
    """Karin's case about a girl of 13; one of her parents has custody."""
    return start_case(
        actor("karin"),
        municipality.teams["norr"],
        person=NewPerson("Alva Lind", "f", born=add_months(clock.today(), -12 * 13 - 2)),
        related=[NewRelated("Mona Lind"), NewRelated("Per Lind", role="parent")],
        participant_ids=[municipality[login].id for login in ("lena", "pontus")],
    )


def test_a_rule_that_the_administrator_writes_is_what_the_coordinator_meets(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, case_id: str
) -> None:
    admin, karin = visitors(app), visitors(app)
    admin.sign_in(municipality["admin"], codes)
    admin.go("/settings", "settings")
    admin.page.locator("main").get_by_role("link", name="Visa alla – Samtyckesregler").click()
    admin.look("rules")
    rule = admin.page.locator("section.card", has_text="polisen bara när det behövs")
    rule.get_by_role("link", name="Kopiera").click()
    admin.look("copy")
    admin.fill(name="Tillsammans från 13 år", under_0="13", custodians_0="all", under_1="15", custodians_1="all", longest_months="6")
    admin.page.locator("main [name='youth_0']").uncheck()
    admin.page.locator("main [name='youth_1']").check()
    admin.press("Spara regeln", "a gap")
    expect(admin.page.locator(".error-summary")).to_contain_text("Raderna slutar vid 15 år")
    admin.page.locator(".error-summary a").first.click()
    expect(admin.page.locator("[name='under_1']")).to_be_focused()
    admin.fill(under_1="18")
    admin.press("Spara regeln", "version 1")
    expect(admin.page.locator("main")).to_contain_text("Under 13 år: alla vårdnadshavare")
    admin.press("Välj regel för arbetsformerna", "municipality")
    admin.page.locator("main [name='consent_sspf']").select_option(label="Tillsammans från 13 år")
    admin.fill(youngest="10", oldest="17")
    admin.send("chosen")
    expect(admin.page.locator("main")).to_contain_text("Inställningarna är sparade")

    karin.sign_in(municipality["karin"], codes)
    case = f"/cases/{case_id}"
    karin.go(f"{case}/consent/new", "ask")
    main = karin.page.locator("main")
    expect(main).to_contain_text("Tillsammans från 13 år")
    expect(main).to_contain_text("Bara en vårdnadshavare är registrerad")
    expect(karin.page.get_by_label("Lokalpolisen", exact=True)).not_to_be_checked()
    expect(karin.page.get_by_label("Ekskolan", exact=True)).to_be_checked()
    karin.page.locator("main [name='types'][value='family']").check()
    karin.fill(valid_to=add_months(clock.today(), 7).isoformat())
    karin.press("Fortsätt till underskrifter", "too long")
    expect(karin.page.locator(".error-summary")).to_contain_text("högst 6 månader")
    karin.fill(valid_to=add_months(clock.today(), 5).isoformat())
    karin.press("Fortsätt till underskrifter", "answers")
    for place in (0, 1):
        karin.fill(**{f"decision_{place}": "given", f"method_{place}": "paper"})
    karin.press("Spara svaren", "holds")
    expect(main).to_contain_text("Tillsammans från 13 år, version 1")

    admin.go("/settings/consent-rules", "rules again")
    admin.page.locator("section.card", has_text="Tillsammans från 13 år").get_by_role("link", name="Ändra").click()
    admin.look("change")
    expect(admin.page.locator("main")).to_contain_text("Den nya versionen gäller genast för nya samtycken i")
    admin.fill(longest_months="3")
    admin.press("Spara som ny version", "version 2")
    expect(admin.page.locator("main")).to_contain_text("Ändrat: längsta giltighet")

    karin.go(f"{case}/people/new?role=custodian", "a new custodian")
    karin.fill(name="Eva Lind")
    karin.send("added")
    karin.go("/", "my day")
    expect(main).to_contain_text("Vårdnaden har ändrats: samtycket behöver förnyas")
    karin.page.locator(".task-action a").first.click()
    karin.look("renew")
    expect(karin.page.locator("h1")).to_have_text("Förnya samtycket")
    expect(main).to_contain_text("version 2")
    expect(main).to_contain_text("Högst 3 månader")
    expect(karin.page.locator("main [name='types'][value='family']")).to_be_checked()
    karin.press("Fortsätt till underskrifter", "three to sign")
    expect(main).to_contain_text("Eva Lind")
    karin.go(f"{case}/consent", "a renewal waits")
    expect(main).to_contain_text("Eva Lind har tillkommit som vårdnadshavare och har inte tillfrågats.")
    expect(main).to_contain_text("Väntar på underskrift (0 av 3)")
    expect(main).to_contain_text("Tillsammans från 13 år, version 1")
    expect(main).to_contain_text("Tillsammans från 13 år, version 2")

"""In a browser: a case whose time is out is held back, let go, proposed by one, approved by another, and gone; another is kept.

On every kind of database: what is gone on the screen is gone from the rows under it.
"""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases.actions import close_case
from caseapp.cases.starting import NewPerson, start_case
from caseapp.formats import clock
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = pytest.mark.browser

#: Of whom the law keeps those born on the 5th (socialtjänstlagen 2025:468, 13 kap. 1 §, read 2026-11).
OUT, KEPT = ("Alva Lind", date(2006, 3, 7)), ("Bo Ek", date(2006, 3, 5))
WHY = "Familjen har begärt skadestånd och domstolen ska pröva det."


@pytest.fixture
def numbers(actor: Callable[[str], Actor], municipality: Municipality) -> list[str]:
    """The numbers of two of Karin's cases, closed six years ago: of somebody born on the 7th and of somebody born on the 5th."""
    karin, then = actor("karin"), clock.now() - timedelta(days=6 * 366)
    with clock.at(then):
        for name, born in (OUT, KEPT):
            made = start_case(karin, municipality.teams["norr"], person=NewPerson(name, "f", born=born))
            close_case(karin, made, reason="goals_met", closed_on=clock.today())
    return [f"{then.year}-0001", f"{then.year}-0002"]


def find(visitor: Visitor, name: str) -> None:
    """Search by name from the field at the top of every page."""
    visitor.page.get_by_label("Sök ärende").first.fill(name)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.look(f"found {name}")


def test_a_case_is_held_back_then_erased_by_two_and_one_that_research_keeps_says_so(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes, numbers: list[str]
) -> None:
    number, kept = numbers
    karin, ulla = visitors(app), visitors(app)
    seen, decided = karin.page.locator("main"), ulla.page.locator("main")
    waiting = decided.get_by_role("table", name="Beslut på väg")
    staying = decided.get_by_role("table", name="Ärenden som bevaras fast tiden är ute")

    karin.sign_in(municipality["karin"], codes)
    karin.go("/cases?show=closed", "closed cases")
    expect(seen).to_contain_text(number)
    karin.press("Ärenden som kan gallras", "what is due")
    expect(seen).to_contain_text("Avslutade ärenden gallras 5 år efter sista anteckningen.")
    due = seen.get_by_role("table", name="Ärenden vars tid är ute")
    expect(due.locator("tbody tr")).to_have_count(1)
    expect(due.locator("tbody tr")).to_contain_text(number)
    expect(seen.get_by_role("row", name=kept)).to_contain_text("Bevaras för forskning, efter födelsedag")
    for name, _born in (OUT, KEPT):
        expect(seen).not_to_contain_text(name.split()[0])

    # held back: the reason stands there, and nobody can propose it
    ulla.sign_in(municipality["ulla"], codes)
    ulla.go("/retention", "what is due, for the unit manager")
    ulla.press(f"Stoppa {number}", "why?")
    ulla.press("Stoppa gallringen", "nothing written")
    expect(ulla.page.locator(".error-summary")).to_contain_text("Skriv varför")
    ulla.fill(reason=WHY)
    ulla.press("Stoppa gallringen", "held")
    expect(staying.get_by_role("row", name=number)).to_contain_text(f"Gallringen är stoppad: {WHY}")
    expect(staying.get_by_role("row", name=number)).to_contain_text("Ulla Vestin")
    karin.press(f"Föreslå gallring {number}", "proposed in vain")
    expect(seen).to_contain_text("Gallringen är stoppad")
    expect(karin.page.get_by_role("button", name="Godkänn gallring")).to_have_count(0)
    ulla.press(f"Häv stoppet {number}", "let go")
    expect(decided).to_contain_text("Stoppet är hävt.")

    # the first person cannot be the second, not even by sending what no button sends
    ulla.press(f"Föreslå gallring {number}", "proposed by the unit manager")
    expect(waiting).to_contain_text("Väntar på en andra person")
    expect(ulla.page.get_by_role("button", name="Godkänn gallring")).to_have_count(0)
    back = waiting.get_by_role("button", name=f"Ta tillbaka {number}")
    back.evaluate("button => { button.form.action = button.form.action.replace('take-back', 'approve'); }")
    back.click()
    ulla.look("approved by the same person in vain")
    expect(decided).to_contain_text("Den som förberedde kan inte också godkänna")
    ulla.go("/retention", "still waiting")
    ulla.press(f"Ta tillbaka {number}", "taken back")
    expect(decided).to_contain_text("Beslutet är tillbakadraget.")

    karin.go("/retention", "due again")
    karin.press(f"Föreslå gallring {number}", "proposed")
    expect(seen).to_contain_text("En enhetschef som inte är du ska godkänna det.")
    ulla.go("/retention", "to approve")
    expect(waiting).to_contain_text("Karin Hellberg")
    ulla.press(f"Godkänn gallring {number}", "approved")
    expect(waiting).to_contain_text("Godkänd, gallras vid nästa körning")

    find(karin, "Alva")
    expect(seen.get_by_role("table", name="Träffar")).to_contain_text("Alva Lind")
    done = app.test_cli_runner().invoke(args=["retention", "run"])
    assert (done.exit_code, done.output.splitlines()[-2:]) == (0, [f"{number:12} erased", "1 erased, 0 kept"])
    find(karin, "Alva")
    expect(seen).to_contain_text("Ingen träff bland dina ärenden")
    karin.go("/cases?show=closed", "gone from the list")
    expect(seen).to_contain_text(kept)
    expect(seen).not_to_contain_text(number)
    find(karin, "Bo")
    expect(seen.get_by_role("table", name="Träffar")).to_contain_text("Bo Ek")
    ulla.go("/retention", "the report")
    report = decided.get_by_role("table", name="Gallrade ärenden, de senaste först")
    for words in (number, clock.today().isoformat(), "Karin Hellberg", "Ulla Vestin"):
        expect(report).to_contain_text(words)
    expect(staying).to_contain_text("Bevaras för forskning, efter födelsedag")

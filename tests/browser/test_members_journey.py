"""In a browser: the administrator proposes, the unit manager approves, the new member reads; then leaves, and the open page closes."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from caseapp.access import Actor
from caseapp.cases.participation import add_participant
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


def test_a_member_is_let_in_reads_and_leaves(
    visitors: Callable[[Flask], Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    actor: Callable[[str], Actor],
    case_id: str,  # noqa: F811
) -> None:
    admin, ulla, greta = visitors(app), visitors(app), visitors(app)
    for visitor, login in ((admin, "admin"), (ulla, "ulla"), (greta, "greta")):
        visitor.sign_in(municipality[login], codes)

    admin.go(f"/settings/people/{municipality['greta'].id}", "greta in the register")
    admin.page.get_by_label("SSPF Norr: Deltagare från en verksamhet").check()
    admin.press("Spara", "proposed")
    expect(admin.page.locator("main")).to_contain_text("Det föreslagna väntar på enhetschefen")
    admin.go(f"/settings/people/{municipality['greta'].id}", "waiting")
    expect(admin.page.locator("main")).to_contain_text("Väntar på enhetschefen")

    ulla.go("/", "somebody waits")
    expect(ulla.page.locator("main")).to_contain_text("1 person väntar på ditt godkännande")
    ulla.go("/members", "to approve")
    ulla.page.get_by_role("button", name=re.compile("Godkänn.*Greta")).click()
    ulla.look("approved")
    expect(ulla.page.locator("main")).to_contain_text("Godkänt")

    add_participant(actor("karin"), case_id, municipality["greta"].id)
    greta.go(f"/cases/{case_id}", "the case")
    expect(greta.page.locator(".case-bar")).to_contain_text("A.L.")
    reading = greta.page.context.new_page()
    reading.goto(greta.origin + f"/members/{municipality.teams['norr']}/leave")
    reading.get_by_role("button", name="Lämna teamet").click()
    expect(greta.page.get_by_text("Det som visades är dolt")).to_be_visible(timeout=10_000)
    greta.page.close()
    answer = reading.goto(greta.origin + f"/cases/{case_id}")
    assert answer is not None
    assert answer.status == 403  # without any role there is no case to ask for

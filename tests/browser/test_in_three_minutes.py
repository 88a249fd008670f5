"""In a browser: how much work a new case with its consent is, counted in pages and in fields. Counts, not seconds: hands differ.

The promise: from *Nytt ärende* to a consent that holds, at most 6 pages and 40 answers, with two custodians and every kind of answer a
coordinator has at hand on an ordinary day.
"""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

MOST_PAGES, MOST_ANSWERS = 6, 40
_NUMBER = "120302-2387"  # of the tax agency's test range


class Counted:
    """A visitor whose answers are counted."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.answers = visitor, 0

    def fill(self, **labelled: str) -> None:
        self.visitor.fill(**labelled)
        self.answers += len(labelled)

    def tick(self, name: str, *values: str) -> None:
        for value in values:
            box = self.visitor.page.locator(f"main [name='{name}'][value='{value}']")
            if not box.is_checked():
                box.check()
                self.answers += 1


def test_a_new_case_with_a_consent_that_holds(
    app: Flask, visitors: Callable[[Flask], Visitor], municipality: Municipality, codes: Codes
) -> None:
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    begun, by_hand = karin.pages_shown, Counted(karin)
    karin.press("Nytt ärende")
    by_hand.fill(name="Elin Berg", id_kind="number", number=_NUMBER, sex="f", protected="none")
    by_hand.fill(custodian_name="Mia Berg", custodian_phone="070-174 06 05", custodian2_name="Jon Berg", custodian2_phone="070-174 06 06")
    by_hand.fill(opened_on="igår", referral_source="school")
    by_hand.tick("concerns", "school_absence", "risk_taking")
    by_hand.tick("participants", *(municipality[login].id for login in ("samir", "lena", "pontus", "fia")))
    karin.press("Fortsätt")
    karin.press("Ja, starta ärendet")
    karin.page.locator("main .next-step a").first.click()
    karin.look("ask for consent")
    by_hand.tick("types", "assessment", "plan", "attendance", "support_ongoing", "family")
    karin.press("Fortsätt till underskrifter")
    signs = karin.page.locator("main [name^='decision_'][value='given']").count()
    for place in range(signs):
        by_hand.fill(**{f"decision_{place}": "given", f"method_{place}": "paper"})
    karin.press("Spara svaren")
    expect(karin.page.locator(".case-bar")).to_contain_text("Samtycke gäller till")
    assert re.search(r"Mia Berg|Jon Berg", karin.page.locator("main").inner_text())
    pages = karin.pages_shown - begun
    print(f"a new case with consent: {pages} pages, {by_hand.answers} answers")
    assert pages <= MOST_PAGES
    assert by_hand.answers <= MOST_ANSWERS

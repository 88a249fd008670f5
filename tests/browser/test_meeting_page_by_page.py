"""A team meeting of three cases without going back and forth: how many pages it takes is counted, with scripts and without them.

On SQLite only: what is looked at is the screen, which is the same on every database.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.test_meeting_journey import three_cases  # noqa: F401 - a fixture
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_three_cases_are_gone_through_on_one_page_each(
    visitors: Callable[..., Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    three_cases: list[str],  # noqa: F811
    scripts: bool,
) -> None:
    karin = visitors(app, scripts=scripts)
    karin.sign_in(municipality["karin"], codes)
    karin.go("/meetings/new", "plan a meeting")
    karin.fill(day="idag", hour="13", place="Rådhuset, sal 2")
    for login in ("samir", "fia", "pontus"):
        karin.page.get_by_label(municipality[login].name).uncheck()
    karin.press("Planera mötet", "planned")
    meeting, before = karin.page.url, karin.pages_shown
    karin.page.locator("[data-key=s]").click()
    for number in (1, 2, 3):
        karin.look(f"case {number}")
        expect(karin.page.locator(".screen-count")).to_have_text(f"Ärende {number} av 3")
        expect(karin.page.locator("main")).to_contain_text("Mentorssamtal varje vecka")
        karin.page.get_by_label("Klar", exact=True).check()
        karin.fill(what_0="Ringa hem på fredagar", who_0=municipality.agencies["school"], by_0="om 2 veckor", next_on="om 6 veckor")
        karin.fill(decision=f"Beslut nummer {number}.")
        karin.page.locator("[data-key=k]").click()
    karin.look("all gone through")
    karin.press("Avsluta mötet", "the record")
    assert karin.page.url == meeting
    pages = karin.pages_shown - before
    print(f"three cases {'with' if scripts else 'without'} scripts: {pages} pages, from the start of the meeting to its record")
    assert pages == 5, "one page for each case, the end and the record"

    record = karin.page.locator("main")
    for number in (1, 2, 3):
        expect(record).to_contain_text(f"Beslut nummer {number}.")
    expect(record.get_by_text("Mentorssamtal varje vecka – Ekskolan: klar")).to_have_count(3)
    expect(record.get_by_text("Ringa hem på fredagar – Ekskolan, senast")).to_have_count(3)
    expect(record.get_by_text("Nästa genomgång")).to_have_count(3)
    expect(record.get_by_text("Inte genomgånget")).to_have_count(0)
    karin.go(f"/cases/{three_cases[0]}/plan", "the plan afterwards")
    expect(karin.page.locator("main")).to_contain_text("Ringa hem på fredagar")

"""A coordinator maps needs, writes a plan with the school, follows up, sees what changed and ends the case; at a real browser.

On SQLite only: what is looked at is the pages, which are the same on every database.
"""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]


def test_from_mapping_to_change(
    visitors: Callable[[Flask], Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    case_id: str,  # noqa: F811
) -> None:
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    case, school = f"/cases/{case_id}", municipality.agencies["school"]
    for empty in ("mapping", "plan", "follow-up"):
        karin.go(f"{case}/{empty}", f"{empty} empty")
    karin.go(f"{case}/mapping/edit")
    karin.fill(need_school="3", need_peers="2", need_substance="1", need_mental_health="9", risk="high", protective="trusted_adult")
    karin.fill(responsivity="npf", instrument="savry", instrument_on="i går", instrument_level="high", attendance="a50")
    karin.fill(youth_view="Skolan är stökig, men jag gillar bilden.", text="Behöver lugn och vuxna som håller i.")
    karin.send("mapping")
    karin.go(f"{case}/plan/head")
    karin.fill(text="Att komma till skolan utan att magen knyter sig.", review_on="om 6 veckor")
    karin.send()
    karin.press("Nytt mål")
    karin.fill(domain="school", text="Närvaro minst 80 %", indicator="Skolans närvarosystem", baseline="64 %", target="80 %")
    karin.send()
    for what, by, due in (("Mentorssamtal varje vecka", school, "om 2 veckor"), ("Väcker och kör till skolan", "guardian", "i går")):
        karin.press("Nytt åtagande")
        karin.fill(text=what, by=by, due_on=due)
        karin.send()
    karin.press("Ny insats")
    karin.fill(type="school_attendance", focus="school", by=school, intensity="high", legal_form="service", started_on="idag")
    karin.send("plan")
    karin.press("Mentorssamtal varje vecka")
    karin.fill(status="ongoing", text="Två samtal hittills. Det fungerar.")
    karin.send("plan after report")
    karin.page.get_by_role("button", name="Klart Väcker").click()
    karin.look("plan after done")
    karin.press("Ångra")
    karin.go(f"{case}/follow-up")
    karin.press("Efter")
    karin.fill(measured_on="idag", need_school="1", need_peers="2", need_mental_health="2", risk="medium", change_school="much_better")
    karin.fill(youth_is_listened="5", youth_is_helped="4", guardian_is_helped_us="4", youth_words="Det blev bra till slut.")
    karin.send("followed up")
    assert karin.page.get_by_text("Mindre behov").is_visible()

    pontus = visitors(app)
    pontus.sign_in(municipality["pontus"], codes)
    for page in ("mapping", "plan", "follow-up"):
        pontus.go(f"{case}/{page}", f"{page} police")
    assert "Mentorssamtal" not in pontus.page.content()

    karin.go(case)
    karin.press("Avsluta ärendet")
    karin.fill(reason="goals_met", summary="Närvaron är god. Skolan tar vid.")
    karin.press("Avsluta ärendet", "closed")
    for closed in ("plan", "mapping", "follow-up", "notes", "consent"):
        karin.go(f"{case}/{closed}", f"{closed} closed")
    assert not karin.page.get_by_role("link", name="Be om samtycke").count()
    karin.go(case)
    karin.press("Öppna igen", "open again")

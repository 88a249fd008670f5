"""A case is mapped, a hint is seen, support is added and the hint is gone; the plan is agreed, printed, changed and compared.

On SQLite only: what is looked at is the pages, which are the same on every database.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from caseapp.formats import clock
from caseapp.meetings import actions as meetings
from caseapp.meetings import leading
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality, actor_of
from tests.shared_case import case_id  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]
SCHOOL_NEED = "Behovet är tydligt, men ingen insats riktas mot det: Skola."


def test_from_a_hint_to_a_plan_that_can_be_compared(
    visitors: Callable[[Flask], Visitor],
    app: Flask,
    municipality: Municipality,
    codes: Codes,
    case_id: str,  # noqa: F811
) -> None:
    karin, lena = visitors(app), visitors(app)
    karin.sign_in(municipality["karin"], codes)
    case, school = f"/cases/{case_id}", municipality.agencies["school"]
    karin.go(f"{case}/mapping/edit")
    karin.page.get_by_text("Vad betyder nivåerna?").click()
    assert karin.page.get_by_text("Stöd behövs genast.").is_visible()
    karin.fill(need_school="3", need_leisure="0", risk="high", instrument="savry", instrument_on="i går", instrument_level="high")
    karin.send("mapped")
    assert karin.page.get_by_text(SCHOOL_NEED).is_visible()
    assert karin.page.get_by_text("Risken är hög, men ingen insats pågår.").is_visible()
    karin.go(f"{case}/plan", "plan with hints")
    assert karin.page.get_by_text(SCHOOL_NEED).is_visible()
    assert karin.page.get_by_text("Källa: Andrews, Bonta & Hoge 1990").first.is_visible()

    lena.sign_in(municipality["lena"], codes)
    lena.go(f"{case}/plan", "plan with hints, school")
    assert lena.page.get_by_text(SCHOOL_NEED).is_visible()
    pontus = visitors(app)
    pontus.sign_in(municipality["pontus"], codes)
    pontus.go(f"{case}/plan", "plan without hints, police")
    assert not pontus.page.get_by_text("Att fundera på").count()

    meeting = _a_meeting(app, municipality, case_id)
    karin.go(f"/meetings/{meeting}")
    assert not karin.page.get_by_text("Att fundera på").count()  # the police are in the room
    leading.take_attendance(actor_of(app, municipality["karin"]), meeting, _present(municipality, "karin", "lena"))
    karin.go(f"/meetings/{meeting}", "meeting with hints")
    karin.page.get_by_text("Att fundera på (2)").click()
    assert karin.page.get_by_text(SCHOOL_NEED).is_visible()

    karin.go(f"{case}/plan/support/new")
    karin.fill(type="school_attendance", focus="school", by=school, intensity="medium", started_on="idag")
    karin.send("support added")
    assert not karin.page.get_by_text("Att fundera på").count()

    karin.press("Nytt mål")
    karin.fill(domain="school", text="Närvaro minst 80 %", indicator="Skolans närvarosystem", baseline="64 %", target="80 %")
    karin.send()
    karin.press("Fastställ planen", "to fix")
    karin.fill(decision_0="agreed", how_0="meeting", words_0="Det låter bra.")
    karin.send("first version")
    karin.page.get_by_role("link", name="Anteckna svar").click()
    karin.look("to answer")
    karin.fill(decision_0="declined", how_0="phone")
    karin.send("answered")
    assert karin.page.get_by_text("Ville inte vara med på planen").is_visible()

    karin.go(f"{case}/plan")
    karin.press("Planen på papper", "paper")
    karin.press("English", "paper in English")
    assert karin.page.locator("article.sheet[lang=en]").is_visible()
    karin.page.emulate_media(media="print")
    assert karin.page.locator("article.sheet").is_visible()
    assert not karin.page.get_by_role("link", name="English").is_visible()
    karin.page.emulate_media(media="screen")

    karin.go(f"{case}/plan/goals/new")
    karin.fill(domain="leisure", text="Fotboll en gång i veckan")
    karin.send()
    karin.press("Fastställ en ny version")
    karin.send("second version")
    karin.press("Jämför med version 1", "compared")
    assert karin.page.get_by_text("Fotboll en gång i veckan").is_visible()
    karin.press("Planen i dag", "compared with today")
    karin.go(f"{case}/follow-up/new/during")
    assert "Stort eller akut behov" in karin.page.locator("#need_school-hint").inner_text()
    karin.fill(need_school="1", need_peers="2")
    karin.send("followed up")
    karin.page.get_by_text("Vad bilden inte kan säga").click()
    karin.look("what the picture cannot say")
    assert karin.page.get_by_text("saknas").first.is_visible()


def _present(municipality: Municipality, *logins: str) -> list[str]:
    return [f"member:{municipality[login].id}" for login in logins]


def _a_meeting(app: Flask, municipality: Municipality, case_id: str) -> str:  # noqa: F811
    """A meeting of the team about the case, with coordinator, school and police in the room."""
    karin = actor_of(app, municipality["karin"])
    starts = clock.now() + timedelta(hours=1)
    made = meetings.plan_meeting(karin, municipality.teams["norr"], meeting_type="team", starts_at=starts, place="Rådhuset")
    meetings.add_to_agenda(karin, made, [case_id])
    leading.start_meeting(karin, made, _present(municipality, "karin", "lena", "pontus"))
    return str(made)

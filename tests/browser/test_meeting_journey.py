"""A coordinator's day and a team meeting of three cases at a real browser: the shared screen closes and opens with who is there.

On SQLite only: what is looked at is the screen, which is the same on every database.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from caseapp.access import Actor, Block
from caseapp.cases import consenting
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.consent.actions import Answer
from caseapp.db import transaction
from caseapp.followup import actions as followup
from caseapp.formats import clock, parse_personal_number
from caseapp.plans import actions as plans
from tests.browser.visitor import Visitor
from tests.municipality import Codes, Municipality, actor_of

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

TYPES = ("assessment", "plan", "support_ongoing", "outcome")


def a_case(karin: Actor, town: Municipality, name: str, number: str, *agencies: str) -> str:
    """A case of this young person with an active consent for these agencies, a goal, needs, and a commitment of the school's."""
    today = clock.today()
    everybody = [town[login].id for login in ("karin", "lena", "pontus", "fia")]
    case_id = start_case(
        karin,
        town.teams["norr"],
        person=NewPerson(name=name, sex="m", number=parse_personal_number(number, today=today)),
        related=[NewRelated(name="Mona Lind")],
        participant_ids=everybody,
    )
    consent_id = consenting.ask_for_consent(
        karin,
        case_id,
        agency_ids=[town.agencies[kind] for kind in agencies],
        types=TYPES,
        valid_from=today,
        valid_to=today + timedelta(days=120),
        purpose="sspf_cooperation",
        informed_on=today,
    )
    page = consenting.read_consent(karin, case_id)
    asked = next(consent for consent in page.consents if consent.id == consent_id)
    answers = [Answer(signature.id, "given", today, "paper") for signature in asked.signatures]
    consenting.register_answers(karin, case_id, consent_id, answers)
    plans.write_goal(karin, case_id, domain="school", text="Närvaro i skolan", indicator="Närvaro", baseline="64 %", target="80 %")
    plans.write_head(karin, case_id, text="Trygg i skolan och på fritiden", review_on=today)
    plans.add_commitment(
        karin, case_id, agency_id=town.agencies["school"], text="Mentorssamtal varje vecka", due_on=today - timedelta(days=3)
    )
    followup.save_measure(
        karin,
        case_id,
        followup.Seen(phase="before", measured_on=today, needs={"school": "2", "peers": "3", "leisure": "1"}),
    )
    return case_id


@pytest.fixture
def three_cases(app: Flask, municipality: Municipality) -> list[str]:
    """One case open to school and leisure, one to the police as well, one the police officer is blocked from."""
    karin = actor_of(app, municipality["karin"])
    cases = [
        a_case(karin, municipality, "Amir Lind", "20110415-2390", "school", "leisure"),
        a_case(karin, municipality, "Bo Ek", "20120320-2393", "school", "police"),
        a_case(karin, municipality, "Cim Dahl", "20100505-2392", "school", "police"),
    ]
    with transaction() as current:
        current.add(Block(case_id=cases[2], user_id=municipality["pontus"].id))
        current.commit()
    return cases


def test_a_coordinator_goes_from_my_day_through_a_meeting_of_three_cases(
    visitors: Callable[[Flask], Visitor], app: Flask, municipality: Municipality, codes: Codes, three_cases: list[str]
) -> None:
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go("/", "my day")
    assert karin.page.locator(".task-title", has_text="Åtagande försenat 3 dagar: Ekskolan").count() == 3
    karin.go("/meetings", "no meetings")
    karin.press("Planera arbetsgruppsmöte", "plan a meeting")
    karin.send("what is missing")
    karin.fill(day="idag", hour="13", place="Rådhuset, sal 2")
    for login in ("samir", "fia"):
        karin.page.get_by_label(municipality[login].name).uncheck()
    karin.press("Planera mötet", "planned")
    assert karin.page.locator(".agenda-list li").count() == 3
    karin.page.locator("[data-key=s]").click()
    karin.look("first case with the police in the room")
    shown = karin.page.locator("main").inner_text()
    assert "Mentorssamtal" not in shown
    assert "Amir" not in shown
    assert "A.L." not in shown
    assert "Lokalpolisen får inte ta del av" in shown

    karin.page.get_by_label("Beslut och det viktigaste som sades").fill("Skolan ringer hem varje fredag.")
    with karin.page.expect_navigation():
        karin.page.get_by_label(municipality["pontus"].name).uncheck()
    karin.look("the police has left")
    assert karin.page.get_by_text("Mentorssamtal varje vecka").count()
    assert karin.page.get_by_label("Beslut och det viktigaste som sades").input_value() == "Skolan ringer hem varje fredag."
    karin.page.get_by_label("Klar", exact=True).check()
    karin.fill(what_0="Prova på fotboll", who_0=municipality.agencies["leisure"], by_0="om 2 veckor", next_on="om 6 veckor")
    karin.page.locator("[data-key=k]").click()
    karin.look("second case")
    assert karin.page.get_by_text("Bo Ek").count() == 0
    assert karin.page.get_by_text("B.E.").count()

    karin.page.get_by_text("I rummet:").click()
    with karin.page.expect_navigation():
        karin.page.get_by_label(municipality["pontus"].name).check()
    karin.look("the police is back")
    karin.page.locator("h1").click()
    with karin.page.expect_navigation():
        karin.page.keyboard.press("k")
    karin.look("a case the police officer is blocked from")
    assert karin.page.get_by_text("Pontus Ek, Lokalpolisen får inte ta del av ärendet (jäv).").count()
    assert "C.D." not in karin.page.locator("main").inner_text()
    karin.press("Avsluta mötet", "the record")
    assert karin.page.get_by_text("Skolan ringer hem varje fredag.").count()
    assert karin.page.get_by_text("Prova på fotboll").count()
    assert karin.page.get_by_text("Inte genomgånget").count() == 1
    karin.go("/meetings", "meetings that have been")


def test_the_shared_screen_closes_when_consent_is_withdrawn_and_what_was_typed_is_kept_for_those_who_may_see_it(
    visitors: Callable[[Flask], Visitor], app: Flask, municipality: Municipality, codes: Codes, three_cases: list[str]
) -> None:
    from caseapp.consent import actions as consent
    from caseapp.meetings import actions as meetings
    from caseapp.meetings import leading

    actor = actor_of(app, municipality["karin"])
    meeting_id = meetings.plan_meeting(actor, municipality.teams["norr"], meeting_type="team", starts_at=clock.now())
    leading.start_meeting(actor, meeting_id, [f"member:{municipality[login].id}" for login in ("karin", "lena")])
    karin = visitors(app)
    karin.sign_in(municipality["karin"], codes)
    karin.go(f"/meetings/{meeting_id}?case={three_cases[0]}", "before")
    karin.page.get_by_label("Beslut och det viktigaste som sades").fill("Detta skrevs före återkallelsen.")
    asked = consenting.read_consent(actor, three_cases[0]).consents[0]
    consent.withdraw_consent(actor, three_cases[0], asked.id, received_from="Mona Lind", received_how="Telefon")
    karin.page.get_by_text("Behörigheten har ändrats").wait_for(timeout=5000)
    assert not karin.page.get_by_text("Mentorssamtal varje vecka").is_visible()
    karin.look("closed")
    with karin.page.expect_navigation():
        karin.page.get_by_role("button", name="Ladda om sidan").click()
    karin.look("after the withdrawal")
    assert "Detta skrevs före återkallelsen." not in karin.page.content()
    assert "Mentorssamtal varje vecka" not in karin.page.content()
    with karin.page.expect_navigation():
        karin.page.get_by_label(municipality["lena"].name).uncheck()
    karin.look("the school has left")
    assert karin.page.get_by_label("Beslut och det viktigaste som sades").input_value() == "Detta skrevs före återkallelsen."

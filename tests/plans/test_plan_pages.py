"""The pages of the plan, as a coordinator and as the others meet them. The client looks at every page it fetches."""

from collections.abc import Callable

import pytest

from caseapp.access import Actor
from caseapp.plans import actions as plans
from caseapp.plans import interventions
from tests.municipality import Municipality
from tests.pages import Page, PageClient, form_values

Actors = Callable[[str], Actor]
Browsers = Callable[[str], PageClient]


def text_of(answer: object) -> str:
    return Page(answer.get_data(as_text=True)).text()  # type: ignore[attr-defined]


def test_a_coordinator_writes_a_plan_from_nothing(case_id: str, signed_in: Browsers, municipality: Municipality) -> None:
    karin = signed_in("karin")
    plan = f"/cases/{case_id}/plan"
    assert "Inga mål än" in text_of(karin.get(plan))
    karin.submit({"text": "Trygg i skolan", "review_on": "om 6 veckor"}, on=f"{plan}/head")
    karin.submit({"domain": "school", "text": "Närvaro 80 %", "baseline": "64 %", "target": "80 %"}, on=f"{plan}/goals/new")
    school = municipality.agencies["school"]
    karin.submit({"text": "Mentorssamtal", "by": school, "due_on": "om 2 veckor"}, on=f"{plan}/commitments/new")
    shown = text_of(
        karin.submit({"type": "school_attendance", "focus": "school", "by": school, "started_on": "idag"}, on=f"{plan}/support/new")
    )
    for words in ("Trygg i skolan", "Närvaro 80 %", "64 %", "Mentorssamtal", "Ekskolan", "Närvarofrämjande insats", "Pågår"):
        assert words in shown


def test_done_is_one_click_and_so_is_its_undo(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    home = actor("karin").agency_id
    commitment = plans.add_commitment(actor("karin"), case_id, agency_id=home, text="Ringa hem")
    karin = signed_in("karin")
    plan = f"/cases/{case_id}/plan"
    assert "Åtagandet är klart." in text_of(karin.submit(on=plan, action=f"{plan}/commitments/{commitment}/done"))
    assert plans.read_plan(actor("karin"), case_id).plan.commitments[0].is_settled
    karin.submit(action=f"{plan}/commitments/{commitment}/undo")  # the button in the message
    assert not plans.read_plan(actor("karin"), case_id).plan.commitments[0].is_settled


def test_the_page_shows_police_no_word_of_what_the_consent_leaves_out(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    karin, lena = actor("karin"), actor("lena")
    plans.write_head(karin, case_id, text="MÅLSÄTTNINGEN", review_on=None)
    plans.write_goal(karin, case_id, domain="school", text="MÅLET")
    commitment = plans.add_commitment(lena, case_id, agency_id=lena.agency_id, text="ÅTAGANDET")
    interventions.add_intervention(lena, case_id, interventions.Support("coaching", "peers", text="INSATSEN"), agency_id=lena.agency_id)
    pontus, fia = signed_in("pontus"), signed_in("fia")
    for words in ("MÅLSÄTTNINGEN", "MÅLET", "ÅTAGANDET", "INSATSEN"):
        assert words in text_of(fia.get(f"/cases/{case_id}/plan"))
        assert words not in pontus.get(f"/cases/{case_id}/plan").get_data(as_text=True)
    assert "Ekskolan: 1 åtagande" in text_of(pontus.get(f"/cases/{case_id}/plan"))
    assert pontus.get(f"/cases/{case_id}/plan/commitments/{commitment}").status_code == 404


def test_a_form_that_came_too_late_shows_both_texts_and_saves_when_sent_again(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    goal = plans.write_goal(actor("karin"), case_id, domain="school", text="Närvaro")
    karin = signed_in("karin")
    address = f"/cases/{case_id}/plan/goals/{goal}"
    karin.get(address)
    plans.write_goal(actor("karin"), case_id, goal_id=goal, domain="school", text="Deras mål")
    late = karin.submit({"text": "Mitt mål"})
    assert late.status_code == 409
    assert "sparat nu: Deras mål" in text_of(late)
    assert "du skrev: Mitt mål" in text_of(late)
    assert "Målet är sparat." in text_of(karin.submit())
    assert [g.text for g in plans.read_plan(actor("karin"), case_id).plan.goals] == ["Mitt mål"]


def test_the_same_form_sent_twice_saves_once_and_leads_to_the_plan(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    karin = signed_in("karin")
    address = f"/cases/{case_id}/plan/commitments/new"
    page = Page(karin.get(address).get_data(as_text=True))
    values = form_values(page.forms()[0]) | {"text": ["Ringa hem"], "by": [actor("karin").agency_id]}
    first, second = karin.post(address, data=values), karin.post(address, data=values)
    assert (first.status_code, second.status_code) == (303, 303)
    assert second.location.endswith(f"/cases/{case_id}/plan")
    assert len(plans.read_plan(actor("karin"), case_id).plan.commitments) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": ""}, "Skriv vad som ska göras."),
        ({"text": "x" * 301}, "300"),
        ({"text": "a\x00b"}, "tecken"),
        ({"text": "a\u202eb"}, "tecken"),
        ({"by": "someone"}, "Välj ett av alternativen."),
        ({"due_on": "31 februari"}, "Det datumet finns inte."),
        ({"goal_id": "00000000-0000-4000-8000-000000000000"}, "Välj ett av alternativen."),
    ],
)
def test_a_wrong_answer_gets_a_sentence_and_nothing_is_saved(
    case_id: str, signed_in: Browsers, actor: Actors, typed: dict[str, str], sentence: str
) -> None:
    answers = {"text": "Ringa 😀 hem", "by": actor("karin").agency_id, "person": "Något att behålla", "due_on": "imorgon"} | typed
    if "goal_id" in typed:
        plans.write_goal(actor("karin"), case_id, domain="school", text="Närvaro")
    again = signed_in("karin").submit(answers, on=f"/cases/{case_id}/plan/commitments/new")
    assert again.status_code == 422
    assert sentence in text_of(again)
    assert "Något att behålla" in again.get_data(as_text=True)
    assert plans.read_plan(actor("karin"), case_id).plan.commitments == ()


def test_an_end_before_the_start_is_caught(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    answers = {"type": "coaching", "focus": "peers", "by": actor("karin").agency_id, "started_on": "idag", "ended_on": "i går"}
    again = signed_in("karin").submit(answers, on=f"/cases/{case_id}/plan/support/new")
    assert "Slutet ligger före starten" in text_of(again)


@pytest.mark.parametrize(
    "path", ["plan", "plan/head", "plan/goals/new", "plan/commitments/new", "plan/support/new", "mapping", "mapping/edit", "follow-up"]
)
def test_somebody_of_another_team_finds_nothing(case_id: str, signed_in: Browsers, path: str) -> None:
    assert signed_in("rasmus").get(f"/cases/{case_id}/{path}").status_code == 404


def test_a_school_reports_its_own_commitment_with_a_comment(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    lena = actor("lena")
    commitment = plans.add_commitment(lena, case_id, agency_id=lena.agency_id, text="Anpassat schema")
    browser = signed_in("lena")
    browser.submit({"status": "ongoing", "text": "Schemat gäller från måndag"}, on=f"/cases/{case_id}/plan/commitments/{commitment}")
    shown = text_of(browser.get(f"/cases/{case_id}/plan/commitments/{commitment}"))
    assert "Pågår" in shown
    assert "Schemat gäller från måndag" in shown


def test_a_dropped_goal_can_be_taken_back_from_the_page(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    goal = plans.write_goal(actor("karin"), case_id, domain="school", text="Närvaro")
    karin = signed_in("karin")
    plan = f"/cases/{case_id}/plan"
    assert "Borttagna mål (1)" in text_of(karin.submit(on=f"{plan}/goals/{goal}", action=f"{plan}/goals/{goal}/drop"))
    karin.submit(on=plan, action=f"{plan}/goals/{goal}/restore")
    assert len(plans.read_plan(actor("karin"), case_id).plan.current_goals) == 1


def test_a_participant_is_offered_no_form_for_what_is_another_agency_s(case_id: str, signed_in: Browsers, actor: Actors) -> None:
    karin = actor("karin")
    commitment = plans.add_commitment(karin, case_id, agency_id=karin.agency_id, text="Ringa hem")
    given = interventions.add_intervention(karin, case_id, interventions.Support("coaching", "peers"), agency_id=karin.agency_id)
    lena = signed_in("lena")
    assert "Ringa hem" in text_of(lena.get(f"/cases/{case_id}/plan/commitments/{commitment}"))
    for path, answer in ((f"commitments/{commitment}/edit", 404), (f"support/{given}", 404), ("head", 403), ("goals/new", 403)):
        assert lena.get(f"/cases/{case_id}/plan/{path}").status_code == answer

"""Every longer form about a case keeps drafts: what is typed there is offered, fills the form when it is used, and goes when saved."""

from collections.abc import Callable

import pytest
from flask import Flask

from caseapp.access import Actor, draft_of
from caseapp.cases.consenting import ask_for_consent, read_consent
from caseapp.cases.notes import add_note
from caseapp.consent.actions import withdraw_consent
from caseapp.drafts.actions import read_draft
from caseapp.followup.actions import Seen, save_measure
from caseapp.formats import clock
from caseapp.meetings import actions as meetings
from caseapp.meetings import leading
from caseapp.plans import actions as plans
from tests.drafts.conftest import Typing
from tests.drafts.test_drafts import count
from tests.municipality import Municipality
from tests.pages import PageClient, form_values

Acting = Callable[[str], Actor]
SIGN = Callable[[str], PageClient]
TYPED = "Alva berättade att hon inte sover."

#: Views that keep drafts → the address of their form below the case's, and the field that is typed in.
FORMS = {
    "cases.new_note": ("notes/new", "text"),
    "cases.correct": ("notes/{note}", "text"),
    "cases.close": ("close", "summary"),
    "cases.disclose": ("disclosures/new", "weighing"),
    "cases.share": ("sharing/new", "note"),
    "cases.bias": ("bias", "reason"),
    "cases.block_person": ("participants/{lena}/block", "reason"),
    "consent.ask": ("consent/new", "informed_by"),
    "consent.answers": ("consent/{consent}/answers", "paper_reference"),
    "consent.withdraw": ("consent/{consent}/withdraw", "received_from"),
    "plans.head": ("plan/head", "text"),
    "plans.goal": ("plan/goals/new", "text"),
    "plans.new_commitment": ("plan/commitments/new", "text"),
    "plans.edit_commitment": ("plan/commitments/{commitment}/edit", "text"),
    "plans.commitment": ("plan/commitments/{commitment}", "text"),
    "plans.support": ("plan/support/new", "text"),
    "followup.edit_mapping": ("mapping/edit", "youth_view"),
    "followup.new_measure": ("follow-up/new/during", "text"),
    "followup.edit_measure": ("follow-up/{measure}", "text"),
    "rights.new_remark": ("remarks/{note}/new", "text"),
    "rights.new_extract": ("extracts/new", "identified_how"),
    "meetings.meeting": ("", "decision"),
}
#: A form without free text keeps the choices, and is tried by its own test; the other address of a view is the same form.
ELSEWHERE = {"cases.facts", "meetings.save"}


@pytest.fixture
def address(case_id: str, actor: Acting, municipality: Municipality) -> Callable[[str], str]:
    """Called with a view: the address of its form, once everything it is about is there."""
    karin = actor("karin")
    day = clock.today()
    made = {
        "note": add_note(karin, case_id, information_type="assessment", text="Borta tre dagar."),
        "lena": municipality["lena"].id,
        "commitment": plans.add_commitment(karin, case_id, agency_id=karin.agency_id, text="Ringa hem"),
        "measure": save_measure(karin, case_id, Seen("before", day, {"school": "3"})),
        "consent": ask_for_consent(
            karin, case_id, agency_ids=[municipality.agencies["school"]], types=["plan"], without=(), valid_from=day, valid_to=day,
            purpose="sspf_cooperation", language="sv", informed_on=day, informed_by="Karin",
        ),
    }  # fmt: skip
    meeting = meetings.plan_meeting(
        karin, municipality.teams["norr"], meeting_type="team", starts_at=clock.now(), place="", asked=[], case_id=None
    )
    meetings.add_to_agenda(karin, meeting, [case_id])
    leading.start_meeting(karin, meeting, [f"member:{karin.user_id}"])

    def named(view: str) -> str:
        if view == "meetings.meeting":
            return f"/meetings/{meeting}?case={case_id}"
        return f"/cases/{case_id}/{FORMS[view][0].format(**made)}"

    return named


def test_every_view_that_declares_it_is_tried_here(app: Flask) -> None:
    assert {name for name, view in app.view_functions.items() if draft_of(view)} == set(FORMS) | ELSEWHERE


@pytest.mark.parametrize("view", FORMS)
def test_a_draft_fills_its_form_again_and_the_page_is_a_good_one(
    view: str, address: Callable[[str], str], case_id: str, actor: Acting, signed_in: SIGN, types: Typing
) -> None:
    path, name = address(view), FORMS[view][1]
    browser = signed_in("karin")
    assert types(browser, path, **{name: TYPED}).status_code == 200, path
    page = browser.get(path)
    assert (TYPED in page.text) is (view != "meetings.meeting"), "named on a screen that others see, and not shown"
    (use,) = [there for there, words in browser.page.links.items() if words == "Använd utkastet"]
    browser.get(use)
    assert [values[name] for values in map(form_values, browser.page.forms()) if name in values] == [[TYPED]]
    card = read_draft(actor("karin"), case_id, path)
    assert dict(card.answers)[name] == TYPED


def test_a_draft_of_what_somebody_else_has_saved_since_is_never_written_over_it_unseen(
    case_id: str, actor: Acting, signed_in: SIGN, types: Typing
) -> None:
    karin, path = actor("karin"), f"/cases/{case_id}/plan/head"
    plans.write_head(karin, case_id, text="Till skolan varje dag.", review_on=None)
    browser = signed_in("karin")
    types(browser, path, text="Alva vill till skolan varje dag.")
    plans.write_head(karin, case_id, text="Till skolan tre dagar.", review_on=None)
    browser.get(path)
    assert "Något nyare har sparats sedan du skrev." in browser.page.text()
    (use,) = [there for there, words in browser.page.links.items() if words == "Använd utkastet"]
    browser.get(use)
    answer = browser.submit({"text": "Alva vill till skolan varje dag."})
    assert answer.status_code == 409
    assert plans.read_plan(karin, case_id).plan.head.text == "Till skolan tre dagar."
    (proposed,) = [values["text"] for values in map(form_values, browser.page.forms()) if "text" in values]
    assert proposed == ["Alva vill till skolan tre dagar."]
    assert "Planen är sparad." in browser.submit({"text": proposed[0]}).text
    assert plans.read_plan(karin, case_id).plan.head.text == proposed[0]


def test_choices_are_kept_as_well(case_id: str, signed_in: SIGN, types: Typing) -> None:
    browser = signed_in("karin")
    types(browser, f"/cases/{case_id}/facts", concerns=["aggressive"])
    browser.get(f"/cases/{case_id}/facts")
    (use,) = [there for there, words in browser.page.links.items() if words == "Använd utkastet"]
    browser.get(use)
    assert [values["concerns"] for values in map(form_values, browser.page.forms()) if "concerns" in values] == [["aggressive"]]


def test_what_is_said_at_a_meeting_ends_its_draft(
    address: Callable[[str], str], case_id: str, app: Flask, signed_in: SIGN, types: Typing
) -> None:
    browser = signed_in("karin")
    path = address("meetings.meeting")
    types(browser, path, decision=TYPED)
    assert count(app) == 1
    browser.get(path)
    answer = browser.submit({"decision": TYPED, "go": "later"}, action=path.partition("?")[0])
    assert answer.status_code == 200
    assert count(app) == 0


def test_my_day_counts_drafts_and_leads_to_each_without_a_word_of_it(case_id: str, signed_in: SIGN, types: Typing) -> None:
    browser = signed_in("lena")
    types(browser, f"/cases/{case_id}/notes/new", text=TYPED)
    page = browser.get("/").text
    assert "Utkast: 1" in page
    assert "Ny anteckning" in page
    assert TYPED not in page
    (way,) = [there for there, words in browser.page.links.items() if words.startswith("Fortsätt skriva")]
    assert way == f"/cases/{case_id}/notes/new"
    assert "Utkast:" not in signed_in("karin").get("/").text


def test_a_draft_for_what_one_may_no_longer_write_in_is_withheld_and_said_so(
    case_id: str, actor: Acting, signed_in: SIGN, types: Typing
) -> None:
    lena, karin = actor("lena"), actor("karin")
    commitment = plans.add_commitment(lena, case_id, agency_id=lena.agency_id, text="Mentorssamtal")
    browser = signed_in("karin")
    path = f"/cases/{case_id}/plan/commitments/{commitment}/edit"
    assert types(browser, path, text=TYPED).status_code == 200
    consent = read_consent(karin, case_id).consents[0].id
    withdraw_consent(karin, case_id, consent, received_from="Mona Lind", received_how="phone")
    card = read_draft(karin, case_id, path)
    assert card.answers.reason == "consent_withdrawn"
    browser.get("/")
    assert "Ändring av åtagande" in browser.page.text()
    assert "kan inte visas: Samtycket är återkallat" in browser.page.text()
    assert TYPED not in browser.get(path, follow_redirects=True).text
    own = f"/cases/{case_id}/notes/new"
    assert types(browser, own, text=TYPED).status_code == 200, "what one's own agency writes goes on"

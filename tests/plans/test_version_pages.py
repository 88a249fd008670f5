"""Versions of the plan on their pages and on paper: what the coordinator does, what each reader gets, and what is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp.access import Actor, NamedReader
from caseapp.access.models import Gate
from caseapp.db import transaction
from caseapp.emergency.actions import begin_emergency
from caseapp.formats import clock
from caseapp.plans import actions as plans
from caseapp.plans import interventions, versions
from caseapp.plans.versions import Answered
from tests.municipality import Municipality
from tests.pages import Page, PageClient
from tests.plans.test_versions import words

Actors = Callable[[str], Actor]
Browsers = Callable[[str], PageClient]


# -- the pages --------------------------------------------------------------------------------------------------------


def text_of(answer: object) -> str:
    return Page(answer.get_data(as_text=True)).text()  # type: ignore[attr-defined]


@pytest.fixture
def planned(case_id: str, actor: Actors, municipality: Municipality) -> str:
    """The case with a goal, a commitment of the school's and support."""
    karin = actor("karin")
    plans.write_head(karin, case_id, text="Trygg i skolan", review_on=clock.today() + timedelta(40))
    plans.write_goal(karin, case_id, domain="school", text="Närvaro minst 80 %", indicator="Närvaro", baseline="64 %", target="80 %")
    plans.add_commitment(karin, case_id, agency_id=municipality.agencies["school"], text="Mentorssamtal", due_on=clock.today())
    interventions.add_intervention(
        karin, case_id, interventions.Support("family_treatment", "family", started_on=clock.today()), agency_id=karin.agency_id
    )
    return case_id


def test_a_coordinator_fixes_the_plan_notes_the_answers_and_sees_what_changed(planned: str, signed_in: Browsers, actor: Actors) -> None:
    karin, plan = signed_in("karin"), f"/cases/{planned}/plan"
    assert "Inget svar från familjen är antecknat än." in text_of(karin.get(plan))
    shown = text_of(karin.submit({"decision_0": "agreed", "how_0": "meeting", "words_0": "Det är okej"}, on=f"{plan}/versions/new"))
    for told in ("Version 1", "Överens om planen", "vid ett möte", "Det är okej", "Vårdnadshavare Mona Lind", "Inget svar antecknat"):
        assert told in shown
    (version,) = versions.read_versions(actor("karin"), planned).versions
    karin.submit({"decision_0": "declined", "how_0": "phone"}, on=f"{plan}/versions/{version.id}/answers")
    assert "Ville inte vara med på planen" in text_of(karin.get(plan))
    assert "Alla har svarat" in text_of(karin.get(f"{plan}/versions/{version.id}/answers"))
    goal = plans.read_plan(actor("karin"), planned).plan.goals[0]
    plans.write_goal(actor("karin"), planned, goal_id=goal.id, domain="school", text=goal.text, baseline="64 %", target="90 %")
    changed = text_of(karin.get(f"{plan}/changes"))
    for told in ("Ändrat", "Dit vi vill", "80 %", "90 %", "Oförändrat (3)"):
        assert told in changed
    assert karin.get(f"{plan}/changes?since=9").status_code == 404
    assert "till planen som den är i dag" in text_of(karin.get(f"{plan}/changes?since=x&until=-1"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"decision_0": "agreed"}, "Välj hur personen svarade."),
        ({"decision_0": "agreed", "how_0": "meeting", "on_0": ""}, "Skriv vilken dag personen svarade."),
        ({"decision_0": "agreed", "how_0": "meeting", "on_0": "2099-01-01"}, "Datumet ligger i framtiden."),
        ({"decision_0": "agreed", "how_0": "meeting", "on_0": "31 februari"}, "Det datumet finns inte."),
        ({"how_0": "meeting"}, "Välj vad personen sa"),
        ({"words_0": "Nja"}, "Välj vad personen sa"),
        ({"decision_0": "maybe", "how_0": "meeting"}, "Välj ett av alternativen."),
        ({"decision_0": "agreed", "how_0": "meeting", "words_0": "x" * 1001}, "1 000"),
    ],
)
def test_an_answer_that_does_not_hold_together_gets_a_sentence_and_nothing_is_kept(
    planned: str, signed_in: Browsers, actor: Actors, typed: dict[str, str], sentence: str
) -> None:
    again = signed_in("karin").submit(
        {"words_1": "Något att behålla 😀", "decision_1": "agreed", "how_1": "phone"} | typed, on=f"/cases/{planned}/plan/versions/new"
    )
    assert again.status_code == 422
    assert sentence in text_of(again)
    assert "Något att behålla 😀" in again.get_data(as_text=True)
    assert versions.read_versions(actor("karin"), planned).versions == ()


def test_answers_without_an_answer_are_asked_for_again(planned: str, signed_in: Browsers, actor: Actors) -> None:
    version_id = versions.fix_version(actor("karin"), planned)
    again = signed_in("karin").submit({}, on=f"/cases/{planned}/plan/versions/{version_id}/answers")
    assert again.status_code == 422
    assert "Välj vad minst en person sa." in text_of(again)


def test_an_empty_plan_says_what_to_do(case_id: str, signed_in: Browsers) -> None:
    again = signed_in("karin").submit({"decision_0": "agreed", "how_0": "meeting"}, on=f"/cases/{case_id}/plan/versions/new")
    assert again.status_code == 422
    assert "Planen är tom." in text_of(again)


def test_police_outside_the_consent_read_no_word_of_any_version_or_paper(planned: str, signed_in: Browsers, actor: Actors) -> None:
    versions.fix_version(actor("karin"), planned, [Answered(planned, "agreed", clock.today(), "meeting", "ORDEN")])
    fia, pontus = signed_in("fia"), signed_in("pontus")
    assert "ORDEN" in text_of(fia.get(f"/cases/{planned}/plan/versions"))
    for path in ("plan/versions", "plan/changes", "plan/changes?since=1", "plan/paper"):
        shown = pontus.get(f"/cases/{planned}/{path}")
        assert shown.status_code in (200, 404), path
        for word in ("Trygg i skolan", "Närvaro minst", "Mentorssamtal", "ORDEN", "Strukturerad familje"):
            assert word not in shown.get_data(as_text=True), path


def test_somebody_of_another_team_finds_nothing(planned: str, signed_in: Browsers, actor: Actors) -> None:
    version_id = versions.fix_version(actor("karin"), planned)
    rasmus, lena = signed_in("rasmus"), signed_in("lena")
    for path in ("versions", "versions/new", f"versions/{version_id}/answers", "changes", "paper"):
        assert rasmus.get(f"/cases/{planned}/plan/{path}").status_code == 404
    for path in ("versions/new", f"versions/{version_id}/answers"):
        assert lena.get(f"/cases/{planned}/plan/{path}").status_code in (403, 404)


# -- on paper ---------------------------------------------------------------------------------------------------------


def sheet(browser: PageClient, case_id: str, language: str) -> str:
    answer = browser.get(f"/cases/{case_id}/plan/paper?language={language}")
    assert answer.status_code == 200
    html = answer.get_data(as_text=True)
    return Page(html[html.index("<article") : html.index("</article>")]).text()


def test_the_plan_on_paper_says_in_plain_words_what_was_agreed_and_the_log_says_print(
    planned: str, signed_in: Browsers, actor: Actors
) -> None:
    karin = signed_in("karin")
    paper = sheet(karin, planned, "sv")
    for told in (
        "Alva Lind",
        "Trygg i skolan",
        "Det här vill vi nå",
        "Nu: 64 %",
        "Ekskolan",
        "Mentorssamtal",
        "Strukturerad familjebehandling",
    ):
        assert told in paper
    assert paper.count("Ja, jag är överens") == 2  # the young person and the custodian have something to sign
    versions.fix_version(actor("karin"), planned, [Answered(planned, "agreed", clock.today(), "paper")])
    paper = sheet(karin, planned, "sv")
    assert "Den unge: överens om planen" in paper
    assert paper.count("Ja, jag är överens") == 1
    plans.write_head(actor("karin"), planned, text="Något annat", review_on=None)
    paper = sheet(karin, planned, "sv")
    assert "Den har ändrats sedan dess." in paper
    assert paper.count("Ja, jag är överens") == 2
    assert "Skrivit ut" in text_of(karin.get(f"/cases/{planned}/history"))


def test_the_paper_has_its_own_language_and_an_unknown_one_is_swedish(planned: str, signed_in: Browsers) -> None:
    karin = signed_in("karin")
    assert 'class="sheet" lang="en"' in karin.get(f"/cases/{planned}/plan/paper?language=en").get_data(as_text=True)
    assert "Structured family treatment" in sheet(karin, planned, "en")
    assert "Planen på papper" in text_of(karin.get(f"/cases/{planned}/plan/paper?language=en"))
    assert 'class="sheet" lang="sv"' in karin.get(f"/cases/{planned}/plan/paper?language=xx").get_data(as_text=True)


def test_the_paper_of_a_protected_identity_asks_why_first_and_names_nobody(
    planned: str, signed_in: Browsers, municipality: Municipality
) -> None:
    with transaction() as current:
        current.get_one(Gate, planned).is_protected = True
        current.add(NamedReader(case_id=planned, user_id=municipality["karin"].id))
        current.commit()
    karin = signed_in("karin")
    step = karin.get(f"/cases/{planned}/plan/paper")
    assert step.status_code == 303
    assert "/print/plan" in step.location
    back = karin.submit({"reason": "Ska till mötet"}, on=step.location)
    assert back.status_code == 200
    paper = sheet(karin, planned, "sv")
    assert "Mentorssamtal" in paper
    assert "Lind" not in paper


def test_a_reader_prints_what_they_may_see_and_the_page_says_what_is_not_on_it(planned: str, signed_in: Browsers, actor: Actors) -> None:
    police = signed_in("pontus").get(f"/cases/{planned}/plan/paper")
    assert "Ekskolan: 1 åtagande står inte på pappret" in text_of(police)
    assert "/sharing" in signed_in("karin").get(f"/cases/{planned}/plan/paper").get_data(as_text=True)  # the way to an agency's excerpt


def test_who_reads_in_an_emergency_gets_no_paper(planned: str, signed_in: Browsers, actor: Actors) -> None:
    begin_emergency(actor("pontus"), planned, reason="Flickan har hört av sig och orkar inte leva.")
    pontus = signed_in("pontus")
    assert "Mentorssamtal" in text_of(pontus.get(f"/cases/{planned}/plan"))
    refused = pontus.get(f"/cases/{planned}/plan/paper")
    assert refused.status_code == 403
    assert "Mentorssamtal" not in refused.get_data(as_text=True)


def test_a_damaged_part_of_a_version_is_not_compared_and_the_rest_is(
    planned: str, actor: Actors, app: Flask, municipality: Municipality
) -> None:
    karin = actor("karin")
    versions.fix_version(karin, planned)
    plans.add_commitment(karin, planned, agency_id=karin.agency_id, text="Ringa hem")
    with app.extensions["caseapp.database"].engine.begin() as connection:
        connection.execute(text("UPDATE plan_version_item SET kind = 'goal' WHERE kind = 'intervention'"))
    found = words(versions.read_changes(karin, planned).changes)
    assert found["added"] == {"Ringa hem"}
    assert found["ended"] == found["changed"] == set()
    assert len(found["not compared"]) == 1

"""Versions of the plan through their actions: what a version keeps, who said what to it, who reads which part of it today."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp import codelists
from caseapp.access import Actor, AlreadyDone, NamedReader, NotFound, Refused
from caseapp.access.models import Gate
from caseapp.db import transaction
from caseapp.emergency.actions import begin_emergency
from caseapp.formats import clock
from caseapp.plans import actions as plans
from caseapp.plans import interventions, versions
from caseapp.plans.changes import Changes
from caseapp.plans.joint_plan import HeldBack
from caseapp.plans.versions import Answered
from tests.municipality import Municipality
from tests.pages import Page, PageClient
from tests.small_town import DAY, Town, new_case

Actors = Callable[[str], Actor]
Browsers = Callable[[str], PageClient]
SHARED = ("identity", "plan", "support_ongoing")


def a_plan(town: Town) -> dict[str, str]:
    """A goal, a commitment of the school's and one of the home agency's, support of leisure's; their ids."""
    agencies, karin, case_id = town.agencies, town.coordinator, town.case_id
    plans.write_head(karin, case_id, text="Trygg i skolan", review_on=DAY + timedelta(40))
    return {
        "goal": plans.write_goal(karin, case_id, domain="school", text="Närvaro", baseline="64 %", target="80 %"),
        "talks": plans.add_commitment(karin, case_id, agency_id=agencies["school"], text="Mentorssamtal", due_on=DAY + timedelta(20)),
        "call": plans.add_commitment(karin, case_id, agency_id=agencies["social_services"], text="Ringa hem"),
        "football": interventions.add_intervention(
            karin,
            case_id,
            interventions.Support("leisure_activity", "leisure", started_on=DAY, text="Fotboll"),
            agency_id=agencies["leisure"],
        ),
    }


def words(changes: Changes) -> dict[str, set[object]]:
    return {
        "added": {one.values["text"] for one in changes.added},
        "ended": {one.item.values["text"] for one in changes.ended},
        "changed": {(name, old, new) for one in changes.changed for name, old, new in one.parts},
        "not compared": {one.values["text"] for one in changes.not_compared},
    }


def changes(town: Town, who: str, since: int | None = None, until: int | None = None) -> dict[str, set[object]]:
    return {
        name: found for name, found in words(versions.read_changes(town.people[who], town.case_id, since, until).changes).items() if found
    }


def test_a_version_keeps_the_plan_as_it_stood_and_the_plan_goes_on(town: Town) -> None:
    town.consent()
    ids, karin, case_id = a_plan(town), town.coordinator, town.case_id
    versions.fix_version(karin, case_id)
    assert changes(town, "coordinator") == {}
    with clock.at(DAY + timedelta(10)):
        plans.write_goal(karin, case_id, goal_id=ids["goal"], domain="school", text="Närvaro", baseline="64 %", target="90 %")
        plans.report_status(town.teacher, case_id, ids["talks"], "ongoing")
        plans.report_status(karin, case_id, ids["call"], "done")
        plans.add_commitment(karin, case_id, agency_id=town.agencies["police"], text="Samtal")
        plans.write_head(karin, case_id, text="Trygg hela dagen", review_on=DAY + timedelta(40))
        expected = {
            "added": {"Samtal"},
            "ended": {"Ringa hem"},
            "changed": {("target", "80 %", "90 %"), ("status", "planned", "ongoing"), ("text", "Trygg i skolan", "Trygg hela dagen")},
        }
        assert changes(town, "coordinator") == expected
        versions.fix_version(karin, case_id)
    with clock.at(DAY + timedelta(20)):
        ended = interventions.Support("leisure_activity", "leisure", started_on=DAY, ended_on=DAY + timedelta(15), text="Fotboll")
        interventions.change_intervention(karin, case_id, ids["football"], ended)
        plans.drop_goal(karin, case_id, ids["goal"])
        assert changes(town, "coordinator", 1, 2) == expected
        assert changes(town, "coordinator", 2) == {"ended": {"Fotboll", "Närvaro"}}


def test_each_version_has_its_number_its_day_and_who_fixed_it(town: Town) -> None:
    a_plan_of_home(town)
    versions.fix_version(town.coordinator, town.case_id)
    with clock.at(DAY + timedelta(30)):
        versions.fix_version(town.coordinator, town.case_id)
    cards = versions.read_versions(town.coordinator, town.case_id).versions
    assert [(card.number, card.fixed_on, card.fixed_by, card.text) for card in cards] == [
        (2, DAY + timedelta(30), "Coordinator Ek", "Trygg i skolan"),
        (1, DAY, "Coordinator Ek", "Trygg i skolan"),
    ]


def a_plan_of_home(town: Town) -> None:
    plans.write_head(town.coordinator, town.case_id, text="Trygg i skolan", review_on=None)


def test_an_empty_plan_cannot_be_agreed_to(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        versions.fix_version(town.coordinator, town.case_id)
    assert refusal.value.reason == "nothing_in_plan"


def test_a_double_click_fixes_one_version(town: Town) -> None:
    a_plan_of_home(town)
    first = versions.fix_version(town.coordinator, town.case_id, once="c" * 64)
    with pytest.raises(AlreadyDone) as done:
        versions.fix_version(town.coordinator, town.case_id, once="c" * 64)
    assert done.value.result == first
    assert len(versions.read_versions(town.coordinator, town.case_id).versions) == 1


# -- who said what ----------------------------------------------------------------------------------------------------


def test_who_agreed_when_and_how_or_did_not_want_to_is_noted_for_each_person(town: Town) -> None:
    a_plan_of_home(town)
    young, mother = versions.read_versions(town.coordinator, town.case_id).asked
    assert (young.is_young, mother.is_young, mother.name) == (True, False, "Mona Lind")
    version_id = versions.fix_version(
        town.coordinator, town.case_id, [Answered(young.who_id, "declined", DAY, "meeting", "Jag vill inte ha någon mentor")]
    )
    (card,) = versions.read_versions(town.coordinator, town.case_id).versions
    assert [(one.person.is_young, one.decision, one.on, one.how, one.words) for one in card.agreements] == [
        (True, "declined", DAY, "meeting", "Jag vill inte ha någon mentor")
    ]
    assert card.awaited == (mother,)
    versions.note_agreements(town.coordinator, town.case_id, version_id, [Answered(mother.who_id, "agreed", DAY, "phone")])
    (card,) = versions.read_versions(town.coordinator, town.case_id).versions
    assert [(one.person.name, one.decision, one.how) for one in card.agreements] == [
        ("", "declined", "meeting"),
        ("Mona Lind", "agreed", "phone"),
    ]
    assert card.awaited == ()


def test_an_answer_is_noted_once_for_each_version_and_another_version_asks_anew(town: Town) -> None:
    a_plan_of_home(town)
    young = Answered(town.case_id, "agreed", DAY, "meeting")
    version_id = versions.fix_version(town.coordinator, town.case_id, [young])
    with pytest.raises(Refused) as refusal:
        versions.note_agreements(town.coordinator, town.case_id, version_id, [Answered(town.case_id, "declined", DAY, "phone")])
    assert refusal.value.reason == "agreed_already"
    (card,) = versions.read_versions(town.coordinator, town.case_id).versions
    assert [one.decision for one in card.agreements] == ["agreed"]
    versions.fix_version(town.coordinator, town.case_id)
    latest, first = versions.read_versions(town.coordinator, town.case_id).versions
    assert (latest.agreements, len(latest.awaited), len(first.agreements)) == ((), 2, 1)


@pytest.mark.parametrize("wrong", [{"decision": "perhaps"}, {"how": "dream"}])
def test_an_unknown_code_is_refused_and_no_version_is_kept(town: Town, wrong: dict[str, str]) -> None:
    a_plan_of_home(town)
    answer = {"decision": "agreed", "how": "meeting"} | wrong
    with pytest.raises(codelists.UnknownCode):
        versions.fix_version(town.coordinator, town.case_id, [Answered(town.case_id, on=DAY, **answer)])
    assert versions.read_versions(town.coordinator, town.case_id).versions == ()


def test_only_the_family_of_the_case_agrees_and_only_the_coordinator_notes_it(town: Town) -> None:
    town.consent()
    a_plan_of_home(town)
    other = new_case(town, name="Elis Ström", number="")
    version_id = versions.fix_version(town.coordinator, town.case_id)
    stranger = versions.read_versions(town.coordinator, other).asked[1].who_id
    for who_id in (stranger, other, "somebody"):
        with pytest.raises(NotFound):
            versions.note_agreements(town.coordinator, town.case_id, version_id, [Answered(who_id, "agreed", DAY, "meeting")])
    mine = Answered(town.case_id, "agreed", DAY, "meeting")
    with pytest.raises(NotFound):
        versions.note_agreements(town.coordinator, other, version_id, [Answered(other, "agreed", DAY, "meeting")])
    with pytest.raises(NotFound):
        versions.note_agreements(town.teacher, town.case_id, version_id, [mine])
    with pytest.raises(NotFound):
        versions.fix_version(town.teacher, town.case_id)
    (card,) = versions.read_versions(town.coordinator, town.case_id).versions
    assert card.agreements == ()


# -- who reads which part ---------------------------------------------------------------------------------------------


def test_a_reader_sees_of_both_versions_what_consent_opens_to_them_today(town: Town) -> None:
    everything = dict.fromkeys(("social_services", "school", "leisure"), SHARED)
    consent = town.consent({**everything, "police": ("identity",)})
    ids = a_plan(town)
    versions.fix_version(town.coordinator, town.case_id)
    plans.change_commitment(town.coordinator, town.case_id, ids["talks"], text="Samtal varje dag", due_on=DAY + timedelta(20))
    versions.fix_version(town.coordinator, town.case_id)
    page = versions.read_changes(town.leader, town.case_id, 1, 2)
    assert words(page.changes)["changed"] == {("text", "Mentorssamtal", "Samtal varje dag")}
    police = versions.read_changes(town.officer, town.case_id)
    assert (police.versions, police.since, police.changes) == ((), None, Changes())
    assert versions.read_versions(town.officer, town.case_id).plan.withheld == "type_not_covered"
    town.withdraw(consent)
    assert versions.read_versions(town.leader, town.case_id).versions == ()
    mine = versions.read_changes(town.coordinator, town.case_id, 1, 2)  # what the school owns is the school's again, in both
    assert words(mine.changes)["changed"] == set()
    assert mine.held_back == (HeldBack("Björkskolan", "consent_withdrawn", 1), HeldBack("Fritidsgården", "consent_withdrawn", 1))


def test_support_is_held_back_in_versions_as_on_the_plan(town: Town) -> None:
    town.consent({"social_services": SHARED, "leisure": SHARED, "school": ("identity", "plan")})
    ids = a_plan(town)
    versions.fix_version(town.coordinator, town.case_id)
    changed = interventions.Support("leisure_activity", "leisure", started_on=DAY, text="Simning")
    interventions.change_intervention(town.coordinator, town.case_id, ids["football"], changed)
    assert changes(town, "coordinator") == {"changed": {("text", "Fotboll", "Simning")}}
    page = versions.read_changes(town.teacher, town.case_id)
    assert page.changes.is_nothing
    assert page.held_back == (HeldBack("Fritidsgården", "type_not_covered", 1),)


def test_what_the_coordinator_holds_no_key_for_is_not_in_the_version_and_is_not_called_new(town: Town) -> None:
    plans.write_head(town.coordinator, town.case_id, text="Trygg i skolan", review_on=None)
    plans.add_commitment(town.teacher, town.case_id, agency_id=town.agencies["school"], text="Anpassat schema")
    versions.fix_version(town.coordinator, town.case_id)  # there is no consent: what the school promised is the school's
    town.consent()
    assert changes(town, "coordinator") == {"not compared": {"Anpassat schema"}}
    versions.fix_version(town.coordinator, town.case_id)
    assert changes(town, "teacher", 2) == {}
    assert changes(town, "teacher", 1, 2) == {"not compared": {"Anpassat schema"}}


def test_a_number_that_no_version_has_is_not_found(town: Town) -> None:
    a_plan_of_home(town)
    versions.fix_version(town.coordinator, town.case_id)
    for since, until in ((2, None), (1, 7), (0, 1)):
        if since:
            with pytest.raises(NotFound):
                versions.read_changes(town.coordinator, town.case_id, since, until)


def test_nothing_of_a_version_stands_in_the_open(town: Town) -> None:
    town.consent()
    a_plan(town)
    plans.write_head(town.coordinator, town.case_id, text="KANARIEFÅGEL", review_on=None)
    versions.fix_version(town.coordinator, town.case_id, [Answered(town.case_id, "declined", DAY, "meeting", "KANARIEFÅGEL")])
    with town.database.engine.connect() as connection:
        for table in ("plan_version", "plan_version_item", "plan_agreement"):
            stored = " ".join(str(row) for row in connection.execute(text(f"select * from {table}")))
            assert stored
            assert not any(word in stored for word in ("KANARIE", "Mentorssamtal", "leisure_activity", "declined", "64 %"))


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

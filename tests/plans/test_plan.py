"""The joint plan through its actions: who may write for whom, what others see of it, and what happens when a consent ends."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from caseapp.access import AlreadyDone, NotFound, Permission, Refused, StaleForm, action, allow
from caseapp.consent import open_case
from caseapp.formats import clock
from caseapp.plans import actions as plans
from caseapp.plans import interventions
from caseapp.plans.due import LateCommitment, PlanDue, late_commitments, plans_due
from caseapp.plans.joint_plan import HeldBack, commitments_for
from tests.small_town import DAY, Town, new_case


def a_commitment(town: Town, agency: str, words: str, due: date | None = None) -> str:
    return plans.add_commitment(town.coordinator, town.case_id, agency_id=town.agencies[agency], text=words, due_on=due)


def words_seen(town: Town, who: str) -> list[object]:
    return [card.text for card in plans.read_plan(town.people[who], town.case_id).plan.commitments]


def test_a_goal_begins_the_plan_and_keeps_what_was_written(town: Town) -> None:
    plans.write_goal(
        town.coordinator, town.case_id, domain="school", text="Närvaro 80 %", indicator="Närvaro", baseline="64 %", target="80 %"
    )
    plan = plans.read_plan(town.coordinator, town.case_id).plan
    assert plan.head.begun_on == DAY
    assert [(g.domain, g.text, g.indicator, g.baseline, g.target) for g in plan.goals] == [
        ("school", "Närvaro 80 %", "Närvaro", "64 %", "80 %")
    ]


def test_the_label_of_the_plan_is_the_municipality_s_own(town: Town) -> None:
    assert plans.read_plan(town.coordinator, town.case_id).plan.label == "atagandeplan"


def test_the_aim_and_the_day_of_review_come_back(town: Town) -> None:
    plans.write_head(town.coordinator, town.case_id, text="Trygg i skolan", review_on=date(2026, 12, 1))
    head = plans.read_plan(town.coordinator, town.case_id).plan.head
    assert (head.text, head.review_on) == ("Trygg i skolan", date(2026, 12, 1))


def test_the_coordinator_writes_for_an_agency_only_while_a_consent_opens_it(town: Town) -> None:
    with pytest.raises(Refused) as refusal:
        a_commitment(town, "school", "Mentorssamtal")
    assert refusal.value.reason == "no_consent"
    town.consent()
    a_commitment(town, "school", "Mentorssamtal")
    assert words_seen(town, "teacher") == ["Mentorssamtal"]


def test_police_cannot_see_the_school_s_commitment_when_the_plan_is_not_shared_with_them(town: Town) -> None:
    shared = ("identity", "plan", "support_ongoing")
    town.consent({"social_services": shared, "school": shared, "leisure": shared, "police": ("identity",)})
    a_commitment(town, "school", "Mentorssamtal varje vecka")
    plan = plans.read_plan(town.officer, town.case_id).plan
    assert plan.commitments == ()
    assert plan.held_back == (HeldBack("Björkskolan", "type_not_covered", 1),)
    assert (plan.withheld, plan.head.review_on, plan.goals) == ("type_not_covered", None, ())
    assert words_seen(town, "leader") == ["Mentorssamtal varje vecka"]


def test_withdrawal_closes_the_plan_to_others_at_once_but_not_what_is_their_own(town: Town) -> None:
    consent = town.consent()
    a_commitment(town, "school", "Mentorssamtal")
    a_commitment(town, "leisure", "Prova på fotboll")
    assert len(words_seen(town, "teacher")) == 2
    town.withdraw(consent)
    assert words_seen(town, "teacher") == ["Mentorssamtal"]
    assert plans.read_plan(town.teacher, town.case_id).plan.held_back == (HeldBack("Fritidsgården", "consent_withdrawn", 1),)


def test_an_agency_adds_commitments_of_its_own_and_of_nobody_else(town: Town) -> None:
    town.consent()
    plans.add_commitment(town.teacher, town.case_id, agency_id=town.agencies["school"], text="Anpassat schema")
    assert words_seen(town, "coordinator") == ["Anpassat schema"]
    with pytest.raises(NotFound):
        plans.add_commitment(town.teacher, town.case_id, agency_id=town.agencies["police"], text="Samtal")
    assert words_seen(town, "coordinator") == ["Anpassat schema"]


def test_what_the_young_person_takes_on_is_kept_by_the_coordinator_s_agency(town: Town) -> None:
    home = town.agencies["social_services"]
    plans.add_commitment(town.coordinator, town.case_id, agency_id=home, text="Går till skolan", made_by="youth")
    plans.add_commitment(town.coordinator, town.case_id, agency_id=home, text="Väcker", made_by="guardian")
    cards = plans.read_plan(town.coordinator, town.case_id).plan.commitments
    assert {card.text: (card.actor, card.agency_id) for card in cards} == {
        "Går till skolan": ("youth", home),
        "Väcker": ("guardian", home),
    }


def test_each_status_is_kept_as_a_report(town: Town) -> None:
    town.consent()
    commitment = a_commitment(town, "school", "Mentorssamtal", DAY + timedelta(days=10))
    with clock.at(DAY + timedelta(days=3)):
        plans.report_status(town.teacher, town.case_id, commitment, "ongoing", text="Två samtal")
    with clock.at(DAY + timedelta(days=9)):
        plans.report_status(town.coordinator, town.case_id, commitment, "done")
    (card,) = plans.read_plan(town.coordinator, town.case_id).plan.commitments
    assert (card.status, card.is_settled) == ("done", True)
    assert [(report.status, report.by, report.text) for report in card.reports] == [
        ("done", "Coordinator Ek", ""),
        ("ongoing", "Teacher Ek", "Två samtal"),
        ("planned", "Coordinator Ek", ""),
    ]


def test_a_settled_commitment_can_be_opened_again(town: Town) -> None:
    commitment = a_commitment(town, "social_services", "Ringa hem", DAY - timedelta(days=3))
    plans.report_status(town.coordinator, town.case_id, commitment, "done")
    plans.report_status(town.coordinator, town.case_id, commitment, "ongoing")
    (card,) = plans.read_plan(town.coordinator, town.case_id).plan.commitments
    assert (card.reported, card.status, card.is_settled, card.days_late) == ("ongoing", "late", False, 3)


def test_nobody_reports_for_another_agency(town: Town) -> None:
    town.consent()
    commitment = a_commitment(town, "school", "Mentorssamtal")
    with pytest.raises(Refused) as refusal:
        plans.report_status(town.officer, town.case_id, commitment, "done")
    assert refusal.value.reason == "not_your_agency"
    assert not plans.read_plan(town.coordinator, town.case_id).plan.commitments[0].is_settled


def test_a_double_click_makes_one_commitment(town: Town) -> None:
    home = town.agencies["social_services"]
    first = plans.add_commitment(town.coordinator, town.case_id, agency_id=home, text="Ringa", once="a" * 64)
    with pytest.raises(AlreadyDone) as done:
        plans.add_commitment(town.coordinator, town.case_id, agency_id=home, text="Ringa", once="a" * 64)
    assert done.value.result == first
    assert words_seen(town, "coordinator") == ["Ringa"]


def test_a_stale_form_gets_what_is_stored_now_and_saves_nothing(town: Town) -> None:
    goal = plans.write_goal(town.coordinator, town.case_id, domain="school", text="Närvaro")
    seen = plans.read_plan(town.coordinator, town.case_id).plan.goals[0].version
    plans.write_goal(town.coordinator, town.case_id, goal_id=goal, domain="school", text="Närvaro 80 %", version=seen)
    with pytest.raises(StaleForm) as stale:
        plans.write_goal(town.coordinator, town.case_id, goal_id=goal, domain="peers", text="Vänner", version=seen)
    assert stale.value.current.text == "Närvaro 80 %"
    assert plans.read_plan(town.coordinator, town.case_id).plan.goals[0].domain == "school"


def test_a_dropped_goal_leaves_the_plan_and_can_come_back(town: Town) -> None:
    goal = plans.write_goal(town.coordinator, town.case_id, domain="school", text="Närvaro")
    plans.drop_goal(town.coordinator, town.case_id, goal)
    assert plans.read_plan(town.coordinator, town.case_id).plan.current_goals == ()
    plans.drop_goal(town.coordinator, town.case_id, goal, dropped=False)
    assert len(plans.read_plan(town.coordinator, town.case_id).plan.current_goals) == 1


def test_only_the_coordinator_sets_goals(town: Town) -> None:
    town.consent()
    with pytest.raises(NotFound):
        plans.write_goal(town.teacher, town.case_id, domain="school", text="Närvaro")


def test_another_case_s_goal_or_commitment_is_not_found_here(town: Town) -> None:
    goal = plans.write_goal(town.coordinator, town.case_id, domain="school", text="Närvaro")
    commitment = a_commitment(town, "social_services", "Ringa")
    other = new_case(town, name="Elis Ström", number="")
    with pytest.raises(NotFound):
        plans.write_goal(town.coordinator, other, goal_id=goal, domain="school", text="Annat")
    with pytest.raises(NotFound):
        plans.report_status(town.coordinator, other, commitment, "done")
    with pytest.raises(NotFound):
        plans.add_commitment(town.coordinator, other, agency_id=town.agencies["social_services"], text="X", goal_id=goal)


def test_support_is_written_in_codes_and_held_by_the_agency_that_gives_it(town: Town) -> None:
    town.consent()
    support = interventions.Support("school_attendance", "school", "service", "high", started_on=DAY, text="Varje morgon")
    written = interventions.add_intervention(town.coordinator, town.case_id, support, agency_id=town.agencies["school"])
    (card,) = plans.read_plan(town.leader, town.case_id).plan.interventions
    assert (card.agency_name, card.type, card.focus, card.intensity, card.is_ongoing, card.text) == (
        "Björkskolan",
        "school_attendance",
        "school",
        "high",
        True,
        "Varje morgon",
    )
    ended = interventions.Support("school_attendance", "school", "service", "high", DAY, DAY + timedelta(days=30), "yes")
    with clock.at(DAY + timedelta(days=31)):
        interventions.change_intervention(town.teacher, town.case_id, written, ended, version=card.version)
        assert not plans.read_plan(town.coordinator, town.case_id).plan.interventions[0].is_ongoing


def test_support_is_held_back_from_those_whom_the_consent_does_not_let_see_it(town: Town) -> None:
    town.consent({"social_services": ("identity", "support_ongoing"), "school": ("identity",), "police": ("identity",)})
    interventions.add_intervention(
        town.coordinator, town.case_id, interventions.Support("coaching", "peers"), agency_id=town.agencies["social_services"]
    )
    plan = plans.read_plan(town.teacher, town.case_id).plan
    assert (plan.interventions, plan.held_back_support) == ((), (HeldBack("Socialtjänsten", "type_not_covered", 1),))


def test_an_unknown_code_is_refused_and_nothing_is_saved(town: Town) -> None:
    with pytest.raises(KeyError):
        interventions.add_intervention(
            town.coordinator, town.case_id, interventions.Support("boot_camp", "peers"), agency_id=town.agencies["social_services"]
        )
    assert plans.read_plan(town.coordinator, town.case_id).plan.interventions == ()


# -- work lists and other actions -------------------------------------------------------------------------------------


@action
def _my_lists(actor, until):
    allow(actor, Permission.LIST_CASES)
    return plans_due(actor, until), late_commitments(actor)


def test_my_lists_hold_what_is_due_and_what_i_can_do_something_about(town: Town) -> None:
    town.consent()
    plans.write_head(town.coordinator, town.case_id, text="", review_on=DAY + timedelta(days=5))
    late = a_commitment(town, "school", "Mentorssamtal", DAY - timedelta(days=2))
    a_commitment(town, "school", "I tid", DAY)
    due, mine = _my_lists(town.coordinator, DAY + timedelta(days=7))
    assert due == (PlanDue(town.case_id, DAY + timedelta(days=5), 5),)
    expected = LateCommitment(town.case_id, late, town.agencies["school"], "Björkskolan", "Mentorssamtal", DAY - timedelta(days=2), 2)
    assert mine == (expected,)
    assert _my_lists(town.teacher, DAY)[1] == (expected,)
    assert _my_lists(town.officer, DAY) == ((), ())


def test_a_late_commitment_leaves_the_coordinator_s_list_with_the_consent(town: Town) -> None:
    consent = town.consent()
    a_commitment(town, "school", "Mentorssamtal", DAY - timedelta(days=2))
    town.withdraw(consent)
    assert _my_lists(town.coordinator, DAY)[1] == ()
    assert len(_my_lists(town.teacher, DAY)[1]) == 1


def test_the_lists_ask_the_database_as_often_for_many_cases_as_for_one(town: Town) -> None:
    from sqlalchemy import event

    asked: list[str] = []
    event.listen(town.database.engine, "before_cursor_execute", lambda _c, _cur, statement, *_: asked.append(statement))
    a_commitment(town, "social_services", "Ringa", DAY - timedelta(days=2))
    asked.clear()
    _my_lists(town.coordinator, DAY)
    for_one = len(asked)
    for name in ("Elis Ström", "Noor Ali", "Kim Dahl"):
        case_id = new_case(town, name=name, number="")
        plans.write_head(town.coordinator, case_id, text="", review_on=DAY)
        plans.add_commitment(
            town.coordinator, case_id, agency_id=town.agencies["social_services"], text="Ringa", due_on=DAY - timedelta(days=1)
        )
    asked.clear()
    due, late = _my_lists(town.coordinator, DAY)
    assert (len(due), len(late)) == (3, 4)
    assert len(asked) == for_one


@action
def _meeting_saves(actor, town, commitment):
    gate = allow(actor, Permission.LEAD_MEETING, on=town.case_id)
    opening = open_case(actor, gate)
    plans.report_status(actor, town.case_id, commitment, "done", opening=opening)
    plans.add_commitment(actor, town.case_id, agency_id=town.agencies["leisure"], text="Fotboll", opening=opening)
    plans.set_review(actor, town.case_id, DAY + timedelta(days=14), opening=opening)
    return commitments_for(gate, opening)


def test_a_meeting_saves_statuses_new_commitments_and_the_next_day_in_one_go(town: Town) -> None:
    town.consent()
    commitment = a_commitment(town, "school", "Mentorssamtal")
    cards = _meeting_saves(town.coordinator, town, commitment)
    assert [(card.text, card.status) for card in cards] == [("Fotboll", "planned"), ("Mentorssamtal", "done")]
    assert plans.read_plan(town.coordinator, town.case_id).plan.head.review_on == DAY + timedelta(days=14)


def test_nothing_of_a_plan_stands_in_the_open(town: Town) -> None:
    town.consent()
    plans.write_head(town.coordinator, town.case_id, text="KANARIEFÅGEL", review_on=None)
    plans.write_goal(town.coordinator, town.case_id, domain="substance", text="KANARIEFÅGEL", indicator="KANARIEFÅGEL")
    commitment = a_commitment(town, "school", "KANARIEFÅGEL")
    plans.report_status(town.teacher, town.case_id, commitment, "not_done", text="KANARIEFÅGEL")
    interventions.add_intervention(
        town.coordinator,
        town.case_id,
        interventions.Support("substance_treatment", "substance", text="KANARIEFÅGEL"),
        agency_id=town.agencies["social_services"],
    )
    with town.database.engine.connect() as connection:
        for table in ("plan", "goal", "commitment", "commitment_report", "intervention"):
            stored = " ".join(str(row) for row in connection.execute(text(f"select * from {table}")))
            assert not any(word in stored for word in ("KANARIE", "substance", "not_done"))


def test_undo_gives_back_the_status_before_and_keeps_both_reports(town: Town) -> None:
    commitment = a_commitment(town, "social_services", "Ringa hem")
    plans.report_status(town.coordinator, town.case_id, commitment, "ongoing")
    plans.report_status(town.coordinator, town.case_id, commitment, "done")
    plans.take_back_report(town.coordinator, town.case_id, commitment)
    (card,) = plans.read_plan(town.coordinator, town.case_id).plan.commitments
    assert (card.reported, card.is_settled) == ("ongoing", False)
    assert [report.status for report in card.reports] == ["ongoing", "done", "ongoing", "planned"]


def test_a_plan_begun_by_somebody_else_meanwhile_is_not_overwritten(town: Town) -> None:
    seen = plans.read_plan(town.coordinator, town.case_id).plan.head.version
    plans.write_head(town.coordinator, town.case_id, text="Deras", review_on=None, version=seen)
    with pytest.raises(StaleForm) as stale:
        plans.write_head(town.coordinator, town.case_id, text="Mitt", review_on=None, version=seen)
    assert stale.value.current.text == "Deras"

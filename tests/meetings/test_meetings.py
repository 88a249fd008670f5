"""Meetings through their actions: what is on the agenda, what is saved, and who may read it afterwards."""


from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import select

from caseapp import audit
from caseapp.access import AlreadyDone, Block, NotFound, Participation, Refused, StaleForm, Withheld
from caseapp.db import transaction
from caseapp.formats import SWEDEN, clock
from caseapp.meetings import actions, leading
from caseapp.meetings.cards import Live, Planned, Record
from caseapp.meetings.leading import NewCommitment, NewStatus, Said
from caseapp.plans import actions as plans
from tests.meetings.meeting_room import FULL, THURSDAY, a_commitment, screen, started, team_meeting, token
from tests.small_town import DAY, Town, new_case

# -- planning --------------------------------------------------------------------------------------------------------


def test_a_team_meeting_begins_with_the_cases_whose_plan_is_due_by_then(town: Town) -> None:
    later = new_case(town, name="Bo Ek", number="")
    plans.write_head(town.coordinator, town.case_id, text="", review_on=date(2026, 9, 17))
    plans.write_head(town.coordinator, later, text="", review_on=date(2026, 9, 18))
    meeting_id = actions.plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=THURSDAY)
    page = actions.open_meeting(town.coordinator, meeting_id)
    assert isinstance(page, Planned)
    assert [item.case_id for item in page.agenda] == [town.case_id]
    assert [bar.case_id for bar in page.others] == [later]


def test_a_case_that_is_not_one_s_own_cannot_be_put_on_the_agenda(town: Town) -> None:
    meeting_id = team_meeting(town)
    with pytest.raises(NotFound):
        actions.add_to_agenda(town.coordinator, meeting_id, ["00000000-0000-4000-8000-000000000000"])


def test_only_the_coordinator_plans_and_leads(town: Town) -> None:
    with pytest.raises(Refused):
        actions.plan_meeting(town.teacher, town.team_id, meeting_type="team", starts_at=THURSDAY)
    meeting_id = team_meeting(town)
    with pytest.raises(Refused):
        leading.start_meeting(town.teacher, meeting_id, [])


def test_another_team_s_meeting_does_not_exist(town: Town) -> None:
    stranger = replace(town.coordinator, teams={"another": frozenset({"coordinator"})})
    with pytest.raises(NotFound):
        actions.open_meeting(stranger, team_meeting(town))


def test_planning_twice_with_the_same_form_makes_one_meeting(town: Town) -> None:
    once = "a" * 64
    actions.plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=THURSDAY, once=once)
    with pytest.raises(AlreadyDone) as again:
        actions.plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=THURSDAY, once=once)
    coming, _past = actions.list_meetings(town.coordinator)
    assert [f"/meetings/{card.id}" for card in coming] == [again.value.result]


def test_a_meeting_about_a_case_is_seen_only_by_those_who_take_part_in_it(town: Town) -> None:
    alone = new_case(town, name="Bo Ek", number="")
    with transaction() as current:
        for row in current.scalars(select(Participation).where(Participation.case_id == alone)):
            if row.user_id != town.coordinator.user_id:
                row.until_day = date(2026, 9, 14)
        current.commit()
    meeting_id = actions.plan_meeting(town.coordinator, town.team_id, meeting_type="network", starts_at=THURSDAY, case_id=alone)
    assert [card.id for card in actions.list_meetings(town.coordinator)[0]] == [meeting_id]
    assert actions.list_meetings(town.teacher)[0] == ()
    with pytest.raises(NotFound):
        actions.open_meeting(town.teacher, meeting_id)


def test_the_family_can_be_asked_to_a_meeting_about_the_case_and_to_no_other(town: Town) -> None:
    about = actions.who_could_be_asked(town.coordinator, town.case_id)
    assert [(person.kind, person.name) for person in about.people if person.agency_id is None] == [
        ("young_person", "Alva Lind"),
        ("related", "Mona Lind"),
    ]
    assert all(person.agency_id for person in actions.who_could_be_asked(town.coordinator).people)


# -- what is said and saved ------------------------------------------------------------------------------------------


def test_everything_said_of_a_case_is_saved_at_once_and_the_next_case_is_told(town: Town) -> None:
    second = new_case(town, name="Bo Ek", number="")
    town.consent()
    mentor = a_commitment(town, "school", "Mentorssamtal")
    meeting_id = started(town, ("coordinator", "teacher"), town.case_id, second)
    said = Said(
        decision="Vi fortsätter som planerat.",
        statuses=[NewStatus(mentor, "done", version=1)],
        new=[NewCommitment("Prova fotboll", town.agencies["leisure"], date(2026, 10, 1)), NewCommitment("Komma i tid", "youth")],
        next_on=date(2026, 11, 3),
    )
    assert leading.save_case(town.coordinator, meeting_id, town.case_id, said, done=True) == second
    plan = plans.read_plan(town.coordinator, town.case_id).plan
    assert {card.text: (card.reported, card.agency_name, card.actor, card.due_on) for card in plan.commitments} == {
        "Mentorssamtal": ("done", "Björkskolan", "school", None),
        "Prova fotboll": ("planned", "Fritidsgården", "leisure", date(2026, 10, 1)),
        "Komma i tid": ("planned", "Socialtjänsten", "youth", None),
    }
    assert plan.head.review_on == date(2026, 11, 3)
    assert leading.save_case(town.coordinator, meeting_id, second, Said(), done=True) is None


def test_a_case_taken_later_keeps_its_text_and_comes_back_last(town: Town) -> None:
    second = new_case(town, name="Bo Ek", number="")
    meeting_id = started(town, ("coordinator",), town.case_id, second)
    assert leading.save_case(town.coordinator, meeting_id, town.case_id, Said(decision="Halvvägs"), done=False) == second
    assert leading.save_case(town.coordinator, meeting_id, second, Said(), done=True) == town.case_id
    assert screen(town, meeting_id).decision == "Halvvägs"


def test_the_decision_can_be_written_down_even_where_the_room_may_not_be_shown_it(town: Town) -> None:
    town.consent({"social_services": FULL})
    meeting_id = started(town, ("coordinator", "officer"))
    leading.save_case(town.coordinator, meeting_id, town.case_id, Said(decision="Skolan kontaktar hemmet"), done=False)
    shown = screen(town, meeting_id).decision
    assert isinstance(shown, Withheld)
    assert shown.reason == "not_all_present"
    leading.save_case(town.coordinator, meeting_id, town.case_id, Said(decision="Polisen går förbi", adds=True), done=False)
    leading.take_attendance(town.coordinator, meeting_id, [token(town, "coordinator")])
    assert screen(town, meeting_id).decision == "Skolan kontaktar hemmet\nPolisen går förbi"


def test_saving_the_same_page_twice_makes_one_commitment(town: Town) -> None:
    meeting_id = started(town)
    said = Said(new=[NewCommitment("Ring hem", town.agencies["social_services"])])
    leading.save_case(town.coordinator, meeting_id, town.case_id, said, done=True, once="b" * 64)
    with pytest.raises(AlreadyDone) as again:
        leading.save_case(town.coordinator, meeting_id, town.case_id, said, done=True, once="b" * 64)
    assert again.value.result == f"/meetings/{meeting_id}"
    assert len(plans.read_plan(town.coordinator, town.case_id).plan.commitments) == 1


def test_two_who_write_in_the_same_case_do_not_overwrite_each_other(town: Town) -> None:
    meeting_id = started(town)
    version = screen(town, meeting_id).item.version
    leading.save_case(town.coordinator, meeting_id, town.case_id, Said(decision="Först"), done=False, version=version)
    late = Said(decision="Sedan", new=[NewCommitment("Ring hem", town.agencies["social_services"])])
    with pytest.raises(StaleForm):
        leading.save_case(town.coordinator, meeting_id, town.case_id, late, done=False, version=version)
    assert screen(town, meeting_id).decision == "Först"
    assert plans.read_plan(town.coordinator, town.case_id).plan.commitments == ()


def test_a_status_changed_by_its_agency_in_the_meantime_is_not_overwritten(town: Town) -> None:
    town.consent()
    mentor = a_commitment(town, "school", "Mentorssamtal")
    meeting_id = started(town)
    plans.report_status(town.teacher, town.case_id, mentor, "ongoing")
    with pytest.raises(StaleForm):
        leading.save_case(town.coordinator, meeting_id, town.case_id, Said(statuses=[NewStatus(mentor, "cancelled", 1)]), done=True)
    assert plans.read_plan(town.coordinator, town.case_id).plan.commitments[0].reported == "ongoing"
    assert not screen(town, meeting_id).item.is_done


def test_a_case_that_is_not_on_the_agenda_cannot_be_saved_through_the_meeting(town: Town) -> None:
    second = new_case(town, name="Bo Ek", number="")
    meeting_id = started(town)
    with pytest.raises(NotFound):
        leading.save_case(town.coordinator, meeting_id, second, Said(decision="x"), done=True)


def test_nothing_can_be_saved_before_the_meeting_has_begun(town: Town) -> None:
    with pytest.raises(NotFound):
        leading.save_case(town.coordinator, team_meeting(town), town.case_id, Said(decision="x"), done=True)


# -- afterwards ------------------------------------------------------------------------------------------------------


def ended(town: Town) -> str:
    mentor = a_commitment(town, "school", "Mentorssamtal")
    meeting_id = started(town, ("coordinator", "teacher"))
    call = NewCommitment("Ring hem", town.agencies["social_services"])
    said = Said("Vi följer upp i november.", [NewStatus(mentor, "ongoing", 1)], [call])
    leading.save_case(town.coordinator, meeting_id, town.case_id, said, done=True)
    leading.end_meeting(town.coordinator, meeting_id)
    return meeting_id


def record(town: Town, who: str, meeting_id: str) -> Record:
    page = actions.open_meeting(town.people[who], meeting_id)
    assert isinstance(page, Record)
    return page


def test_the_minutes_tell_what_was_decided_and_who_was_there(town: Town) -> None:
    town.consent()
    meeting_id = ended(town)
    minutes = record(town, "teacher", meeting_id).minutes[0]
    assert minutes.decision == "Vi följer upp i november."
    assert [person.name for person in minutes.present] == ["Coordinator Ek", "Teacher Ek"]
    assert [(card.text, status) for card, status in minutes.reported] == [("Mentorssamtal", "ongoing")]
    assert [card.text for card in minutes.new] == ["Ring hem"]


def test_the_minutes_close_for_an_agency_when_the_consent_is_withdrawn(town: Town) -> None:
    consent = town.consent()
    meeting_id = ended(town)
    town.withdraw(consent)
    theirs = record(town, "teacher", meeting_id).minutes[0]
    assert isinstance(theirs.decision, Withheld)
    assert theirs.decision.reason == "consent_withdrawn"
    assert (theirs.present, theirs.new) == ((), ())
    ours = record(town, "coordinator", meeting_id).minutes[0]
    assert ours.decision == "Vi följer upp i november."


def test_cases_one_does_not_take_part_in_are_counted_and_nothing_more(town: Town) -> None:
    town.consent()
    meeting_id = ended(town)
    with transaction() as current:
        current.add(Block(case_id=town.case_id, user_id=town.teacher.user_id))
        current.commit()
    page = record(town, "teacher", meeting_id)
    assert (page.minutes, page.not_yours) == ((), 1)


def test_an_ended_meeting_can_be_taken_up_again(town: Town) -> None:
    town.consent()
    meeting_id = ended(town)
    leading.start_meeting(town.coordinator, meeting_id, [token(town, "coordinator")])
    page = actions.open_meeting(town.coordinator, meeting_id)
    assert isinstance(page, Live)
    assert page.case is None
    assert screen(town, meeting_id, town.case_id).decision == "Vi följer upp i november."


def test_the_last_meeting_s_decision_is_shown_at_the_next(town: Town) -> None:
    town.consent()
    ended(town)
    with clock.at(datetime(2026, 11, 3, 13, 0, tzinfo=SWEDEN)):
        case = screen(town, started(town, ("coordinator", "teacher")))
    assert case.last_decision == "Vi följer upp i november."
    assert case.last_met is not None
    assert case.last_met.date() == DAY


# -- the log ---------------------------------------------------------------------------------------------------------


def readings(town: Town) -> list[audit.ReadEntry]:
    with transaction(reading=True) as current:
        entries = audit.entries_of_case(current, town.database.keyholder, town.case_id)
    return [entry for entry in entries if entry.permission in ("case.read", "case.minutes")]


def test_each_case_shown_is_one_reading_with_who_was_there(town: Town) -> None:
    meeting_id = started(town, ("coordinator", "teacher"))
    assert readings(town) == []
    screen(town, meeting_id)
    (reading,) = readings(town)
    assert reading.detail is not None
    assert sorted(reading.detail["present"]) == sorted([token(town, "coordinator"), token(town, "teacher")])
    assert reading.detail["meeting"] == meeting_id


def test_a_case_that_was_not_shown_is_not_logged_as_read(town: Town) -> None:
    with transaction() as current:
        current.add(Block(case_id=town.case_id, user_id=town.officer.user_id))
        current.commit()
    screen(town, started(town, ("coordinator", "officer")))
    assert readings(town) == []

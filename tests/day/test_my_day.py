"""My day through its action: who is told what, what it costs, and what the log keeps of it."""

from datetime import date, datetime, timedelta

from sqlalchemy import event

from caseapp import audit
from caseapp.access import Actor
from caseapp.cases.actions import close_case
from caseapp.day.actions import my_day
from caseapp.db import transaction
from caseapp.formats import SWEDEN, clock
from caseapp.meetings.actions import plan_meeting
from caseapp.plans import actions as plans
from tests.small_town import DAY, Town, new_case


def kinds(town: Town, who: str = "coordinator") -> list[str]:
    return [task.matter.kind for task in my_day(town.people[who]).tasks]


def test_a_new_case_asks_for_consent(town: Town) -> None:
    (task,) = my_day(town.coordinator).tasks
    assert (task.matter.kind, task.case_number, task.initials) == ("consent_none", "2026-0001", "A.L.")


def test_a_consent_that_holds_for_long_asks_for_nothing(town: Town) -> None:
    town.consent()
    assert kinds(town) == []


def test_a_consent_that_ends_soon_is_told_to_the_coordinator_and_to_nobody_else(town: Town) -> None:
    town.consent(until=DAY + timedelta(days=9))
    assert kinds(town) == ["consent_ends"]
    assert kinds(town, "teacher") == []


def test_a_late_commitment_is_told_to_the_agency_that_made_it_and_to_the_coordinator(town: Town) -> None:
    town.consent()
    plans.add_commitment(town.coordinator, town.case_id, agency_id=town.agencies["school"], text="Mentorssamtal", due_on=DAY)
    assert kinds(town) == []
    with clock.at(datetime(2026, 9, 18, 9, tzinfo=SWEDEN)):
        (task,) = my_day(town.teacher).tasks
        assert (task.matter.kind, task.matter.count, task.late and task.late.agency_name) == ("commitment_late", 3, "Björkskolan")
        assert kinds(town) == ["commitment_late"]
        assert kinds(town, "leader") == []


def test_what_a_withdrawn_consent_closed_is_not_even_counted(town: Town) -> None:
    consent = town.consent()
    plans.add_commitment(town.coordinator, town.case_id, agency_id=town.agencies["school"], text="Mentorssamtal", due_on=DAY)
    town.withdraw(consent)
    with clock.at(datetime(2026, 9, 18, 9, tzinfo=SWEDEN)):
        assert kinds(town) == []


def test_a_plan_to_review_and_a_meeting_this_week_are_there(town: Town) -> None:
    town.consent()
    plans.write_head(town.coordinator, town.case_id, text="", review_on=date(2026, 9, 17))
    meeting = plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=datetime(2026, 9, 17, 13, tzinfo=SWEDEN))
    plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=datetime(2026, 9, 22, 13, tzinfo=SWEDEN))
    day = my_day(town.coordinator)
    assert day.tasks == ()  # the meeting is where it is done
    assert [(card.id, card.case_count) for card in day.meetings] == [(meeting, 1)]
    assert day.reviews == {meeting: 1}


def test_a_review_that_is_late_or_on_no_agenda_is_a_task(town: Town) -> None:
    town.consent()
    plans.write_head(town.coordinator, town.case_id, text="", review_on=date(2026, 9, 17))
    assert kinds(town) == ["plan_review"]
    plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=datetime(2026, 9, 18, 13, tzinfo=SWEDEN))
    assert kinds(town) == []
    with clock.at(datetime(2026, 9, 18, 9, tzinfo=SWEDEN)):
        assert kinds(town) == ["plan_review"]


def test_six_months_after_the_close_a_follow_up_is_asked_for(town: Town) -> None:
    town.consent()
    close_case(town.coordinator, town.case_id, reason="goals_met", closed_on=DAY, summary="Klart")
    assert kinds(town) == []
    with clock.at(datetime(2027, 3, 15, 9, tzinfo=SWEDEN)):
        (task,) = my_day(town.coordinator).tasks
    assert (task.matter.kind, task.matter.count, task.case_number) == ("later_followup", 6, "2026-0001")


def test_somebody_without_case_work_gets_an_empty_day(town: Town) -> None:
    reviewer = Actor("somebody", "Greta", town.agencies["police"], frozenset({"log_reviewer"}))
    day = my_day(reviewer)
    assert (day.tasks, day.meetings, day.works_with_cases) == ((), (), False)


def test_the_log_keeps_one_line_with_the_cases_that_were_listed(town: Town) -> None:
    before = _entries(town)
    my_day(town.coordinator)
    (entry,) = _entries(town)[len(before) :]
    assert (entry.permission, entry.action) == ("cases.list", "view")


def _entries(town: Town) -> list[audit.AuditEntry]:
    with transaction(reading=True) as current:
        return list(current.query(audit.AuditEntry).order_by(audit.AuditEntry.sequence))


def test_the_day_costs_the_same_number_of_queries_however_many_cases(town: Town) -> None:
    town.consent()
    new_case(town, name="Bo Ek", number="")  # of a single case rows are read once, and it asks for less
    counted: list[str] = []
    event.listen(town.database.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    my_day(town.coordinator)
    with_two = len(counted)
    for number in range(6):
        new_case(town, name=f"Bo Ek {number}", number="")
    counted.clear()
    my_day(town.coordinator)
    assert len(counted) == with_two <= 41

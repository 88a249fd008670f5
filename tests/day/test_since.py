"""Since somebody was last here: what others changed, in what the reader may see, at a price that does not grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from caseapp.access import Actor, Gate, Permission, action, allow
from caseapp.audit import written_since
from caseapp.cases.notes import add_note, correct_note
from caseapp.day.actions import MyDay, my_day
from caseapp.db import transaction
from caseapp.formats import SWEDEN, clock
from caseapp.plans import actions as plans
from tests.small_town import ALL_TYPES, Town, give_consent, new_case

#: The teacher is here on Tuesday, others work on Wednesday, the teacher comes back on Thursday.
WEDNESDAY, THURSDAY = datetime(2026, 9, 16, 10, 0, tzinfo=SWEDEN), datetime(2026, 9, 17, 8, 0, tzinfo=SWEDEN)


@contextmanager
def wednesday(town: Town, who: str = "teacher") -> Iterator[None]:
    """Wednesday, after this person has been here on Tuesday."""
    my_day(town.people[who])
    with clock.at(WEDNESDAY):
        yield


def on_thursday(town: Town, who: str = "teacher") -> MyDay:
    with clock.at(THURSDAY + timedelta(minutes=5)):
        return my_day(town.people[who], came_at=THURSDAY)


def shared_case(town: Town, name: str) -> str:
    """Another case, with a consent for everybody."""
    made = new_case(town, name=name, number="")
    give_consent(town.coordinator, made, dict.fromkeys(town.agencies.values(), ALL_TYPES))
    return made


def commit(town: Town, agency: str, case_id: str = "") -> str:
    due = date(2026, 12, 1)
    return plans.add_commitment(town.coordinator, case_id or town.case_id, agency_id=town.agencies[agency], text="Ring", due_on=due)


def test_what_others_have_changed_is_counted_by_case_and_kind(town: Town) -> None:
    town.consent()
    second = shared_case(town, "Bo Ek")
    with wednesday(town):
        commit(town, "school")
        commit(town, "school")
        commit(town, "school", second)
    day = on_thursday(town)
    assert [(one.case_number, one.initials, one.kinds) for one in day.changed] == [
        ("2026-0002", "B.E.", (("commitment", 1),)),
        ("2026-0001", "A.L.", (("commitment", 2),)),
    ]
    assert day.change_count == 3
    assert day.told_all
    assert day.last_here == datetime(2026, 9, 15, 10, 0, tzinfo=SWEDEN)


def test_what_is_not_for_the_reader_is_not_counted(town: Town) -> None:
    town.consent({"social_services": ("identity", "plan"), "school": ("identity",)})
    with wednesday(town):
        commit(town, "social_services")  # the plan's type, which the school's consent does not cover
        add_note(town.coordinator, town.case_id, information_type="assessment", heading="Samtal", text="Hemma")
    assert on_thursday(town).changed == ()
    with wednesday(town, "officer"):  # whom no consent covers
        commit(town, "social_services")
    assert on_thursday(town, "officer").changed == ()


def test_what_a_withdrawn_consent_closed_is_not_counted_any_more_but_the_withdrawal_is_told(town: Town) -> None:
    consent = town.consent()
    with wednesday(town):
        commit(town, "social_services")
        town.withdraw(consent)
    (changed,) = on_thursday(town).changed
    assert changed.kinds == (("consent", 1),)


def test_one_s_own_changes_and_those_from_before_are_no_news(town: Town) -> None:
    town.consent()
    commit(town, "school")
    with wednesday(town, "coordinator"):
        commit(town, "school")
    day = on_thursday(town, "coordinator")
    assert day.changed == ()
    assert day.last_here == WEDNESDAY  # working is being here, too


def test_something_changed_twice_is_one_change_and_a_corrected_note_is_one(town: Town) -> None:
    town.consent()
    with wednesday(town):
        once = commit(town, "social_services")
        plans.report_status(town.coordinator, town.case_id, once, "ongoing")
        plans.report_status(town.coordinator, town.case_id, once, "done")
        note = add_note(town.coordinator, town.case_id, information_type="assessment", heading="Samtal", text="Hemma")
        correct_note(town.coordinator, town.case_id, note, heading="Samtal", text="I skolan")
    (changed,) = on_thursday(town).changed
    assert changed.kinds == (("note", 1), ("commitment", 1))


def test_who_was_never_here_before_is_told_nothing(town: Town) -> None:
    town.consent()
    commit(town, "school")
    assert (on_thursday(town, "leader").last_here, on_thursday(town, "leader").changed) == (None, ())


@action
def _only(actor: Actor, permission: Permission) -> None:
    allow(actor, permission)


@pytest.mark.parametrize(("permission", "news"), [(Permission.SIGN_IN, 1), (Permission.FETCH_CALENDAR, 1), (Permission.LIST_CASES, 0)])
def test_signing_in_and_a_calendar_program_are_not_being_here(town: Town, permission: Permission, news: int) -> None:
    town.consent()
    with wednesday(town):
        commit(town, "school")
    with clock.at(WEDNESDAY + timedelta(hours=1)):
        _only(town.teacher, permission)
    assert on_thursday(town).change_count == news


def test_more_than_a_month_is_not_looked_back(town: Town) -> None:
    town.consent()
    my_day(town.teacher)
    commit(town, "school")
    with clock.at(datetime(2026, 11, 20, 8, 0, tzinfo=SWEDEN)):
        day = my_day(town.teacher, came_at=clock.now())
    assert day.changed == ()
    assert day.last_here == datetime(2026, 10, 20, 9, 0, tzinfo=SWEDEN)  # 31 days of 24 hours, and summer time ended between


def test_no_more_of_the_log_is_looked_at_than_was_said_and_that_there_is_more_is_told(town: Town) -> None:
    town.consent()
    before = clock.now()
    with clock.at(WEDNESDAY):
        made = [commit(town, "school") for _time in range(3)]
    with transaction(reading=True) as current:
        whose = {"not_by": town.teacher.user_id, "tables": ("commitment",)}
        all_three, more = written_since(current, select(Gate.id), before, **whose, most=3)
        assert ([one.row_id for one in all_three], more) == (made[::-1], False)
        two, more = written_since(current, select(Gate.id), before, **whose, most=2)
        assert ([one.row_id for one in two], more) == (made[:0:-1], True)


def statements(town: Town, came_at: datetime | None) -> int:
    counted: list[str] = []
    listener = lambda *given: counted.append(given[2])  # noqa: E731
    event.listen(town.database.engine, "before_cursor_execute", listener)
    my_day(town.teacher, came_at=came_at)
    event.remove(town.database.engine, "before_cursor_execute", listener)
    return len(counted)


def test_it_costs_two_statements_and_one_for_each_table_that_was_written_however_much_was(town: Town) -> None:
    town.consent()
    others = [shared_case(town, f"Bo Ek {number}") for number in range(4)]
    with wednesday(town):
        commit(town, "school")
    with clock.at(THURSDAY):
        statements(town, None)  # the register is opened once a day
        without, with_one = statements(town, None), statements(town, THURSDAY)
    with clock.at(WEDNESDAY + timedelta(hours=2)):
        for case_id in (town.case_id, *others):
            for _time in range(5):
                commit(town, "school", case_id)
    with clock.at(THURSDAY):
        statements(town, None)
        with_many = statements(town, THURSDAY)
    print(f"my day in statements: {without}, with what has changed {with_one}, with 25 times as much {with_many}")
    assert with_one - without == with_many - without == 2 + 2  # commitments and their first reports lie in two tables
    assert with_many <= 45

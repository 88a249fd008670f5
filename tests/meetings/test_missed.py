"""Who was absent is told to read what was decided, until they have; the minutes of one case, for who may see them."""

from datetime import timedelta

import pytest

from caseapp.access import NotFound, Permission, Withheld
from caseapp.audit import entries_of_case
from caseapp.day.actions import my_day
from caseapp.db import transaction
from caseapp.formats import clock
from caseapp.meetings import actions, leading
from caseapp.meetings.cards import Record
from caseapp.meetings.leading import Said
from tests.meetings.meeting_room import FULL, THURSDAY, team_meeting, token
from tests.small_town import Town, new_case


def held(town: Town, *here: str, asked: tuple[str, ...] = ("teacher", "officer"), case_id: str = "", done: bool = True) -> str:
    """A meeting on Thursday that has ended: who was there besides the coordinator, and who else was asked."""
    about = case_id or town.case_id
    meeting_id = actions.plan_meeting(
        town.coordinator, town.team_id, meeting_type="team", starts_at=THURSDAY, asked=[token(town, who) for who in asked]
    )
    actions.add_to_agenda(town.coordinator, meeting_id, [about])
    leading.start_meeting(town.coordinator, meeting_id, [token(town, who) for who in ("coordinator", *here)])
    leading.save_case(town.coordinator, meeting_id, about, Said(decision="Vi fortsätter."), done=done)
    leading.end_meeting(town.coordinator, meeting_id)
    return meeting_id


def told(town: Town, who: str) -> list[str]:
    return [missed.meeting_id for missed in my_day(town.people[who]).missed]


def test_who_was_asked_and_absent_is_told_and_nobody_else_is(town: Town) -> None:
    town.consent()
    meeting_id = held(town, "officer")
    assert told(town, "teacher") == [meeting_id]
    (missed,) = my_day(town.teacher).missed
    assert (missed.meeting_type, missed.case_count, missed.starts_at) == ("team", 1, THURSDAY)
    assert told(town, "officer") == []  # was there
    assert told(town, "leader") == []  # was not asked
    assert told(town, "coordinator") == []


def test_it_is_gone_when_the_minutes_have_been_read(town: Town) -> None:
    town.consent()
    first, second = held(town), held(town)
    assert set(told(town, "teacher")) == {first, second}
    page = actions.open_meeting(town.teacher, first)
    assert isinstance(page, Record)
    assert page.minutes[0].decision == "Vi fortsätter."
    assert told(town, "teacher") == [second]
    actions.read_minutes(town.teacher, town.case_id, second)
    assert told(town, "teacher") == []
    assert set(told(town, "officer")) == {first, second}  # what one has read nobody else has


def test_a_meeting_that_was_taken_up_again_is_to_be_read_again(town: Town) -> None:
    town.consent()
    meeting_id = held(town)
    actions.open_meeting(town.teacher, meeting_id)
    assert told(town, "teacher") == []
    with clock.at(THURSDAY + timedelta(hours=3)):
        leading.start_meeting(town.coordinator, meeting_id, [token(town, "coordinator")])
        leading.end_meeting(town.coordinator, meeting_id)
        assert told(town, "teacher") == [meeting_id]


def test_what_the_reader_may_not_know_of_is_not_told(town: Town) -> None:
    town.consent({"social_services": FULL, "school": FULL})
    meeting_id = held(town)
    assert told(town, "teacher") == [meeting_id]
    assert told(town, "officer") == []  # outside the consent: the decisions are not for the police
    nobodys = new_case(town, name="Bo Ek", number="")
    held(town, case_id=nobodys)  # no consent yet
    assert told(town, "teacher") == [meeting_id]


def test_a_meeting_without_a_case_that_was_gone_through_leaves_nothing_to_read(town: Town) -> None:
    town.consent()
    held(town, done=False)
    assert told(town, "teacher") == []


def test_it_is_told_for_a_month(town: Town) -> None:
    town.consent()
    meeting_id = held(town)
    for days, expected in ((29, [meeting_id]), (31, [])):
        with clock.at(clock.now() + timedelta(days=days)):
            assert told(town, "teacher") == expected


# -- the minutes of one case -----------------------------------------------------------------------------------------


def test_the_minutes_of_a_case_hold_what_the_reader_may_see_and_the_reading_is_in_the_log(town: Town) -> None:
    town.consent({"social_services": FULL, "school": FULL})
    meeting_id = held(town, "teacher")
    page = actions.read_minutes(town.teacher, town.case_id, meeting_id)
    assert page.minutes.decision == "Vi fortsätter."
    assert {person.token for person in page.minutes.present} == {token(town, "coordinator"), token(town, "teacher")}
    shut = actions.read_minutes(town.officer, town.case_id, meeting_id)
    assert isinstance(shut.minutes.decision, Withheld)
    assert shut.minutes.present == ()
    with transaction(reading=True) as current:
        entries = entries_of_case(current, town.database.keyholder, town.case_id)
    read = [(entry.actor_id, entry.detail["meeting"]) for entry in entries if entry.permission == Permission.READ_MINUTES and entry.detail]
    assert read == [(town.officer.user_id, meeting_id), (town.teacher.user_id, meeting_id)]


def test_there_are_no_minutes_of_a_case_that_was_not_on_the_agenda_or_of_a_meeting_that_never_began(town: Town) -> None:
    town.consent()
    other = new_case(town, name="Bo Ek", number="")
    meeting_id, planned = held(town), team_meeting(town)
    for case_id, about in ((other, meeting_id), (town.case_id, planned)):
        with pytest.raises(NotFound):
            actions.read_minutes(town.coordinator, case_id, about)

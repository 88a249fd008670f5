"""Before the meeting: who keeps what off the screen, what should be taken up, and in which order."""

from datetime import date, datetime, timedelta

import pytest

from caseapp.access import Block, NotFound, Refused
from caseapp.cases.actions import close_case
from caseapp.db import transaction
from caseapp.followup.due import follow_ups_due
from caseapp.formats import SWEDEN, clock
from caseapp.meetings import actions
from caseapp.meetings.cards import Foreseen, Planned
from caseapp.plans import actions as plans
from tests.meetings.meeting_room import FULL, THURSDAY, a_commitment, screen, team_meeting, token
from tests.small_town import Town, new_case


def planned(town: Town, meeting_id: str) -> Planned:
    page = actions.open_meeting(town.coordinator, meeting_id)
    assert isinstance(page, Planned)
    return page


def meeting_with(town: Town, *asked: str, case_id: str | None = None, on: datetime = THURSDAY) -> str:
    kind = "network" if case_id else "team"
    people = [one if ":" in one else token(town, one) for one in asked]
    meeting_id = actions.plan_meeting(town.coordinator, town.team_id, meeting_type=kind, starts_at=on, asked=people, case_id=case_id)
    if case_id is None:
        actions.add_to_agenda(town.coordinator, meeting_id, [town.case_id])
    return meeting_id


# who is asked besides the coordinator, what the consent gives, and (agency, types) of those who see less
INVITED = [
    pytest.param(("teacher",), {"school": FULL}, [], id="the school, which is covered"),
    pytest.param(("officer",), {"school": FULL}, [("Polisen", FULL)], id="the police, whom it does not cover"),
    pytest.param(("officer",), {"police": ("identity", "support_ongoing")}, [("Polisen", ("plan", "assessment"))], id="covered in part"),
    pytest.param(("teacher", "officer"), {}, [("Björkskolan", FULL), ("Polisen", FULL)], id="no consent for anybody"),
]


@pytest.mark.parametrize("about_one_case", [False, True], ids=["team meeting", "network meeting"])
@pytest.mark.parametrize(("asked", "scope", "expected"), INVITED)
def test_an_invited_agency_outside_the_consent_is_told_of_before_the_meeting(
    town: Town, asked: tuple[str, ...], scope: dict[str, tuple[str, ...]], expected: list[tuple[str, tuple[str, ...]]], about_one_case: bool
) -> None:
    town.consent({"social_services": FULL, **scope})
    page = planned(town, meeting_with(town, *asked, case_id=town.case_id if about_one_case else None))
    assert [(one.agency_name, set(one.types), one.cases) for one in page.foreseen] == [
        (name, set(types), (town.case_id,)) for name, types in expected
    ]


def test_an_agency_that_is_invited_without_a_name_counts_too(town: Town) -> None:
    town.consent({"social_services": FULL, "school": FULL})
    page = planned(town, meeting_with(town, f"agency:{town.agencies['leisure']}"))
    assert [one.agency_name for one in page.foreseen] == ["Fritidsgården"]


def test_what_is_foretold_is_what_the_screen_then_shows(town: Town) -> None:
    from caseapp.meetings import leading

    town.consent({"social_services": FULL, "police": ("identity", "support_ongoing")})
    meeting_id = meeting_with(town, "officer", "teacher")
    foretold = {(one.agency_name, one.types) for one in planned(town, meeting_id).foreseen}
    leading.start_meeting(town.coordinator, meeting_id, [token(town, who) for who in ("coordinator", "officer", "teacher")])
    assert {(one.agency_name, one.types) for one in screen(town, meeting_id).narrowings} == foretold


def test_a_consent_that_ends_before_the_meeting_does_not_cover_it(town: Town) -> None:
    town.consent({"social_services": FULL, "school": FULL}, until=date(2026, 9, 16))
    assert [one.agency_name for one in planned(town, meeting_with(town, "teacher")).foreseen] == ["Björkskolan"]


def test_who_must_not_be_there_is_said_first_and_with_the_reason(town: Town) -> None:
    town.consent({"social_services": FULL})
    with transaction() as current:
        current.add(Block(case_id=town.case_id, user_id=town.officer.user_id))
        current.commit()
    page = planned(town, meeting_with(town, "officer", "teacher"))
    assert page.foreseen[0] == Foreseen((town.case_id,), reason="blocked", token=token(town, "officer"))
    assert [one.agency_name for one in page.foreseen[1:]] == ["Björkskolan"]


def test_alike_cases_are_told_of_together(town: Town) -> None:
    second = new_case(town, name="Bo Ek", number="")
    meeting_id = meeting_with(town, "teacher")
    actions.add_to_agenda(town.coordinator, meeting_id, [second])
    (one,) = planned(town, meeting_id).foreseen
    assert set(one.cases) == {town.case_id, second}


def test_who_can_be_asked_to_a_case_s_meeting_is_told_of_where_they_are_chosen(town: Town) -> None:
    town.consent({"social_services": FULL, "school": FULL})
    asking = actions.who_could_be_asked(town.coordinator, town.case_id)
    assert {one.agency_name for one in asking.foreseen} == {"Polisen", "Fritidsgården"}
    assert actions.who_could_be_asked(town.coordinator).foreseen == ()


# -- what should be taken up, and the order -----------------------------------------------------------------------------


def test_what_is_due_or_late_by_the_day_of_the_meeting_is_proposed_with_the_reason(town: Town) -> None:
    town.consent()
    a_commitment(town, "school", "Mentorssamtal", due=date(2026, 9, 16))  # late on Thursday, not yet on Tuesday
    a_commitment(town, "school", "Ring hem", due=date(2026, 9, 17))
    meeting_id = actions.plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=THURSDAY)
    page = planned(town, meeting_id)
    assert [bar.case_id for bar in page.proposed] == [town.case_id]
    assert (page.why[town.case_id].late, page.why[town.case_id].review_on) == (1, None)
    plans.write_head(town.coordinator, town.case_id, text="", review_on=date(2026, 9, 10))
    assert planned(town, meeting_id).why[town.case_id].review_on == date(2026, 9, 10)
    actions.add_to_agenda(town.coordinator, meeting_id, [town.case_id])
    assert planned(town, meeting_id).proposed == ()


def test_closed_cases_to_be_followed_up_by_the_meeting_are_told_of_beside_the_agenda(town: Town) -> None:
    town.consent()
    close_case(town.coordinator, town.case_id, reason="goals_met", closed_on=date(2026, 9, 15), summary="Klart")
    for on, months in (("2027-03-14", []), ("2027-03-15", [6]), ("2027-09-15", [12]), ("2028-03-15", [])):
        starts_at = datetime.fromisoformat(on).replace(hour=13, tzinfo=SWEDEN)
        with clock.at(starts_at - timedelta(days=5)):  # planned some days before it is due
            meeting_id = actions.plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=starts_at)
            page = actions.open_meeting(town.coordinator, meeting_id, follow_ups=follow_ups_due)
        assert isinstance(page, Planned)
        assert [(one.months, one.case_number) for one in page.follow_ups] == [(number, "2026-0001") for number in months], on


def test_late_commitments_the_leader_may_not_read_of_are_not_counted(town: Town) -> None:
    consent = town.consent()
    a_commitment(town, "school", "Mentorssamtal", due=date(2026, 9, 16))
    town.withdraw(consent)
    meeting_id = actions.plan_meeting(town.coordinator, town.team_id, meeting_type="team", starts_at=THURSDAY)
    assert planned(town, meeting_id).why == {}


def test_the_order_is_changed_by_one_step_and_the_ends_stay_ends(town: Town) -> None:
    cases = [town.case_id, *(new_case(town, name=f"Bo Ek {number}", number="") for number in (1, 2))]
    meeting_id = team_meeting(town, *cases)

    def moved(which: int, *, up: bool) -> list[int]:
        actions.move_on_agenda(town.coordinator, meeting_id, cases[which], up=up)
        return [cases.index(item.case_id) for item in planned(town, meeting_id).agenda]

    assert moved(2, up=True) == [0, 2, 1]
    assert moved(2, up=True) == [2, 0, 1]
    assert moved(2, up=True) == [2, 0, 1]
    assert moved(1, up=False) == [2, 0, 1]
    assert moved(2, up=False) == [0, 2, 1]


def test_only_who_plans_the_meeting_changes_the_order_and_only_of_what_is_on_it(town: Town) -> None:
    meeting_id, other = team_meeting(town), new_case(town, name="Bo Ek", number="")
    with pytest.raises(Refused):
        actions.move_on_agenda(town.teacher, meeting_id, town.case_id, up=True)
    with pytest.raises(NotFound):
        actions.move_on_agenda(town.coordinator, meeting_id, other, up=True)

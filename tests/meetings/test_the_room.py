"""What the room sees: what everyone present may see, from the moment somebody comes or goes."""


from datetime import date

import pytest
from sqlalchemy import select

from caseapp.access import Block, NamedReader, Participation
from caseapp.access.models import Gate
from caseapp.accounts.models import Team
from caseapp.db import transaction
from caseapp.meetings import actions, leading
from caseapp.meetings.cards import Live
from caseapp.meetings.room import watch
from tests.meetings.meeting_room import FULL, THURSDAY, a_commitment, screen, started, token, words_on_screen
from tests.small_town import Town

ROOMS = [
    # who is here, what the consent gives them, is the school's commitment shown, and is the name
    pytest.param(("coordinator",), {"school": FULL}, True, "A.L.", id="the coordinator alone"),
    pytest.param(("coordinator", "teacher"), {"school": FULL}, True, "A.L.", id="with the school, which is covered"),
    pytest.param(("coordinator", "teacher", "officer"), {"school": FULL}, False, "", id="with the police, who is outside the consent"),
    pytest.param(
        ("coordinator", "teacher", "officer"), {"school": FULL, "police": ("identity",)}, False, "A.L.", id="police covered for the name"
    ),
    pytest.param(("coordinator", "teacher", "officer"), {"school": FULL, "police": FULL}, True, "A.L.", id="everybody is covered"),
]


@pytest.mark.parametrize(("who", "scope", "shown", "initials"), ROOMS)
def test_the_screen_shows_what_everybody_present_may_see(
    town: Town, who: tuple[str, ...], scope: dict[str, tuple[str, ...]], shown: bool, initials: str
) -> None:
    town.consent({"social_services": FULL, **scope})
    a_commitment(town, "school", "Mentorssamtal")
    case = screen(town, started(town, who))
    assert case.bar is not None
    assert case.plan is not None
    assert case.bar.initials == case.item.initials == initials
    assert words_on_screen(case) == (["Mentorssamtal"] if shown else [])
    assert [(part.agency_name, part.count) for part in case.plan.held_back] == ([] if shown else [("Björkskolan", 1)])
    assert [one.agency_name for one in case.narrowings] == ([] if shown else ["Polisen"])


def test_what_is_not_for_all_is_told_with_whose_presence_closes_it(town: Town) -> None:
    town.consent({"social_services": FULL, "police": ("identity", "support_ongoing")})
    case = screen(town, started(town, ("coordinator", "officer")))
    assert [(one.agency_name, one.types) for one in case.narrowings] == [("Polisen", ("plan", "assessment"))]


def test_an_agency_without_account_in_the_room_counts_too(town: Town) -> None:
    town.consent({"social_services": FULL, "school": FULL})
    a_commitment(town, "school", "Mentorssamtal")
    meeting_id = started(town)
    leading.take_attendance(town.coordinator, meeting_id, [token(town, "coordinator"), f"agency:{town.agencies['leisure']}"])
    assert words_on_screen(screen(town, meeting_id)) == []


def test_who_comes_and_goes_decides_what_is_shown_from_then_on(town: Town) -> None:
    town.consent({"social_services": FULL, "school": FULL})
    a_commitment(town, "school", "Mentorssamtal")
    meeting_id = started(town, ("coordinator", "officer"))
    before = watch(town.coordinator, meeting_id)
    assert words_on_screen(screen(town, meeting_id)) == []
    leading.take_attendance(town.coordinator, meeting_id, [token(town, "coordinator"), token(town, "teacher")])
    assert words_on_screen(screen(town, meeting_id)) == ["Mentorssamtal"]
    assert watch(town.coordinator, meeting_id) != before


def test_an_old_page_cannot_take_out_of_the_room_somebody_who_has_come_in(town: Town) -> None:
    meeting_id = started(town, ("coordinator",))
    page = actions.open_meeting(town.coordinator, meeting_id)
    assert isinstance(page, Live)
    both = [token(town, "coordinator"), token(town, "officer")]
    assert leading.take_attendance(town.coordinator, meeting_id, both, seen=page.room)
    assert not leading.take_attendance(town.coordinator, meeting_id, [token(town, "coordinator")], seen=page.room)
    now_there = actions.open_meeting(town.coordinator, meeting_id)
    assert isinstance(now_there, Live)
    assert sorted(person.token for person in now_there.people if person.is_present) == sorted(both)


def test_a_withdrawn_consent_closes_the_screen_in_the_same_moment(town: Town) -> None:
    consent = town.consent()
    a_commitment(town, "school", "Mentorssamtal")
    meeting_id = started(town, ("coordinator", "teacher"))
    before = watch(town.coordinator, meeting_id)
    assert words_on_screen(screen(town, meeting_id)) == ["Mentorssamtal"]
    town.withdraw(consent)
    assert watch(town.coordinator, meeting_id) != before
    assert words_on_screen(screen(town, meeting_id)) == []


@pytest.mark.parametrize("why", ["blocked", "not_taking_part", "not_named"])
def test_nothing_of_a_case_is_shown_while_somebody_it_is_not_for_is_in_the_room(town: Town, why: str) -> None:
    town.consent()
    officer = town.officer.user_id
    with transaction() as current:
        if why == "blocked":
            current.add(Block(case_id=town.case_id, user_id=officer))
        elif why == "not_taking_part":
            mine = select(Participation).where(Participation.user_id == officer, Participation.case_id == town.case_id)
            current.scalars(mine).one().until_day = date(2026, 9, 14)
        else:
            current.get_one(Gate, town.case_id).is_protected = True
            current.add(NamedReader(case_id=town.case_id, user_id=town.coordinator.user_id))
        current.commit()
    meeting_id = started(town, ("coordinator", "officer"))
    case = screen(town, meeting_id)
    assert [(obstacle.attendee.name, obstacle.reason) for obstacle in case.obstacles] == [("Officer Ek", why)]
    assert (case.bar, case.plan, case.decision, case.item.initials) == (None, None, "", "")
    leading.take_attendance(town.coordinator, meeting_id, [token(town, "coordinator")])
    assert screen(town, meeting_id).bar is not None


def test_a_protected_identity_is_a_case_number_on_the_agenda_and_on_the_screen(town: Town) -> None:
    with transaction() as current:
        current.get_one(Gate, town.case_id).is_protected = True
        current.add(NamedReader(case_id=town.case_id, user_id=town.coordinator.user_id))
        current.commit()
    case = screen(town, started(town))
    assert case.bar is not None
    assert (case.item.initials, case.bar.initials, case.bar.name, case.bar.age) == ("", "", "", None)


@pytest.mark.parametrize(("blocked", "names"), [(False, ["Alva Lind", "Mona Lind"]), (True, ["", ""])])
def test_the_family_is_named_at_its_own_meeting_unless_somebody_there_is_kept_away(town: Town, blocked: bool, names: list[str]) -> None:
    town.consent()
    if blocked:
        with transaction() as current:
            current.add(Block(case_id=town.case_id, user_id=town.officer.user_id))
            current.commit()
    meeting_id = actions.plan_meeting(
        town.coordinator, town.team_id, meeting_type="network", starts_at=THURSDAY, case_id=town.case_id
    )
    there = [token(town, "coordinator"), token(town, "officer"), f"young_person:{town.case_id}"]
    leading.start_meeting(town.coordinator, meeting_id, there)
    page = actions.open_meeting(town.coordinator, meeting_id)
    assert isinstance(page, Live)
    family = [person for person in page.people if person.agency_id is None]
    assert [person.name or "" for person in family] == names
    assert [person.is_present for person in family] == [True, False]
    assert page.case is not None
    assert bool(page.case.obstacles) is blocked


def test_who_has_lost_the_team_is_in_the_room_all_the_same_until_they_have_left_it(town: Town) -> None:
    town.consent({"social_services": FULL, "school": FULL})
    meeting_id = started(town, ("coordinator", "officer"))
    with transaction() as current:
        current.get_one(Team, town.team_id).partner_accounts = False
        current.commit()
    case = screen(town, meeting_id)
    assert [(one.attendee.token, one.reason) for one in case.obstacles] == [(token(town, "officer"), "not_taking_part")]
    assert case.plan is None
    leading.take_attendance(town.coordinator, meeting_id, [token(town, "coordinator")])
    assert screen(town, meeting_id).obstacles == ()
    page = actions.open_meeting(town.coordinator, meeting_id)
    assert isinstance(page, Live)
    assert token(town, "officer") not in {person.token for person in page.people}  # and cannot be put there again

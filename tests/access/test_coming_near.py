"""Who comes near a case is read from its rows each time: taking part, blocks, the list of a protected identity, standing in."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from caseapp.access import Block, DamagedRow, NamedReader, NotFound, Participation, Refused
from caseapp.audit.entries import entries_of_case
from caseapp.db import bound_database, transaction
from caseapp.emergency.actions import begin_emergency
from caseapp.formats import clock
from tests.ground import NOON, begin_case, read, write


def put(*rows):
    with transaction() as current:
        current.add_all(rows)
        current.commit()


def may(actor, case) -> bool:
    try:
        read(actor, case)
    except NotFound:
        return False
    return True


def newest(case):
    """The log's newest entry about the case."""
    with transaction(reading=True) as current:
        (entry,) = entries_of_case(current, bound_database().keyholder, case, 1)
        return entry


# -- taking part, blocks, the list ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("from_day", "until_day", "expected"),
    [
        (date(2026, 11, 20), None, True),
        (date(2026, 11, 20), date(2026, 11, 20), True),
        (date(2026, 11, 1), date(2026, 11, 19), False),
        (date(2026, 11, 21), None, False),
    ],
)
def test_taking_part_begins_and_ends_with_its_days(ground, from_day, until_day, expected):
    case = begin_case(ground.coordinator, ground.team, [])
    user = ground.teacher.user_id
    put(Participation(case_id=case, user_id=user, from_day=from_day, until_day=until_day, added_by_id=user))
    assert may(ground.teacher, case) is expected


def test_a_day_is_a_day_in_sweden(ground):
    case = begin_case(ground.coordinator, ground.team, [])
    user = ground.teacher.user_id
    put(Participation(case_id=case, user_id=user, from_day=date(2026, 11, 21), added_by_id=user))
    midnight_in_sweden = NOON.replace(hour=23, minute=0)  # 23.00 UTC on the 20th is 00.00 on the 21st
    with clock.at(midnight_in_sweden - timedelta(seconds=1)):
        assert may(ground.teacher, case) is False
    with clock.at(midnight_in_sweden):
        assert may(ground.teacher, case) is True


def test_a_block_holds_until_it_is_lifted_and_only_in_its_case(ground):
    other = begin_case(ground.coordinator, ground.team, [ground.teacher])
    block = Block(case_id=ground.case, user_id=ground.teacher.user_id)
    put(block)
    assert (may(ground.teacher, ground.case), may(ground.teacher, other)) == (False, True)
    with transaction() as current:
        current.get(Block, block.id).lifted = True
        current.commit()
    assert may(ground.teacher, ground.case) is True


def test_protected_identity_shuts_out_everybody_who_is_not_on_the_list(ground):
    case = begin_case(ground.coordinator, ground.team, [ground.coordinator, ground.teacher], is_protected=True)
    assert not may(ground.coordinator, case)
    named = NamedReader(case_id=case, user_id=ground.coordinator.user_id)
    put(named)
    assert (may(ground.coordinator, case), may(ground.teacher, case)) == (True, False)
    with transaction() as current:
        current.get(NamedReader, named.id).lifted = True
        current.commit()
    assert not may(ground.coordinator, case)


def test_who_is_put_on_the_list_again_reads_again(ground):
    case = begin_case(ground.coordinator, ground.team, [ground.coordinator], is_protected=True)
    user = ground.coordinator.user_id
    put(NamedReader(case_id=case, user_id=user, lifted=True))
    assert not may(ground.coordinator, case)
    put(NamedReader(case_id=case, user_id=user))
    assert may(ground.coordinator, case)


def test_who_left_the_team_reads_no_case_although_still_written_in_it(ground):
    assert may(ground.teacher, ground.case)
    assert not may(replace(ground.teacher, teams={}), ground.case)


def test_who_reads_in_an_emergency_knows_the_case_and_is_told_that_they_may_only_read(ground):
    begin_emergency(replace(ground.outsider, proved_at=NOON.timestamp()), ground.case, reason="Fara för liv")
    assert may(ground.outsider, ground.case)
    with pytest.raises(Refused) as refusal:
        write(ground.outsider, ground.case, "Sover dåligt")
    assert (type(refusal.value), refusal.value.reason) == (Refused, "only_reading")


# -- standing in ------------------------------------------------------------------------------------------------------


def in_place_of(ground, *absent):
    """The coordinator who takes part in no case, while these people are on leave."""
    return replace(ground.outsider, stands_in_for={ground.team: frozenset(person.user_id for person in absent)})


def test_a_stand_in_has_the_part_of_the_one_on_leave_and_the_log_says_whose(ground):
    assert may(in_place_of(ground, ground.teacher), ground.case)
    assert newest(ground.case).detail["acts_for"] == ground.teacher.user_id
    assert may(ground.teacher, ground.case)
    assert "acts_for" not in newest(ground.case).detail
    assert not may(in_place_of(ground), ground.case)


def test_who_takes_part_and_stands_in_as_well_acts_for_themselves(ground):
    both = replace(ground.officer, stands_in_for={ground.team: frozenset({ground.teacher.user_id})})
    assert may(both, ground.case)
    assert "acts_for" not in newest(ground.case).detail


def test_nobody_stands_in_where_the_absent_one_is_blocked(ground):
    put(Block(case_id=ground.case, user_id=ground.teacher.user_id))
    assert not may(in_place_of(ground, ground.teacher), ground.case)
    assert may(in_place_of(ground, ground.teacher, ground.officer), ground.case)
    assert newest(ground.case).detail["acts_for"] == ground.officer.user_id
    both = replace(ground.officer, stands_in_for={ground.team: frozenset({ground.teacher.user_id})})
    assert may(both, ground.case)


def test_who_is_blocked_does_not_get_in_by_standing_in_for_somebody_else(ground):
    put(Block(case_id=ground.case, user_id=ground.outsider.user_id))
    assert not may(in_place_of(ground, ground.teacher), ground.case)
    assert newest(ground.case).reason == "blocked"


def test_a_stand_in_has_no_place_on_the_list_of_a_protected_identity(ground):
    case = begin_case(ground.coordinator, ground.team, [ground.teacher], is_protected=True)
    put(NamedReader(case_id=case, user_id=ground.teacher.user_id))
    assert may(ground.teacher, case)
    assert not may(in_place_of(ground, ground.teacher), case)
    assert newest(case).reason == "protected_identity"
    put(NamedReader(case_id=case, user_id=ground.outsider.user_id))
    assert may(in_place_of(ground, ground.teacher), case)


# -- damage -----------------------------------------------------------------------------------------------------------


def test_a_damaged_row_that_decides_access_stops_the_work_and_is_logged(ground):
    ground.attack("UPDATE gate SET home_agency_id = :police", police=ground.police)
    with pytest.raises(DamagedRow):
        read(ground.coordinator, ground.case)
    told = newest(ground.case)
    assert (told.action, told.permission, told.decision, told.reason) == ("view", "case.read", "refused", "damaged_row")


def test_giving_oneself_a_part_in_a_case_past_the_application_is_refused(ground):
    people = {"me": ground.outsider.user_id, "officer": ground.officer.user_id}
    ground.attack("UPDATE participation SET user_id = :me WHERE user_id = :officer", **people)
    with pytest.raises(DamagedRow):
        read(ground.outsider, ground.case)

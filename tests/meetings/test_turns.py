"""The round: everybody in the room is asked, then the family, then who is not here."""

from dataclasses import dataclass

from caseapp.meetings.turns import the_round


@dataclass(frozen=True)
class Promise:
    agency_id: str
    actor: str = "school"
    is_settled: bool = False


def turns(promises: list[Promise], *here: str) -> list[tuple[str, bool, int]]:
    return [(turn.agency_id, turn.is_here, len(turn.commitments)) for turn in the_round(promises, here)]


def test_those_here_come_in_the_room_s_order_with_nothing_if_they_have_nothing() -> None:
    assert turns([Promise("police"), Promise("school"), Promise("school")], "school", "social") == [
        ("school", True, 2),
        ("social", True, 0),
        ("police", False, 1),
    ]


def test_what_the_family_has_taken_on_is_theirs_and_not_the_home_agency_s() -> None:
    promises = [Promise("social", "guardian"), Promise("social", "youth"), Promise("leisure")]
    assert turns(promises, "social") == [("social", True, 0), ("", True, 2), ("leisure", False, 1)]


def test_settled_commitments_have_no_turn_and_bring_nobody_up_who_is_not_here() -> None:
    assert turns([Promise("school", is_settled=True), Promise("police", is_settled=True)], "school") == [("school", True, 0)]


def test_nobody_here_and_nothing_open_is_no_round() -> None:
    assert turns([]) == []

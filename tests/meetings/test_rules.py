"""Who must leave the room, whose presence narrows what is shown, and which case is next. Expected answers are written by hand."""

from dataclasses import dataclass
from datetime import date

import pytest

from caseapp.consent.rules import Ground
from caseapp.meetings.rules import (
    Attendee,
    Circle,
    agencies_in_the_room,
    following,
    state_of,
    who_must_leave,
    who_narrows,
)

DAY = date(2026, 9, 15)
ANNA = Attendee("member", "anna", "social", "Anna", is_present=True)
PER = Attendee("member", "per", "police", "Per", is_present=True)
AWAY = Attendee("member", "olle", "school", "Olle", is_present=False)
SOMEBODY = Attendee("agency", "leisure", "leisure", "Fritid", is_present=True)
YOUNG = Attendee("young_person", "case", None, "Alva", is_present=True)
MOTHER = Attendee("related", "mona", None, "Mona", is_present=True)
EVERYBODY = [ANNA, PER, AWAY, SOMEBODY, YOUNG, MOTHER]
BOTH = frozenset({"anna", "per"})


@pytest.mark.parametrize(
    ("circle", "leave"),
    [
        pytest.param(Circle(BOTH), [], id="all take part; who is not here need not leave"),
        pytest.param(Circle(frozenset({"anna"})), [("per", "not_taking_part")], id="one does not take part"),
        pytest.param(Circle(BOTH, frozenset({"per"})), [("per", "blocked")], id="blocked, though taking part"),
        pytest.param(Circle(frozenset(), frozenset({"anna"})), [("anna", "blocked"), ("per", "not_taking_part")], id="one of each"),
        pytest.param(
            Circle(BOTH, frozenset(), frozenset({"anna"})), [("per", "not_named"), ("leisure", "not_named")], id="protected identity"
        ),
    ],
)
def test_who_must_leave_the_room(circle: Circle, leave: list[tuple[str, str]]) -> None:
    assert [(obstacle.attendee.who_id, obstacle.reason) for obstacle in who_must_leave(EVERYBODY, circle)] == leave


def test_the_family_is_nobody_s_agency_and_the_absent_see_nothing() -> None:
    assert agencies_in_the_room([*EVERYBODY, ANNA]) == ("social", "police", "leisure")


def ground(**covered: tuple[str, ...]) -> Ground:
    scope = frozenset((agency, kind) for agency, kinds in covered.items() for kind in kinds)
    return Ground("c1", "consent", "active", frozenset({"social", *covered}), scope, date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("grounds", "kind", "narrow"),
    [
        pytest.param([], "plan", ("police", "leisure"), id="no consent: the home agency alone"),
        pytest.param([ground(police=("identity", "plan"), leisure=("plan",))], "plan", (), id="all are covered"),
        pytest.param([ground(police=("identity",), leisure=("plan",))], "plan", ("police",), id="police is not covered for the plan"),
        pytest.param([ground(police=("plan",)), ground(leisure=("plan",))], "plan", (), id="two consents together cover all"),
    ],
)
def test_whose_presence_narrows_what_is_shown(grounds: list[Ground], kind: str, narrow: tuple[str, ...]) -> None:
    assert who_narrows(["social", "police", "leisure"], "social", kind, grounds, DAY) == narrow


@dataclass(frozen=True)
class Item:
    case_id: str
    is_done: bool = False


@pytest.mark.parametrize(
    ("done", "current", "next_one"),
    [
        ("", None, "a"),
        ("", "a", "b"),
        ("b", "a", "c"),
        ("", "c", "a"),
        ("a", None, "b"),
        ("ab", "c", None),
        ("abc", None, None),
        ("bc", "a", None),
        ("a", "not on the agenda", "b"),
    ],
)
def test_the_next_case_is_the_first_unfinished_one_after_this(done: str, current: str | None, next_one: str | None) -> None:
    assert following([Item(one, one in done) for one in "abc"], current) == next_one


def test_a_meeting_is_planned_then_running_then_ended() -> None:
    assert [state_of(False, False), state_of(True, False), state_of(True, True)] == ["planned", "running", "ended"]

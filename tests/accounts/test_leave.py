"""Being away from a team and standing in for somebody, day by day: when it begins, what it opens and shuts, and that it ends by itself.

The clock is set by hand. Days are the client's: both the first and the last day of a leave are days of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from caseapp.access import Actor
from caseapp.accounts import actions as accounts
from caseapp.accounts import actor_for
from caseapp.cases.blocking import block
from caseapp.cases.finding import list_cases, search
from caseapp.cases.history import read_history
from caseapp.cases.notes import add_note
from caseapp.cases.participation import name_reader, read_epoch, read_participation, remove_participant
from caseapp.cases.starting import NewPerson, start_case
from caseapp.day.actions import my_day
from caseapp.db import transaction
from caseapp.formats import clock
from caseapp.members import actions as members
from tests.accounts.joining import ACT, can_open, epoch, join, protect, refused
from tests.municipality import Municipality
from tests.shared_case import case_id  # noqa: F401 - a fixture


class Place:
    """The northern team with two coordinators of one agency: karin, who is away for five days from the day after tomorrow, and samir."""

    def __init__(self, municipality: Municipality, case: str) -> None:
        self.municipality, self.case = municipality, case
        self.norr = municipality.teams["norr"]
        self.today = clock.today()
        self.first, self.last = self.today + timedelta(days=2), self.today + timedelta(days=6)

    def id_of(self, login: str) -> str:
        return self.municipality[login].id

    def now(self, login: str) -> Actor:
        """This person as a request makes them at this moment."""
        with transaction(reading=True):
            found = actor_for(self.id_of(login), proved_at=clock.now().timestamp())
        assert found is not None
        return found

    def away(self, login: str, by: str = "ulla", *, stand_in: str = "", first: date | None = None, last: date | None = None) -> str:
        """A leave of this person, asked for or set; its id."""
        return members.take_leave(
            self.now(by),
            self.norr,
            self.id_of(login),
            from_day=first or self.first,
            until_day=last or self.last,
            stand_in_id=self.id_of(stand_in) if stand_in else None,
        )

    @contextmanager
    def on(self, day: date) -> Iterator[None]:
        with clock.at(day):
            yield


@pytest.fixture
def place(actor: ACT, municipality: Municipality, case_id: str) -> Place:  # noqa: F811
    join(actor, municipality, "samir", "coordinator")
    remove_participant(actor("karin"), case_id, municipality["samir"].id)
    return Place(municipality, case_id)


def test_a_leave_shuts_the_absent_out_and_lets_the_stand_in_in_from_the_first_day_to_the_last(place: Place) -> None:
    place.away("karin", stand_in="samir")
    opened = {}
    for day in (place.first - timedelta(days=1), place.first, place.last, place.last + timedelta(days=1)):
        with place.on(day):
            opened[(day - place.first).days] = can_open(place.now("karin"), place.case), can_open(place.now("samir"), place.case)
    assert opened == {-1: (True, False), 0: (False, True), 4: (False, True), 5: (True, False)}


def test_what_a_member_asks_for_holds_when_the_unit_manager_has_confirmed_it(place: Place) -> None:
    asked = place.away("karin", by="karin", stand_in="samir")
    refusals = [refused(lambda who=who: members.confirm_leave(place.now(who), asked)) for who in ("karin", "samir", "admin")]
    assert refusals == ["not_permitted"] * 3
    with place.on(place.first):
        assert can_open(place.now("karin"), place.case)
        assert not can_open(place.now("samir"), place.case)
        members.confirm_leave(place.now("ulla"), asked)
        assert not can_open(place.now("karin"), place.case)
        assert can_open(place.now("samir"), place.case)
    assert refused(lambda: members.confirm_leave(place.now("ulla"), asked)) == "leave_decided"
    assert refused(lambda: members.refuse_leave(place.now("ulla"), asked)) == "leave_decided"


def test_a_leave_that_is_refused_or_taken_back_changes_nothing(place: Place) -> None:
    members.refuse_leave(place.now("ulla"), place.away("karin", by="karin", stand_in="samir"))
    members.end_leave(place.now("karin"), place.away("karin", by="karin", stand_in="samir"))
    with place.on(place.first):
        assert can_open(place.now("karin"), place.case)
        assert not can_open(place.now("samir"), place.case)


def test_nobody_sets_a_leave_for_a_colleague(place: Place) -> None:
    for who in ("karin", "lena", "admin", "rasmus"):
        assert refused(lambda who=who: place.away("samir", by=who)) == "not_permitted"


def test_the_stand_in_follows_the_absent_ones_cases_and_no_others(place: Place) -> None:
    elsewhere = start_case(place.now("samir"), place.norr, person=NewPerson(name="Bo Ek", sex="m"))
    other = start_case(place.now("karin"), place.norr, person=NewPerson(name="Cia Ek", sex="f"))
    not_hers = start_case(place.now("karin"), place.norr, person=NewPerson(name="Dan Ek", sex="m"), participant_ids=[place.id_of("samir")])
    remove_participant(place.now("samir"), not_hers, place.id_of("karin"))
    place.away("karin", stand_in="samir")
    with place.on(place.first):
        samir = place.now("samir")
        assert {bar.case_id for bar in list_cases(samir).bars} == {place.case, elsewhere, other, not_hers}
        assert list_cases(samir).count == 4
        assert [bar.case_id for bar in search(samir, "Alva").bars] == [place.case]
        assert list_cases(place.now("lena")).count == 1
    with place.on(place.last + timedelta(days=1)):
        assert {bar.case_id for bar in list_cases(place.now("samir")).bars} == {elsewhere, not_hers}


def test_a_block_wins_over_standing_in_for_either_of_them(place: Place) -> None:
    place.away("karin", stand_in="samir")
    block(place.now("karin"), place.case, place.id_of("samir"), reason="Granne.")
    with place.on(place.first):
        assert not can_open(place.now("samir"), place.case)
        assert list_cases(place.now("samir")).bars == ()
        assert search(place.now("samir"), "Alva").bars == ()
        assert my_day(place.now("samir")).case_count == 0


def test_nobody_stands_in_where_the_absent_one_is_blocked(place: Place, actor: ACT) -> None:
    join(actor, place.municipality, "greta", "coordinator")
    place.away("samir", stand_in="karin")
    theirs = start_case(place.now("samir"), place.norr, person=NewPerson(name="Bo Ek", sex="m"), participant_ids=[place.id_of("greta")])
    with place.on(place.first):
        assert can_open(place.now("karin"), theirs)
        block(place.now("greta"), theirs, place.id_of("samir"), reason="Släkt.")
        assert not can_open(place.now("karin"), theirs)
        assert theirs not in {bar.case_id for bar in list_cases(place.now("karin")).bars}


def test_a_stand_in_who_is_not_on_the_list_does_not_learn_of_a_protected_identity(place: Place) -> None:
    protect(place.now("karin"), place.case)
    place.away("karin", stand_in="samir")
    with place.on(place.first):
        assert not can_open(place.now("samir"), place.case)
        alone = next(team for team in members.read_teams(place.now("ulla")) if team.team_id == place.norr).alone
        assert [card.case_id for card in alone] == [place.case]
    name_reader(place.now("karin"), place.case, place.id_of("samir"))
    with place.on(place.first):
        assert can_open(place.now("samir"), place.case)


def test_the_log_and_the_page_tell_who_acted_for_whom(place: Place) -> None:
    place.away("karin", stand_in="samir")
    with place.on(place.first):
        add_note(place.now("samir"), place.case, information_type="assessment", heading="Samtal", text="Ringde Mona.")
        mine = [entry for entry in read_history(place.now("samir"), place.case).entries if entry.person == "Samir Aziz"]
        assert [(entry.permission, entry.acts_for) for entry in mine] == [("case.note", "Karin Hellberg")]
        lines = {one.name: one for one in read_participation(place.now("samir"), place.case).members}
        assert lines["Samir Aziz"].stands_in_for == ("Karin Hellberg",)
        assert lines["Karin Hellberg"].is_away
    with place.on(place.last + timedelta(days=1)):
        read_participation(place.now("karin"), place.case)
        hers = [entry for entry in read_history(place.now("karin"), place.case).entries if entry.person == "Karin Hellberg"]
        assert {entry.acts_for for entry in hers} == {""}


def test_what_waits_for_the_absent_one_waits_for_the_stand_in_marked(place: Place) -> None:
    started = start_case(place.now("karin"), place.norr, person=NewPerson(name="Bo Ek", sex="m"))
    own = start_case(place.now("samir"), place.norr, person=NewPerson(name="Cia Ek", sex="f"))
    place.away("karin", stand_in="samir")
    with place.on(place.first):
        day = my_day(place.now("samir"))
        marks = {task.case_id: task.acts_for for task in day.tasks if task.matter.kind == "consent_none"}
        assert marks == {started: "Karin Hellberg", own: ""}
        assert day.stands_in_for == ("Karin Hellberg",)
        absent = my_day(place.now("karin"))
        assert (absent.tasks, absent.works_with_cases, absent.away_until) == ((), False, place.last)


def test_an_open_page_shuts_when_a_leave_is_set_from_today(place: Place) -> None:
    before = epoch(place.case)
    leave = place.away("karin", stand_in="samir", first=place.today)
    assert epoch(place.case) > before
    assert read_epoch(place.now("samir"), place.case) == str(epoch(place.case))
    assert not can_open(place.now("karin"), place.case)
    shut = epoch(place.case)
    members.end_leave(place.now("ulla"), leave)
    assert epoch(place.case) > shut
    assert can_open(place.now("karin"), place.case)
    assert not can_open(place.now("samir"), place.case)
    assert refused(lambda: members.end_leave(place.now("ulla"), leave)) == "leave_over"


# -- what cannot be -----------------------------------------------------------------------------------------------------


def test_days_that_make_no_leave_are_refused(place: Place) -> None:
    assert refused(lambda: place.away("karin", first=place.last, last=place.first)) == "leave_ends_first"
    past = place.today - timedelta(days=3)
    assert refused(lambda: place.away("karin", first=past, last=place.today - timedelta(days=1))) == "leave_is_past"
    place.away("karin", stand_in="samir")
    for first, last in ((-9, 0), (4, 9), (1, 3), (-9, 9)):
        period = {"first": place.first + timedelta(days=first), "last": place.first + timedelta(days=last)}
        if period["last"] >= place.today:
            assert refused(lambda period=period: place.away("karin", **period)) == "leave_overlaps"
    place.away("karin", first=place.last + timedelta(days=1), last=place.last + timedelta(days=1))


def test_only_a_colleague_of_the_same_agency_with_the_same_task_who_is_there_stands_in(place: Place, actor: ACT) -> None:
    said = {login: refused(lambda login=login: place.away("karin", stand_in=login)) for login in ("karin", "lena", "rasmus", "ulla")}
    assert said == {
        "karin": "stand_in_self",
        "lena": "stand_in_agency",
        "rasmus": "stand_in_not_member",
        "ulla": "stand_in_not_member",
    }
    join(actor, place.municipality, "stellan", "participant")
    assert refused(lambda: place.away("karin", stand_in="stellan")) == "stand_in_role"
    place.away("samir", first=place.last, last=place.last)
    assert refused(lambda: place.away("karin", stand_in="samir")) == "stand_in_away"
    accounts.disable_person(actor("admin"), place.id_of("samir"))
    assert refused(lambda: place.away("karin", stand_in="samir", last=place.first)) == "stand_in_not_member"


def test_a_stand_in_does_not_go_on_leave_in_the_same_days(place: Place) -> None:
    place.away("karin", stand_in="samir")
    assert refused(lambda: place.away("samir", first=place.last)) == "is_stand_in"
    place.away("samir", first=place.last + timedelta(days=1), last=place.last + timedelta(days=1))


def test_what_was_possible_when_it_was_asked_for_is_asked_again(place: Place) -> None:
    asked = place.away("karin", by="karin", stand_in="samir")
    members.leave_team(place.now("ulla"), place.norr, place.id_of("samir"))
    members.confirm_leave(place.now("ulla"), asked)  # nobody stands in any more; being away is still possible
    with place.on(place.first):
        assert not can_open(place.now("samir"), place.case)
    members.end_leave(place.now("ulla"), asked)
    again = place.away("karin", by="karin")
    with place.on(place.last + timedelta(days=1)):
        assert refused(lambda: members.confirm_leave(place.now("ulla"), again)) == "leave_is_past"


def test_the_only_unit_manager_is_not_away(place: Place, actor: ACT) -> None:
    assert refused(lambda: place.away("ulla")) == "last_unit_manager"
    join(actor, place.municipality, "greta", "unit_manager")
    place.away("ulla")
    assert refused(lambda: place.away("greta")) == "last_unit_manager"
    with place.on(place.first):
        assert place.norr not in place.now("ulla").teams


def test_a_stand_in_who_leaves_hands_over_what_only_they_could_open(place: Place, actor: ACT) -> None:
    join(actor, place.municipality, "greta", "coordinator")
    place.away("karin", stand_in="samir")
    with place.on(place.first):
        with pytest.raises(members.NotHandedOver) as nobody:
            members.leave_team(place.now("ulla"), place.norr, place.id_of("samir"))
        assert nobody.value.case_ids == {place.case}
        members.leave_team(place.now("ulla"), place.norr, place.id_of("samir"), hand_over_to={place.case: place.id_of("greta")})
        assert can_open(place.now("greta"), place.case)
        assert not can_open(place.now("samir"), place.case)
    with place.on(place.last + timedelta(days=1)):
        assert can_open(place.now("karin"), place.case)

"""Two people, a hold, a birthday and five years: what is due, who may decide, and what stands against it, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from caseapp.access import Actor, NotFound, Refused
from caseapp.accounts.actions import set_municipality
from caseapp.cases.actions import close_case, read_case, reopen_case
from caseapp.cases.starting import NewPerson, NewRelated, start_case
from caseapp.erasure import actions
from caseapp.formats import clock
from tests.municipality import Municipality

Acting = Callable[[str], Actor]
THEN = datetime(2021, 2, 1, 9, 0, tzinfo=UTC)
CLOSED = datetime(2021, 5, 10, 9, 0, tzinfo=UTC)
BEFORE = datetime(2026, 5, 9, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 5, 10, 9, 0, tzinfo=UTC)


def _proved(actor: Actor) -> Actor:
    return replace(actor, proved_at=clock.now().timestamp())


@pytest.fixture
def actor(actor: Acting, municipality: Municipality) -> Acting:
    """Everybody with the roles they have today: the years of these tests lie before anybody's membership began."""
    everybody = {login: actor(login) for login in municipality.people}
    return everybody.__getitem__


@pytest.fixture
def closed_case(actor: Acting, municipality: Municipality) -> str:
    """A case of a girl born on the 7th, closed on 10 May 2021."""
    return _closed(actor("karin"), municipality, born=date(2006, 3, 7))


def _closed(karin: Actor, municipality: Municipality, *, born: date | None) -> str:
    with clock.at(THEN):
        person = NewPerson(name="Alva Lind", sex="f", born=born)
        case_id = start_case(karin, municipality.teams["norr"], person=person, related=[NewRelated(name="Mona Lind")])
    with clock.at(CLOSED):
        close_case(karin, case_id, reason="goals_met", closed_on=CLOSED.date())
    return case_id


def test_a_case_is_due_five_years_to_the_day_after_it_was_closed(actor: Acting, closed_case: str) -> None:
    with clock.at(BEFORE):
        assert actions.read_retention(actor("ulla")).due == ()
    with clock.at(AFTER):
        (due,) = actions.read_retention(actor("ulla")).due
    assert (due.case_id, due.last_entry, due.verdict.due_on) == (closed_case, date(2021, 5, 10), date(2026, 5, 10))


def test_a_note_written_after_the_end_is_the_last_entry(actor: Acting, closed_case: str) -> None:
    karin = actor("karin")
    with clock.at(datetime(2022, 1, 3, 12, 0, tzinfo=UTC)):
        reopen_case(karin, closed_case)
    with clock.at(datetime(2022, 1, 4, 12, 0, tzinfo=UTC)):
        close_case(karin, closed_case, reason="goals_met", closed_on=date(2021, 5, 10))
    with clock.at(datetime(2027, 1, 3, 9, 0, tzinfo=UTC)):
        assert actions.read_retention(actor("ulla")).due == ()
    with clock.at(datetime(2027, 1, 4, 9, 0, tzinfo=UTC)):
        (due,) = actions.read_retention(actor("ulla")).due
    assert due.last_entry == date(2022, 1, 4)


def test_reading_is_no_entry(actor: Acting, closed_case: str) -> None:
    with clock.at(datetime(2024, 1, 3, 12, 0, tzinfo=UTC)):
        read_case(actor("karin"), closed_case)
    with clock.at(AFTER):
        assert [one.case_id for one in actions.read_retention(actor("ulla")).due] == [closed_case]


def test_somebody_born_on_the_fifth_is_kept_and_the_page_says_why(actor: Acting, municipality: Municipality) -> None:
    kept = _closed(actor("karin"), municipality, born=date(2006, 3, 5))
    with clock.at(AFTER):
        page = actions.read_retention(actor("ulla"))
        with pytest.raises(Refused, match="kept_birth_day"):
            actions.propose(actor("karin"), kept)
    assert page.due == ()
    assert [(one.case_id, one.verdict.reason) for one in page.kept] == [(kept, "kept_birth_day")]


def test_a_county_that_keeps_everything_erases_nothing(actor: Acting, closed_case: str) -> None:
    set_municipality(actor("admin"), retention={"profile": "personakt", "years": 5, "keeps_birth_days": True, "keeps_all": True})
    with clock.at(AFTER):
        page = actions.read_retention(actor("ulla"))
    assert page.due == ()
    assert [one.verdict.reason for one in page.kept] == ["kept_everything"]


def test_two_people_decide_and_the_one_who_proposed_cannot_approve(actor: Acting, closed_case: str) -> None:
    with clock.at(AFTER):
        actions.propose(actor("ulla"), closed_case)
        with pytest.raises(Refused, match="same_person"):
            actions.approve(_proved(actor("ulla")), closed_case)
        actions.take_back(actor("ulla"), closed_case)
        actions.propose(actor("karin"), closed_case)
        actions.approve(_proved(actor("ulla")), closed_case)
        (decision,) = actions.read_retention(actor("ulla")).decisions
    assert (decision.state, decision.proposed_by, decision.approved_by) == ("approved", "Karin Hellberg", "Ulla Vestin")


def test_a_coordinator_cannot_approve_and_an_approval_needs_a_fresh_code(actor: Acting, closed_case: str) -> None:
    with clock.at(AFTER):
        actions.propose(actor("ulla"), closed_case)
        with pytest.raises(NotFound, match="not_permitted"):
            actions.approve(_proved(actor("karin")), closed_case)
        actions.take_back(actor("karin"), closed_case)
        actions.propose(actor("karin"), closed_case)
        with pytest.raises(Refused, match="step_up"):
            actions.approve(replace(actor("ulla"), proved_at=0.0), closed_case)


@pytest.mark.parametrize("login", ["samir", "stellan", "greta", "admin", "rasmus"])
def test_nobody_else_proposes_and_whose_team_it_is_decides(actor: Acting, closed_case: str, login: str) -> None:
    with clock.at(AFTER), pytest.raises(NotFound):
        actions.propose(actor(login), closed_case)


def test_a_hold_keeps_the_case_and_takes_back_what_was_decided(actor: Acting, closed_case: str) -> None:
    with clock.at(AFTER):
        actions.propose(actor("karin"), closed_case)
        actions.hold(actor("ulla"), closed_case, reason="Skadeståndskrav mot kommunen")
        page = actions.read_retention(actor("ulla"))
        assert page.due == page.decisions == ()
        assert [hold.reason for hold in page.holds] == ["Skadeståndskrav mot kommunen"]
        with pytest.raises(Refused, match="held"):
            actions.propose(actor("karin"), closed_case)
        with pytest.raises(Refused, match="held_already"):
            actions.hold(actor("ulla"), closed_case, reason="En gång till")
        actions.lift_hold(actor("ulla"), closed_case)
        assert [one.case_id for one in actions.read_retention(actor("ulla")).due] == [closed_case]


def test_a_case_is_proposed_once(actor: Acting, closed_case: str) -> None:
    with clock.at(AFTER):
        actions.propose(actor("karin"), closed_case)
        with pytest.raises(Refused, match="erasure_under_way"):
            actions.propose(actor("ulla"), closed_case)


def test_what_was_written_in_again_is_not_approved(actor: Acting, closed_case: str) -> None:
    with clock.at(AFTER):
        actions.propose(actor("karin"), closed_case)
        reopen_case(actor("karin"), closed_case)
        with pytest.raises(Refused, match="case_open"):
            actions.approve(_proved(actor("ulla")), closed_case)


def test_an_open_case_is_never_among_those_that_are_due(actor: Acting, municipality: Municipality) -> None:
    with clock.at(THEN):
        start_case(actor("karin"), municipality.teams["norr"], person=NewPerson(name="Alva Lind", sex="f", born=date(2006, 3, 7)))
    with clock.at(AFTER):
        page = actions.read_retention(actor("ulla"))
    assert page.due == page.kept == ()

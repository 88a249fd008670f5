"""An emergency opening in itself: who can, what it opens and to whom, what the log holds of it, and when it is over."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from caseapp import audit
from caseapp.access import Actor, NotFound, Refused
from caseapp.accounts.actions import disable_person
from caseapp.accounts.directory import actor_for
from caseapp.accounts.second_factor import code_at
from caseapp.accounts.signing_in import Rejected
from caseapp.cases.actions import add_related, close_case, read_case, reveal_number
from caseapp.cases.blocking import block
from caseapp.cases.gates import gates_for
from caseapp.cases.notes import add_note, read_notes
from caseapp.cases.participation import add_participant, name_reader
from caseapp.cases.starting import NewRelated
from caseapp.codelists import codelist
from caseapp.consent import opened_in
from caseapp.db import Withheld, bound_database, transaction
from caseapp.emergency.actions import begin_emergency, end_emergency, open_in_emergency
from caseapp.formats import SWEDEN, clock
from caseapp.meetings.actions import plan_meeting, who_could_be_asked
from caseapp.members.actions import leave_team
from caseapp.plans.actions import read_plan
from caseapp.upkeep.erasing import case_tables
from tests.emergency.conftest import FAMILY, MINUTE, OFFENCES, REASON, Shut, rows
from tests.municipality import Municipality, actor_of

Actors = Callable[[str], Actor]
BreaksIn = Callable[..., Actor]
NOON = datetime(2031, 11, 26, 12, 0, tzinfo=SWEDEN)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def after(minutes: float) -> Any:
    return clock.at(NOON + timedelta(minutes=minutes))


def texts(actor: Actor, shut: Shut) -> set[str]:
    """The texts of the notes that this person can read."""
    return {note.text for note in read_notes(actor, shut.id).notes if isinstance(note.text, str)}




# -- who ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "opens"),
    [
        ("karin", True), ("samir", True), ("lena", True), ("pontus", True), ("fia", True),
        ("ulla", False), ("stellan", False), ("greta", False), ("admin", False), ("rasmus", False), ("petra", False),
    ],
)  # fmt: skip
def test_members_of_the_team_can_and_nobody_else(app: Flask, shut: Shut, breaks_in: BreaksIn, login: str, opens: bool) -> None:
    with after(1):
        if opens:
            assert texts(breaks_in(login, shut.number), shut) == {FAMILY, OFFENCES}
        else:
            with pytest.raises(NotFound):
                breaks_in(login, shut.number)
            assert rows(app) == []


def test_who_is_blocked_cannot(shut: Shut, breaks_in: BreaksIn, actor: Actors, municipality: Municipality) -> None:
    block(actor("karin"), shut.id, municipality["lena"].id)
    with after(1), pytest.raises(NotFound) as refusal:
        breaks_in("lena", shut.number)
    assert refusal.value.reason == "blocked"


def test_with_protected_identity_only_the_list_can(shut: Shut, breaks_in: BreaksIn, actor: Actors, municipality: Municipality) -> None:
    karin = actor("karin")
    add_related(karin, shut.id, NewRelated(name="Skyddad Ek", role="relative", protected="skyddad_folkbokforing"))
    with after(1), pytest.raises(NotFound) as refusal:
        breaks_in("lena", shut.number)
    assert refusal.value.reason == "protected_identity"
    name_reader(karin, shut.id, municipality["lena"].id)
    with after(2):
        lena = breaks_in("lena", shut.number)
        assert texts(lena, shut) == {FAMILY, OFFENCES}
        name_reader(karin, shut.id, municipality["lena"].id, named=False)
        with pytest.raises(NotFound):
            read_case(lena, shut.id)


def test_who_reads_everything_by_consent_needs_none(shut: Shut, breaks_in: BreaksIn, app: Flask, everything_consented: None) -> None:
    with after(1), pytest.raises(Refused) as refusal:
        breaks_in("pontus", shut.number)
    assert refusal.value.reason == "open_already"
    with after(2):
        breaks_in("lena", shut.number)  # the same consent covers her agency, but she takes no part
    assert len(rows(app)) == 1


def test_a_closed_case_can_be_read(shut: Shut, breaks_in: BreaksIn, actor: Actors) -> None:
    close_case(actor("karin"), shut.id, reason="goals_met", closed_on=clock.today())
    with after(1):
        assert texts(breaks_in("lena", shut.number), shut) == {FAMILY, OFFENCES}


# -- how ----------------------------------------------------------------------------------------------------------------


def test_a_code_is_needed_a_new_one_and_ones_own(app: Flask, shut: Shut, municipality: Municipality, actor: Actors) -> None:
    lena = municipality["lena"]

    def attempt(code: str, person: str = "lena") -> Any:
        return open_in_emergency(actor(person), case_number=shut.number, reason=REASON, code=code, network="192.0.2.1")

    with after(1):
        used = code_at(lena.totp_secret, clock.now())
        assert isinstance(attempt(code_at(municipality["pontus"].totp_secret, clock.now())), Rejected)
        assert isinstance(attempt(code_at(lena.totp_secret, NOON - 10 * MINUTE)), Rejected)
        assert rows(app) == []
        assert attempt(used) == shut.id
        end_emergency(actor("lena"), shut.id)
        assert isinstance(attempt(used), Rejected)
        with pytest.raises(NotFound):
            read_case(actor("lena"), shut.id)
    assert len(rows(app)) == 1


def test_a_proof_from_signing_in_is_not_enough_for_the_opening_itself(shut: Shut, actor: Actors) -> None:
    for proved_at in (0.0, (NOON - 6 * MINUTE).timestamp()):
        with pytest.raises(Refused) as refusal:
            begin_emergency(replace(actor("lena"), proved_at=proved_at), shut.id, reason=REASON)
        assert refusal.value.reason == "step_up"


@pytest.mark.parametrize("reason", ["", "   ", "Nöd!", "112 112 112 112 112 112"])
def test_without_a_reason_nothing_opens_and_no_code_is_used_up(app: Flask, shut: Shut, breaks_in: BreaksIn, reason: str) -> None:
    with after(1):
        with pytest.raises(ValueError, match="a reason that can be judged"):
            breaks_in("lena", shut.number, reason)
        assert rows(app) == []
        breaks_in("lena", shut.number)


def test_the_number_must_be_exact(shut: Shut, breaks_in: BreaksIn) -> None:
    for minute, number in enumerate(("2031-000", shut.number + " ", "%", "2031-000_", shut.id), 1):
        with after(minute), pytest.raises(NotFound) as refusal:
            breaks_in("lena", number)
        assert refusal.value.reason == "not_found"


def test_the_reason_is_sealed_and_lies_under_the_cases_key(app: Flask, shut: Shut, breaks_in: BreaksIn) -> None:
    with after(1):
        breaks_in("lena", shut.number)
    with app.extensions["caseapp.database"].engine.connect() as connection:
        assert "rädda för hennes" not in repr(connection.execute(text("SELECT * FROM break_glass")).all())
    assert "break_glass" in {table.name for table in case_tables()}  # erased with the case


def test_an_opening_while_one_is_running_goes_on_and_becomes_no_longer(app: Flask, shut: Shut, breaks_in: BreaksIn) -> None:
    with after(1):
        breaks_in("lena", shut.number)
        first = rows(app)
    with after(40):
        lena = breaks_in("lena", shut.number)
        assert rows(app) == first
    with after(61), pytest.raises(NotFound):
        read_case(lena, shut.id)
    with after(62):
        lena = breaks_in("lena", shut.number)
        assert texts(lena, shut) == {FAMILY, OFFENCES}
    ended, running = rows(app)
    assert (ended.ended_at, running.ended_at) == (NOON + 61 * MINUTE, None)


def test_two_forms_at_once_become_one_opening(app: Flask, shut: Shut, municipality: Municipality, actor: Actors) -> None:
    lena, results = actor("lena"), []
    codes = [code_at(municipality["lena"].totp_secret, NOON + step * timedelta(seconds=30)) for step in (2, 3)]

    def attempt(code: str) -> None:
        results.append(open_in_emergency(lena, case_number=shut.number, reason=REASON, code=code, network="192.0.2.1"))

    with after(1):
        threads = [threading.Thread(target=contextvars.copy_context().run, args=(attempt, code)) for code in codes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert shut.id in results
    assert len(results) == 2
    assert len(rows(app)) == 1


# -- what it opens, and to whom -----------------------------------------------------------------------------------------


def test_it_opens_every_type_of_every_agency_and_the_log_names_the_ground(
    app: Flask, shut: Shut, breaks_in: BreaksIn, municipality: Municipality
) -> None:
    with after(1):
        lena = breaks_in("lena", shut.number)
        read_case(lena, shut.id)
    (row,) = rows(app)
    with transaction(reading=True) as current:
        reading, opening = audit.entries_of_case(current, bound_database().keyholder, shut.id, 2)
    assert (opening.action, opening.permission, opening.decision) == ("break_glass", "case.break_glass", "allowed")
    assert opening.detail is not None
    assert opening.detail["emergency"] == row.id
    opened = opened_in(reading.detail or {})[shut.id]
    team = set(municipality.agencies.values())
    assert {(owner, kind) for owner, kind, *_ in opened} == {(owner, kind) for owner in team for kind in codelist("InformationType")}
    own = municipality["lena"].agency_id
    assert {(reason, ground) for owner, _kind, reason, ground in opened if owner != own} == {("break_glass", row.id)}
    assert {(reason, ground) for owner, _kind, reason, ground in opened if owner == own} == {("own_agency", "")}


def test_what_a_consent_opens_is_told_by_the_consent(
    app: Flask, shut: Shut, breaks_in: BreaksIn, everything_consented: None, municipality: Municipality
) -> None:
    with after(1):
        lena = breaks_in("lena", shut.number)
        read_case(lena, shut.id)
    with transaction(reading=True) as current:
        (reading,) = audit.entries_of_case(current, bound_database().keyholder, shut.id, 1)
    assert {reason for _owner, _kind, reason, _ground in opened_in(reading.detail or {})[shut.id]} == {"own_agency", "consent"}


def test_somebody_else_of_the_same_agency_gains_nothing(shut: Shut, breaks_in: BreaksIn, actor: Actors) -> None:
    with after(1):
        assert texts(breaks_in("samir", shut.number), shut) == {FAMILY, OFFENCES}
        assert texts(actor("karin"), shut) == {FAMILY}  # of the same agency, takes part
        with pytest.raises(NotFound):
            read_case(actor("fia"), shut.id)


def test_the_case_is_in_no_list_and_not_to_be_planned_for(shut: Shut, breaks_in: BreaksIn, actor: Actors, app: Flask) -> None:
    with after(1):
        lena = breaks_in("lena", shut.number)
        with transaction(reading=True):
            assert gates_for(lena) == []
        karin = breaks_in("karin", shut.number)
        with pytest.raises(Refused) as refusal:
            who_could_be_asked(karin, shut.id)
        assert refusal.value.reason == "only_reading"
        with pytest.raises(Refused):
            plan_meeting(karin, next(iter(karin.teams)), meeting_type="sip", starts_at=clock.now(), case_id=shut.id)


def test_one_only_reads(shut: Shut, breaks_in: BreaksIn, municipality: Municipality) -> None:
    with after(1):
        karin = breaks_in("karin", shut.number)
        page = read_plan(karin, shut.id)
        assert (page.may_write, page.reportable, page.writers, page.supporters) == (False, frozenset(), (), ())
        assert reveal_number(karin, shut.id) == ""
        for act in (
            lambda: add_note(karin, shut.id, information_type="family", text="Nytt"),
            lambda: add_participant(karin, shut.id, municipality["lena"].id),
            lambda: close_case(karin, shut.id, reason="goals_met", closed_on=clock.today()),
        ):
            with pytest.raises(Refused) as refusal:
                act()
            assert refusal.value.reason == "only_reading"
        end_emergency(karin, shut.id)
        add_note(karin, shut.id, information_type="family", text="Nytt")


# -- when it is over ----------------------------------------------------------------------------------------------------


def test_at_sixty_minutes_it_is_over(shut: Shut, breaks_in: BreaksIn) -> None:
    lena = breaks_in("lena", shut.number)
    with clock.at(NOON + 60 * MINUTE - timedelta(microseconds=1)):
        assert texts(lena, shut) == {FAMILY, OFFENCES}
    for moment in (NOON + 60 * MINUTE, NOON + 61 * MINUTE, NOON + timedelta(days=1), NOON - MINUTE):
        with clock.at(moment), pytest.raises(NotFound):
            read_case(lena, shut.id)


def test_it_goes_over_midnight(shut: Shut, breaks_in: BreaksIn) -> None:
    with clock.at(NOON.replace(hour=23, minute=30)):
        lena = breaks_in("lena", shut.number)
    with clock.at(NOON.replace(day=27, hour=0, minute=29)):
        assert texts(lena, shut) == {FAMILY, OFFENCES}
    with clock.at(NOON.replace(day=27, hour=0, minute=30)), pytest.raises(NotFound):
        read_case(lena, shut.id)


def test_ended_by_hand_it_is_over_and_stays_so(app: Flask, shut: Shut, breaks_in: BreaksIn) -> None:
    with after(1):
        lena = breaks_in("lena", shut.number)
    with after(5):
        assert end_emergency(lena, shut.id) is False
        with pytest.raises(NotFound):
            read_case(lena, shut.id)
        before = rows(app)
    with after(6):
        end_emergency(lena, shut.id)  # the second click
        assert rows(app) == before


def test_nobody_ends_anybody_elses(shut: Shut, breaks_in: BreaksIn, actor: Actors) -> None:
    with after(1):
        lena = breaks_in("lena", shut.number)
        for login in ("karin", "samir", "fia"):
            end_emergency(actor(login), shut.id)
        assert texts(lena, shut) == {FAMILY, OFFENCES}


def test_who_is_blocked_is_out_at_once_and_for_good(shut: Shut, breaks_in: BreaksIn, actor: Actors, municipality: Municipality) -> None:
    with after(1):
        lena, karin = breaks_in("lena", shut.number), actor("karin")
        block(karin, shut.id, lena.user_id)
        with pytest.raises(NotFound):
            read_case(lena, shut.id)
        block(karin, shut.id, lena.user_id, blocked=False)
        with pytest.raises(NotFound):
            read_case(lena, shut.id)


def test_who_leaves_the_team_is_out_at_once(app: Flask, shut: Shut, breaks_in: BreaksIn, municipality: Municipality, actor: Actors) -> None:
    with after(1):
        breaks_in("lena", shut.number)
        person, admin = municipality["lena"], actor("admin")
        leave_team(actor("ulla"), municipality.teams["norr"], person.id)
        with pytest.raises(NotFound):
            read_case(actor_of(app, person), shut.id)
        disable_person(admin, person.id)
        with transaction(reading=True):
            assert actor_for(person.id) is None


# -- protected identity -------------------------------------------------------------------------------------------------


@pytest.fixture
def aunt(shut: Shut, actor: Actors, municipality: Municipality) -> str:
    """The id of an aunt with protected identity: Lena is on the case's list, and not on the aunt's own."""
    karin = actor("karin")
    made = add_related(karin, shut.id, NewRelated("Vattenaloe Ek", "relative", "070-174 06 13", "sekretessmarkering"))
    name_reader(karin, shut.id, municipality["lena"].id)
    return made


def test_a_protected_persons_own_list_holds_in_an_emergency_too(shut: Shut, aunt: str, breaks_in: BreaksIn) -> None:
    shown = {person.id: person for person in read_case(breaks_in("lena", shut.number), shut.id).people.related}
    assert shown[aunt].name == shown[aunt].phone == Withheld("protected_person")
    assert "Mona Lind" in {person.name for person in shown.values()}  # the rest is open


def test_an_emergency_in_a_case_with_protected_identity_is_marked_as_such_in_the_log(shut: Shut, aunt: str, breaks_in: BreaksIn) -> None:
    assert aunt
    read_case(breaks_in("lena", shut.number), shut.id)
    with transaction(reading=True) as current:
        (newest,) = audit.entries_of_case(current, bound_database().keyholder, shut.id, limit=1)
    assert newest.detail is not None
    assert newest.detail["protected"] == [shut.id]

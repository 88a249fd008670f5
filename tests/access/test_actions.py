"""An action is allowed and logged, or nothing has happened."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from caseapp.access import (
    ANONYMOUS,
    AlreadyDone,
    Gate,
    NeverAllowed,
    NotFound,
    Permission,
    Refused,
    StaleForm,
    action,
    allow,
    check_version,
    fetch,
    log_as,
    log_detail,
    observe,
    remember_result,
    session,
)
from caseapp.accounts.models import Agency
from caseapp.audit import AuditEntry
from caseapp.cases.models import Note
from caseapp.db import transaction
from tests.ground import begin_case, read, reword, with_roles, write


def log():
    """(action, permission, decision, reason) of every entry after the first, which made the case."""
    with transaction(reading=True) as current:
        entries = current.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()[1:]
        return [(entry.action, entry.permission, entry.decision, entry.reason) for entry in entries]


def agencies(ground) -> int:
    return ground.look("SELECT count(*) FROM agency")[0][0]


# -- nothing without asking -------------------------------------------------------------------------------------------


@action
def never_asks(actor):
    session().add(Agency(actor="other", name="Osynlig"))


@action
def commits_by_itself(actor):
    session().add(Agency(actor="other", name="Osynlig"))
    session().commit()


@action
def asks_and_commits_by_itself(actor):
    allow(actor, Permission.OWN_ACCOUNT)
    commits_by_itself(actor)


@action
def swallows_and_commits(actor):
    session().add(Agency(actor="other", name="Osynlig"))
    try:
        allow(actor, Permission.MANAGE_SETTINGS)
    except Refused:
        session().commit()


@pytest.mark.parametrize("careless", [never_asks, commits_by_itself, asks_and_commits_by_itself, swallows_and_commits])
def test_an_action_that_never_asked_or_is_not_logged_yet_cannot_commit(ground, careless):
    with pytest.raises(NeverAllowed):
        careless(ground.coordinator)
    assert agencies(ground) == 3
    assert log() == []


def test_an_inner_action_that_never_asks_is_stopped_although_the_outer_one_asked(ground):
    @action
    def outer(actor):
        allow(actor, Permission.OWN_ACCOUNT)
        never_asks(actor)

    with pytest.raises(NeverAllowed, match="never_asks"):
        outer(ground.coordinator)
    assert agencies(ground) == 3


def test_asking_outside_an_action_is_a_mistake(ground):
    with pytest.raises(RuntimeError, match="inside an action"):
        allow(ground.coordinator, Permission.OWN_ACCOUNT)
    for say in (lambda: log_as("print"), lambda: log_detail(word="x")):
        with pytest.raises(RuntimeError, match="after allow"):
            say()


# -- refused ----------------------------------------------------------------------------------------------------------


@action
def write_before_asking(actor):
    session().add(Agency(actor="other", name="Osynlig"))
    session().flush()
    allow(actor, Permission.MANAGE_SETTINGS)


def test_a_refusal_undoes_everything_and_is_logged_by_itself(ground):
    with pytest.raises(Refused) as refusal:
        write_before_asking(ground.coordinator)
    assert (refusal.value.reason, refusal.value.permission) == ("not_permitted", Permission.MANAGE_SETTINGS)
    assert agencies(ground) == 3
    assert log() == [("update", "settings.manage", "refused", "not_permitted")]


def test_a_refusal_in_an_inner_action_undoes_the_outer_one(ground):
    @action
    def outer(actor):
        allow(actor, Permission.OWN_ACCOUNT)
        session().add(Agency(actor="other", name="Osynlig"))
        write_before_asking(actor)

    with pytest.raises(Refused):
        outer(ground.coordinator)
    assert agencies(ground) == 3
    assert log() == [("update", "settings.manage", "refused", "not_permitted")]


def test_an_unknown_case_and_somebody_elses_look_the_same(ground):
    said = []
    for person, case in ((ground.coordinator, "no such case"), (ground.outsider, ground.case), (with_roles(ground.outsider), ground.case)):
        with pytest.raises(NotFound) as refusal:
            read(person, case)
        said.append(type(refusal.value))
    assert set(said) == {NotFound}
    assert [(decision, reason) for _, _, decision, reason in log()] == [("refused", "not_found"), *[("refused", "not_permitted")] * 2]


def test_nobody_is_told_to_sign_in_and_not_that_there_is_nothing(ground):
    with pytest.raises(Refused) as refusal:
        read(ANONYMOUS, ground.case)
    assert type(refusal.value) is Refused
    assert refusal.value.reason == "not_signed_in"


def test_what_concerns_no_case_is_refused_openly_and_not_as_if_it_did_not_exist(ground):
    with pytest.raises(Refused) as refusal:
        write_before_asking(ground.coordinator)
    assert type(refusal.value) is Refused


def test_an_action_that_breaks_leaves_nothing_behind(ground):
    @action
    def breaks(actor):
        allow(actor, Permission.OWN_ACCOUNT)
        session().add(Agency(actor="other", name="Osynlig"))
        session().flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks(ground.coordinator)
    assert agencies(ground) == 3
    assert log() == []


def test_when_the_log_cannot_be_written_nothing_is_saved_and_nothing_is_shown(ground_on_sqlite):
    ground = ground_on_sqlite
    ground.attack("CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with pytest.raises(DBAPIError, match="disk is full"):
        write(ground.coordinator, ground.case, "Sover dåligt")
    with pytest.raises(DBAPIError, match="disk is full"):
        read(ground.coordinator, ground.case)
    assert ground.look("SELECT count(*) FROM note") == [(0,)]


# -- allowed ----------------------------------------------------------------------------------------------------------


def test_an_action_called_from_another_joins_it_and_each_has_an_entry(ground):
    @action
    def both(actor):
        allow(actor, Permission.READ_CASE, on=ground.case)
        log_as("print")
        return write(actor, ground.case, "Ett"), write(actor, ground.case, "Två")

    both(ground.coordinator)
    assert log() == [
        ("print", "case.read", "allowed", ""),
        ("create", "case.note", "allowed", ""),
        ("create", "case.note", "allowed", ""),
    ]


def test_looking_whether_something_is_offered_is_not_logged(ground):
    @action
    def offers(actor):
        allow(actor, Permission.READ_CASE, on=ground.case)
        return [observe(actor, permission, ground.case) for permission in (Permission.WRITE_NOTE, Permission.CLOSE_CASE)]

    assert offers(ground.teacher) == [True, False]
    assert log() == [("view", "case.read", "allowed", "")]


def test_what_is_known_of_one_case_says_nothing_of_another_that_was_asked_for_and_refused(ground):
    other = begin_case(ground.coordinator, ground.team, [ground.coordinator])

    @action
    def offers(actor):
        allow(actor, Permission.READ_CASE, on=ground.case)
        with pytest.raises(NotFound):
            allow(actor, Permission.READ_CASE, on=other)
        return observe(actor, Permission.READ_CASE, other), observe(actor, Permission.READ_CASE, ground.case)

    assert offers(ground.teacher) == (False, True)


def test_in_a_case_that_is_not_there_nothing_is_offered(ground):
    @action
    def offers(actor):
        allow(actor, Permission.OWN_ACCOUNT)
        return {permission for permission in Permission if observe(actor, permission, "no such case")}

    assert offers(ground.coordinator) == set()


def test_a_row_is_found_by_its_id_in_the_case_that_is_named_and_nowhere_else(ground):
    note_id = write(ground.coordinator, ground.case, "Sover dåligt")
    other = begin_case(ground.coordinator, ground.team, [ground.coordinator])

    @action
    def find(actor, model, row_id, case_id):
        allow(actor, Permission.OWN_ACCOUNT)
        return fetch(model, row_id, case_id=case_id).id

    def found(model, row_id, case_id=None):
        try:
            return find(ground.coordinator, model, row_id, case_id) == row_id
        except NotFound:
            return False

    assert found(Note, note_id, ground.case)
    assert found(Note, note_id)
    assert found(Agency, ground.school)
    assert not found(Note, note_id, other)
    assert not found(Agency, ground.school, ground.case)  # is in no case
    assert not found(Note, "no such note")
    assert not found(Note, "no such note", ground.case)
    assert not found(Note, "x" * 10_000)
    assert not found(Note, "\x00")


# -- twice, and too late ----------------------------------------------------------------------------------------------


@action
def open_agency(actor, name, once):
    allow(actor, Permission.OWN_ACCOUNT, once=once)
    agency = Agency(actor="other", name=name)
    session().add(agency)
    remember_result(once, f"/settings#{agency.id}")
    return f"/settings#{agency.id}"


def test_a_form_sent_twice_is_carried_out_once_and_leads_to_the_same_place(ground):
    first = open_agency(ground.coordinator, "Fältgruppen", "token")
    with pytest.raises(AlreadyDone) as twin:
        open_agency(ground.coordinator, "Fältgruppen", "token")
    assert twin.value.result == first
    assert agencies(ground) == 4
    open_agency(ground.coordinator, "Fältgruppen", "another token")
    assert agencies(ground) == 5


def test_a_refused_form_can_be_sent_again(ground):
    @action
    def fails_at_first(actor, fail):
        allow(actor, Permission.OWN_ACCOUNT, once="token")
        if fail:
            raise Refused("not_permitted")

    with pytest.raises(Refused):
        fails_at_first(ground.coordinator, True)
    fails_at_first(ground.coordinator, False)


def test_a_form_older_than_what_is_stored_changes_nothing_and_gets_what_is_stored(ground):
    note_id = write(ground.coordinator, ground.case, "Första")
    reword(ground.coordinator, ground.case, note_id, "Andra", version=1)
    with pytest.raises(StaleForm) as stale:
        reword(ground.coordinator, ground.case, note_id, "Tredje", version=1)
    assert stale.value.current == "Andra"
    assert read(ground.coordinator, ground.case) == {note_id: "Andra"}


def test_a_change_that_comes_from_no_form_is_held_against_no_version(ground):
    note_id = write(ground.coordinator, ground.case, "Första")
    reword(ground.coordinator, ground.case, note_id, "Andra", version=1)

    @action
    def check(actor, version):
        allow(actor, Permission.WRITE_NOTE, on=ground.case)
        check_version(session().get(Note, note_id), version)
        return True

    assert check(ground.coordinator, None)
    assert check(ground.coordinator, 2)
    for version in (1, 3, 0):
        with pytest.raises(StaleForm):
            check(ground.coordinator, version)


def test_what_somebody_else_saved_between_reading_and_writing_is_not_overwritten(ground):
    if ground.is_sqlite:
        return  # there the transaction holds the pen from its first moment

    @action
    def slow(actor, note_id, *, asks_again):
        allow(actor, Permission.WRITE_NOTE, on=ground.case)
        note = session().get(Note, note_id)
        ground.attack("UPDATE note SET version = 2 WHERE id = :id", id=note_id)
        note.occurred_on = date(2026, 1, 1)
        if asks_again:
            session().scalars(select(Gate)).all()  # writes what is pending first

    for asks_again in (False, True):
        note_id = write(ground.coordinator, ground.case, "Första")
        with pytest.raises(StaleForm):
            slow(ground.coordinator, note_id, asks_again=asks_again)
    assert ground.look("SELECT DISTINCT occurred_on FROM note") == [(date(2026, 11, 19),)]

"""A row that is only glanced at is checked and shut like any other, and cannot be changed."""

import gc
import weakref

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import UnmappedInstanceError

from caseapp.access import DamagedRow, Gate, Participation, Permission, action, allow, session
from caseapp.cases.models import Note
from caseapp.consent import open_case
from caseapp.consent.models import Consent, ConsentScope, ConsentSignature
from caseapp.db import Unreadable, Withheld, glance, opened, transaction
from tests.ground import give_consent, write


@pytest.mark.parametrize("model", [Gate, Participation, Consent, ConsentScope, ConsentSignature, Note])
def test_a_glance_gives_the_same_values_as_the_session(ground, model):
    write(ground.coordinator, ground.case, "Sover dåligt")
    give_consent(ground.coordinator, ground.case, {ground.school: ("attendance", "plan")})
    with transaction(reading=True) as current:
        loaded = {row.id: row for row in current.scalars(select(model))}
        glanced = {row.id: row for row in glance(model, select(model))}
        assert loaded
        assert loaded.keys() == glanced.keys()
        for row_id, row in loaded.items():
            for column in model.__table__.c:
                assert getattr(row, column.key) == getattr(glanced[row_id], column.key), column


def test_sealed_values_open_and_stay_shut_as_in_the_session(ground):
    write(ground.teacher, ground.case, "Sover dåligt")

    @action
    def read(actor):
        open_case(actor, allow(actor, Permission.READ_CASE, on=ground.case))
        return [row.text for row in glance(Note, select(Note))]

    assert read(ground.teacher) == ["Sover dåligt"]
    assert read(ground.officer) == [Withheld("no_consent")]
    with transaction(reading=True):
        assert [row.text for row in glance(Note, select(Note))] == [Withheld("not_opened")]


def test_a_damaged_row_that_decides_access_stops_the_work(ground):
    ground.attack("UPDATE participation SET until_day = NULL, version = version + 1")
    with transaction(reading=True), pytest.raises(DamagedRow, match="participation"):
        list(glance(Participation, select(Participation)))


def test_another_damaged_row_is_unreadable_and_told(ground):
    note = write(ground.teacher, ground.case, "Sover dåligt")
    ground.attack("UPDATE note SET version = 7")

    @action
    def read(actor):
        open_case(actor, allow(actor, Permission.READ_CASE, on=ground.case))
        work = opened.get()
        return [row.text for row in glance(Note, select(Note))], work.damaged

    assert read(ground.teacher) == ([Unreadable()], {("note", note)})


def test_what_is_not_yet_written_is_found(ground):
    @action
    def add_and_look(actor):
        allow(actor, Permission.MANAGE_PARTICIPANTS, on=ground.case)
        session().get(Gate, ground.case).epoch = 41
        return [row.epoch for row in glance(Gate, select(Gate).where(Gate.id == ground.case))]

    assert add_and_look(ground.coordinator) == [41]


def test_it_cannot_be_changed_or_saved_and_nothing_keeps_it(ground):
    with transaction() as current:
        (row,) = glance(Gate, select(Gate).where(Gate.id == ground.case))
        with pytest.raises(AttributeError):
            row.team_id = "another"
        with pytest.raises(UnmappedInstanceError):
            current.add(row)
        gone = weakref.ref(row)
        del row
        gc.collect()
        assert gone() is None
        assert not current.dirty

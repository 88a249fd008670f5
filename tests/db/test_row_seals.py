"""A row that was changed past the application is noticed: refused where it decides access, unreadable where it holds text."""

from datetime import date, datetime, timedelta
from enum import StrEnum

import pytest
from sqlalchemy import NullPool, create_engine, select, update
from sqlalchemy.exc import StatementError

from caseapp.access import Block, DamagedRow, Gate, NamedReader, Participation, Permission, ReadOnlyRow, action, allow, session
from caseapp.accounts.models import Agency, Membership, Team, User
from caseapp.cases.models import Note
from caseapp.consent import open_case
from caseapp.consent.models import Consent, ConsentScope, ConsentSignature
from caseapp.db import Unreadable, Withheld, opened, transaction
from caseapp.formats import SWEDEN
from tests.ground import NOON, give_consent, read, reword, write

DECIDING = [Gate, Participation, Block, NamedReader, Agency, Team, User, Membership, Consent, ConsentScope, ConsentSignature]


@action
def keep_away(actor, case_id, user_id):
    allow(actor, Permission.MANAGE_PARTICIPANTS, on=case_id)
    for kind in (Block, NamedReader):
        session().add(kind(case_id=case_id, user_id=user_id))


@pytest.fixture
def furnished(ground):
    """The installation with at least one row of every kind that decides access."""
    give_consent(ground.coordinator, ground.case, {ground.school: ("attendance",)})
    keep_away(ground.coordinator, ground.case, ground.officer.user_id)
    return ground


def rewrite(ground, model, row_id, **values):
    """Change columns of one row past the application, with values of the right type."""
    engine = create_engine(ground.url, poolclass=NullPool)
    with engine.begin() as connection:
        assert connection.execute(update(model.__table__).where(model.__table__.c.id == row_id).values(**values)).rowcount == 1
    engine.dispose()


def some_row(model):
    with transaction(reading=True) as current:
        row = current.scalars(select(model)).first()
        return {column.key: getattr(row, column.key) for column in model.__table__.columns}


def other(value):
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case datetime() | date():
            return value + timedelta(days=1)
        case bytes():
            return value[:-1] + bytes([value[-1] ^ 1])
        case None:
            return None
    return "0" + value[1:] if value[:1] != "0" else "1" + value[1:]


@pytest.mark.parametrize("model", DECIDING, ids=lambda model: model.__tablename__)
def test_no_column_of_a_row_that_decides_access_can_be_edited(furnished, model):
    written = some_row(model)
    edits = [(name, other(value)) for name, value in written.items() if value is not None]
    edits += [(name, NOON) for name, value in written.items() if value is None and name.endswith("_at")]
    assert {"id", "version", "row_seal"} < {name for name, _value in edits}
    for name, value in edits:
        rewrite(furnished, model, written["id"], **{name: value})
        with transaction(reading=True) as current, pytest.raises(DamagedRow, match=model.__tablename__):
            current.scalars(select(model)).all()
        rewrite(furnished, model, value if name == "id" else written["id"], **{name: written[name]})
    with transaction(reading=True) as current:
        assert current.scalars(select(model)).all()


def test_no_column_of_a_note_can_be_edited_without_it_becoming_unreadable(ground):
    note_id = write(ground.coordinator, ground.case, "Sover dåligt")
    written = some_row(Note)
    kept = {"id", "case_id"}  # edited below: the note is then in another place
    for name, value in written.items():
        if value is None or name in kept:
            continue
        rewrite(ground, Note, note_id, **{name: other(value)})
        assert read(ground.coordinator, ground.case) == {note_id: Unreadable()}, name
        rewrite(ground, Note, note_id, **{name: value})
    assert read(ground.coordinator, ground.case) == {note_id: "Sover dåligt"}


def test_a_note_moved_to_another_id_or_copied_is_unreadable(ground):
    note_id = write(ground.coordinator, ground.case, "Sover dåligt")
    columns = ", ".join(column.key for column in Note.__table__.columns if column.key != "id")
    ground.attack(f"INSERT INTO note (id, {columns}) SELECT 'copy', {columns} FROM note")
    assert read(ground.coordinator, ground.case) == {note_id: "Sover dåligt", "copy": Unreadable()}


def test_ciphertext_swapped_between_two_notes_is_unreadable_in_both(ground):
    first, second = (write(ground.coordinator, ground.case, text) for text in ("Första", "Andra"))
    ((sealed,),) = ground.look("SELECT text_sealed FROM note WHERE id = :id", id=first)
    ground.attack("UPDATE note SET text_sealed = (SELECT text_sealed FROM note WHERE id = :b) WHERE id = :a", a=first, b=second)
    ground.attack("UPDATE note SET text_sealed = :sealed WHERE id = :b", b=second, sealed=sealed)
    assert read(ground.coordinator, ground.case) == {first: Unreadable(), second: Unreadable()}


@pytest.mark.parametrize("column", ["text_sealed", "heading_sealed", "row_seal"])
def test_a_nulled_or_emptied_column_is_noticed(ground, column):
    note_id = write(ground.coordinator, ground.case, "Sover dåligt")
    ground.attack(f"UPDATE note SET {column} = ''")
    assert read(ground.coordinator, ground.case) == {note_id: Unreadable()}
    if ground.is_sqlite:
        ground.attack("PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'note'")
        ground.attack(f"UPDATE note SET {column} = NULL")
        assert read(ground.coordinator, ground.case) == {note_id: Unreadable()}


def test_what_is_not_even_of_the_columns_type_is_noticed_and_breaks_nothing(ground_on_sqlite):
    ground = ground_on_sqlite
    note_id = write(ground.coordinator, ground.case, "Sover dåligt")
    for name, value in some_row(Note).items():
        if name in {"id", "case_id"}:
            continue
        for found in ("not a date", 17, 1.5, b"\xff"):
            ground.attack(f"UPDATE note SET {name} = :found", found=found)
            assert read(ground.coordinator, ground.case) == {note_id: Unreadable()}, (name, found)
        rewrite(ground, Note, note_id, **{name: value})
    assert read(ground.coordinator, ground.case) == {note_id: "Sover dåligt"}


@action
def move(actor, case_id, note_id, day):
    open_case(actor, allow(actor, Permission.WRITE_NOTE, on=case_id))
    session().get(Note, note_id).occurred_on = day


def test_an_older_ciphertext_put_back_into_its_own_row_is_noticed(ground):
    note_id = write(ground.coordinator, ground.case, "Första lydelsen")
    ((older,),) = ground.look("SELECT text_sealed FROM note")
    reword(ground.coordinator, ground.case, note_id, "Andra lydelsen")
    ground.attack("UPDATE note SET text_sealed = :older", older=older)
    assert read(ground.coordinator, ground.case) == {note_id: Unreadable()}


def test_a_damaged_row_cannot_be_saved_so_that_what_happened_can_still_be_seen(ground):
    note_id = write(ground.coordinator, ground.case, "Sover dåligt")
    ground.attack("UPDATE note SET created_by_id = 'somebody else'")
    before = ground.look("SELECT * FROM note")
    with pytest.raises(ReadOnlyRow):
        reword(ground.coordinator, ground.case, note_id, "Ny text")
    with pytest.raises(ReadOnlyRow):
        move(ground.coordinator, ground.case, note_id, date(2026, 1, 1))
    assert ground.look("SELECT * FROM note") == before


def test_reading_a_damaged_row_is_told_to_the_log(ground):
    note_id = write(ground.coordinator, ground.case, "Sover dåligt")
    ground.attack("UPDATE note SET created_by_id = 'somebody else'")
    with transaction(reading=True) as current:
        current.scalars(select(Note)).all()
        assert opened.get().damaged == {("note", note_id)}


def test_the_version_grows_with_each_save_and_only_then(ground):
    note_id = write(ground.coordinator, ground.case, "Första")
    assert ground.look("SELECT version FROM note") == [(1,)]
    reword(ground.coordinator, ground.case, note_id, "Andra")
    read(ground.coordinator, ground.case)
    assert ground.look("SELECT version FROM note") == [(2,)]


def test_a_row_that_is_unreadable_is_not_confused_with_one_that_is_withheld(ground):
    note_id = write(ground.teacher, ground.case, "Frånvaro")
    assert read(ground.coordinator, ground.case) == {note_id: Withheld("no_consent")}
    ground.attack("UPDATE note SET created_by_id = 'somebody else'")
    assert read(ground.coordinator, ground.case) == {note_id: Unreadable()}


# -- what is assigned and what is read back must be the same to the letter --------------------------------------------


class WorkForm(StrEnum):
    SSPF = "sspf"


def test_an_enum_another_time_zone_or_a_one_for_true_do_not_damage_the_row_they_are_saved_in(ground):
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=SWEDEN)
    consent_id = give_consent(ground.coordinator, ground.case, {})
    with transaction() as current:
        current.add(Gate(id="gate", team_id=ground.team, home_agency_id=ground.social, work_form=WorkForm.SSPF, is_open=1))
        current.get(Consent, consent_id).withdrawn_at = summer
        current.commit()
    with transaction(reading=True) as current:
        gate = current.get(Gate, "gate")
        assert (gate.work_form, gate.is_open) == ("sspf", True)
        assert current.get(Consent, consent_id).withdrawn_at == summer


def test_a_time_without_a_zone_is_refused(ground):
    consent_id = give_consent(ground.coordinator, ground.case, {})
    with transaction() as current:
        current.get(Consent, consent_id).withdrawn_at = datetime(2026, 7, 1, 12, 0)  # noqa: DTZ001 - what is refused
        with pytest.raises((ValueError, StatementError), match="time zone"):
            current.flush()

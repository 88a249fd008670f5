"""Erasure erases: no row, no key, no byte of it in the files; the log still verifies; a crash anywhere is finished by the same call."""

import json

import pytest
from sqlalchemy import select, text

from caseapp.access import NotFound
from caseapp.audit import AuditEntry
from caseapp.cases.notes import read_notes
from caseapp.cases.starting import NewPerson, start_case
from caseapp.db import transaction
from caseapp.upkeep import erasing
from caseapp.upkeep.erasing import STAYS, case_tables, destroy_key, erase_cases, remove_rows
from caseapp.upkeep.ledger import NAME, DamagedLedger, note_erasure, read_ledger
from tests.upkeep.erasures import agreed, ciphertexts, log_findings, naming, on_disk


@pytest.fixture
def database(app):
    return app.extensions["caseapp.database"]


@pytest.fixture
def other_case(actor, municipality):
    return start_case(actor("karin"), municipality.teams["norr"], person=NewPerson(name="Björn Ek", sex="m"), related=[])


def test_no_row_and_no_byte_of_an_erased_case_is_left(app, installation, database, full_case):
    sealed = ciphertexts(app, full_case)
    if not installation.is_postgresql:
        before = on_disk(installation)
        assert all(value in before for value in sealed), "the search must be able to find them"
    assert {"gate", "participation", "consent", "note", "meeting", "meeting_case", "attendance"} <= naming(app, full_case)
    (done,) = erase_cases(database, installation.home, [agreed(full_case)])
    assert done.rows > 20
    assert done.key_destroyed
    assert naming(app, full_case) == {"audit_entry"}
    if not installation.is_postgresql:
        after = on_disk(installation)
        assert [value for value in sealed if value in after] == []


def test_what_was_asked_to_the_cases_own_meeting_and_the_forms_that_led_to_it_are_gone(app, installation, database, full_case):
    counts = {
        table: f"SELECT count(*) FROM {table}"
        for table in ("meeting", "attendance", "submission", "meeting_case", "note", "gate")
    }
    erase_cases(database, installation.home, [agreed(full_case)])
    with database.engine.connect() as connection:
        assert {table: connection.execute(text(count)).scalar_one() for table, count in counts.items()} == dict.fromkeys(counts, 0)


def test_other_cases_and_the_office_stay_as_they_are(app, installation, database, full_case, other_case, actor):
    before = naming(app, other_case)
    erase_cases(database, installation.home, [agreed(full_case)])
    assert naming(app, other_case) == before
    assert read_notes(actor("karin"), other_case)
    with pytest.raises(NotFound):
        read_notes(actor("karin"), full_case)


def test_the_log_verifies_and_says_what_was_erased_on_which_ground(app, installation, database, full_case):
    assert log_findings(app) == []
    erase_cases(database, installation.home, [agreed(full_case)])
    assert log_findings(app) == []
    with transaction(reading=True) as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
        assert (entry.action, entry.permission, entry.case_id) == ("purge", "erasure.carry_out", full_case)
        assert ["gate", full_case, 0, ""] in json.loads(entry.writes)


def test_a_damaged_case_is_erased_like_any_other(app, installation, database, full_case):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE participation SET added_by_id = 'somebody'"))
    erase_cases(database, installation.home, [agreed(full_case)])
    assert naming(app, full_case) == {"audit_entry"}


def test_one_approver_is_not_enough(installation, database, full_case):
    once = agreed(full_case)
    with pytest.raises(ValueError, match="two different"):
        erase_cases(database, installation.home, [type(once)(full_case, once.at, once.ground, ("ulla", "ulla"))])
    assert not (installation.home / NAME).exists()


STEPS = ("noted", "rows removed", "key destroyed", "everything")


@pytest.mark.parametrize("reached", STEPS)
def test_a_crash_after_any_step_is_finished_by_the_same_call(app, installation, database, full_case, reached):
    erasure = agreed(full_case)
    done = STEPS.index(reached)
    note_erasure(installation.home / NAME, database.keyholder, erasure)
    if done >= 1:
        remove_rows(database, erasure)
    if done >= 2:
        destroy_key(database, full_case, erasure.at)
    if done >= 3:
        erasing.forget_traces(database)
    erase_cases(database, installation.home, [erasure])
    erase_cases(database, installation.home, [erasure])
    assert naming(app, full_case) == {"audit_entry"}
    assert database.keyholder.standing_of_keys()[full_case] is False
    assert len(read_ledger(installation.home / NAME, database.keyholder).erasures) == 1
    with transaction(reading=True) as session:
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "purge")).all()) == 1
    assert log_findings(app) == []


def test_every_table_that_names_a_case_is_emptied_or_declared_to_stay():
    from caseapp.db import Base

    naming_a_case = {table.name for table in Base.metadata.sorted_tables if "case_id" in table.c}
    assert naming_a_case <= {table.name for table in case_tables()} | STAYS.keys()
    assert all(STAYS.values())


# -- the ledger -------------------------------------------------------------------------------------------------------


def test_the_ledger_is_its_owners_alone_and_reads_back(installation, database):
    path = installation.home / NAME
    erasures = [agreed("case 1"), agreed("case 2")]
    assert [note_erasure(path, database.keyholder, erasure) for erasure in [*erasures, erasures[0]]] == [True, True, False]
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(read_ledger(path, database.keyholder).erasures) == erasures


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: [lines[0].replace(b"case 1", b"case 9"), *lines[1:]],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0].replace(b"time_out", b"by_order"), *lines[1:]],
        lambda lines: [b"{}\n", *lines],
        lambda lines: [b"\xff\n", *lines],
    ],
    ids=["edited case", "one taken out", "reordered", "edited ground", "one put in", "no text"],
)
def test_a_ledger_that_was_changed_is_refused(installation, database, spoil):
    path = installation.home / NAME
    for number in (1, 2, 3):
        note_erasure(path, database.keyholder, agreed(f"case {number}"))
    path.write_bytes(b"".join(spoil(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(DamagedLedger):
        read_ledger(path, database.keyholder)


def test_half_a_line_that_a_crash_left_counts_as_not_written(installation, database):
    path = installation.home / NAME
    note_erasure(path, database.keyholder, agreed("case 1"))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert len(read_ledger(path, database.keyholder).erasures) == 1
    note_erasure(path, database.keyholder, agreed("case 2"))
    assert read_ledger(path, database.keyholder).case_ids == {"case 1", "case 2"}

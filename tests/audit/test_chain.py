"""The log cannot be changed unnoticed, not even by somebody who owns the database and knows how it is made."""

import hashlib
import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from caseapp import audit
from caseapp.access import NotFound, Permission, action, allow, log_as, log_detail
from caseapp.audit import AuditEntry
from caseapp.db import transaction
from tests.ground import NOON, give_consent, read, reword, write

EDITED = "the entry was changed, reordered or written past the application"


def verified(ground) -> tuple[int, list[tuple[int, str]]]:
    with transaction(reading=True) as current:
        count, findings = audit.verify(current, ground.database.keyholder)
    return count, [(finding.sequence, finding.message) for finding in findings]


def entries():
    with transaction(reading=True) as current:
        return current.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()


@pytest.fixture
def logged(ground):
    """Six entries: the case, a note, a consent, two readings and a refusal."""
    write(ground.coordinator, ground.case, "Sover dåligt")
    give_consent(ground.coordinator, ground.case, {ground.social: ("attendance",), ground.school: ("attendance",)})
    read(ground.teacher, ground.case)
    read(ground.coordinator, ground.case)
    with pytest.raises(NotFound):
        read(ground.outsider, ground.case)
    assert verified(ground) == (6, [])
    return ground


# -- what is written --------------------------------------------------------------------------------------------------


def test_an_entry_tells_who_did_what_to_which_case_and_how_it_was_decided(logged):
    told = [(e.sequence, e.actor_id, e.agency_id, e.action, e.permission, e.case_id, e.decision, e.reason) for e in entries()]
    coordinator, teacher, outsider = (person.user_id for person in (logged.coordinator, logged.teacher, logged.outsider))
    assert told == [
        (1, coordinator, logged.social, "create", "cases.create", None, "allowed", ""),
        (2, coordinator, logged.social, "create", "case.note", logged.case, "allowed", ""),
        (3, coordinator, logged.social, "update", "consent.manage", logged.case, "allowed", ""),
        (4, teacher, logged.school, "view", "case.read", logged.case, "allowed", ""),
        (5, coordinator, logged.social, "view", "case.read", logged.case, "allowed", ""),
        (6, outsider, logged.social, "view", "case.read", logged.case, "refused", "not_permitted"),
    ]
    assert {entry.at for entry in entries()} == {NOON}


def test_every_written_row_is_named_with_its_version_and_seal(logged):
    (note,) = logged.look("SELECT id, version, row_seal FROM note")
    assert json.loads(entries()[1].writes) == [["note", note[0], 1, bytes(note[2]).hex()]]
    assert [json.loads(entry.writes) for entry in entries()[3:]] == [[], [], []]


def test_a_reading_tells_which_compartments_were_opened_and_on_which_ground(logged):
    with transaction(reading=True) as current:
        reading = audit.entries_of_case(current, logged.database.keyholder, logged.case)[2]
    ((consent,),) = logged.look("SELECT id FROM consent")
    opened = reading.detail["opened"][logged.case]
    assert [logged.social, "attendance", "consent", consent] in opened
    assert [logged.school, "health", "own_agency", ""] in opened
    assert not [entry for entry in opened if entry[0] == logged.social and entry[1] == "health"]


@action
def search(actor, word):
    allow(actor, Permission.SEARCH_CASES)
    log_as("search")
    log_detail(word=word)


def test_search_words_are_sealed(ground_on_sqlite):
    search(ground_on_sqlite.coordinator, "Kanariefågeln Öberg")
    assert entries()[-1].action == "search"
    for encoding in ("utf-8", "utf-16-le"):
        assert "Kanariefågeln".encode(encoding) not in ground_on_sqlite.stored_bytes()


# -- what an attacker can do ------------------------------------------------------------------------------------------

COLUMNS = {
    "at": "'2026-11-20 11:00:00.000001'",
    "request_id": "'another'",
    "actor_id": "'somebody else'",
    "agency_id": "NULL",
    "action": "'print'",
    "permission": "'case.write'",
    "case_id": "NULL",
    "decision": "'refused'",
    "reason": "'blocked'",
    "writes": "'[]'",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_an_edited_column_is_found(logged, column):
    logged.attack(f"UPDATE audit_entry SET {column} = {COLUMNS[column]} WHERE sequence = 2")
    assert verified(logged) == (6, [(2, EDITED)])


@pytest.mark.parametrize("value", ["'not a time'", "17", "x'ff'"])
def test_what_is_no_time_at_all_is_found_and_breaks_nothing(ground_on_sqlite, value):
    write(ground_on_sqlite.coordinator, ground_on_sqlite.case, "Sover dåligt")
    ground_on_sqlite.attack(f"UPDATE audit_entry SET at = {value} WHERE sequence = 2")
    assert verified(ground_on_sqlite) == (2, [(2, EDITED)])


def test_an_exchanged_detail_is_found_twice(logged):
    logged.attack("UPDATE audit_entry SET detail_sealed = (SELECT detail_sealed FROM audit_entry WHERE sequence = 3) WHERE sequence = 2")
    assert verified(logged) == (6, [(2, EDITED), (2, "the sealed detail cannot be opened")])


def test_an_exchanged_mac_is_found_where_it_stands_and_in_what_follows(logged):
    logged.attack("UPDATE audit_entry SET mac = (SELECT mac FROM audit_entry WHERE sequence = 1) WHERE sequence = 2")
    assert verified(logged) == (6, [(2, EDITED), (3, EDITED)])


def test_a_removed_entry_is_found(logged):
    logged.attack("DELETE FROM audit_entry WHERE sequence IN (2, 3)")
    assert verified(logged) == (4, [(2, "entries 2 to 3 are missing")])


def test_the_first_entry_cannot_be_removed_either(logged):
    logged.attack("DELETE FROM audit_entry WHERE sequence = 1")
    assert verified(logged)[1][0] == (1, "entries 1 to 1 are missing")


def test_a_removed_entry_whose_gap_was_closed_is_found(logged):
    logged.attack(
        "DELETE FROM audit_entry WHERE sequence = 4",
        "UPDATE audit_entry SET sequence = 4 WHERE sequence = 5",
        "UPDATE audit_entry SET sequence = 5 WHERE sequence = 6",
    )
    count, findings = verified(logged)
    assert count == 5
    assert {(4, EDITED), (5, EDITED)} <= set(findings)


def test_reordered_entries_are_found(logged):
    logged.attack(
        "UPDATE audit_entry SET sequence = 1000 WHERE sequence = 4",
        "UPDATE audit_entry SET sequence = 4 WHERE sequence = 5",
        "UPDATE audit_entry SET sequence = 5 WHERE sequence = 1000",
    )
    assert {(4, EDITED), (5, EDITED), (6, EDITED)} <= set(verified(logged)[1])


@pytest.mark.parametrize("sequence", [7, 0, -3])
def test_an_inserted_copy_is_found_wherever_it_is_put(logged, sequence):
    others = ", ".join(column.key for column in AuditEntry.__table__.columns if column.key != "sequence")
    logged.attack(f"INSERT INTO audit_entry (sequence, {others}) SELECT {sequence}, {others} FROM audit_entry WHERE sequence = 4")
    count, findings = verified(logged)
    assert count == 7
    assert sequence in {where for where, _message in findings}


def test_re_stamping_the_chain_without_the_key_is_found(logged):
    # An attacker who knows how the chain is made, but has no key, stamps every entry anew with a plain hash.
    previous = b"\0" * 32
    for entry in entries():
        told = list(entry.told())
        told[3] = "somebody else"
        previous = hashlib.sha256(previous + ascii(tuple(told)).encode()).digest()
        stamp = "UPDATE audit_entry SET actor_id = 'somebody else', mac = :mac WHERE sequence = :sequence"
        logged.attack(stamp, mac=previous, sequence=entry.sequence)
    assert [where for where, message in verified(logged)[1] if message == EDITED] == [1, 2, 3, 4, 5, 6]


# -- rows that the log tells of ---------------------------------------------------------------------------------------


def test_a_note_rolled_back_to_an_earlier_version_with_its_old_seal_is_found(ground):
    note_id = write(ground.coordinator, ground.case, "Första lydelsen")
    ((older, seal),) = ground.look("SELECT text_sealed, row_seal FROM note")
    reword(ground.coordinator, ground.case, note_id, "Andra lydelsen")
    ground.attack("UPDATE note SET text_sealed = :older, row_seal = :seal, version = 1", older=older, seal=seal)
    assert read(ground.coordinator, ground.case) == {note_id: "Första lydelsen"}  # the seal alone cannot tell
    assert [message for _where, message in verified(ground)[1]] == [f"note {note_id} is not version 2, which was written last"]


def test_a_removed_withdrawal_or_participation_is_found(ground):
    ((participation,),) = ground.look("SELECT id FROM participation WHERE user_id = :user", user=ground.officer.user_id)
    ground.attack("DELETE FROM participation WHERE id = :id", id=participation)
    assert verified(ground) == (1, [(1, f"participation {participation} is gone")])


def test_a_row_whose_seal_was_replaced_is_found(ground):
    note_id = write(ground.coordinator, ground.case, "Sover dåligt")
    ground.attack("UPDATE note SET row_seal = (SELECT row_seal FROM gate LIMIT 1)")
    assert verified(ground) == (2, [(2, f"note {note_id} is not version 1, which was written last")])


# -- the guard --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET reason = 'x'", "DELETE FROM audit_entry"])
def test_the_applications_own_connection_cannot_change_the_log(logged, statement):
    with logged.database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))
    assert verified(logged) == (6, [])


def test_replacing_an_entry_is_refused(logged):
    columns = ", ".join(column.key for column in AuditEntry.__table__.columns)
    replacing = {
        "sqlite": f"INSERT OR REPLACE INTO audit_entry ({columns}) SELECT {columns} FROM audit_entry WHERE sequence = 2",
        "postgresql": f"INSERT INTO audit_entry ({columns}) SELECT {columns} FROM audit_entry WHERE sequence = 2 "
        "ON CONFLICT (sequence) DO UPDATE SET reason = 'x'",
    }
    with logged.database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(replacing[logged.database.engine.dialect.name]))
    assert verified(logged) == (6, [])


def test_the_log_cannot_be_emptied_on_postgresql(logged):
    if logged.is_sqlite:
        return  # SQLite knows no TRUNCATE; DELETE is refused above
    with logged.database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("TRUNCATE audit_entry"))
    assert verified(logged) == (6, [])

"""Attacks on the log: changed, emptied, cut, reordered, stamped anew by somebody who knows how it is made.

What the application's own connection may do to the log is refused by the database; what the database's owner does after removing that
guard is found by `audit verify`, since no entry can be stamped without the log's key. An end of the log that was cut off is found where a
row is newer than the log; an end in which nothing was changed, or the whole database put back with it, is told by the checkpoints
(tests/audit/test_checkpoints.py).
"""

import hashlib
import json
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from caseapp.access import Actor
from caseapp.cases.actions import change_young
from caseapp.cases.notes import add_note
from caseapp.cases.starting import NewPerson
from tests.attacks.attacker import Attacker
from tests.attacks.victim import Victim
from tests.attacks.victim import verified as everything_found
from tests.planted_texts import Plantation

CHANGED = "the entry was changed, reordered or written past the application"
COLUMNS = (
    "sequence, at, request_id, actor_id, agency_id, action, permission, case_id, decision, reason, writes, detail_sealed, mac"
)


def verified() -> list[str]:
    """What `audit verify` finds besides the guard that these attackers take away and do not put back."""
    return [sentence for sentence in everything_found() if "'s guard " not in sentence]


@pytest.fixture
def last(app: Flask, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]) -> int:
    """The sequence number of the last entry, after somebody has looked around."""
    victim("lena").looks_everywhere(plantation.cases["active"])
    assert verified() == []
    ((number,),) = attacker.look("SELECT max(sequence) FROM audit_entry")
    return int(number)


#: what is tried on the application's own connection → the statement, by kind of database
GUARDED = {
    "UPDATE": dict.fromkeys(("sqlite", "postgresql"), "UPDATE audit_entry SET reason = 'x'"),
    "DELETE": dict.fromkeys(("sqlite", "postgresql"), "DELETE FROM audit_entry WHERE sequence = 1"),
    "INSERT OR REPLACE": {
        "sqlite": f"INSERT OR REPLACE INTO audit_entry ({COLUMNS}) SELECT {COLUMNS} FROM audit_entry WHERE sequence = 2",
        "postgresql": f"INSERT INTO audit_entry ({COLUMNS}) SELECT {COLUMNS} FROM audit_entry WHERE sequence = 2 "
        "ON CONFLICT (sequence) DO UPDATE SET reason = 'x'",
    },
    "UPDATE OR REPLACE": {
        "sqlite": "UPDATE OR REPLACE audit_entry SET sequence = 1 WHERE sequence = 2",
        "postgresql": "UPDATE audit_entry SET sequence = -1 WHERE sequence = 2",
    },
    "TRUNCATE": {"sqlite": "DELETE FROM audit_entry", "postgresql": "TRUNCATE audit_entry"},
}


@pytest.mark.parametrize("tried", GUARDED)
def test_on_the_applications_own_connection(tried: str, app: Flask, attacker: Attacker, last: int) -> None:
    """Tries: change the log by way of the application's own connection. Must: the database refuses, and nothing is changed."""
    before = attacker.everything("audit_entry")
    with app.extensions["caseapp.database"].engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(GUARDED[tried][attacker.kind]))
    assert attacker.everything("audit_entry") == before
    assert verified() == []


def test_guard_dropped_and_an_entry_edited(attacker: Attacker, last: int) -> None:
    """Tries: drop the triggers, then say that somebody else was there. Must: `audit verify` finds the entry."""
    attacker.drop_guard()
    attacker.carry_out("UPDATE audit_entry SET actor_id = 'somebody else' WHERE sequence = :n", n=last)
    assert verified() == [CHANGED]
    assert len(everything_found()) == 3  # and the two triggers that are gone


@pytest.mark.parametrize("column", ["at", "request_id", "agency_id", "action", "permission", "case_id", "decision", "reason", "writes"])
def test_any_column_of_an_entry_edited(column: str, attacker: Attacker, last: int) -> None:
    """Tries: edit one column of one entry. Must: `audit verify` finds the entry."""
    attacker.drop_guard()
    moved = "'2020-01-01 00:00:00'" if column == "at" else "'[]x'" if column == "writes" else "'x'"
    attacker.carry_out(f"UPDATE audit_entry SET {column} = {moved} WHERE sequence = :n", n=last - 3)
    assert CHANGED in verified()


def test_time_without_end(attacker: Attacker, last: int) -> None:
    """Tries: give an entry a time that is none (SQLite) or has no end (PostgreSQL), to make `audit verify` itself fail. Must: it tells."""
    attacker.drop_guard()
    nonsense = {"sqlite": "'no time'", "postgresql": "'infinity'"}[attacker.kind]
    attacker.carry_out(f"UPDATE audit_entry SET at = {nonsense} WHERE sequence = :n", n=last - 1)
    (finding,) = verified()
    assert finding == CHANGED or finding.startswith("the entries from here on cannot be read")


def test_entry_stamped_anew_without_the_key(app: Flask, attacker: Attacker, last: int) -> None:
    """Tries: edit an entry and stamp it and all that follow anew, with a plain hash as the key is missing. Must: every one is found."""
    attacker.drop_guard()
    entries = attacker.rows("audit_entry")
    previous = entries[last - 4]["mac"]
    for entry in entries[last - 3 :]:
        told = tuple(value for name, value in entry.items() if name != "mac")
        previous = hashlib.sha256(previous + ascii(told).encode()).digest()
        attacker.carry_out("UPDATE audit_entry SET mac = :mac WHERE sequence = :n", mac=previous, n=entry["sequence"])
    assert verified() == [CHANGED] * 3


def test_two_entries_change_places(attacker: Attacker, last: int) -> None:
    """Tries: let two entries change places. Must: `audit verify` finds both, and the one that follows."""
    attacker.drop_guard()
    for old, new in ((last - 1, -1), (last - 2, last - 1), (-1, last - 2)):
        attacker.carry_out("UPDATE audit_entry SET sequence = :new WHERE sequence = :old", new=new, old=old)
    assert verified().count(CHANGED) == 3


def test_entries_removed_in_the_middle(attacker: Attacker, last: int) -> None:
    """Tries: remove the entries of one visit. Must: `audit verify` says which are missing."""
    attacker.drop_guard()
    attacker.carry_out("DELETE FROM audit_entry WHERE sequence IN (:a, :b)", a=last - 3, b=last - 2)
    assert verified() == [f"entries {last - 3} to {last - 2} are missing"]


def test_gap_closed_afterwards(attacker: Attacker, last: int) -> None:
    """Tries: remove an entry and number the following ones anew. Must: `audit verify` finds each of them."""
    attacker.drop_guard()
    attacker.carry_out("DELETE FROM audit_entry WHERE sequence = :n", n=last - 2)
    for number in (last - 1, last):
        attacker.carry_out("UPDATE audit_entry SET sequence = :new WHERE sequence = :old", old=number, new=number - 1)
    assert verified().count(CHANGED) == 2


def test_entry_written_past_the_application(attacker: Attacker, last: int) -> None:
    """Tries: add an entry that says that somebody looked who never did. Must: `audit verify` finds it, and those written after it."""
    copied = attacker.rows("audit_entry")[last - 1]
    attacker.put_in("audit_entry", copied, sequence=last + 1)
    assert CHANGED in verified()


def test_entry_without_its_detail(attacker: Attacker, last: int) -> None:
    """Tries: put another entry's sealed detail in, to hide what was opened. Must: `audit verify` finds it twice over."""
    attacker.drop_guard()
    other = attacker.rows("audit_entry")[last - 3]["detail_sealed"]
    attacker.carry_out("UPDATE audit_entry SET detail_sealed = :other WHERE sequence = :n", other=other, n=last - 1)
    assert set(verified()) == {CHANGED, "the sealed detail cannot be opened"}


def test_writes_taken_out_so_that_a_removed_row_is_not_missed(
    attacker: Attacker, plantation: Plantation, actor: Callable[[str], Actor], last: int
) -> None:
    """Tries: remove a note and the mention of it in the log. Must: `audit verify` finds the entry that was edited."""
    note_id = add_note(actor("karin"), plantation.cases["active"], information_type="family", text="Sover dåligt")
    entry = next(row for row in attacker.rows("audit_entry") if note_id in row["writes"])
    attacker.remove("note", note_id)
    assert verified() == [f"note {note_id} is gone"]
    attacker.drop_guard()
    without = json.dumps([write for write in json.loads(entry["writes"]) if write[1] != note_id])
    attacker.carry_out("UPDATE audit_entry SET writes = :writes WHERE sequence = :n", writes=without, n=entry["sequence"])
    assert verified() == [CHANGED]


def test_end_of_the_log_cut_off_after_a_row_was_changed(
    attacker: Attacker, plantation: Plantation, actor: Callable[[str], Actor], last: int
) -> None:
    """Tries: cut the end of the log off, where a name was changed. Must: `audit verify` finds the row to be newer than the log."""
    case_id = plantation.cases["active"]
    change_young(actor("karin"), case_id, NewPerson(name="Alva Nyman", sex="f", born=date(2012, 3, 4)))
    attacker.drop_guard()
    attacker.carry_out("DELETE FROM audit_entry WHERE sequence > :n", n=last)
    changed = attacker.row("young_person", case_id=case_id)
    assert verified() == [f"young_person {changed['id']} is version {changed['version']}, which the log does not know"]


def test_log_that_cannot_be_written(app: Flask, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]) -> None:
    """Tries: take the log's table away, so that nobody hears of what is read. Must: nothing is read: no page holds a planted text."""
    karin, case_id = victim("karin"), plantation.cases["active"]
    assert plantation.found_in(karin.browser.get(f"/cases/{case_id}/notes").data)
    attacker.carry_out("ALTER TABLE audit_entry RENAME TO audit_entry_of_yesterday")
    app.config["TESTING"] = False  # the answer as a visitor gets it, instead of the exception
    for page in ("/notes", "/plan", ""):
        answer = karin.browser.get(f"/cases/{case_id}{page}")
        assert answer.status_code >= 500
        assert not plantation.found_in(answer.data)
        assert b"Traceback" not in answer.data

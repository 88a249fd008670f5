"""Attacks on sealed values: carried to another place, copied, turned over, of an unknown version, under another key.

Each is carried out in the database and then met by a coordinator at a browser. What must happen is the same for all of them: the field
says that it cannot be read, the row is read-only, the log holds the row, everything else works as before.
"""

import base64
from collections.abc import Callable

import pytest

from caseapp.access import Actor
from caseapp.cases.notes import add_note
from caseapp.crypto import Sealer, new_key
from tests.attacks.attacker import Attacker, Stored, flipped
from tests.attacks.victim import UNREADABLE, Incident, Victim, incidents
from tests.planted_texts import Plantation

READ_ONLY = "Uppgiften är skadad och kan inte ändras"
SECOND = "Järnsparv i andra anteckningen"


class Notebook:
    """The notes of the coordinator's agency in the case whose consent holds, and what the coordinator makes of them."""

    def __init__(self, attacker: Attacker, plantation: Plantation, coordinator: Victim, second: str) -> None:
        self.attacker, self.coordinator = attacker, coordinator
        self.case_id, self.other_case = plantation.cases["active"], plantation.cases["none"]
        self.home = plantation.municipality.agencies["social_services"]
        self.first = self.note(self.case_id, "family", but=second)
        self.second = attacker.row("note", id=second)
        self.untouched = attacker.row("note", case_id=self.case_id, owner_agency_id=self.home, information_type="leisure")
        self.words = {
            place.row + place.kind: word
            for word, place in plantation.planted.items()
            if (place.state, place.owner, place.row) == ("active", "social_services", "note")
        }
        self.elsewhere = {w for w, p in plantation.planted.items() if (p.state, p.owner, p.kind) == ("none", "social_services", "health")}

    def note(self, case_id: str, kind: str, *, but: str = "") -> Stored:
        """The only note of this type."""
        found = self.attacker.rows("note", case_id=case_id, owner_agency_id=self.home, information_type=kind)
        (only,) = [row for row in found if row["id"] != but]
        return only

    def is_shut(self, *damaged: str) -> None:
        """These notes and no others cannot be read or changed; the log tells; the case's other notes and the other case are as before."""
        before = incidents()
        page = self.coordinator.goes_to(f"/cases/{self.case_id}/notes")
        assert page.status == 200
        assert page.says.count(UNREADABLE) >= len(damaged)
        assert self.words["noteleisure"] in page.says
        assert incidents()[len(before) :] == [Incident("allowed", frozenset(("note", row_id) for row_id in damaged))]
        assert self.coordinator.looks_everywhere(self.other_case) >= self.elsewhere
        for row_id in damaged:
            self._cannot_be_changed(row_id)

    def _cannot_be_changed(self, row_id: str) -> None:
        stored = self.attacker.everything("note")
        answer = self.coordinator.sends({"text": "Ny lydelse", "reason": "Det stod fel."}, on=f"/cases/{self.case_id}/notes/{row_id}")
        assert answer.status == 403
        assert READ_ONLY in answer.says
        assert "Ny lydelse" in answer.content.decode()  # what was typed is not lost
        assert self.attacker.everything("note") == stored
        assert ("note", row_id) in {row for incident in incidents() if incident.decision == "refused" for row in incident.rows}


@pytest.fixture
def notebook(
    attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> Notebook:
    """The notes, a second one of the same type among them."""
    second = add_note(actor("karin"), plantation.cases["active"], information_type="family", heading="Andra", text=SECOND)
    return Notebook(attacker, plantation, victim("karin"), second)


def test_swapped_between_rows(notebook: Notebook) -> None:
    """Tries: let two notes of the same agency, case and type exchange their texts. Must: neither can be read."""
    notebook.attacker.swap("note", ("text_sealed",), notebook.first, notebook.second)
    notebook.is_shut(notebook.first["id"], notebook.second["id"])


def test_whole_contents_swapped_between_rows(notebook: Notebook) -> None:
    """Tries: exchange everything but the ids, seals included. Must: neither can be read."""
    columns = ("heading_sealed", "text_sealed", "occurred_on", "created_at", "row_seal", "version")
    notebook.attacker.swap("note", columns, notebook.first, notebook.second)
    notebook.is_shut(notebook.first["id"], notebook.second["id"])


def test_swapped_between_columns(notebook: Notebook) -> None:
    """Tries: let the heading and the text of one note change places. Must: the note cannot be read."""
    first = notebook.first
    notebook.attacker.rewrite("note", first["id"], heading_sealed=first["text_sealed"], text_sealed=first["heading_sealed"])
    notebook.is_shut(first["id"])


def test_swapped_between_cases(notebook: Notebook) -> None:
    """Tries: put another case's text of the same agency and type in. Must: the note cannot be read."""
    theirs = notebook.note(notebook.other_case, "family")
    notebook.attacker.rewrite("note", notebook.first["id"], text_sealed=theirs["text_sealed"])
    notebook.is_shut(notebook.first["id"])


def test_swapped_between_information_types(notebook: Notebook) -> None:
    """Tries: show a note about health as one about the family. Must: the note cannot be read."""
    health = notebook.note(notebook.case_id, "health")
    notebook.attacker.rewrite("note", notebook.first["id"], text_sealed=health["text_sealed"])
    notebook.is_shut(notebook.first["id"])


def test_note_declared_to_be_of_a_type_that_is_shared(notebook: Notebook, victim: Callable[[str], Victim], plantation: Plantation) -> None:
    """Tries: relabel a note about health, which the consent leaves out, as one about the family. Must: the school gets nothing of it."""
    health = notebook.note(notebook.case_id, "health")
    notebook.attacker.rewrite("note", health["id"], information_type="family")
    assert notebook.words["notehealth"] not in victim("lena").looks_everywhere(notebook.case_id)
    notebook.is_shut(health["id"])


def test_note_declared_to_be_another_agencys(notebook: Notebook, victim: Callable[[str], Victim], plantation: Plantation) -> None:
    """Tries: make the social services' note the police's own, which a consent cannot shut. Must: the police get nothing of it."""
    before = victim("pontus").looks_everywhere(notebook.case_id)
    notebook.attacker.rewrite("note", notebook.first["id"], owner_agency_id=plantation.municipality.agencies["police"])
    assert victim("pontus").looks_everywhere(notebook.case_id) == before


def test_copied_row(notebook: Notebook) -> None:
    """Tries: put a copy of a note in under a new id. Must: the copy cannot be read, the note can."""
    copy = "c0b1e5c0-0000-4000-8000-000000000001"
    notebook.attacker.put_in("note", notebook.first, id=copy)
    assert notebook.words["notefamily"] in notebook.coordinator.goes_to(f"/cases/{notebook.case_id}/notes").says
    notebook.is_shut(copy)


def test_row_copied_into_another_case(notebook: Notebook) -> None:
    """Tries: put a copy of a note of one case in another. Must: it cannot be read there."""
    copy = "c0b1e5c0-0000-4000-8000-000000000002"
    theirs = notebook.note(notebook.other_case, "family")
    notebook.attacker.put_in("note", theirs, id=copy, case_id=notebook.case_id)
    notebook.is_shut(copy)


@pytest.mark.parametrize("position", [1, 12, 13, 29, -16, -1], ids=["nonce", "nonce's end", "text", "padding", "tag", "tag's end"])
def test_flipped_bit(notebook: Notebook, position: int) -> None:
    """Tries: turn one bit of the sealed text over. Must: the note cannot be read."""
    notebook.attacker.rewrite("note", notebook.first["id"], text_sealed=flipped(notebook.first["text_sealed"], position))
    notebook.is_shut(notebook.first["id"])


@pytest.mark.parametrize("version", [0, 2, 255])
def test_unknown_version(notebook: Notebook, version: int) -> None:
    """Tries: claim that a value was sealed by another version of the envelope. Must: the note cannot be read."""
    notebook.attacker.rewrite("note", notebook.first["id"], text_sealed=bytes([version]) + notebook.first["text_sealed"][1:])
    notebook.is_shut(notebook.first["id"])


def test_sealed_under_a_key_of_the_attackers(notebook: Notebook) -> None:
    """Tries: put a text of one's own in, sealed as the program does it but under another key. Must: it is not shown."""
    forged = Sealer(new_key()).seal(b"Forged text", b"")
    notebook.attacker.rewrite("note", notebook.first["id"], text_sealed=forged)
    notebook.is_shut(notebook.first["id"])
    assert "Forged" not in notebook.coordinator.goes_to(f"/cases/{notebook.case_id}/notes").says


@pytest.mark.parametrize("cut", [0, 1, 13, 28, -1], ids=["all", "but the version", "but the nonce", "most", "the last byte"])
def test_shortened(notebook: Notebook, cut: int) -> None:
    """Tries: cut a sealed value short, down to nothing at all. Must: the note cannot be read."""
    notebook.attacker.rewrite("note", notebook.first["id"], text_sealed=notebook.first["text_sealed"][:cut])
    notebook.is_shut(notebook.first["id"])


def test_plaintext_in_its_place(notebook: Notebook) -> None:
    """Tries: write plain text where a sealed value belongs. Must: it is not shown."""
    notebook.attacker.rewrite("note", notebook.first["id"], text_sealed=b"Forged text" + base64.b64encode(bytes(40)))
    notebook.is_shut(notebook.first["id"])
    assert "Forged" not in notebook.coordinator.goes_to(f"/cases/{notebook.case_id}/notes").says


def test_emptied_by_null(notebook: Notebook) -> None:
    """Tries: set a sealed value to NULL, so that it seems never to have been written. Must: refused by the column itself."""
    for column in ("text_sealed", "heading_sealed"):
        with pytest.raises(Exception, match=r"(?i)not.null"):
            notebook.attacker.rewrite("note", notebook.first["id"], **{column: None})
    assert notebook.words["notefamily"] in notebook.coordinator.goes_to(f"/cases/{notebook.case_id}/notes").says


def test_emptied_by_null_after_the_constraint_was_removed(notebook: Notebook) -> None:
    """Tries: remove the column's NOT NULL first, and empty it then. Must: the note cannot be read, and does not seem empty."""
    if notebook.attacker.kind == "postgresql":
        loosened = ["ALTER TABLE note ALTER COLUMN text_sealed DROP NOT NULL"]
    else:  # SQLite: the table's own definition is a text that its owner can write
        loosened = [
            "PRAGMA writable_schema=ON",
            "UPDATE sqlite_master SET sql = replace(sql, 'text_sealed BLOB NOT NULL', 'text_sealed BLOB') WHERE name = 'note'",
        ]
    notebook.attacker.carry_out(*loosened)
    notebook.attacker.rewrite("note", notebook.first["id"], text_sealed=None)
    notebook.is_shut(notebook.first["id"])

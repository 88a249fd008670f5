"""Attacks on the key store: rows swapped, keys under another name, destroyed keys brought back, a store without its master key.

Somebody who can write to both databases still has no master key. What is wrapped opens only under the name, the installation and the
version it was wrapped for; one spoiled row shuts its own case and no other.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from caseapp import create_app
from caseapp.access import Actor
from caseapp.cases.notes import add_note, read_notes
from caseapp.db import bound_database
from caseapp.formats import clock
from caseapp.keyholder import Keyholder, KeyRefused, WrongMasterKey, create_keyring
from tests.attacks.attacker import Attacker
from tests.attacks.victim import UNREADABLE, Victim, incidents, verified
from tests.installations import Installation
from tests.planted_texts import Plantation, may_see

_MOVE = "UPDATE case_key SET wrapped = (SELECT wrapped FROM case_key WHERE case_id = :source) WHERE case_id = :target"


def granted(plantation: Plantation, login: str, state: str) -> set[str]:
    """The planted words of this case that this person may see."""
    return {word for word, place in plantation.planted.items() if place.state == state and may_see(login, place)}


@pytest.mark.parametrize("how", ["under another case's name", "swapped", "one bit flipped", "an unknown version of the master key"])
def test_case_key(how: str, attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim]) -> None:
    """Tries: spoil a case's wrapped key, as named. Must: nothing of the case is read, the pages say so, the log names it, others go on."""
    karin, spoiled, whole = victim("karin"), plantation.cases["active"], plantation.cases["none"]
    wrapped = dict(attacker.look("SELECT case_id, wrapped FROM case_key", keystore=True))
    if how.startswith("under"):
        attacker.carry_out(_MOVE, keystore=True, source=whole, target=spoiled)
    elif how == "swapped":
        partly = plantation.cases["partly_signed"]
        attacker.carry_out(_MOVE, keystore=True, source=partly, target=spoiled)
        attacker.carry_out("UPDATE case_key SET wrapped = :key WHERE case_id = :case", keystore=True, key=wrapped[spoiled], case=partly)
    elif how.startswith("one bit"):
        key = bytes(wrapped[spoiled])
        key = key[:-1] + bytes([key[-1] ^ 1])
        attacker.carry_out("UPDATE case_key SET wrapped = :key WHERE case_id = :case", keystore=True, key=key, case=spoiled)
    else:
        attacker.carry_out("UPDATE case_key SET master_version = 9 WHERE case_id = :case", keystore=True, case=spoiled)
    told = len(incidents())
    assert not karin.looks_everywhere(spoiled) & {word for word, place in plantation.planted.items() if place.state == "active"}
    assert UNREADABLE in karin.goes_to(f"/cases/{spoiled}/notes").says
    assert ("case_key", spoiled) in {row for incident in incidents()[told:] for row in incident.rows}
    assert karin.looks_everywhere(whole) >= granted(plantation, "karin", "none")
    assert karin.goes_to("/cases").status == 200


def test_nothing_is_written_under_a_spoiled_key(
    attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: exchange a case's key and wait for somebody to write under it. Must: refused with a sentence, nothing is saved."""
    karin, spoiled = victim("karin"), plantation.cases["active"]
    attacker.carry_out(_MOVE, keystore=True, source=plantation.cases["none"], target=spoiled)
    before = attacker.everything("note")
    answer = karin.sends({"information_type": "family", "text": "Ny anteckning"}, on=f"/cases/{spoiled}/notes/new")
    assert answer.status == 403
    assert attacker.everything("note") == before


@pytest.mark.parametrize("purpose", ["lookup", "audit", "rows", "office", "credentials", "sessions"])
def test_purpose_keys_swapped(purpose: str, installation: Installation, attacker: Attacker) -> None:
    """Tries: put the key of one purpose in the place of another. Must: the application does not start, with one sentence."""
    other = "rows" if purpose != "rows" else "audit"
    attacker.carry_out(
        "UPDATE purpose_key SET wrapped = (SELECT wrapped FROM purpose_key WHERE name = :other) WHERE name = :name",
        keystore=True,
        other=other,
        name=purpose,
    )
    with pytest.raises((SystemExit, KeyRefused, WrongMasterKey)) as refusal:
        create_app(installation.environment)
    assert "Traceback" not in str(refusal.value)


def test_key_store_of_another_installation(installation: Installation, attacker: Attacker) -> None:
    """Tries: give the key store another installation's id, to use its keys elsewhere. Must: the application does not start."""
    attacker.carry_out("UPDATE installation SET id = 'another'", keystore=True)
    with pytest.raises((SystemExit, KeyRefused, WrongMasterKey)):
        create_app(installation.environment)


def test_key_store_without_its_master_key(app: Flask, plantation: Plantation, tmp_path: Path) -> None:
    """Tries: open the stolen key store with a master key of one's own. Must: it opens nothing, and holds no key in the open."""
    own = create_keyring(tmp_path / "own.key")
    database = bound_database()
    with pytest.raises(WrongMasterKey):
        Keyholder(database.keystore_engine, own).open()
    stolen = Keyholder(database.keystore_engine, own)
    stolen._wrapping.installation_id = database.keyholder.installation_id
    with pytest.raises(WrongMasterKey):
        stolen.hand_out({plantation.cases["active"]: [("any", "identity")]})


def test_no_key_lies_in_the_key_store(app: Flask, attacker: Attacker) -> None:
    """Tries: search the key store for the keys that the running program holds. Must: none of them is there in the open."""
    stored = repr(attacker.look("SELECT * FROM purpose_key", keystore=True)) + repr(attacker.look("SELECT * FROM case_key", keystore=True))
    for purpose in ("lookup", "audit", "rows", "office", "credentials", "sessions"):
        key = bound_database().keyholder.purpose_key(purpose)
        assert repr(key)[2:-1] not in stored
        assert key.hex() not in stored


def test_destroyed_key_with_its_mark_removed(attacker: Attacker, plantation: Plantation, actor: Callable[[str], Actor]) -> None:
    """Tries: take the mark of destruction off a destroyed key. Must: the case stays shut, for its key is gone."""
    case_id = plantation.cases["active"]
    bound_database().keyholder.destroy_case(case_id, clock.now())
    attacker.carry_out("UPDATE case_key SET destroyed_at = NULL WHERE case_id = :case", keystore=True, case=case_id)
    assert not {note.text for note in read_notes(actor("karin"), case_id).notes if isinstance(note.text, str)}


def test_older_data_under_the_running_key_store(
    attacker: Attacker, plantation: Plantation, victim: Callable[[str], Victim], actor: Callable[[str], Actor]
) -> None:
    """Tries: put the data back as they were before a case was erased, its log's end kept. Must: nothing of the case opens; verify tells."""
    case_id, karin = plantation.cases["active"], victim("karin")
    older = attacker.rows("note", case_id=case_id)
    newer = add_note(actor("karin"), case_id, information_type="family", text="Senare än säkerhetskopian")
    bound_database().keyholder.destroy_case(case_id, clock.now())
    attacker.remove("note", newer)
    for row in older:
        attacker.put_back("note", row)
    assert not karin.looks_everywhere(case_id) & {word for word, place in plantation.planted.items() if place.state == "active"}
    assert verified() == [f"note {newer} is gone"]

"""What the chain alone cannot tell: an end that was cut off, an older copy put back. Signed checkpoints outside the database do."""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine, text

from caseapp import audit
from caseapp.access import Actor
from caseapp.accounts.models import Membership
from caseapp.audit.checkpoints import FILE, Keeper, is_genuine, judge, keep, kept_checkpoints, make_checkpoint
from caseapp.cases.notes import add_note
from caseapp.crypto import is_signed, public_key, sign
from caseapp.db import bound_database, transaction
from caseapp.formats import clock
from tests.ground import Ground, read, write
from tests.installations import Installation

CUT = "its end was cut off, or an older copy was put back"


def findings(app: Flask) -> list[tuple[int, str]]:
    with app.app_context(), transaction(reading=True) as current:
        return [(one.sequence, one.message) for one in audit.verify(current, bound_database().keyholder)[1]]


def command(app: Flask, *words: str) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=list(words))


def past_the_guard(installation: Installation, *statements: str) -> None:
    """Raw statements on the data, by somebody who owns the database and takes the log's guard away and puts it back."""
    kind = "postgresql" if installation.is_postgresql else "sqlite"
    off = {
        "sqlite": ("DROP TRIGGER audit_entry_no_update", "DROP TRIGGER audit_entry_no_delete"),
        "postgresql": ("ALTER TABLE audit_entry DISABLE TRIGGER USER",),
    }
    on = {"sqlite": audit.GUARD["sqlite"], "postgresql": ("ALTER TABLE audit_entry ENABLE TRIGGER USER",)}
    engine = create_engine(installation.environment["CASEAPP_DATABASE_URL"])
    with engine.begin() as connection:
        for statement in (*off[kind], *statements, *on[kind]):
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def karin(actor) -> Actor:
    return actor("karin")


def test_an_end_that_was_cut_off_is_found_with_both_numbers(app: Flask, installation: Installation, karin: Actor, case_id: str) -> None:
    add_note(karin, case_id, information_type="family", text="Skriven före kontrollpunkten")
    audit.vouch(bound_database().keyholder)
    with transaction(reading=True) as current:
        last = current.scalar(text("SELECT max(sequence) FROM audit_entry"))
    assert findings(app) == []
    past_the_guard(installation, f"DELETE FROM audit_entry WHERE sequence > {last - 2}")
    told = [message for sequence, message in findings(app) if sequence == last - 1]
    assert any(f"ends with entry {last - 2}, but had {last} entries" in message and CUT in message for message in told)


def test_a_whole_older_copy_put_back_is_found(app: Flask, installation: Installation, karin: Actor, case_id: str, tmp_path: Path) -> None:
    if installation.is_postgresql:
        pytest.skip("an older copy of a PostgreSQL database is a restored dump: what the checkpoints see is the same end of the log")
    app.extensions["caseapp.database"].dispose()
    shutil.copytree(installation.home, tmp_path / "older")
    app.extensions["caseapp.database"].bind()
    add_note(karin, case_id, information_type="family", text="Skriven efter kopian")
    audit.vouch(bound_database().keyholder)
    app.extensions["caseapp.database"].dispose()
    for name in ("caseapp.db", "caseapp.db-wal", "caseapp.db-shm"):
        (installation.home / name).unlink(missing_ok=True)
        if (tmp_path / "older" / name).exists():
            shutil.copy(tmp_path / "older" / name, installation.home / name)
    assert any(CUT in message for _sequence, message in findings(app))


def test_a_log_of_other_entries_under_the_same_numbers_is_found(ground: Ground, tmp_path: Path) -> None:
    """Somebody who has the keys of the log, but not the key store's and the file's past, cannot make another past."""
    keyholder = ground.database.keyholder
    read(ground.coordinator, ground.case)
    with transaction(reading=True) as current:
        vouched = audit.last_checkpoint(current, keyholder)
    assert vouched is not None
    keep(keyholder, tmp_path, vouched)
    found = kept_checkpoints(keyholder, tmp_path)
    assert [one.where for one in found] == ["key store", FILE]
    assert judge(keyholder, found, {vouched.sequence: bytes.fromhex(vouched.mac)}, vouched.sequence) == []
    ((sequence, message),) = judge(keyholder, found, {vouched.sequence: b"\1" * 32}, vouched.sequence)
    assert sequence == vouched.sequence
    assert "the log was replaced" in message


def test_an_edited_checkpoint_and_one_of_another_installation_are_told_apart_from_genuine_ones(ground: Ground, tmp_path: Path) -> None:
    keyholder = ground.database.keyholder
    made = make_checkpoint(keyholder, 7, b"\2" * 32, clock.now())
    assert is_genuine(keyholder, made)
    changes = {"sequence": 6, "mac": "03" * 32, "at": "2020-01-01T00:00:00+00:00", "installation": "another", "signature": "00" * 64}
    for name, other in changes.items():
        assert not is_genuine(keyholder, replace(made, **{name: other})), name
    (tmp_path / FILE).write_text("not json\n" + replace(made, sequence=3).written() + "\n")
    told = judge(keyholder, kept_checkpoints(keyholder, tmp_path), {}, 10)
    assert [message for _sequence, message in told] == [
        f"{FILE}, line {line}: the checkpoint was edited, or is another installation's" for line in (1, 2)
    ]


def test_the_signature_is_that_of_rfc_8032() -> None:
    """Section 7.1, test 2: one byte."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert public_key(seed) == public
    assert sign(seed, b"\x72") == signature
    assert is_signed(public, b"\x72", signature)
    assert not is_signed(public, b"\x73", signature)
    assert not is_signed(public, b"\x72", signature[:-1] + b"\1")
    assert not is_signed(public, b"\x72", b"")


# -- when one is made -------------------------------------------------------------------------------------------------


def test_one_is_due_after_so_many_entries_or_seconds_or_at_once(ground: Ground, tmp_path: Path) -> None:
    keyholder, now = ground.database.keyholder, clock.now()
    keeper = Keeper(keyholder, tmp_path, entries=10, seconds=60)

    def kept() -> list[int]:
        return [one.checkpoint.sequence for one in kept_checkpoints(keyholder, None) if one.checkpoint]

    keeper.note(1, b"\1" * 32, now)  # the first in this process: nothing is known of what was vouched for before
    keeper.note(5, b"\1" * 32, now + timedelta(seconds=59))
    assert kept() == [1]
    keeper.note(11, b"\1" * 32, now + timedelta(seconds=59))
    assert kept() == [1, 11]
    keeper.note(12, b"\1" * 32, now + timedelta(seconds=59 + 60))
    assert kept() == [1, 11, 12]
    keeper.note(13, b"\1" * 32, now + timedelta(seconds=120), at_once=True)
    assert kept() == [1, 11, 12, 13]
    assert len((tmp_path / FILE).read_text().splitlines()) == 4
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_holds_nobody_up_and_is_tried_again(
    ground: Ground, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keyholder, gone = ground.database.keyholder, tmp_path / "gone"
    audit.keep_checkpoints(keyholder, gone, entries=100, seconds=60)
    assert write(ground.coordinator, ground.case, "Skriven ändå")
    assert "tried again" in capsys.readouterr().err
    assert keyholder.kept_checkpoints() == []
    gone.mkdir()
    write(ground.coordinator, ground.case, "Och nu")
    assert len(keyholder.kept_checkpoints()) == 1
    assert (gone / FILE).exists()


def test_a_consent_is_vouched_for_at_once(app: Flask, karin: Actor, case_id: str) -> None:  # the fixture gives a consent
    with transaction(reading=True) as current:
        last = current.scalar(text("SELECT max(sequence) FROM audit_entry WHERE permission = 'consent.manage'"))
    kept = [json.loads(line)["sequence"] for line in bound_database().keyholder.kept_checkpoints()]
    assert last in kept


# -- the commands -----------------------------------------------------------------------------------------------------


def test_a_checkpoint_kept_elsewhere_finds_what_was_removed_here(
    app: Flask, installation: Installation, karin: Actor, case_id: str, tmp_path: Path
) -> None:
    add_note(karin, case_id, information_type="family", text="Före")
    printed = command(app, "audit", "checkpoint", "--json")
    assert printed.exit_code == 0
    (tmp_path / "kept.json").write_text(printed.output)
    assert command(app, "audit", "verify", "--checkpoint", str(tmp_path / "kept.json")).exit_code == 0
    # somebody cuts the log, empties the key store's table and removes the file
    last = json.loads(printed.output)["sequence"]
    past_the_guard(installation, f"DELETE FROM audit_entry WHERE sequence >= {last}")
    keys = create_engine(installation.environment["CASEAPP_KEYSTORE_URL"])
    with keys.begin() as connection:
        connection.execute(text("DELETE FROM checkpoint"))
    keys.dispose()
    (installation.home / FILE).unlink()
    found = command(app, "audit", "verify", "--checkpoint", str(tmp_path / "kept.json"))
    assert found.exit_code == 1
    assert CUT in found.output


def test_a_verified_log_is_vouched_for_and_one_that_is_not_is_not(
    app: Flask, installation: Installation, karin: Actor, case_id: str
) -> None:
    add_note(karin, case_id, information_type="family", text="Före")
    before = len(bound_database().keyholder.kept_checkpoints())
    assert command(app, "audit", "verify").exit_code == 0
    assert len(bound_database().keyholder.kept_checkpoints()) == before + 1
    past_the_guard(installation, "UPDATE audit_entry SET decision = 'refused' WHERE sequence = 3")
    add_note(karin, case_id, information_type="family", text="Efter")
    before = len(bound_database().keyholder.kept_checkpoints())
    assert command(app, "audit", "verify").exit_code == 1
    assert len(bound_database().keyholder.kept_checkpoints()) == before


# -- what else verify finds -------------------------------------------------------------------------------------------


def test_a_guard_that_was_taken_away_is_found(ground: Ground) -> None:
    switched = "ALTER TABLE audit_entry {} TRIGGER audit_entry_append_only"
    engine = create_engine(ground.url)
    try:
        with engine.begin() as connection:
            connection.execute(text("DROP TRIGGER audit_entry_no_delete" if ground.is_sqlite else switched.format("DISABLE")))
        with transaction(reading=True) as current:
            _count, found = audit.verify(current, ground.database.keyholder)
        gone = "audit_entry_no_delete" if ground.is_sqlite else "audit_entry_append_only"
        assert [one.message for one in found] == [f"the log's guard {gone} is gone: entries could be changed or removed"]
    finally:
        if not ground.is_sqlite:  # this ground's database serves the next test, too
            with engine.begin() as connection:
                connection.execute(text(switched.format("ENABLE")))
        engine.dispose()


def test_a_row_that_carries_a_genuine_seal_but_that_no_entry_tells_of_is_found(ground: Ground) -> None:
    """A membership written by the program's own code with the program's own keys, and never logged."""
    with transaction() as current:
        row = Membership(user_id=ground.outsider.user_id, team_id=ground.team, role="coordinator", from_day=date(2026, 1, 1))
        current.add(row)
        current.commit()
    with transaction(reading=True) as current:
        _count, found = audit.verify(current, ground.database.keyholder)
    assert [one.message for one in found] == [f"membership {row.id} was put there past the application: no entry tells of it"]

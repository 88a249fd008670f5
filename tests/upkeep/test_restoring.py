"""A back-up comes back whole, in proved condition or not at all; and what was erased after it was made does not come back."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from caseapp.cases.notes import read_notes
from caseapp.keyholder import Keyholder, read_keyring
from caseapp.upkeep.erasing import erase_cases
from caseapp.upkeep.ledger import NAME
from tests.commands import run
from tests.installations import Installation, Workshop, every_row_but_traces
from tests.municipality import actor_of
from tests.test_start import _another_key, every_file
from tests.upkeep.erasures import agreed, ciphertexts, log_findings, naming


@dataclass
class Pair:
    """An installation with a back-up, and an empty one beside it with the same master key."""

    old: Installation
    new: Installation
    backup: Path
    case_id: str

    def restore(self, *words: str, keys: Path | None = None):
        """`flask restore` of the back-up (with the keys of another one) in a process of its own."""
        where = ("--keystore", str(keys)) if keys else ()
        return run(self.new, "restore", str(self.backup), *where, *words)

    def back_up(self, directory: Path) -> Path:
        done = run(self.old, "backup", str(directory))
        assert done.returncode == 0, done.stderr
        return directory


@pytest.fixture
def pair(workshop: Workshop, installation: Installation, app, full_case: str, tmp_path: Path) -> Iterator[Pair]:
    with workshop.empty(installation, tmp_path / "new") as new:
        shutil.copy(installation.home / "master.key", new.home / "master.key")
        made = Pair(installation, new, tmp_path / "backup", full_case)
        made.back_up(made.backup)
        yield made


def one_sentence(done) -> str:
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


# -- making it --------------------------------------------------------------------------------------------------------


def test_a_backup_is_two_private_parts_without_the_master_key(pair):
    files = every_file(pair.backup)
    ending = "dump" if pair.old.is_postgresql else "db"
    assert {name for name in files if "/" in name} == {
        f"data/caseapp.{ending}", "data/manifest.json", f"keystore/keystore.{ending}", "keystore/manifest.json",
    }  # fmt: skip
    assert {mode & 0o777 for name, (_hash, mode, _at) in files.items() if "/" in name} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (pair.backup, pair.backup / "data", pair.backup / "keystore")} == {0o700}
    key = json.loads((pair.old.home / "master.key").read_text())["keys"]["1"]
    assert not any(key.encode() in path.read_bytes() for path in pair.backup.rglob("*") if path.is_file())


def test_a_backup_is_never_written_over_anything(pair):
    before = every_file(pair.backup)
    again = run(pair.old, "backup", str(pair.backup))
    assert again.returncode == 1
    assert "not empty" in one_sentence(again)
    assert every_file(pair.backup) == before


def test_a_backup_is_in_the_log_and_its_manifest_can_be_read_by_a_script(pair, tmp_path, app):
    made = run(pair.old, "backup", str(tmp_path / "second"), "--json")
    told = json.loads(made.stdout)
    assert told["cases"] == 1
    assert told["kind"] == ("postgresql" if pair.old.is_postgresql else "sqlite")
    with app.extensions["caseapp.database"].engine.connect() as connection:
        last = connection.exec_driver_sql("SELECT sequence, action FROM audit_entry ORDER BY sequence DESC LIMIT 1").one()
    assert tuple(last) == (told["sequence"], "backup")


def test_a_missing_pg_dump_is_named_with_its_package(pair, tmp_path):
    if not pair.old.is_postgresql:
        pytest.skip("SQLite needs no program")
    from caseapp.upkeep import postgresql_programs

    with pytest.raises(postgresql_programs.ProgramFailed, match="postgresql-client"):
        postgresql_programs._program("pg_dump_that_nobody_has")


# -- bringing it back -------------------------------------------------------------------------------------------------


def test_what_comes_back_is_what_was_backed_up_and_works(pair, app, municipality):
    before = every_row_but_traces(app)
    done = pair.restore("--without-ledger")
    assert done.returncode == 0, done.stderr
    assert "may be served" in done.stdout
    with pair.new.application() as again:
        assert every_row_but_traces(again) == before
        assert log_findings(again) == []
        assert "Sover dåligt" in repr(read_notes(actor_of(again, municipality["karin"]), pair.case_id))
        assert again.test_client().get("/healthz").status_code == 200
    assert not (pair.new.home / "restore.unfinished").exists()


def test_an_installation_in_use_is_never_written_over(pair):
    refused = run(pair.old, "restore", str(pair.backup), "--without-ledger")
    assert refused.returncode == 1
    assert "already" in one_sentence(refused)


def test_without_an_erasure_ledger_it_asks_before_erased_cases_come_back(pair):
    refused = pair.restore()
    assert refused.returncode == 1
    assert "erasure ledger" in one_sentence(refused)


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _edit(name: str, value: object) -> Callable[[Path], None]:
    def spoil(backup: Path) -> None:
        path = backup / "data" / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))

    return spoil


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a flipped bit in the data": (lambda backup: _flip(next((backup / "data").glob("caseapp.*"))), "not the one that was backed up"),
    "a flipped bit in the keys": (lambda backup: _flip(next((backup / "keystore").glob("keystore.*"))), "not the one that was backed up"),
    "no manifest": (lambda backup: (backup / "data" / "manifest.json").unlink(), "cannot be read"),
    "no text": (lambda backup: (backup / "data" / "manifest.json").write_bytes(b"\xff"), "not a manifest"),
    "a missing file": (lambda backup: next((backup / "data").glob("caseapp.*")).unlink(), "missing"),
    "another number of cases": (_edit("cases", 7), "changed after"),
    "another end of the log": (_edit("sequence", 1), "changed after"),
    "another installation": (_edit("installation", "somewhere else"), "different installations"),
    "a newer program": (_edit("revision", "9999"), "does not know"),
}


@pytest.mark.parametrize("wrong", SPOILED)
def test_a_spoiled_backup_is_refused_in_one_sentence_and_nothing_is_served(wrong, pair):
    spoil, words = SPOILED[wrong]
    kept = pair.backup.with_name("kept")
    shutil.copytree(pair.backup, kept)
    spoil(pair.backup)
    refused = pair.restore("--without-ledger")
    assert refused.returncode == 1
    assert words in one_sentence(refused)
    with pair.new.application() as app:
        assert app.test_client().get("/healthz").status_code == 503
    shutil.rmtree(pair.backup)
    kept.rename(pair.backup)
    assert pair.restore("--without-ledger").returncode == 0, "and the whole one can be restored after that"


def test_another_master_key_is_a_matter_of_configuration(pair):
    _another_key(pair.new.home / "master.key")
    refused = pair.restore("--without-ledger")
    assert refused.returncode == 78
    assert "key" in one_sentence(refused)


def test_a_row_changed_in_the_copy_is_found_even_with_right_hashes(pair, app):
    database = app.extensions["caseapp.database"]
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE note SET information_type = 'offences'")
    spoiled = Pair(pair.old, pair.new, pair.back_up(pair.backup.with_name("spoiled")), pair.case_id)
    refused = spoiled.restore("--without-ledger")
    assert refused.returncode == 1
    assert "seal" in one_sentence(refused)
    with pair.new.application() as again:
        assert again.test_client().get("/healthz").status_code == 503


# -- what was erased stays erased -------------------------------------------------------------------------------------


def test_a_case_erased_after_the_backup_is_gone_from_what_comes_back(pair, app, tmp_path):
    sealed = ciphertexts(app, pair.case_id)
    erase_cases(app.extensions["caseapp.database"], pair.old.home, [agreed(pair.case_id)])
    done = pair.restore("--ledger", str(pair.old.home / NAME))
    assert done.returncode == 0, done.stderr
    assert "1 cases were erased again" in done.stdout
    with pair.new.application() as again:
        database = again.extensions["caseapp.database"]
        assert naming(again, pair.case_id) == {"audit_entry"}
        assert database.keyholder.standing_of_keys()[pair.case_id] is False
        assert log_findings(again) == []
    if not pair.new.is_postgresql:
        left = b"".join(path.read_bytes() for path in pair.new.home.iterdir())
        assert [value for value in sealed if value in left] == []
    assert (pair.new.home / NAME).read_bytes() == (pair.old.home / NAME).read_bytes()


def test_old_data_with_a_key_store_from_after_the_erasure_opens_no_value_and_brings_nothing_back(pair, app, tmp_path):
    sealed = ciphertexts(app, pair.case_id)
    erase_cases(app.extensions["caseapp.database"], pair.old.home, [agreed(pair.case_id)])
    later = pair.back_up(tmp_path / "later")
    if not pair.old.is_postgresql:
        # the attacker's way: the old data beside the newer key store, without our restore
        assert sealed[0] in (pair.backup / "data" / "caseapp.db").read_bytes()
        from caseapp.db.engine import make_engine

        shutil.copy(later / "keystore" / "keystore.db", tmp_path / "stolen.db")
        engine = make_engine(f"sqlite:///{tmp_path}/stolen.db")
        thief = Keyholder(engine, read_keyring(pair.old.home / "master.key"))
        thief.open()
        with sqlite3.connect(pair.backup / "data" / "caseapp.db") as data:
            places = data.execute("SELECT DISTINCT owner_agency_id, information_type FROM note").fetchall()
        data.close()
        assert places
        assert thief.hand_out({pair.case_id: places}) == {}
        engine.dispose()
        assert sealed[-1] not in (later / "keystore" / "keystore.db").read_bytes(), "the wrapped key is in no byte of it"
    done = pair.restore("--without-ledger", keys=later)
    assert done.returncode == 0, done.stderr
    with pair.new.application() as again:
        assert naming(again, pair.case_id) == {"audit_entry"}


def test_a_ledger_older_than_the_backup_is_refused(pair, app, tmp_path):
    erase_cases(app.extensions["caseapp.database"], pair.old.home, [agreed(pair.case_id)])
    later = Pair(pair.old, pair.new, pair.back_up(tmp_path / "later"), pair.case_id)
    (tmp_path / "empty.log").write_bytes(b"")
    refused = later.restore("--ledger", str(tmp_path / "empty.log"))
    assert refused.returncode == 1
    assert "older than the back-up" in one_sentence(refused)
    assert later.restore("--ledger", str(pair.old.home / NAME)).returncode == 0


def test_while_a_restore_is_unfinished_nothing_is_served_and_it_can_be_run_again(pair):
    (pair.new.home / "restore.unfinished").write_text("left by a crash")
    with pair.new.application() as app:
        assert app.test_client().get("/healthz").status_code == 503
    waiting = run(pair.new, "audit", "verify")
    assert waiting.returncode == 78
    assert "not finished" in one_sentence(waiting)
    assert pair.restore("--without-ledger").returncode == 0

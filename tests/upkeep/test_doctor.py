"""The doctor sees each broken promise, names it in one line, and finds nothing wrong with a whole installation."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import text

from caseapp.formats import clock
from caseapp.upkeep.erasing import destroy_key, erase_cases
from caseapp.upkeep.ledger import NAME, note_erasure
from tests.commands import run
from tests.installations import Installation
from tests.test_start import every_file
from tests.upkeep.erasures import agreed

#: The role of the tests' server may do everything, which the doctor rightly says of it.
_SERVER = {"database settings"}


def looked_at(installation: Installation, *words: str) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """Exit code, and check → (state, sentence) of each line."""
    done = run(installation, "doctor", "--json", *words)
    assert done.stderr == ""
    seen: dict[str, list[tuple[str, str]]] = {}
    for line in json.loads(done.stdout):
        seen.setdefault(line["check"], []).append((line["state"], line["sentence"]))
    return done.returncode, seen


def wrong(seen: dict[str, list[tuple[str, str]]], installation: Installation) -> dict[str, str]:
    """Check → its first sentence, for those that failed."""
    failed = {name: lines[0][1] for name, lines in seen.items() if lines[0][0] == "failed"}
    return {name: said for name, said in failed.items() if not (installation.is_postgresql and name in _SERVER)}


@pytest.mark.parametrize("words", [(), ("--whole",)])
def test_nothing_is_wrong_with_a_whole_installation_and_looking_changes_nothing(installation, app, full_case, words):
    app.extensions["caseapp.database"].dispose()
    files = every_file(installation.home)
    code, seen = looked_at(installation, *words)
    assert wrong(seen, installation) == {}
    assert code == (1 if installation.is_postgresql else 0)
    assert len(seen) == 20
    assert [name for name, lines in seen.items() if lines[0][0] == "warning"] == ["back-up"]
    assert {name: held[0] for name, held in every_file(installation.home).items() if not name.endswith(("-wal", "-shm"))} == {
        name: held[0] for name, held in files.items() if not name.endswith(("-wal", "-shm"))
    }


def test_it_says_of_a_superuser_that_the_program_should_not_be_one(installation):
    if not installation.is_postgresql:
        pytest.skip("SQLite has no roles")
    _code, seen = looked_at(installation)
    assert "superuser" in seen["database settings"][0][1]


def test_a_fresh_backup_is_noticed(installation, tmp_path):
    assert run(installation, "backup", str(tmp_path / "backup")).returncode == 0
    _code, seen = looked_at(installation)
    assert seen["back-up"] == [("ok", "The newest back-up is 0 hours old.")]


def test_an_erased_case_leaves_everything_in_order(installation, app, full_case):
    erase_cases(app.extensions["caseapp.database"], installation.home, [agreed(full_case)])
    _code, seen = looked_at(installation, "--whole")
    assert wrong(seen, installation) == {}
    assert "has 1 lines" in seen["erasures"][0][1]


def _guard_away(app) -> tuple[str, ...]:
    if app.extensions["caseapp.database"].engine.dialect.name == "sqlite":
        return ("DROP TRIGGER audit_entry_no_update", "DROP TRIGGER audit_entry_no_delete")
    return ("DROP TRIGGER audit_entry_append_only ON audit_entry", "GRANT UPDATE, DELETE ON audit_entry TO CURRENT_USER")


def _sql(*statements: str) -> Callable:
    def change(_installation, app, _case):
        with app.extensions["caseapp.database"].engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    return change


def _without_guard(installation, app, case):
    _sql(*_guard_away(app))(installation, app, case)


def _edited_log(installation, app, case):
    _sql(*_guard_away(app), "UPDATE audit_entry SET reason = 'x' WHERE sequence = (SELECT max(sequence) FROM audit_entry)")(
        installation, app, case
    )


def _key_gone(_installation, app, case):
    with app.extensions["caseapp.database"].keystore_engine.begin() as connection:
        connection.execute(text("DELETE FROM case_key"))


def _key_destroyed(_installation, app, case):
    destroy_key(app.extensions["caseapp.database"], case, clock.now())


def _noted_only(installation, app, case):
    note_erasure(installation.home / NAME, app.extensions["caseapp.database"].keyholder, agreed(case))


def _ledger_edited(installation, app, case):
    _noted_only(installation, app, case)
    path = installation.home / NAME
    path.write_bytes(path.read_bytes().replace(b"time_out", b"by_order"))


BROKEN = {
    "an open directory": (lambda i, a, c: i.home.chmod(0o755), "modes", "mode 0755"),
    "no guard": (_without_guard, "log guard", "its guard is gone"),
    "an edited log": (_edited_log, "log chain", "does not follow"),
    "a key that is gone": (_key_gone, "case keys", "no key"),
    "a destroyed key with rows": (_key_destroyed, "case keys", "was erased"),
    "an unfinished erasure": (_noted_only, "erasures", "run it again"),
    "an edited ledger": (_ledger_edited, "erasures", "not what was written"),
    "an older revision": (_sql("UPDATE alembic_version SET version_num = '0004'"), "revision", "db upgrade"),
    "a value that does not open": (_sql("UPDATE note SET text_sealed = heading_sealed"), "values", "does not open"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_promise_is_named(what, installation, app, full_case):
    break_it, check, words = BROKEN[what]
    break_it(installation, app, full_case)
    code, seen = looked_at(installation)
    assert code == 1
    assert words in wrong(seen, installation).get(check, ""), seen


def test_a_clock_that_stands_before_the_log_is_noticed(app, installation, full_case, actor):
    from datetime import timedelta

    from caseapp.cases.notes import read_notes

    with clock.at(clock.now() + timedelta(hours=3)):
        read_notes(actor("karin"), full_case)
    _code, seen = looked_at(installation)
    assert "set it right" in wrong(seen, installation)["clock"]

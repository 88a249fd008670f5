"""New keys put to use on a municipality with a case in it, while its application runs: everything is read as before."""

import json
import os
import subprocess
import sys
from pathlib import Path

from flask import Flask

from caseapp.cases.actions import read_case
from caseapp.db import transaction
from tests.installations import Installation
from tests.municipality import Municipality, actor_of
from tests.upkeep.erasures import log_findings

ROOT = Path(__file__).resolve().parents[2]


def keys(installation: Installation, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """`flask --app wsgi keys …` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "keys", *words],
        cwd=ROOT, env=os.environ | installation.environment, input=typed, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def status(installation: Installation) -> dict:
    done = keys(installation, "status", "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_new_version_of_the_master_key_wraps_everything_and_the_old_one_is_gone(
    app: Flask, installation: Installation, municipality: Municipality, full_case: str
) -> None:
    before = (installation.home / "master.key").read_bytes()
    app.extensions["caseapp.database"].dispose()
    done = keys(installation, "rotate", "--master")
    assert done.returncode == 0, done.stderr
    (version,) = status(installation)["versions"]
    assert (version["version"], version["is_current"], version["case_keys"]) == (2, True, 1)
    assert (installation.home / "master.key").read_bytes() != before
    assert (installation.home / "master.key").stat().st_mode & 0o777 == 0o600
    # the running application goes on with the key store as it is now
    assert read_case(actor_of(app, municipality["karin"]), full_case).people.young.name == "Alva Lind"
    # an older copy of the key file no longer opens anything
    (installation.home / "master.key").write_bytes(before)
    assert keys(installation, "status").returncode == 78


def test_new_keys_for_the_cases_keep_every_value_and_leave_no_earlier_key(
    app: Flask, installation: Installation, municipality: Municipality, full_case: str
) -> None:
    with transaction(reading=True) as current:
        stored = current.connection().exec_driver_sql("SELECT name_sealed FROM young_person").scalar()
    done = keys(installation, "rotate", "--cases")
    assert done.returncode == 0, done.stderr
    assert "1 cases got a new key" in done.stdout
    assert status(installation)["cases_with_earlier_keys"] == 0
    with transaction(reading=True) as current:
        anew = current.connection().exec_driver_sql("SELECT name_sealed FROM young_person").scalar()
    assert bytes(anew) != bytes(stored)
    assert len(bytes(anew)) == len(bytes(stored))
    case = read_case(actor_of(app, municipality["karin"]), full_case)
    assert (case.people.young.name, case.notes[0].text) == ("Alva Lind", "Sover dåligt")
    assert log_findings(app) == []

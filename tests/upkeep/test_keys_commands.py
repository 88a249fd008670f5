"""The keys from the terminal: how they stand, new versions of them, the master key on paper and back again."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from caseapp.cases.actions import read_case
from caseapp.db import transaction
from caseapp.keyholder.shares import WrongShares, key_of, shares_of
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


def test_any_two_of_the_three_shares_bring_a_lost_key_file_back(installation: Installation) -> None:
    printed = keys(installation, "shares").stdout
    shares = [" ".join(part.split()) for part in re.findall(r"restore the master key\):\n\n(.*?)\n\n", printed, re.DOTALL)]
    assert len(shares) == 3
    lost = (installation.home / "master.key").read_bytes()
    refused = keys(installation, "recover", typed=f"{shares[0]}\n\n{shares[1]}\n\n")
    assert refused.returncode == 1
    assert "never overwritten" in refused.stderr
    for first, second in ((0, 1), (2, 0), (1, 2)):
        (installation.home / "master.key").unlink()
        assert keys(installation, "status").returncode == 78
        done = keys(installation, "recover", typed=f"{shares[first]}\n\n{shares[second]}\n\n")
        assert done.returncode == 0, done.stderr
        assert json.loads((installation.home / "master.key").read_bytes())["keys"] == json.loads(lost)["keys"]
        assert keys(installation, "status").returncode == 0


def test_a_share_is_in_no_file_and_not_in_the_log(app: Flask, installation: Installation, tmp_path: Path) -> None:
    words = keys(installation, "shares").stdout
    share = " ".join(re.findall(r"restore the master key\):\n\n(.*?)\n\n", words, re.DOTALL)[0].split()[:6]).encode()
    assert share not in b"".join(path.read_bytes() for path in installation.home.rglob("*") if path.is_file())
    with (tmp_path / "shares.txt").open("w") as file:
        into_a_file = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "keys", "shares"],
            cwd=ROOT, env=os.environ | installation.environment, stdout=file, stderr=subprocess.PIPE, text=True, timeout=120,
        )  # fmt: skip
    assert into_a_file.returncode == 2
    assert (tmp_path / "shares.txt").read_bytes() == b""


KEY, OTHER = bytes(range(32)), bytes(range(1, 33))


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (lambda a, b: a[0], lambda a, b: a[0], "same share"),
        (lambda a, b: a[0], lambda a, b: b[1], "different sets"),
        (lambda a, b: a[0].rsplit(" ", 1)[0], lambda a, b: a[1], "wrong, missing or extra word"),
        (lambda a, b: a[0], lambda a, b: "kaffe " + a[1].split(" ", 1)[1], "Word 1 of the second share"),
        (lambda a, b: "", lambda a, b: a[1], "wrong, missing or extra word"),
    ],
)
def test_shares_that_do_not_fit_are_refused_with_what_is_wrong(first, second, says: str) -> None:
    mine, others = shares_of(KEY), shares_of(OTHER)
    with pytest.raises(WrongShares, match=says):
        key_of(first(mine, others), second(mine, others))
    assert key_of(mine[2], mine[0]) == KEY


def test_shares_of_another_installation_write_nothing(installation: Installation) -> None:
    (installation.home / "master.key").unlink()
    one, other, _third = shares_of(KEY)
    done = keys(installation, "recover", typed=f"{one}\n\n{other}\n\n")
    assert done.returncode in (1, 78)
    assert len(done.stderr.strip().splitlines()[-1]) > 20
    assert not (installation.home / "master.key").exists()


def test_rotating_without_saying_what_is_wrong_use(installation: Installation) -> None:
    assert keys(installation, "rotate").returncode == 2
    assert keys(installation, "rotate", "--master", "--cases").returncode == 2

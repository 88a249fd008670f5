"""The `keys` commands as whoever runs an installation meets them: in processes of their own, on both databases and on a token.

Wrong shares are made from right ones the way people make them: a word misread, a sheet copied twice, a sheet of last year's set.
"""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from caseapp.keyholder import read_keyring
from tests.commands import CONFIGURATION, ROOT, run, settings
from tests.installations import Installation
from tests.keyholder.test_providers import KEY, at, needs_token, started, stopped
from tests.keyholder.tokens import make_token
from tests.test_start import every_file


def shares_of(installation: Installation) -> list[str]:
    """The three shares that are printed."""
    printed = started(installation, "keys", "shares")
    blocks = printed.split("Share ")[1:]
    assert [block.partition(" ")[0] for block in blocks] == ["1", "2", "3"]
    shares = [" ".join(line for line in block.splitlines()[1:] if line.startswith("  ")).split() for block in blocks]
    assert [len(words) for words in shares] == [33, 33, 33]
    return [" ".join(words) for words in shares]


def recover(installation: Installation, *shares: str) -> subprocess.CompletedProcess[str]:
    """`keys recover` with these shares typed in."""
    return run(installation, "keys", "recover", typed="\n".join(shares) + "\n")


def last_permission(installation: Installation) -> tuple[str, str]:
    """Action and permission of the log's last entry."""
    engine = create_engine(installation.environment.get("CASEAPP_DATABASE_URL", f"sqlite:///{installation.home}/caseapp.db"))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT action, permission FROM audit_entry ORDER BY sequence DESC LIMIT 1")).one()
    engine.dispose()
    return tuple(found)


def test_status_tells_what_there_is_and_a_rotation_changes_it(empty_installation: Installation) -> None:
    before = json.loads(started(empty_installation, "keys", "status", "--json"))
    assert before["provider"] == "file"
    uses = {"is_current": True, "age_days": 0, "purpose_keys": 6, "case_keys": 0, "earlier_case_keys": 0}
    assert before["versions"] == [{"version": 1, **uses}]
    assert (before["cases"], before["cases_with_earlier_keys"], before["rotation_since"], before["warnings"]) == (0, 0, None, [])
    first = read_keyring(empty_installation.home / "master.key")
    assert "6 keys are wrapped by the new version" in started(empty_installation, "keys", "rotate", "--master")
    assert last_permission(empty_installation) == ("key_rotate", "keys.rotate_master")
    second = read_keyring(empty_installation.home / "master.key")
    assert (second.current, list(second.keys)) == (2, [2])
    assert second.keys[2] != first.keys[1]
    assert json.loads(started(empty_installation, "keys", "status", "--json"))["versions"] == [{"version": 2, **uses}]
    assert started(empty_installation, "keys", "status").splitlines()[0] == "provider: file"
    assert started(empty_installation, "audit", "verify").endswith("0 findings\n")


def test_rotate_wants_to_know_which_keys(empty_installation: Installation) -> None:
    for words in ((), ("--master", "--cases")):
        asked = run(empty_installation, "keys", "rotate", *words)
        assert (asked.returncode, asked.stdout) == (2, "")
        assert "--master or --cases" in asked.stderr


def test_any_two_shares_give_the_key_file_back(empty_installation: Installation) -> None:
    key = empty_installation.home / "master.key"
    kept = read_keyring(key)
    shares = shares_of(empty_installation)
    assert last_permission(empty_installation) == ("disclose", "keys.shares")
    words = set(" ".join(shares).split())
    for path in empty_installation.home.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not [share for share in shares if share.encode() in held]
            assert sum(word.encode() in held for word in words) < len(words) / 2
    assert "exists already" in recover(empty_installation, shares[0], shares[1]).stderr
    for one, other in ((0, 1), (2, 0), (1, 2)):
        key.unlink()
        done = recover(empty_installation, shares[one].upper(), "\n".join(shares[other].split()))
        assert done.returncode == 0, done.stderr
        assert read_keyring(key) == kept
        assert key.stat().st_mode & 0o777 == 0o600
    assert last_permission(empty_installation) == ("create", "keys.recover")
    started(empty_installation, "audit", "verify")


def test_the_key_of_a_later_version_is_recovered_as_that_version(empty_installation: Installation) -> None:
    started(empty_installation, "keys", "rotate", "--master")
    kept, shares = read_keyring(empty_installation.home / "master.key"), shares_of(empty_installation)
    (empty_installation.home / "master.key").unlink()
    assert recover(empty_installation, shares[2], shares[1]).returncode == 0
    assert read_keyring(empty_installation.home / "master.key") == kept
    assert kept.current == 2


def test_wrong_shares_end_in_one_sentence_and_no_file(tmp_path: Path) -> None:
    here, elsewhere = at(tmp_path / "home"), at(tmp_path / "elsewhere")
    started(here, "init")
    started(elsewhere, "init")
    shares, later, strange = shares_of(here), shares_of(here), shares_of(elsewhere)
    words = shares[1].split()
    misread = " ".join([*words[:20], "acid" if words[20] != "acid" else "acne", *words[21:]])
    unknown = " ".join([*words[:20], "zebra", *words[21:]])
    (here.home / "master.key").unlink()
    before = every_file(here.home)
    for given, sentence in (
        ((shares[0], shares[0]), "the same share"),
        ((shares[0], later[1]), "different sets"),
        ((shares[0], misread), "The second share has a wrong, missing or extra word"),
        ((shares[0], unknown), "Word 21 of the second share is not in the list"),
        ((" ".join(words[:32]) + "\n", shares[0]), "The first share has a wrong, missing or extra word"),
        (("", ""), "The first share has a wrong, missing or extra word"),
        ((strange[0], strange[1]), "does not belong to this key store"),
    ):
        done = recover(here, *given)
        assert done.returncode == 1, (given, done.stderr)
        assert sentence in done.stderr.splitlines()[-1]
        assert done.stderr.count("\n") == 3, done.stderr  # two questions and one sentence
        assert "Nothing was written." in done.stderr
        assert done.stdout == ""
    assert every_file(here.home) == before


def test_shares_are_not_written_to_a_file(tmp_path: Path) -> None:
    here = at(tmp_path / "home")
    started(here, "init")
    with open(tmp_path / "shares", "w") as file:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "keys", "shares"]
        done = subprocess.run(command, cwd=ROOT, env=settings(here), stdout=file, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "paper" in done.stderr
    assert (tmp_path / "shares").read_text() == ""


def test_without_its_key_only_recover_starts(tmp_path: Path) -> None:
    here = at(tmp_path)
    started(here, "init")
    shares = shares_of(here)
    (tmp_path / "master.key").unlink()
    for words in (("keys", "status"), ("keys", "shares"), ("keys", "rotate", "--master"), ("keys", "recover", "--help")):
        assert "missing" in stopped(here, *words)
    (tmp_path / "keystore.db").unlink()
    assert "no key store here" in recover(here, *shares[:2]).stderr


def test_a_key_in_the_environment_is_neither_rotated_nor_shared_here(tmp_path: Path) -> None:
    here = at(tmp_path, CASEAPP_KEY_PROVIDER="environment", CASEAPP_MASTER_KEY=KEY, CASEAPP_ALLOW_ENVIRONMENT_KEY="yes")
    started(here, "init")
    assert "cannot change it" in stopped(here, "keys", "rotate", "--master").splitlines()[-1]
    shared = run(here, "keys", "shares")
    assert (shared.returncode, shared.stdout) == (1, "")
    assert "nothing to write down" in shared.stderr


@needs_token
def test_a_token_rotates_its_key_and_tells_why_it_has_no_shares(tmp_path: Path) -> None:
    token = make_token(tmp_path / "token")
    here = at(tmp_path / "home", **token.environment)
    started(here, "init")
    shutil.copytree(token.directory / "tokens", tmp_path / "before")
    assert "removed: version 1" in started(here, "keys", "rotate", "--master")
    status = json.loads(started(here, "keys", "status", "--json"))
    assert status["provider"] == "pkcs11"
    assert [(version["version"], version["purpose_keys"]) for version in status["versions"]] == [(2, 6)]
    started(here, "audit", "verify")
    shared = run(here, "keys", "shares")
    assert (shared.returncode, shared.stdout) == (1, "")
    assert "never leaves it" in shared.stderr
    recovered = recover(here)
    assert recovered.returncode == CONFIGURATION
    assert "provider is pkcs11" in recovered.stderr
    shutil.rmtree(token.directory / "tokens")
    shutil.copytree(tmp_path / "before", token.directory / "tokens")  # the token of before has no version 2
    assert "lacks version 2" in stopped(here, "audit", "verify")


def test_a_rotation_shows_how_far_it_has_come_on_a_terminal(tmp_path: Path) -> None:
    here = at(tmp_path)
    started(here, "init")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "keys", "rotate", "--master"]
    done = subprocess.run(command, cwd=ROOT, env=settings(here), stdout=subprocess.PIPE, stderr=theirs, timeout=120, check=False)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "Wrapping keys" in shown
    assert "100%" in shown


@pytest.mark.parametrize("command", ["status", "rotate", "shares", "recover"])
def test_every_command_explains_itself_with_an_example(command: str, tmp_path: Path) -> None:
    assert f"Example: flask --app wsgi keys {command}" in started(at(tmp_path), "keys", command, "--help")

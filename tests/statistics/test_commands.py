"""`flask --app wsgi statistics …`: the ledger, the bundle again, the attacker."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine, text

from caseapp.access import Actor
from caseapp.statistics import actions, commands
from caseapp.statistics.releases import digest
from tests.statistics.unprotected import printed_in_full


@pytest.fixture
def stage() -> str:
    """The second quarter of 2026 waits for a decision."""
    return "prepared"


@pytest.fixture
def approved(ulla: Actor, app: Flask) -> bytes:
    """That release approved; its bytes."""
    waiting = actions.list_releases(ulla).waiting
    assert waiting is not None
    actions.approve(ulla, waiting.id, sha256=waiting.sha256)
    return actions.bundle(ulla, waiting.id).archive


def run(app: Flask, *words: str) -> Result:
    """What the command did."""
    with app.app_context():
        return app.test_cli_runner().invoke(args=["statistics", *words])


def test_list_names_every_release_with_the_hash_of_its_bytes(app: Flask, approved: bytes) -> None:
    done = run(app, "list", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == [
        {"release": "0000-2026Q2-r1", "quarter": "2026Q2", "state": "approved", "sha256": digest(approved)}
    ]
    assert digest(approved) in run(app, "list").stdout


def test_bundle_writes_the_approved_bytes_again_and_once(app: Flask, approved: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(app, "bundle", "0000-2026Q2-r1", "--out", str(out)).exit_code == 0
    packed = out / "0000-2026Q2-r1.zip"
    assert packed.read_bytes() == approved
    with zipfile.ZipFile(packed) as archive:
        for name in archive.namelist():
            assert (out / name).read_bytes() == archive.read(name)
    again = run(app, "bundle", "0000-2026Q2-r1", "--out", str(out))
    assert again.exit_code == 1
    assert "there already" in again.stderr


@pytest.mark.parametrize("release", ["0000-2026Q2-r1", "0000-2026Q2-r2", "../x"])
def test_only_an_approved_release_is_written(app: Flask, release: str, tmp_path: Path) -> None:
    done = run(app, "bundle", release, "--out", str(tmp_path / "out"))
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_the_attacker_finds_nobody_in_what_was_approved(app: Flask, approved: bytes) -> None:
    done = run(app, "attack", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert found["breaches"] == []
    assert found["looked_at"] > 50
    assert found["narrowest"] >= 3


def test_the_attacker_says_so_when_small_numbers_were_printed(app: Flask, approved: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ledger, read as if every number of every table had been printed."""
    kept = commands.kept
    monkeypatch.setattr(commands, "kept", lambda row: printed_in_full(kept(row)))
    done = run(app, "attack")
    assert done.exit_code == 1
    assert "can be found out" in done.stdout


def test_a_ledger_changed_past_the_application_is_said_in_one_sentence(app: Flask, approved: bytes) -> None:
    engine = create_engine(app.extensions["caseapp.database"].engine.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE release SET number = 7"))
    engine.dispose()
    for words in (("list",), ("attack",), ("bundle", "0000-2026Q2-r1", "--out", "nowhere")):
        done = run(app, *words)
        assert done.exit_code == 1
        assert done.stderr.startswith("The ledger was changed past the application")

"""`flask --app wsgi statistics …`: the ledger, the bundle again, the attacker."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine, select, text

from caseapp.access import Actor
from caseapp.db import transaction
from caseapp.statistics import actions, commands, jobs, preparing, recalling
from caseapp.statistics.models import Release
from caseapp.statistics.releases import Made, digest
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


# -- preparing --------------------------------------------------------------------------------------------------------


def test_prepare_says_each_step_and_whose_decision_is_waited_for(app: Flask, approved: bytes, stellan: Actor) -> None:
    done = run(app, "prepare", "2026Q3", "--as", "stellan")
    assert done.exit_code == 0, done.output
    assert done.stdout == "0000-2026Q3-r1 waits for a unit manager's decision.\n"
    steps = [line.partition(":")[0] for line in done.stderr.splitlines()]
    wanted = ["reading the records", "counting", "protecting", "asking what somebody who knows some cases could find out", "packing"]
    assert list(dict.fromkeys(steps)) == wanted
    waiting = actions.list_releases(stellan).waiting
    assert waiting is not None
    assert waiting.prepared_by == stellan.name


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("2027Q1", "--as", "stellan"), 1, "2027Q1 was not prepared: the quarter has not ended."),
        (("nonsense", "--as", "stellan"), 1, "nonsense was not prepared: the quarter has not ended."),
        (("2026Q1", "--as", "stellan"), 1, "2026Q1 was not prepared: quarters are prepared in order, one at a time."),
        (("2026Q3", "--as", "karin"), 1, "2026Q3 was not prepared: that person is no statistician."),
        (("2026Q3", "--as", "nobody"), 2, "Nobody who may sign in has the login nobody."),
        (("2026Q3",), 2, "Missing option '--as'."),
    ],
)
def test_prepare_refuses_in_one_sentence(app: Flask, approved: bytes, words: tuple[str, ...], code: int, sentence: str) -> None:
    done = run(app, "prepare", *words)
    assert (done.exit_code, done.stderr.splitlines()[-1].removeprefix("Error: ")) == (code, sentence)


def test_ctrl_c_calls_it_off_and_it_can_be_begun_again(
    app: Flask, approved: bytes, stellan: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_given: object) -> Made:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(preparing, "make", interrupted)
        done = run(app, "prepare", "2026Q3", "--as", "stellan")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (1, "Called off. Nothing was stored.")
    ledger = actions.list_releases(stellan)
    assert (ledger.waiting, ledger.work.goes_on) == (None, False)
    assert jobs.begin_preparation(stellan, "2026Q3") != ledger.work.id


def test_prepare_says_that_somebody_else_is_at_it(app: Flask, approved: bytes, stellan: Actor) -> None:
    begun = jobs.begin_preparation(stellan, "2026Q3")
    assert jobs.claim(begun) is not None
    done = run(app, "prepare", "2026Q3", "--as", "stellan")
    assert (done.exit_code, done.stderr.strip()) == (1, "2026Q3 is being prepared by somebody else at this moment. Nothing was done here.")


def test_a_damaged_bundle_is_named_and_nothing_is_stored(app: Flask, approved: bytes, stellan: Actor) -> None:
    with transaction() as current:  # by a fault of the program: the row's own seal is whole
        row = current.scalars(select(Release)).one()
        row.archive = row.archive + b"."
        current.commit()
    done = run(app, "prepare", "2026Q3", "--as", "stellan")
    last = done.stderr.splitlines()[-1]
    assert last == "2026Q3 was not prepared: the bundle of an earlier release is damaged (0000-2026Q2-r1). Nothing was stored."
    assert done.exit_code == 1
    assert actions.list_releases(stellan).waiting is None


def test_a_recalled_release_is_written_again_with_a_warning(
    app: Flask, approved: bytes, stellan: Actor, ulla: Actor, tmp_path: Path
) -> None:
    (release,) = actions.list_releases(ulla).releases
    recalling.ask_for_recall(stellan, release.id, reason="Fel")
    recalling.confirm_recall(ulla, release.id, sha256=release.sha256)
    done = run(app, "bundle", release.label, "--out", str(tmp_path / "out"))
    assert done.exit_code == 0
    assert done.stderr.startswith("0000-2026Q2-r1 was recalled")
    assert (tmp_path / "out" / f"{release.label}.zip").read_bytes() == approved
    assert json.loads(run(app, "list", "--json").stdout)[0]["state"] == "recalled"
    assert run(app, "attack", "--json").exit_code == 0

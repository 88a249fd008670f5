"""From two people's decision to nothing left: `retention due` and `retention run`, on both databases."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import Result
from flask import Flask

from caseapp.access import Actor, Refused
from caseapp.cases.actions import close_case, reopen_case
from caseapp.cases.starting import NewPerson, start_case
from caseapp.erasure import actions
from caseapp.formats import clock
from caseapp.upkeep.ledger import NAME, read_ledger
from tests.installations import Installation
from tests.municipality import Municipality
from tests.upkeep.erasures import log_findings, naming

Acting = Callable[[str], Actor]


def command(app: Flask, *words: str) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(args=["retention", *words])


@pytest.fixture
def two_cases(app: Flask, actor: Acting, municipality: Municipality) -> tuple[str, str]:
    """Two cases closed six years ago: of somebody born on the 7th, and of somebody born on the 5th."""
    karin, then = actor("karin"), clock.now() - timedelta(days=6 * 366)
    made = []
    with clock.at(then):
        for day in (7, 5):
            person = NewPerson(name="Alva Lind", sex="f", born=date(2006, 3, day))
            made.append(start_case(karin, municipality.teams["norr"], person=person))
            close_case(karin, made[-1], reason="goals_met", closed_on=clock.today())
    return made[0], made[1]


def decide(actor: Acting, case_id: str) -> None:
    actions.propose(actor("karin"), case_id)
    actions.approve(replace(actor("ulla"), proved_at=clock.now().timestamp()), case_id)


def test_due_lists_each_case_with_the_reason(app: Flask, two_cases: tuple[str, str]) -> None:
    found = json.loads(command(app, "due", "--json").output)
    assert [line["reason"] for line in found] == ["due", "kept_birth_day"]
    assert command(app, "due").output.splitlines()[-1] == "1 due, 1 kept"


def test_what_nobody_or_only_one_person_approved_is_not_erased(app: Flask, two_cases: tuple[str, str], actor: Acting) -> None:
    actions.propose(actor("karin"), two_cases[0])
    done = command(app, "run")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "0 erased, 0 kept")
    assert naming(app, two_cases[0]) > {"case_file", "gate"}


def test_a_decided_case_is_gone_and_the_report_tells_of_it(
    app: Flask, installation: Installation, two_cases: tuple[str, str], actor: Acting
) -> None:
    decide(actor, two_cases[0])
    before = command(app, "run", "--dry-run")
    assert (before.exit_code, "would be erased" in before.output) == (0, True)
    assert naming(app, two_cases[0]) > {"case_file"}
    done = command(app, "run")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "1 erased, 0 kept")
    assert naming(app, two_cases[0]) == {"audit_entry", "erasure_decision"}
    keyholder = app.extensions["caseapp.database"].keyholder
    assert not keyholder.hand_out({two_cases[0]: [("any", "identity")]})
    ((line),) = read_ledger(installation.home / NAME, keyholder).erasures
    assert (line.case_id, set(line.approved_by)) == (two_cases[0], {actor("karin").user_id, actor("ulla").user_id})
    (report,) = actions.read_retention(actor("ulla")).report
    assert (report.case_id, report.state, report.proposed_by, report.approved_by) == (
        two_cases[0], "done", "Karin Hellberg", "Ulla Vestin"
    )  # fmt: skip
    assert log_findings(app) == []
    assert command(app, "run").output.splitlines()[-1] == "0 erased, 0 kept"


def test_a_case_opened_or_held_after_the_decision_is_kept_and_the_reason_told(
    app: Flask, two_cases: tuple[str, str], actor: Acting
) -> None:
    decide(actor, two_cases[0])
    reopen_case(actor("karin"), two_cases[0])
    done = command(app, "run")
    assert done.exit_code == 1
    assert "kept: the case is open" in done.output
    assert naming(app, two_cases[0]) > {"case_file"}


def test_an_interrupted_run_is_finished_by_the_next(
    app: Flask, two_cases: tuple[str, str], actor: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program dies between the erasing and the note that it was done."""
    decide(actor, two_cases[0])

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(actions, "note_carried_out", dies)
        command(app, "run")
    assert naming(app, two_cases[0]) == {"audit_entry", "erasure_decision"}
    assert actions.read_retention(actor("ulla")).report == ()
    assert command(app, "run").exit_code == 0
    assert [one.state for one in actions.read_retention(actor("ulla")).report] == ["done"]


def test_nobody_who_signs_in_can_carry_it_out(app: Flask, two_cases: tuple[str, str], actor: Acting) -> None:
    decide(actor, two_cases[0])
    for login in ("ulla", "karin", "admin"):
        with pytest.raises(Refused):
            actions.approved_decisions(replace(actor(login), roles=frozenset({"operator", *actor(login).roles})))

"""How an import is taken back: what nobody worked on is erased as a case always is, the rest stays; for a week, by whoever made it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from caseapp.access import NotFound, Refused
from caseapp.cases.finding import list_cases
from caseapp.cases.notes import add_note
from caseapp.formats import clock
from caseapp.importing import undoing
from caseapp.meetings import actions as meetings
from caseapp.upkeep.ledger import NAME, read_ledger
from tests.importing.conftest import ALVA, BO, Imports, person
from tests.installations import every_row_but_traces


def _later(imports: Imports, **by: int) -> object:
    return clock.at(clock.now() + timedelta(**by))


def test_cases_that_nobody_worked_on_are_erased_with_their_keys(imports: Imports, app: Flask) -> None:
    import_id = imports.made(ALVA, BO)
    ids = [bar.case_id for bar in list_cases(imports.me).bars]
    imports.undo(import_id)
    keyholder = app.extensions["caseapp.database"].keyholder
    assert imports.names() == []
    assert {case_id: keyholder.standing_of_keys()[case_id] for case_id in ids} == dict.fromkeys(ids, False)
    assert {erasure.case_id: erasure.ground for erasure in read_ledger(imports.home / NAME, keyholder).erasures} == dict.fromkeys(
        ids, "import_undone"
    )
    left = {table: rows for table, rows in every_row_but_traces(app).items() if any(case_id in row for row in rows for case_id in ids)}
    assert left == {}
    assert imports.verify() == []
    assert undoing.read_result(imports.me, import_id).card.state == "undone"


def test_the_doctor_finds_nothing_wrong_afterwards(imports: Imports, app: Flask) -> None:
    imports.undo(imports.made(ALVA, BO))
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["doctor", "--whole"])
    # the tests work as PostgreSQL's superuser, which an installation in use must not
    wrong = [line for line in done.output.splitlines() if "fail" in line.lower() and "superuser" not in line and not line[:1].isdigit()]
    assert wrong == [], done.output
    assert "2 keys are destroyed and have no rows" in done.output


def test_a_case_somebody_worked_on_stays_and_is_told(imports: Imports) -> None:
    import_id = imports.made(ALVA, BO)
    alva = next(bar for bar in list_cases(imports.me).bars if bar.name == "Alva Lind")
    with clock.at(clock.now() + timedelta(minutes=1)):
        add_note(imports.me, alva.case_id, information_type="family", text="Ringde mamman.")
        result = undoing.read_result(imports.me, import_id)
        assert {one.line: one.is_worked_on for one in result.outcomes} == {2: True, 3: False}
        imports.undo(import_id)
        result = undoing.read_result(imports.me, import_id)
    assert imports.names() == ["Alva Lind"]
    assert [(one.line, one.case_number, one.is_worked_on) for one in result.outcomes] == [(2, alva.case_number, True)]
    assert not result.card.may_undo
    assert imports.verify() == []


def test_a_case_on_the_agenda_of_a_meeting_stays(imports: Imports) -> None:
    import_id = imports.made(ALVA)
    (bar,) = list_cases(imports.me).bars
    with clock.at(clock.now() + timedelta(minutes=1)):
        starts_at = clock.now() + timedelta(days=1)
        team = imports.municipality.teams["norr"]
        meetings.plan_meeting(imports.me, team, meeting_type="network", starts_at=starts_at, case_id=bar.case_id)
        imports.undo(import_id)
    assert imports.names() == ["Alva Lind"]


def test_reading_a_case_is_no_work_in_it(imports: Imports) -> None:
    import_id = imports.made(ALVA)
    with clock.at(clock.now() + timedelta(minutes=1)):
        assert imports.names() == ["Alva Lind"]
        imports.undo(import_id)
    assert imports.names() == []


def test_other_cases_of_the_team_are_not_touched(imports: Imports) -> None:
    first = imports.made(ALVA)
    second = imports.made(BO)
    imports.undo(second)
    assert imports.names() == ["Alva Lind"]
    assert undoing.read_result(imports.me, first).card.may_undo


def test_it_takes_a_fresh_proof_and_nothing_happens_without(imports: Imports) -> None:
    import_id = imports.made(ALVA)
    with pytest.raises(Refused, match="step_up"):
        undoing.undo_next(replace(imports.me, proved_at=0.0), import_id, home=imports.home)
    assert imports.names() == ["Alva Lind"]


def test_after_a_week_it_is_too_late(imports: Imports) -> None:
    import_id = imports.made(ALVA)
    at_last = clock.now() + timedelta(days=7)
    with clock.at(at_last):
        proved = replace(imports.me, proved_at=at_last.timestamp())
        assert not undoing.read_result(proved, import_id).card.may_undo
        with pytest.raises(Refused, match="import_too_old"):
            undoing.undo_next(proved, import_id, home=imports.home)
    with clock.at(at_last - timedelta(minutes=1)):
        proved = replace(imports.me, proved_at=clock.now().timestamp())
        assert undoing.undo_next(proved, import_id, home=imports.home)


def test_nobody_else_takes_it_back(imports: Imports) -> None:
    import_id = imports.made(ALVA)
    for login in ("rasmus", "lena", "ulla", "admin"):
        with pytest.raises(NotFound):
            undoing.undo_next(replace(imports, login=login).me, import_id, home=imports.home)
    assert imports.names() == ["Alva Lind"]


def test_a_crash_between_the_steps_is_finished_by_the_same_call(imports: Imports, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = imports.made(ALVA, BO)
    ids = {bar.case_id for bar in list_cases(imports.me).bars}

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(undoing, "destroy_key", dies)
        with pytest.raises(KeyboardInterrupt):
            undoing.undo_next(imports.me, import_id, home=imports.home)
    keyholder = app.extensions["caseapp.database"].keyholder
    assert sum(keyholder.standing_of_keys()[case_id] for case_id in ids) == 2
    imports.undo(import_id)
    assert not any(keyholder.standing_of_keys()[case_id] for case_id in ids)
    assert imports.names() == []
    assert imports.verify() == []


def test_a_crash_before_the_commit_leaves_the_case_whole(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = imports.made(ALVA)

    def dies(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(undoing, "note_erasure", dies)
        with pytest.raises(OSError, match="full"):
            undoing.undo_next(imports.me, import_id, home=imports.home)
    assert imports.names() == ["Alva Lind"]
    assert imports.verify() == []
    imports.undo(import_id)
    assert imports.names() == []


def test_many_cases_are_taken_back_part_by_part(imports: Imports) -> None:
    import_id = imports.made(*[person(one) for one in range(30)])
    assert not undoing.undo_next(imports.me, import_id, home=imports.home)
    assert list_cases(imports.me).count == 5
    assert undoing.undo_next(imports.me, import_id, home=imports.home)
    assert list_cases(imports.me).count == 0


def test_nothing_is_erased_where_the_ledger_cannot_be_written_on(imports: Imports) -> None:
    import_id = imports.made(ALVA)
    (imports.home / NAME).write_bytes(b"not a line of the ledger\n")
    with pytest.raises(Refused, match="ledger_unreadable"):
        undoing.undo_next(imports.me, import_id, home=imports.home)
    assert imports.names() == ["Alva Lind"]

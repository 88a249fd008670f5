"""How chosen rows become cases: by the ordinary actions, whole or part by part, interrupted and gone on with, refused and taken back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from caseapp.access import NotFound, Refused
from caseapp.audit import AuditEntry
from caseapp.cases.actions import read_case
from caseapp.cases.finding import list_cases
from caseapp.cases.notes import read_notes
from caseapp.cases.starting import NewPerson, start_case
from caseapp.consent.actions import consents_of
from caseapp.db import transaction
from caseapp.followup.actions import read_followup
from caseapp.formats import clock, parse_personal_number
from caseapp.importing import checking, choosing, saving, taking_in
from caseapp.importing.at_hand import ListGone
from tests.importing.conftest import ALVA, BO, HEADINGS, WORDING, Imports, person
from tests.municipality import Municipality, actor_of
from tests.small_town import NewRelated

_ALL = (*HEADINGS, "Deltar", "Kommentar", "Samtycke", "Behov skola")


def test_a_row_becomes_a_case_as_if_it_had_been_started_by_hand(imports: Imports, municipality: Municipality) -> None:
    import_id = imports.begin((*ALVA, "skolan", "Vill börja om.", "2025-02-01", "tydligt"), headings=_ALL)
    checking.choose_rows(imports.me, import_id, None)
    assert imports.save(import_id)[-1].is_done
    (bar,) = list_cases(imports.me).bars
    case = read_case(imports.me, bar.case_id)
    assert (bar.name, bar.opened_on, bar.status, bar.work_form) == ("Alva Lind", date(2026, 3, 3), "noticed", "sspf")
    assert (case.referral_source, case.concerns) == ("school", ("school_absence",))
    assert [(one.name, one.phone) for one in case.people.custodians] == [("Mona Lind", "070-123 45 67")]
    notes = {note.heading: (note.text, note.occurred_on) for note in read_notes(imports.me, bar.case_id).notes}
    day = date(2026, 3, 3)
    assert notes == {"Ur listan": ("Vill börja om.", day), "Samtycke i listan": ("Gäller inte:\n2025-02-01", day)}
    before = read_followup(imports.me, bar.case_id).course.before
    assert before is not None
    assert before.needs["school"] == "2"
    with_lena = list_cases(actor_of(imports.app, municipality["lena"])).bars
    assert [one.case_id for one in with_lena] == [bar.case_id]
    assert list_cases(actor_of(imports.app, municipality["pontus"])).bars == ()
    assert imports.verify() == []


def test_a_consent_in_a_list_opens_nothing(imports: Imports, municipality: Municipality) -> None:
    import_id = imports.begin((*ALVA, "skolan", "", "2025-02-01", ""), headings=_ALL)
    checking.choose_rows(imports.me, import_id, None)
    imports.save(import_id)
    (bar,) = list_cases(imports.me).bars
    with transaction(reading=True):
        assert consents_of(bar.case_id) == ()
    assert not read_notes(actor_of(imports.app, municipality["lena"]), bar.case_id).notes[0].text


def test_every_case_is_in_the_log_as_made_by_the_coordinator(imports: Imports) -> None:
    imports.made(ALVA, BO)
    with transaction(reading=True) as current:
        entries = current.scalars(select(AuditEntry).where(AuditEntry.actor_id == imports.me.user_id)).all()
        told = [(entry.permission, entry.action) for entry in entries if entry.case_id or entry.permission == "cases.create"]
    assert told.count(("cases.create", "create")) == told.count(("case.write", "create")) == 2


def test_nothing_is_saved_before_somebody_has_confirmed_with_a_fresh_proof(imports: Imports) -> None:
    import_id = imports.chosen(ALVA)
    stale = replace(imports.me, proved_at=0.0)
    with pytest.raises(Refused, match="step_up"):
        saving.save_next(stale, import_id, wording=WORDING)
    assert imports.names() == []
    assert imports.save(import_id)[-1].is_done


def test_the_list_and_its_key_are_gone_when_it_is_saved(imports: Imports) -> None:
    import_id = imports.made(ALVA)
    database = imports.app.extensions["caseapp.database"]
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM imported_list")) == 0
    assert database.keyholder.passing_sealer(import_id) is None
    with pytest.raises(ListGone):
        choosing.read_columns(imports.me, import_id)


def test_chosen_rows_become_cases_and_the_others_do_not(imports: Imports) -> None:
    imports.made(ALVA, BO, person(1, "Cilla Dahl"), only=[2, 4])
    assert imports.names() == ["Alva Lind", "Cilla Dahl"]


def test_a_whole_list_with_a_wrong_row_cannot_be_chosen(imports: Imports) -> None:
    with pytest.raises(Refused, match="import_not_fine"):
        imports.chosen(ALVA, ("20110415-2383", "Bo", "Ek"))


def test_a_long_list_is_saved_part_by_part_and_goes_on_where_it_was_interrupted(imports: Imports) -> None:
    import_id = imports.chosen(*[person(one) for one in range(110)])
    first = saving.save_next(imports.me, import_id, wording=WORDING)
    assert (first.card.tried, first.card.saved, first.is_done) == (50, 50, False)
    assert saving.read_progress(imports.me, import_id).card.tried == 50  # the browser was closed, and opened again
    rest = imports.save(import_id)
    assert [one.card.saved for one in rest] == [100, 110]
    assert rest[-1].is_done
    assert list_cases(imports.me).count == 110
    assert imports.verify() == []


def test_a_part_that_fails_in_the_middle_leaves_nothing_of_itself(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = imports.chosen(ALVA, BO)

    def breaks(_row: object, line: int, _case: object, _why: object) -> None:
        if line == 3:
            raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(saving, "_note", breaks)
        with pytest.raises(OSError, match="full"):
            saving.save_next(imports.me, import_id, wording=WORDING)
    assert imports.names() == []
    assert imports.verify() == []
    assert imports.save(import_id)[-1].is_done
    assert imports.names() == ["Alva Lind", "Bo Ek"]


def _register(imports: Imports, number: str, name: str = "Någon Annan", login: str = "karin", team: str = "norr") -> str:
    me = actor_of(imports.app, imports.municipality[login])
    who = NewPerson(name, "u", parse_personal_number(number, today=clock.today()))
    return start_case(me, imports.municipality.teams[team], person=who, related=[NewRelated("Mona Lind")])


def test_of_chosen_rows_one_that_has_got_a_case_meanwhile_is_told_and_the_others_are_saved(imports: Imports) -> None:
    import_id = imports.chosen(ALVA, BO, only=[2, 3])
    _register(imports, str(BO[0]))
    progress = imports.save(import_id)[-1]
    assert (progress.is_done, progress.card.saved, progress.failed) == (True, 1, None)
    assert imports.names() == ["Alva Lind", "Någon Annan"]


def test_of_a_whole_list_nothing_is_saved_if_one_row_has_got_a_case_meanwhile(imports: Imports) -> None:
    import_id = imports.chosen(ALVA, BO)
    _register(imports, str(BO[0]))
    progress = imports.save(import_id)[-1]
    assert (progress.failed, progress.card.state, progress.card.saved) == ((3, "has_case"), "preparing", 0)
    assert imports.names() == ["Någon Annan"]
    assert [line.number for line in checking.check(imports.me, import_id).wrong] == [3]


def test_of_a_long_list_what_was_saved_is_taken_back_if_a_later_row_cannot_be(imports: Imports) -> None:
    rows = [person(one) for one in range(105)]
    import_id = imports.chosen(*rows)
    saving.save_next(imports.me, import_id, wording=WORDING)
    _register(imports, str(rows[104][0]))
    progress = imports.save(import_id)[-1]
    assert (progress.failed, progress.card.state) == ((106, "has_case"), "undoing")
    imports.undo(import_id)
    assert imports.names() == ["Någon Annan"]
    report = checking.check(imports.me, import_id)
    assert (len(report.fine), [line.number for line in report.wrong]) == (104, [106])
    assert imports.verify() == []


# -- twins ------------------------------------------------------------------------------------------------------------


def _told(imports: Imports, *rows: tuple[object, ...]) -> list[tuple[int, str, str]]:
    """(row, code, case number or row it tells of) of everything the report says of twins and names."""
    report = checking.check(imports.me, imports.begin(*rows))
    told = [(line.number, one) for line in report.lines for one in (*line.problems, *line.remarks)]
    codes = ("twice_in_file", "has_case", "has_case_unseen", "known_case", "like_row", "like_case")
    return [(number, one.code, str(one.told.get("case", one.told.get("row", "")))) for number, one in told if one.code in codes]


def test_the_same_number_twice_in_the_list_is_told_with_the_row(imports: Imports) -> None:
    assert _told(imports, ALVA, BO, (ALVA[0], "Olle", "Dahl")) == [(4, "twice_in_file", "2")]


def test_an_open_case_of_the_team_stops_the_row_and_is_named_to_who_takes_part(imports: Imports) -> None:
    number = read_case(imports.me, _register(imports, str(ALVA[0]))).bar.case_number
    assert _told(imports, ALVA) == [(2, "has_case", number)]


def test_an_open_case_of_the_team_is_not_named_to_who_does_not_take_part(imports: Imports, municipality: Municipality) -> None:
    case_id = _register(imports, str(ALVA[0]), "Alva Lind")
    from caseapp.access import Block, Permission, action, allow, session

    @action
    def block(actor, case):  # type: ignore[no-untyped-def]
        allow(actor, Permission.MANAGE_PARTICIPANTS, on=case)
        session().add(Block(case_id=case, user_id=actor.user_id))

    block(imports.me, case_id)
    assert _told(imports, ALVA) == [(2, "has_case_unseen", "")]


def test_a_case_of_another_team_tells_nothing_at_all(imports: Imports) -> None:
    _register(imports, str(ALVA[0]), "Alva Lind", login="rasmus", team="soder")
    assert _told(imports, ALVA) == []
    assert imports.save(imports.chosen(ALVA))[-1].is_done


def test_names_that_are_much_alike_are_told_and_do_not_stop_the_row(imports: Imports) -> None:
    _register(imports, "20100105-2396", "Aisha Warsame")
    (bar,) = list_cases(imports.me).bars
    told = _told(imports, person(1, "Aisha Warsama"), person(2, "Alva Lindh"), person(3, "Alva Lind"), person(4, "Arne Ek"))
    assert told == [(2, "like_case", bar.case_number), (4, "like_row", "3")]


# -- whose it is ------------------------------------------------------------------------------------------------------


def test_only_coordinators_bring_a_list_and_only_to_their_own_team(imports: Imports, municipality: Municipality) -> None:
    for login in ("lena", "ulla", "admin", "stellan", "greta"):
        with pytest.raises(Refused):
            replace(imports, login=login).begin(ALVA)
    with pytest.raises(Refused):
        imports.begin(ALVA, team="soder")


def test_an_import_is_nobody_elses_not_even_to_know_of(imports: Imports) -> None:
    import_id, other = imports.begin(ALVA), replace(imports, login="rasmus")
    for look in (choosing.read_columns, choosing.read_values, checking.check, saving.read_progress, taking_in.throw_away):
        with pytest.raises(NotFound):
            look(other.me, import_id)
    assert taking_in.read_start(other.me).imports == ()


def test_who_is_no_coordinator_any_longer_saves_nothing(imports: Imports) -> None:
    import_id = imports.chosen(ALVA)
    gone = replace(imports.me, teams={imports.municipality.teams["norr"]: frozenset({"participant"})})
    with pytest.raises(Refused):
        saving.save_next(gone, import_id, wording=WORDING)
    assert imports.names() == []


# -- what does not stay ------------------------------------------------------------------------------------------------


def test_a_list_that_is_thrown_away_is_gone_with_its_key(imports: Imports, app: Flask) -> None:
    import_id = imports.begin(ALVA)
    taking_in.throw_away(imports.me, import_id)
    database = app.extensions["caseapp.database"]
    assert database.keyholder.passing_sealer(import_id) is None
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM imported_list")) == 0
    assert imports.verify() == []


def test_a_list_is_destroyed_after_a_day_by_the_nightly_command_and_is_shut_at_once(imports: Imports, app: Flask) -> None:
    import_id = imports.begin(ALVA)
    with app.app_context():
        assert app.test_cli_runner().invoke(args=["imports", "sweep"]).output == "0 lists destroyed\n"
    choosing.read_columns(imports.me, import_id)
    with clock.at(clock.now() + timedelta(hours=24)):
        with pytest.raises(ListGone):
            choosing.read_columns(imports.me, import_id)
        with app.app_context():
            assert app.test_cli_runner().invoke(args=["imports", "sweep"]).output == "1 lists destroyed\n"
        assert app.extensions["caseapp.database"].keyholder.passing_sealer(import_id) is None
        assert taking_in.read_start(imports.me).imports[0].state == "abandoned"


def test_the_next_list_that_comes_in_clears_away_what_is_a_day_old(imports: Imports, app: Flask) -> None:
    old = imports.begin(ALVA)
    with clock.at(clock.now() + timedelta(hours=24)):
        new = imports.begin(BO)
        assert app.extensions["caseapp.database"].keyholder.passing_sealer(old) is None
        assert choosing.read_columns(imports.me, new).rows == 1


def test_a_new_master_key_opens_lists_that_are_on_their_way(imports: Imports, app: Flask) -> None:
    import_id = imports.begin(ALVA)
    rotation = app.extensions["caseapp.database"].keyholder.master_rotation()
    rotation.begin(clock.now())
    assert sum(rotation.rewrap()) > 0
    rotation.remove_unused()
    assert imports.save(import_id) if checking.choose_rows(imports.me, import_id, None) else False
    assert imports.names() == ["Alva Lind"]
